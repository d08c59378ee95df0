/// Splits the text of a migration into statements at its semicolons, but not at those within quotes,
/// dollar quotes or comments; empty statements are left out.
func splitStatements(_ text: String) -> [String] {
    var scanner = StatementScanner(Array(text.utf8))
    return scanner.statements()
}

/// Walks over SQL text just closely enough to know where a statement ends.
private struct StatementScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var start = 0
    /// Whether the statement so far has anything but comments and space.
    private var hasContent = false
    private var result: [String] = []

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func statements() -> [String] {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: ";"):
                finishStatement()
                position += 1
                start = position
            case UInt8(ascii: "-") where follows("--"): skipLine()
            case UInt8(ascii: "/") where follows("/*"): skipComment()
            case UInt8(ascii: "'"): skipQuoted(UInt8(ascii: "'"), escapes: isEscapeString)
            case UInt8(ascii: "\""): skipQuoted(UInt8(ascii: "\""), escapes: false)
            case UInt8(ascii: "$"): skipDollarQuoted()
            case let byte:
                if byte > 32 { hasContent = true }
                position += 1
            }
        }
        finishStatement()
        return result
    }

    private mutating func finishStatement() {
        if hasContent { result.append(String(decoding: bytes[start..<position], as: UTF8.self)) }
        hasContent = false
    }

    private func follows(_ text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    /// `E'…'` knows the backslash; a plain string does not.
    private var isEscapeString: Bool {
        guard position > 0, bytes[position - 1] | 0x20 == UInt8(ascii: "e") else { return false }
        return position < 2 || !isWordByte(bytes[position - 2])
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: "_") || byte >= 128
    }

    private mutating func skipLine() {
        position = bytes[position...].firstIndex(of: 10) ?? bytes.count
    }

    /// Comments nest, as in PostgreSQL.
    private mutating func skipComment() {
        var depth = 0
        repeat {
            if follows("/*") {
                depth += 1
                position += 2
            } else if follows("*/") {
                depth -= 1
                position += 2
            } else {
                position += 1
            }
        } while depth > 0 && position < bytes.count
    }

    private mutating func skipQuoted(_ quote: UInt8, escapes: Bool) {
        hasContent = true
        position += 1
        while position < bytes.count {
            if escapes, bytes[position] == UInt8(ascii: "\\") {
                position += 2
                continue
            }
            position += 1
            // A doubled quote ends one string and begins the next, which comes to the same.
            if bytes[position - 1] == quote { return }
        }
        position = min(position, bytes.count)
    }

    private mutating func skipDollarQuoted() {
        hasContent = true
        let tagEnd = bytes[(position + 1)...].firstIndex { !isWordByte($0) } ?? bytes.count
        let isInsideWord = position > 0 && isWordByte(bytes[position - 1])
        let startsWithDigit = position + 1 < bytes.count && (48...57).contains(bytes[position + 1])
        guard !isInsideWord, !startsWithDigit, tagEnd < bytes.count,
            bytes[tagEnd] == UInt8(ascii: "$")
        else {
            position += 1
            return
        }
        let tag = bytes[position...tagEnd]
        position = tagEnd + 1
        while position < bytes.count {
            if bytes[position...].starts(with: tag) {
                position += tag.count
                return
            }
            position += 1
        }
    }
}
