/// Names, documentation, SQL and leftovers.
enum WordRules {
    static func violations(in file: SourceFile) -> [Violation] {
        guard file.isSwift, !file.isTest else { return [] }
        return documentation(file) + names(file) + sql(file)
    }

    // MARK: Documentation

    private static let types: Set<String> = ["struct", "class", "enum", "actor", "protocol"]
    private static let modifiers: Set<String> = [
        "static", "final", "mutating", "nonmutating", "nonisolated", "override", "indirect",
        "consuming", "borrowing", "convenience", "required", "distributed",
    ]
    /// Requirements of the standard library, documented there.
    private static let documentedElsewhere: Set<String> = [
        "hash", "encode", "next", "makeAsyncIterator", "makeIterator",
    ]

    private static func documentation(_ file: SourceFile) -> [Violation] {
        let documented = Set(file.comments.filter(\.isDocumentation).map(\.lastLine))
        let attributeLines = Set(
            file.tokens.filter { $0.startsLine && $0.text == "@" }.map(\.line)
        )
        return file.tokens.indices.compactMap { index in
            guard let name = documentable(index, file) else { return nil }
            var line = file.tokens[index].line - 1
            while attributeLines.contains(line) { line -= 1 }
            guard !documented.contains(line) else { return nil }
            return file.violation(file.tokens[index].line, "\(name) has no doc comment")
        }
    }

    /// The name of the type or function that a `package` at this index declares.
    private static func documentable(_ index: Int, _ file: SourceFile) -> String? {
        let token = file.tokens[index]
        guard token.kind == .word, token.text == "package", file.token(index - 1)?.text != "."
        else { return nil }
        var next = index + 1
        while let word = file.token(next)?.text {
            let isModifier =
                modifiers.contains(word) || word == "class" && file.matches("func", at: next + 1)
            guard isModifier else { break }
            next = file.matches("(", at: next + 1) ? file.indexAfterClosing(next + 1) : next + 1
        }
        guard let keyword = file.token(next)?.text, let name = file.token(next + 1) else {
            return nil
        }
        if types.contains(keyword) { return name.text }
        let explainsItself = name.kind == .symbol || documentedElsewhere.contains(name.text)
        return keyword == "func" && !explainsItself ? name.text : nil
    }

    // MARK: Names

    private static let bannedEndings = ["Manager", "Helper", "Helpers", "Util", "Utils", "Handler"]

    /// A type that conforms to an outside protocol of the same ending has to bear its word.
    private static func names(_ file: SourceFile) -> [Violation] {
        file.tokens.indices.compactMap { index in
            guard types.contains(file.tokens[index].text), file.tokens[index].kind == .word,
                let name = file.token(index + 1), name.kind == .word,
                let ending = bannedEndings.first(where: name.text.hasSuffix),
                RuleExceptions.names[name.text] == nil
            else { return nil }
            var position = index + 2
            while let token = file.token(position), token.text != "{", token.text != "=" {
                if token.text.hasSuffix(ending) { return nil }
                position += 1
            }
            return file.violation(name.line, "\(name.text): say what it does, not \(ending)")
        }
    }

    // MARK: SQL

    private static func sql(_ file: SourceFile) -> [Violation] {
        guard !RuleExceptions.sql.cover(file.path) else { return [] }
        return file.literals.filter { holdsSQL($0.text) }
            .map { file.violation($0.line, "SQL lives in Store and in Migrations") }
    }

    private static let creatable: Set<Substring> = [
        "table", "index", "unique", "role", "database", "policy", "function", "view",
        "extension", "temporary", "unlogged", "schema", "trigger",
    ]

    /// Whether a line of the text begins a statement; prose begins with a capital or says "the".
    static func holdsSQL(_ text: String) -> Bool {
        text.split(whereSeparator: { "\n;(".contains($0) }).contains { part in
            let isShouted = part.allSatisfy { !$0.isLowercase }
            let words = (isShouted ? part.lowercased()[...] : part)
                .split(whereSeparator: { " \t,".contains($0) })
            guard words.count >= 2 else { return false }
            return switch (words[0], words[1]) {
            case ("insert", "into"), ("delete", "from"), ("truncate", "table"): true
            case ("create", let what), ("alter", let what), ("drop", let what):
                creatable.contains(what)
            case ("update", _): words.dropFirst(2).prefix(3).contains("set")
            case ("select", let what): !["a", "an", "the", "one", "at"].contains(what)
            case ("with", _): words.dropFirst(2).first == "as"
            default: false
            }
        }
    }

    // MARK: Leftovers

    /// The marks are put together here so that this file does not hold them.
    private static let marks = ["TO" + "DO", "FIX" + "ME", "XX" + "X"]

    static func leftovers(path: String, text: String) -> [Violation] {
        guard marks.contains(where: text.contains) else { return [] }
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .compactMap { number, line in
                let words = line.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                guard let mark = marks.first(where: { words.contains($0[...]) }) else { return nil }
                return Violation(path: path, line: number + 1, reason: "a leftover mark, \(mark)")
            }
    }
}
