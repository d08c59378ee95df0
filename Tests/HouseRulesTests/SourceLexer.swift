/// Cuts Swift and C sources into words, symbols, string literals and comments.
///
/// Just enough of a lexer for the house rules: it never mistakes the inside of a comment or of a
/// literal for code, follows interpolations, and keeps the line of everything.
struct SourceLexer {
    enum Language: Sendable { case swift, c }

    private let bytes: [UInt8]
    private let language: Language
    private var index = 0
    private var line = 1
    private var spaceBefore = true
    private var startsLine = true

    private(set) var tokens: [SourceToken] = []
    private(set) var literals: [SourceLiteral] = []
    private(set) var comments: [SourceComment] = []

    init(_ text: String, language: Language) {
        bytes = Array(text.utf8)
        self.language = language
        lexCode(insideInterpolation: false)
    }

    private func byte(_ offset: Int = 0) -> UInt8 {
        index + offset < bytes.count ? bytes[index + offset] : 0
    }

    private func text(from start: Int) -> String {
        String(decoding: bytes[start..<min(index, bytes.count)], as: UTF8.self)
    }

    private mutating func append(_ kind: SourceToken.Kind, _ text: String) {
        tokens.append(
            SourceToken(
                kind: kind,
                text: text,
                line: line,
                spaceBefore: spaceBefore,
                startsLine: startsLine
            )
        )
        spaceBefore = false
        startsLine = false
    }

    private mutating func lexCode(insideInterpolation: Bool) {
        var depth = 0
        while index < bytes.count {
            if insideInterpolation, byte() == UInt8(ascii: ")"), depth == 0 { return }
            switch byte() {
            case UInt8(ascii: "\n"):
                newline()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                index += 1
                spaceBefore = true
            case UInt8(ascii: "("):
                depth += 1
                lexSymbol()
            case UInt8(ascii: ")"):
                depth -= 1
                lexSymbol()
            default:
                lexOther()
            }
        }
    }

    private mutating func newline() {
        index += 1
        line += 1
        spaceBefore = true
        startsLine = true
    }

    private mutating func lexSymbol() {
        let symbol = String(UnicodeScalar(byte()))
        append(.symbol, symbol)
        index += 1
    }

