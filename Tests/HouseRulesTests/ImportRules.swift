/// Who imports whom.
enum ImportRules {
    private static let kinds: Set<String> = [
        "struct", "class", "enum", "protocol", "func", "typealias", "let", "var", "actor",
    ]
    private static let modifiers: Set<String> = [
        "package", "public", "internal", "private", "fileprivate", "testable", "preconcurrency",
    ]

    /// The modules a file imports, each with its line.
    static func imports(of file: SourceFile) -> [(module: String, line: Int)] {
        file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            guard token.kind == .word, token.text == "import" else { return nil }
            let follows = file.token(index - 1).map { modifiers.contains($0.text) } ?? true
            guard token.startsLine || follows else { return nil }
            let next = file.token(index + 1)
            let isKind = next.map { kinds.contains($0.text) } ?? false
            guard let module = isKind ? file.token(index + 2) : next else { return nil }
            return (module.text, token.line)
        }
    }

    static func violations(in file: SourceFile) -> [Violation] {
        guard file.isSwift, let target = file.target else { return [] }
        return imports(of: file).compactMap { module, line in
            ImportTable.objection(to: module, in: target, isTest: file.isTest)
                .map { file.violation(line, $0) }
        }
    }
}
