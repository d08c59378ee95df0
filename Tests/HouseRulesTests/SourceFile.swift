/// One piece of code between blanks, as the lexer saw it.
struct SourceToken: Sendable {
    enum Kind: Sendable { case word, symbol, string }

    let kind: Kind
    let text: String
    let line: Int
    let spaceBefore: Bool
    let startsLine: Bool
}

/// The text of one string literal; each interpolation is a `$` in it.
struct SourceLiteral: Sendable {
    let text: String
    let line: Int
}

/// One comment with its marks.
struct SourceComment: Sendable {
    let text: String
    let firstLine: Int
    let lastLine: Int

    var isDocumentation: Bool { text.hasPrefix("///") || text.hasPrefix("/**") }
}

/// One file of the repository, lexed.
struct SourceFile: Sendable {
    let path: String
    let lineCount: Int
    let tokens: [SourceToken]
    let literals: [SourceLiteral]
    let comments: [SourceComment]

    /// The path is relative to the top of the repository and decides the language.
    init(path: String, text: String) {
        let isSwift = path.hasSuffix(".swift")
        let lexer = SourceLexer(text, language: isSwift ? .swift : .c)
        self.path = path
        lineCount = text.utf8.count { $0 == UInt8(ascii: "\n") }
        tokens = lexer.tokens
        literals = lexer.literals
        comments = lexer.comments
    }

    var isSwift: Bool { path.hasSuffix(".swift") }

    /// The SwiftPM target the file belongs to, by its folder.
    var target: String? {
        let parts = path.split(separator: "/")
        guard parts.count >= 3, parts[0] == "Sources" || parts[0] == "Tests" else { return nil }
        return String(parts[1])
    }

    /// What the tests are made of: no rule about the program's safety binds it.
    var isTest: Bool { path.hasPrefix("Tests/") }

    func token(_ index: Int) -> SourceToken? {
        tokens.indices.contains(index) ? tokens[index] : nil
    }

    /// Whether the tokens from `index` on spell exactly these texts.
    func matches(_ texts: String..., at index: Int) -> Bool {
        texts.indices.allSatisfy { token(index + $0)?.text == texts[$0] }
    }

    func violation(_ line: Int, _ reason: String) -> Violation {
        Violation(path: path, line: line, reason: reason)
    }

    /// The index after the bracket that closes the one at `index`; the end when it is never closed.
    func indexAfterClosing(_ index: Int) -> Int {
        var depth = 0
        for position in index..<tokens.count where tokens[position].kind == .symbol {
            switch tokens[position].text {
            case "(", "[", "{": depth += 1
            case ")", "]", "}":
                depth -= 1
                if depth == 0 { return position + 1 }
            default: break
            }
        }
        return tokens.count
    }
}

/// A place where the house rules are broken.
struct Violation: Hashable, Sendable, CustomStringConvertible {
    let path: String
    let line: Int
    let reason: String

    var description: String { "\(path):\(line): \(reason)" }
}

/// What may do what others may not, and why: a file, a folder (`…/`) or a beginning (`…*`).
struct RuleException: Sendable {
    let path: String
    let reason: String

    func covers(_ file: String) -> Bool {
        if path.hasSuffix("*") { return file.hasPrefix(path.dropLast()) }
        return path.hasSuffix("/") ? file.hasPrefix(path) : file == path
    }
}