    private mutating func lexOther() {
        let current = byte()
        if current == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "/") {
            lexLineComment()
        } else if current == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
            lexBlockComment()
        } else if current == UInt8(ascii: "\"") || startsRawString {
            lexString()
        } else if current == UInt8(ascii: "'"), language == .c {
            lexCharacter()
        } else if startsRegularExpression {
            lexRegularExpression()
        } else if current == UInt8(ascii: "`"), language == .swift {
            lexRawIdentifier()
        } else if isWord(current) {
            lexWord()
        } else {
            lexSymbol()
        }
    }

    // MARK: Comments

    private mutating func lexLineComment() {
        let start = index
        while index < bytes.count, byte() != UInt8(ascii: "\n") { index += 1 }
        comments.append(SourceComment(text: text(from: start), firstLine: line, lastLine: line))
    }

    private mutating func lexBlockComment() {
        let start = index
        let firstLine = line
        var depth = 0
        repeat {
            if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*"),
                depth == 0 || language == .swift
            {
                depth += 1
                index += 2
            } else if byte() == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                index += 2
            } else {
                if byte() == UInt8(ascii: "\n") { line += 1 }
                index += 1
            }
        } while depth > 0 && index < bytes.count
        comments.append(
            SourceComment(text: text(from: start), firstLine: firstLine, lastLine: line)
        )
        spaceBefore = true
    }

    // MARK: Literals

    private var startsRawString: Bool {
        guard language == .swift, byte() == UInt8(ascii: "#") else { return false }
        var offset = 0
        while byte(offset) == UInt8(ascii: "#") { offset += 1 }
        return byte(offset) == UInt8(ascii: "\"")
    }

    private func repeats(_ character: Character, _ count: Int, at offset: Int = 0) -> Bool {
        guard let ascii = character.asciiValue else { return false }
        return (0..<count).allSatisfy { byte(offset + $0) == ascii }
    }

    private mutating func lexString() {
        let firstLine = line
        var hashes = 0
        while byte() == UInt8(ascii: "#") {
            hashes += 1
            index += 1
        }
        let quotes = language == .swift && repeats("\"", 3) ? 3 : 1
        index += quotes
        append(.string, "\"")
        var content: [UInt8] = []
        while index < bytes.count {
            if repeats("\"", quotes), repeats("#", hashes, at: quotes) {
                index += quotes + hashes
                break
            }
            if byte() == UInt8(ascii: "\\"), repeats("#", hashes, at: 1) {
                lexEscape(hashes: hashes, into: &content)
                continue
            }
            if byte() == UInt8(ascii: "\n") {
                if quotes == 1 { break }
                line += 1
            }
            content.append(byte())
            index += 1
        }
        literals.append(
            SourceLiteral(text: String(decoding: content, as: UTF8.self), line: firstLine)
        )
        spaceBefore = false
        startsLine = false
    }

    /// The index stands on the backslash; an interpolation leaves `$` in the literal's text.
    private mutating func lexEscape(hashes: Int, into content: inout [UInt8]) {
        index += 1 + hashes
        if byte() == UInt8(ascii: "("), language == .swift {
            index += 1
            content.append(UInt8(ascii: "$"))
            lexCode(insideInterpolation: true)
        } else {
            if byte() == UInt8(ascii: "\n") { line += 1 }
            content.append(byte() == UInt8(ascii: "n") ? UInt8(ascii: "\n") : UInt8(ascii: " "))
        }
        index += 1
    }

    private mutating func lexCharacter() {
        index += 1
        while index < bytes.count, byte() != UInt8(ascii: "'"), byte() != UInt8(ascii: "\n") {
            index += byte() == UInt8(ascii: "\\") ? 2 : 1
        }
        index += 1
        append(.string, "'")
    }

    /// A slash begins a regular expression only where no operator can stand.
    private var startsRegularExpression: Bool {
        guard language == .swift else { return false }
        if byte() == UInt8(ascii: "#"), byte(1) == UInt8(ascii: "/") { return true }
        guard byte() == UInt8(ascii: "/"), byte(1) != UInt8(ascii: " ") else { return false }
        guard let last = tokens.last else { return false }
        guard ["(", ",", "=", ":", "[", "return"].contains(last.text) else { return false }
        var offset = 1
        while byte(offset) != 0, byte(offset) != UInt8(ascii: "\n") {
            if byte(offset) == UInt8(ascii: "/") { return true }
            offset += byte(offset) == UInt8(ascii: "\\") ? 2 : 1
        }
        return false
    }

    private mutating func lexRegularExpression() {
        let extended = byte() == UInt8(ascii: "#")
        append(.string, "/")
        index += extended ? 2 : 1
        while index < bytes.count {
            if byte() == UInt8(ascii: "/"), !extended || byte(1) == UInt8(ascii: "#") { break }
            if byte() == UInt8(ascii: "\n") { line += 1 }
            index += byte() == UInt8(ascii: "\\") ? 2 : 1
        }
        index += extended ? 2 : 1
    }

    // MARK: Words

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"),
            0x80...0xFF:
            true
        default: false
        }
    }

    private mutating func lexWord() {
        let start = index
        while isWord(byte()), index < bytes.count { index += 1 }
        append(.word, text(from: start))
    }

    private mutating func lexRawIdentifier() {
        let start = index
        index += 1
        while index < bytes.count, byte() != UInt8(ascii: "`"), byte() != UInt8(ascii: "\n") {
            index += 1
        }
        index += 1
        append(.word, text(from: start))
    }
}
