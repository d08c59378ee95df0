/// A fault at the place where the scanner stands; the parser adds which field that is.
struct ScanFault: Error {
    var code: WireError.Code
    var detail: String

    init(_ code: WireError.Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// Reads JSON tokens from borrowed bytes, strictly and without allocating.
struct JSONScanner {
    let bytes: UnsafeBufferPointer<UInt8>
    var index = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x09, 0x0A, 0x0D: index += 1
            default: return
            }
        }
    }

    /// The next byte after white space; 0 at the end.
    mutating func peek() -> UInt8 {
        skipSpace()
        return index < bytes.count ? bytes[index] : 0
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard peek() == byte, index < bytes.count else { return false }
        index += 1
        return true
    }

    mutating func expect(_ byte: UInt8, _ what: String) throws(ScanFault) {
        guard take(byte) else { throw unexpected(what) }
    }

    func unexpected(_ what: String) -> ScanFault {
        ScanFault(
            .malformed,
            index < bytes.count
                ? "expected \(what) at byte \(index)" : "ends where \(what) is expected"
        )
    }

    /// Nothing but white space may follow.
    mutating func end() throws(ScanFault) {
        skipSpace()
        guard index == bytes.count else {
            throw ScanFault(.malformed, "something follows the message at byte \(index)")
        }
    }

    /// After the opening brace or bracket: whether a first member or element follows.
    mutating func hasFirst(closing: UInt8) -> Bool { !take(closing) }

    /// After a member or element: whether another follows.
    mutating func hasNext(closing: UInt8) throws(ScanFault) -> Bool {
        if take(0x2C) { return true }
        try expect(closing, closing == 0x7D ? "',' or '}'" : "',' or ']'")
        return false
    }

    /// A key and its colon.
    mutating func key() throws(ScanFault) -> Range<Int> {
        guard peek() == 0x22 else { throw unexpected("a key in quotes") }
        let name = try text()
        try expect(0x3A, "':'")
        return name
    }

    /// A short text; escapes are refused because nothing that is expected here needs them.
    mutating func text() throws(ScanFault) -> Range<Int> {
        guard take(0x22) else { throw wrongType("text in quotes") }
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == 0x22 {
                index += 1
                return start..<index - 1
            }
            guard byte != 0x5C else { throw ScanFault(.malformed, "escapes are not used here") }
            guard byte >= 0x20 else { throw ScanFault(.malformed, "control character in text") }
            guard index - start < Limits.textBytes else {
                throw ScanFault(.outOfRange, "text is longer than \(Limits.textBytes) bytes")
            }
            index += 1
        }
        throw ScanFault(.malformed, "text does not end")
    }

    /// A whole number; `231200.0` and `2.312e5` are one as well.
    mutating func integer() throws(ScanFault) -> Int64 {
        let negative = take(0x2D)
        let start = index
        var value: Int64 = 0
        var overflow = false
        while index < bytes.count, case let digit = bytes[index] &- 0x30, digit <= 9 {
            let (product, left) = value.multipliedReportingOverflow(by: 10)
            let (sum, right) =
                negative
                ? product.subtractingReportingOverflow(Int64(digit))
                : product.addingReportingOverflow(Int64(digit))
            overflow = overflow || left || right
            value = sum
            index += 1
        }
        guard index > start else { throw wrongType("a whole number") }
        guard bytes[start] != 0x30 || index == start + 1 else {
            throw ScanFault(.malformed, "number begins with a zero")
        }
        if index < bytes.count, case let next = bytes[index], next == 0x2E || next | 0x20 == 0x65 {
            index = start
            return try wholeNumber(negative: negative)
        }
        guard !overflow else { throw ScanFault(.outOfRange, "number is beyond 64 bits") }
        return value
    }

    /// Another kind of value stands here; or, where no value can begin so, no JSON at all.
    func wrongType(_ what: String) -> ScanFault {
        guard index < bytes.count else { return unexpected(what) }
        switch bytes[index] {
        case 0x22, 0x2D, 0x2E, 0x30...0x39, 0x45, 0x5B, 0x65, 0x66, 0x6E, 0x74, 0x7B:
            return ScanFault(.wrongType, "must be \(what)")
        default: return unexpected(what)
        }
    }

    func equals(_ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        let expected = name.utf8Start
        for offset in 0..<range.count where bytes[range.lowerBound + offset] != expected[offset] {
            return false
        }
        return true
    }

    func string(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

extension JSONScanner {
    /// Passes over any JSON value, holding it to the grammar; the way on after a fault inside it.
    mutating func skipValue(depth: Int = 0) throws(ScanFault) {
        guard depth < Limits.nesting else {
            throw ScanFault(.malformed, "nested more than \(Limits.nesting) deep")
        }
        switch peek() {
        case 0x7B:
            index += 1
            var more = hasFirst(closing: 0x7D)
            while more {
                guard peek() == 0x22 else { throw unexpected("a key in quotes") }
                try skipText()
                try expect(0x3A, "':'")
                try skipValue(depth: depth + 1)
                more = try hasNext(closing: 0x7D)
            }
        case 0x5B:
            index += 1
            var more = hasFirst(closing: 0x5D)
            while more {
                try skipValue(depth: depth + 1)
                more = try hasNext(closing: 0x5D)
            }
        case 0x22: try skipText()
        case 0x74: try skipWord("true")
        case 0x66: try skipWord("false")
        case 0x6E: try skipWord("null")
        default: try skipNumber()
        }
    }

    /// The exact value of a number with a fraction or an exponent, from its first digit on.
    private mutating func wholeNumber(negative: Bool) throws(ScanFault) -> Int64 {
        let start = index
        try skipNumber()
        var digits: [UInt8] = []
        var scale = 0
        var isFraction = false
        var exponent = start..<start
        for place in start..<index {
            switch bytes[place] {
            case 0x2E: isFraction = true
            case 0x45, 0x65: exponent = place + 1..<index
            default:
                guard exponent.isEmpty else { break }
                digits.append(bytes[place])
                if isFraction { scale -= 1 }
            }
        }
        guard let last = digits.lastIndex(where: { $0 != 0x30 }) else { return 0 }
        if !exponent.isEmpty {
            // An exponent that is no integer of 64 bits leaves no whole number that could be meant.
            guard let power = Int(string(exponent)), power.magnitude <= UInt(Limits.bodyBytes)
            else {
                throw ScanFault(.outOfRange, "number is beyond 64 bits")
            }
            scale += power
        }
        scale += digits.count - last - 1
        guard scale >= 0 else { throw ScanFault(.wrongType, "must be a whole number") }
        digits.removeSubrange((last + 1)...)
        let text = String(decoding: digits.drop { $0 == 0x30 }, as: UTF8.self)
        guard text.utf8.count + scale <= 19,
            let value = Int64((negative ? "-" : "") + text + String(repeating: "0", count: scale))
        else { throw ScanFault(.outOfRange, "number is beyond 64 bits") }
        return value
    }

    private mutating func skipWord(_ word: StaticString) throws(ScanFault) {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count, equals(index..<end, word) else { throw unexpected("a value") }
        index = end
    }

    private mutating func skipText() throws(ScanFault) {
        index += 1
        while index < bytes.count, bytes[index] != 0x22 {
            guard bytes[index] >= 0x20 else {
                throw ScanFault(.malformed, "control character in text")
            }
            if bytes[index] == 0x5C { try skipEscape() }
            index += 1
        }
        guard index < bytes.count else { throw ScanFault(.malformed, "text does not end") }
        index += 1
    }

    /// Stands on the backslash; ends on the escape's last byte.
    private mutating func skipEscape() throws(ScanFault) {
        index += 1
        guard index < bytes.count else { throw ScanFault(.malformed, "text does not end") }
        switch bytes[index] {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return
        case 0x75:
            for _ in 0..<4 {
                index += 1
                guard index < bytes.count, Self.isHexadecimal(bytes[index]) else {
                    throw ScanFault(.malformed, "\\u needs four hexadecimal digits")
                }
            }
        default: throw ScanFault(.malformed, "unknown escape in text")
        }
    }

    static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte)
            || (0x61...0x66).contains(byte)
    }

    private mutating func skipDigits() throws(ScanFault) {
        let start = index
        while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
        guard index > start else { throw unexpected("a value") }
    }

    private mutating func skipNumber() throws(ScanFault) {
        if bytes.indices.contains(index), bytes[index] == 0x2D { index += 1 }
        let start = index
        try skipDigits()
        guard bytes[start] != 0x30 || index == start + 1 else {
            throw ScanFault(.malformed, "number begins with a zero")
        }
        if index < bytes.count, bytes[index] == 0x2E {
            index += 1
            try skipDigits()
        }
        if index < bytes.count, bytes[index] == 0x65 || bytes[index] == 0x45 {
            index += 1
            if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
            try skipDigits()
        }
    }
}
