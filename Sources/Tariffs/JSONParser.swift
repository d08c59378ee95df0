/// Reads RFC 8259 strictly: no comments, no trailing commas, no repeated names, valid UTF-8,
/// bounded depth.
struct JSONParser {
    private let bytes: [UInt8]
    private var index = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    static func parse(_ bytes: [UInt8]) throws(JSONFault) -> JSONValue {
        // The mark that some editors put before a text is no part of it.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        var parser = JSONParser(bytes.starts(with: mark) ? Array(bytes.dropFirst(3)) : bytes)
        guard bytes.count <= Limits.documentBytes else {
            throw parser.fault("the text is longer than \(Limits.documentBytes) bytes")
        }
        let value = try parser.value()
        parser.skipSpace()
        guard parser.current == nil else { throw parser.fault("text after the value") }
        return value
    }

    private func fault(_ reason: String) -> JSONFault {
        let read = bytes.prefix(index)
        let line = read.split(separator: 10, omittingEmptySubsequences: false)
        return JSONFault(
            line: line.count,
            // A character's first byte is no continuation.
            column: 1 + (line.last ?? []).count { $0 & 0b1100_0000 != 0b1000_0000 },
            reason: reason
        )
    }

    private mutating func skipSpace() {
        while index < bytes.count, [32, 10, 13, 9].contains(bytes[index]) { index += 1 }
    }

    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func take(_ byte: Character) -> Bool {
        guard let ascii = byte.asciiValue, current == ascii else { return false }
        index += 1
        return true
    }

    private mutating func value() throws(JSONFault) -> JSONValue {
        skipSpace()
        switch current {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .boolean(true))
        case UInt8(ascii: "f"): return try word("false", .boolean(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case nil: throw fault("the text ends where a value is expected")
        default: return try number()
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONFault) -> JSONValue {
        guard bytes[index...].starts(with: text.utf8) else { throw fault("expected \(text)") }
        index += text.utf8.count
        return value
    }

    private mutating func enter() throws(JSONFault) {
        index += 1
        depth += 1
        guard depth <= Limits.jsonDepth else { throw fault("nested too deeply") }
    }

    private mutating func object() throws(JSONFault) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var members: [JSONMember] = []
        var names: Set<String> = []
        skipSpace()
        if take("}") { return .object(members) }
        while true {
            skipSpace()
            guard current == UInt8(ascii: "\"") else { throw fault("expected a name in quotes") }
            let name = try string()
            guard names.insert(name).inserted else { throw fault("\"\(name)\" stands twice") }
            skipSpace()
            guard take(":") else { throw fault("expected : after \"\(name)\"") }
            members.append(JSONMember(name, try value()))
            skipSpace()
            if take(",") { continue }
            guard take("}") else { throw fault("expected , or } in an object") }
            return .object(members)
        }
    }

    private mutating func array() throws(JSONFault) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        skipSpace()
        if take("]") { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(",") { continue }
            guard take("]") else { throw fault("expected , or ] in an array") }
            return .array(elements)
        }
    }

    private mutating func digits() throws(JSONFault) {
        let start = index
        while let byte = current, byte >= 48, byte <= 57 { index += 1 }
        guard index > start else { throw fault("expected a digit") }
    }

    private mutating func number() throws(JSONFault) -> JSONValue {
        let start = index
        _ = take("-")
        guard let first = current, first >= 48, first <= 57 else { throw fault("not a value") }
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        return .number(String(decoding: bytes[start..<index], as: UTF8.self))
    }

    private mutating func string() throws(JSONFault) -> String {
        index += 1
        var units: [UInt8] = []
        while let byte = current {
            index += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw fault("a string is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): try escape(into: &units)
            case 0..<32: throw fault("a control character inside a string")
            default: units.append(byte)
            }
        }
        throw fault("a string has no end")
    }

    private mutating func escape(into units: inout [UInt8]) throws(JSONFault) {
        guard let byte = current else { throw fault("a string has no end") }
        index += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(byte)
        case UInt8(ascii: "b"): units.append(8)
        case UInt8(ascii: "f"): units.append(12)
        case UInt8(ascii: "n"): units.append(10)
        case UInt8(ascii: "r"): units.append(13)
        case UInt8(ascii: "t"): units.append(9)
        case UInt8(ascii: "u"):
            var code = try hexadecimal()
            if (0xD800..<0xDC00).contains(code) {
                guard take("\\"), take("u") else { throw fault("half a surrogate pair") }
                let low = try hexadecimal()
                guard (0xDC00..<0xE000).contains(low) else { throw fault("half a surrogate pair") }
                code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
            }
            guard let scalar = Unicode.Scalar(code) else { throw fault("half a surrogate pair") }
            units += String(Character(scalar)).utf8
        default: throw fault("an unknown escape")
        }
    }

    private mutating func hexadecimal() throws(JSONFault) -> UInt32 {
        guard index + 4 <= bytes.count else { throw fault("a string has no end") }
        var code: UInt32 = 0
        for byte in bytes[index..<index + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw fault("four hexadecimal digits must follow \\u")
            }
            code = code << 4 | UInt32(digit)
        }
        index += 4
        return code
    }
}
