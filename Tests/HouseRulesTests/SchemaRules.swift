/// What every table in the generated schema must have.
enum SchemaRules {
    enum Requirement: String, CaseIterable, Sendable {
        case tenantColumn = "a column tenant_id"
        case enabledSecurity = "row level security"
        case forcedSecurity = "forced row level security"
        case comment = "a comment"
    }

    static func violations(path: String, schema: String) -> [Violation] {
        let statements = statements(of: schema)
        let partitions = Set(statements.compactMap { partition($0.text) })
        var met: [String: Set<Requirement>] = [:]
        var declared: [(name: String, line: Int)] = []
        for statement in statements {
            if let table = createdTable(statement.text) {
                declared.append((table, statement.line))
                if words(statement.text).contains("tenant_id") {
                    met[table, default: []].insert(.tenantColumn)
                }
            } else if let (table, requirements) = requirementsMet(statement.text) {
                met[table, default: []].formUnion(requirements)
            }
        }
        return declared.flatMap { table, line in
            let excused = RuleExceptions.tables[table]?.lacks ?? []
            let inherited: Set<Requirement> =
                partitions.contains(table) ? [.tenantColumn, .comment] : []
            return Requirement.allCases
                .filter { !(met[table] ?? []).union(excused).union(inherited).contains($0) }
                .map { Violation(path: path, line: line, reason: "\(table) lacks \($0.rawValue)") }
        }
    }

    private static func words(_ statement: String) -> [String] {
        statement.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
    }

    /// The words of a statement without the schema's name and what does not change its meaning.
    private static func essence(_ statement: String) -> [String] {
        let idle: Set<String> = ["public", "only", "if", "not", "exists", "unlogged"]
        return words(statement).filter { !idle.contains($0) }
    }

    private static func createdTable(_ statement: String) -> String? {
        let words = essence(statement)
        return words.starts(with: ["create", "table"]) ? words.dropFirst(2).first : nil
    }

    /// The name of the partition that the statement makes or attaches.
    private static func partition(_ statement: String) -> String? {
        let words = essence(statement)
        if words.starts(with: ["create", "table"]), words.count > 4,
            words[3] == "partition", words[4] == "of"
        {
            return words[2]
        }
        guard words.starts(with: ["alter", "table"]), words.count > 5,
            words[3] == "attach", words[4] == "partition"
        else { return nil }
        return words[5]
    }

    private static func requirementsMet(_ statement: String) -> (String, Set<Requirement>)? {
        let words = essence(statement)
        guard words.count > 3 else { return nil }
        if words.starts(with: ["comment", "on", "table"]) { return (words[3], [.comment]) }
        guard words.starts(with: ["alter", "table"]) else { return nil }
        let text = words.dropFirst(3).joined(separator: " ")
        var met: Set<Requirement> = []
        if text.contains("enable row level security") { met.insert(.enabledSecurity) }
        if text.contains("force row level security"), !text.contains("no force") {
            met.insert(.forcedSecurity)
        }
        return (words[2], met)
    }

    /// Statements in lower case without comments and the text of literals, each with its line.
    static func statements(of schema: String) -> [(text: String, line: Int)] {
        var scanner = StatementScanner(schema)
        return scanner.statements()
    }
}

/// Cuts an SQL script at its semicolons.
private struct StatementScanner {
    private let characters: [Character]
    private var index = 0
    private var line = 1

    init(_ script: String) { characters = Array(script) }

    mutating func statements() -> [(text: String, line: Int)] {
        var found: [(text: String, line: Int)] = []
        var text = ""
        var firstLine = 1
        while index < characters.count {
            if characters[index] == ";" {
                found.append((text, firstLine))
                text = ""
            } else if starts("--") {
                skip(past: "\n")
                continue
            } else if characters[index] == "'" {
                index += 1
                skip(past: "'")
                text += "''"
                continue
            } else if characters[index] == "$", let tag = dollarTag() {
                index += tag.count
                skip(past: tag)
                continue
            } else {
                if text.isEmpty, !characters[index].isWhitespace { firstLine = line }
                if !text.isEmpty || !characters[index].isWhitespace {
                    text += characters[index].lowercased()
                }
            }
            if characters[index] == "\n" { line += 1 }
            index += 1
        }
        return found
    }

    private func starts(_ text: String) -> Bool {
        characters[index...].starts(with: text)
    }

    private func dollarTag() -> String? {
        let rest = characters[(index + 1)...].prefix { $0.isLetter || $0 == "_" }
        let end = index + 1 + rest.count
        guard end < characters.count, characters[end] == "$" else { return nil }
        return "$\(String(rest))$"
    }

    private mutating func skip(past text: String) {
        while index < characters.count, !starts(text) {
            if characters[index] == "\n" { line += 1 }
            index += 1
        }
        if text == "\n" { line += 1 }
        index += text.count
    }
}
