/// How long files and functions may be.
enum SizeRules {
    static let maximumFileLines = 400
    static let maximumFunctionLines = 70

    static func violations(in file: SourceFile) -> [Violation] {
        var found: [Violation] = []
        if file.lineCount > maximumFileLines {
            found.append(
                file.violation(1, "\(file.lineCount) lines; \(maximumFileLines) are allowed")
            )
        }
        for function in functions(of: file) where function.lines > maximumFunctionLines {
            let allowed = "\(maximumFunctionLines) are allowed"
            found.append(
                file.violation(
                    function.line,
                    "\(function.name) has \(function.lines) lines; \(allowed)"
                )
            )
        }
        return found
    }

    struct Function: Equatable {
        let name: String
        let line: Int
        let lines: Int
    }

    static func functions(of file: SourceFile) -> [Function] {
        file.isSwift ? swiftFunctions(of: file) : cFunctions(of: file)
    }

    // MARK: Swift

    private static func swiftFunctions(of file: SourceFile) -> [Function] {
        file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            guard token.kind == .word, isDeclaration(index, in: file),
                let opening = bodyStart(after: index, in: file)
            else { return nil }
            let lastLine = file.token(file.indexAfterClosing(opening) - 1)?.line ?? token.line
            let next = file.token(index + 1)
            let name = ["func", "var"].contains(token.text) ? next?.text : nil
            return Function(
                name: name ?? token.text,
                line: token.line,
                lines: lastLine - token.line + 1
            )
        }
    }

    private static func isDeclaration(_ index: Int, in file: SourceFile) -> Bool {
        guard file.token(index - 1)?.text != "." else { return false }
        let next = file.token(index + 1)?.text ?? ""
        return switch file.tokens[index].text {
        case "func", "var": true
        case "init": ["(", "<", "?", "!"].contains(next)
        case "deinit": next == "{"
        case "subscript": ["(", "<"].contains(next)
        default: false
        }
    }

    /// The index of the brace that opens the body; nil for a requirement or a stored property.
    private static func bodyStart(after keyword: Int, in file: SourceFile) -> Int? {
        var index = keyword + 1
        if file.tokens[keyword].text != "var", file.tokens[keyword].text != "deinit" {
            while let token = file.token(index), token.text != "(" { index += 1 }
            index = file.indexAfterClosing(index)
        }
        let goesOn: Set<String> = [
            "{", "-", "where", "throws", "async", "rethrows", "&", ",", ":",
        ]
        let wantsMore: Set<String> = [",", ":", "&", "where", "="]
        while let token = file.token(index) {
            let text = token.text
            if text == "{", token.kind == .symbol { return index }
            if text == "}" || text == ";" || text == "=" && isAssignment(index, in: file) {
                return nil
            }
            let followsArrow = file.matches("-", ">", at: index - 2)
            let last = file.token(index - 1)?.text ?? ""
            let isContinued = goesOn.contains(text) || wantsMore.contains(last) || followsArrow
            if token.startsLine, !isContinued { return nil }
            index = ["(", "["].contains(text) ? file.indexAfterClosing(index) : index + 1
        }
        return nil
    }

    /// Told from the `==` of a generic requirement.
    private static func isAssignment(_ index: Int, in file: SourceFile) -> Bool {
        file.token(index + 1)?.text != "=" && file.token(index - 1)?.text != "="
    }

    // MARK: C

    private static func cFunctions(of file: SourceFile) -> [Function] {
        var found: [Function] = []
        var index = 0
        while let token = file.token(index) {
            let last = file.token(index - 1)
            guard token.text == "{", token.kind == .symbol, last?.kind != .string else {
                index += 1
                continue
            }
            let end = file.indexAfterClosing(index)
            if last?.text == ")", let name = nameBeforeParameters(endingAt: index - 1, in: file) {
                let lastLine = file.token(end - 1)?.line ?? token.line
                found.append(
                    Function(
                        name: name.text,
                        line: name.line,
                        lines: lastLine - name.line + 1
                    )
                )
            }
            index = end
        }
        return found
    }

    private static func nameBeforeParameters(
        endingAt closing: Int,
        in file: SourceFile
    ) -> SourceToken? {
        var depth = 0
        for index in stride(from: closing, through: 1, by: -1) {
            if file.tokens[index].text == ")" { depth += 1 }
            if file.tokens[index].text == "(" { depth -= 1 }
            if depth == 0 { return file.tokens[index - 1] }
        }
        return nil
    }
}
