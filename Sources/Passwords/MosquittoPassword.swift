import Crypto

/// Lines of mosquitto's `password_file`, so that a broker checks the credentials made here.
///
/// The form of mosquitto 2.0: `$7$101$<salt>$<hash>`, PBKDF2-HMAC-SHA512 with 12 bytes of salt and
/// 64 of hash, both in base 64. 101 rounds are few, which is enough for random credentials
/// (`SecretToken`) and not for passwords that people choose.
package enum MosquittoPassword {
    static let iterations = 101
    static let saltBytes = 12

    /// The hash with a random salt; the line of the file is `name:hash`.
    package static func hash(_ password: String) -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<saltBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return hash(password, salt: salt)
    }

    /// Whether this credential made this hash.
    package static func verify(_ password: String, against hash: String) -> Bool {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "7", parts[2] == "\(iterations)",
            let salt = base64Decoded(parts[3])
        else { return false }
        return isEqualInConstantTime(
            Array(Self.hash(password, salt: salt).utf8),
            Array(hash.utf8)
        )
    }

    static func hash(_ password: String, salt: [UInt8]) -> String {
        let key = derive(password: Array(password.utf8), salt: salt, iterations: iterations)
        return "$7$\(iterations)$\(base64(salt))$\(base64(key))"
    }

    /// The first block of PBKDF2-HMAC-SHA512 (RFC 8018, 5.2), which is all 64 bytes asked for.
    static func derive(password: [UInt8], salt: [UInt8], iterations: Int) -> [UInt8] {
        let key = SymmetricKey(data: password)
        var block = Array(
            HMAC<SHA512>.authenticationCode(for: salt + [0, 0, 0, 1], using: key)
        )
        var sum = block
        for _ in 1..<iterations {
            block = Array(HMAC<SHA512>.authenticationCode(for: block, using: key))
            for index in sum.indices { sum[index] ^= block[index] }
        }
        return sum
    }

    private static let base64Alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )

    static func base64(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = (0..<3).map { start + $0 < bytes.count ? Int(bytes[start + $0]) : 0 }
            let bits = group[0] << 16 | group[1] << 8 | group[2]
            let given = min(3, bytes.count - start)
            for position in 0..<4 {
                let character = base64Alphabet[bits >> (18 - 6 * position) & 63]
                text.append(position <= given ? character : UInt8(ascii: "="))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func base64Decoded(_ text: some StringProtocol) -> [UInt8]? {
        let characters = Array(text.utf8)
        guard characters.count % 4 == 0 else { return nil }
        var bits = 0
        var count = 0
        var bytes: [UInt8] = []
        for character in characters.prefix(while: { $0 != UInt8(ascii: "=") }) {
            guard let value = base64Alphabet.firstIndex(of: character) else { return nil }
            bits = (bits << 6 | value) & 0xFFFF
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> count))
            }
        }
        return base64(bytes) == String(text) ? bytes : nil
    }
}
