/// JSON whose texts need no escapes: what the strict scanner reads.
///
/// Some libraries write `\/` or `\u002e` where the character itself would do. Field names, instants
/// and meters' names hold none that must be escaped; so these are written plainly first, and what still
/// has an escape is refused where it stands.
enum EscapedJSON {
    /// Calls `body` with the bytes as they are or, where texts have needless escapes, without these.
    static func withPlain<Result, Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        _ body: (UnsafeBufferPointer<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard bytes.contains(backslash) else {
            return try body(bytes.assumingMemoryBound(to: UInt8.self))
        }
        return try plain(bytes).withUnsafeBufferPointer(body)
    }

    /// Grammar is not looked at: a backslash outside a text stays and is refused by the scanner.
    private static func plain(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var inText = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            guard inText, byte == backslash, index + 1 < bytes.count else {
                if byte == quote { inText.toggle() }
                result.append(byte)
                index += 1
                continue
            }
            if bytes[index + 1] == 0x2F {
                result.append(0x2F)
                index += 2
            } else if let character = character(bytes[index...]) {
                result.append(character)
                index += 6
            } else {
                result.append(byte)
                result.append(bytes[index + 1])
                index += 2
            }
        }
        return result
    }

    /// The printable ASCII character that `\u00XX` stands for; nil for one that needs its escape.
    private static func character(_ escape: Slice<UnsafeRawBufferPointer>) -> UInt8? {
        let digits = escape.prefix(6)
        guard digits.count == 6, digits.dropFirst().first == 0x75,
            digits.dropFirst(2).allSatisfy(JSONScanner.isHexadecimal),
            let code = Int(String(decoding: digits.dropFirst(2), as: UTF8.self), radix: 16),
            let character = UInt8(exactly: code), (0x20...0x7E).contains(character),
            character != quote, character != backslash
        else { return nil }
        return character
    }

    private static let backslash: UInt8 = 0x5C
    private static let quote: UInt8 = 0x22
}
