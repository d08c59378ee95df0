import Foundation

/// Prints data: a table for people, JSON for programs.
enum Output {
    /// Prints a value as JSON with sorted keys.
    static func json(_ value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Terminal.print(String(decoding: try encoder.encode(value), as: UTF8.self))
    }

    /// Prints a list as JSON: `{"items": […]}`.
    static func jsonList(_ items: [some Encodable]) throws { try json(["items": items]) }

    /// Prints columns side by side; those whose title ends in `>` stand at the right.
    static func table(_ titles: [String], _ rows: [[String]], none: String) {
        guard !rows.isEmpty else {
            Terminal.say(none)
            return
        }
        let atRight = titles.map { $0.hasSuffix(">") }
        let heads = titles.map { $0.hasSuffix(">") ? String($0.dropLast()) : $0 }
        var widths = heads.map(\.count)
        for row in rows {
            for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
        }
        for row in [heads] + rows {
            var line = ""
            for (index, cell) in row.enumerated() {
                let padding = String(repeating: " ", count: widths[index] - cell.count)
                line += (index > 0 ? "  " : "") + (atRight[index] ? padding + cell : cell + padding)
            }
            while line.last == " " { line.removeLast() }
            Terminal.print(line)
        }
    }

    /// Prints names and values, one pair a line; empty values are left out.
    static func pairs(_ pairs: [(String, String?)]) {
        let width = pairs.map(\.0.count).max() ?? 0
        for (name, value) in pairs {
            guard let value, !value.isEmpty else { continue }
            Terminal.print(
                name + String(repeating: " ", count: width - name.count + 2) + value
            )
        }
    }
}
