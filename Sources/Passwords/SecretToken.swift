import Crypto

/// Secrets that the program makes itself: session tokens, API tokens, meter credentials.
package enum SecretToken {
    /// Digits and small letters without those that are misread: i, l, o, u (Crockford's base 32).
    private static let alphabet = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)

    /// A prefix that tells what it is, such as `vm_`, and 200 random bits as 40 characters.
    package static func generate(prefix: String) -> String {
        var generator = SystemRandomNumberGenerator()
        var text = Array(prefix.utf8)
        text.reserveCapacity(text.count + Limits.tokenBytes * 8 / 5)
        var bits = 0
        var value: UInt32 = 0
        for _ in 0..<Limits.tokenBytes {
            value = value << 8 | UInt32(UInt8.random(in: 0...255, using: &generator))
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(alphabet[Int(value >> UInt32(bits) & 31)])
            }
            value &= (1 << UInt32(bits)) - 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The SHA-256 of a token, 32 bytes: what is stored and looked up instead of the token.
    ///
    /// Enough for secrets of 200 random bits; what people choose needs `Password.hash`.
    package static func digest(_ token: String) -> [UInt8] {
        Array(SHA256.hash(data: Array(token.utf8)))
    }
}
