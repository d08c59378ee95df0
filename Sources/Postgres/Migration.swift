import Crypto
import FoundationEssentials

/// One step of the schema's history: a file whose name begins with its number, as `0007_bill_lines.sql`.
package struct Migration: Sendable, Hashable {
    package let number: Int
    package let name: String
    package let text: String

    /// Checks the name: four digits, an underscore, then lower-case letters, digits and underscores.
    package init(name: String, text: String) throws(MigrationError) {
        let digits = name.prefix(4)
        let rest = name.dropFirst(5).dropLast(4)
        guard digits.count == 4, digits.utf8.allSatisfy({ (48...57).contains($0) }),
            let number = Int(digits), number > 0,
            name.dropFirst(4).first == "_", name.hasSuffix(".sql"), !rest.isEmpty,
            rest.utf8.allSatisfy({
                (97...122).contains($0) || (48...57).contains($0) || $0 == 95
            })
        else { throw .badName(name) }
        self.number = number
        self.name = name
        self.text = text
    }

    /// SHA-256 of the file's bytes, in hexadecimal.
    package var digest: String {
        SHA256.hash(data: Array(text.utf8))
            .map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// Whether the first line asks for statements that refuse to run in a transaction.
    ///
    /// For `create index concurrently` and the like; such a file is run again from its start if it
    /// was interrupted.
    package var isWithoutTransaction: Bool {
        text.split(whereSeparator: \.isNewline).first?
            .trimmed == "-- vidyut: no-transaction"
    }

    /// Reads all migrations of a folder in their order; other files, such as `schema.sql`, are passed
    /// over unless their names begin with a digit.
    package static func load(directory: String) throws(MigrationError) -> [Migration] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw .unreadable(directory)
        }
        var migrations: [Migration] = []
        for name in names.sorted() where name.first?.isNumber == true {
            guard let bytes = FileManager.default.contents(atPath: "\(directory)/\(name)"),
                bytes.count <= Limits.migrationFileBytes,
                let text = String(validating: bytes, as: UTF8.self)
            else { throw .unreadable(name) }
            migrations.append(try Migration(name: name, text: text))
        }
        return try inOrder(migrations)
    }

    /// Sorts by number, and refuses a number that is missing or given twice.
    static func inOrder(_ migrations: [Migration]) throws(MigrationError) -> [Migration] {
        let sorted = migrations.sorted { ($0.number, $0.name) < ($1.number, $1.name) }
        for (expected, migration) in zip(1..., sorted) where migration.number != expected {
            if migration.number < expected {
                throw .duplicate(sorted[expected - 2].name, migration.name)
            }
            throw .gap(missing: expected, before: migration.name)
        }
        return sorted
    }
}

/// Why the schema was left as it is.
package enum MigrationError: Error, Sendable, Hashable, CustomStringConvertible {
    case badName(String)
    case unreadable(String)
    case duplicate(String, String)
    case gap(missing: Int, before: String)
    /// A file that was applied has changed since.
    case edited(String)
    /// A file that was applied has another name now.
    case renamed(applied: String, found: String)
    /// The database was made by a newer program.
    case unknown(applied: String)
    /// The file itself ended the transaction it runs in.
    case endedTransaction(String)
    case failed(String, PostgresError)

    package var description: String {
        switch self {
        case .badName(let name):
            "\(name) is no name of a migration: it should look like 0007_bill_lines.sql"
        case .unreadable(let name): "\(name) cannot be read, or is too long, or is not UTF-8"
        case .duplicate(let first, let second): "\(first) and \(second) have the same number"
        case .gap(let missing, let before): "there is no migration \(missing) before \(before)"
        case .edited(let name):
            "\(name) was applied to this database and has been edited since: restore it, and write a new file"
        case .renamed(let applied, let found):
            "\(applied) was applied under that name, and is now \(found)"
        case .unknown(let applied):
            "\(applied) was applied by a newer program than this one, which does not know it"
        case .endedTransaction(let name): "\(name) must not commit or roll back by itself"
        case .failed(let name, let error): "\(name): \(error)"
        }
    }
}

extension StringProtocol {
    /// Without spaces around it.
    fileprivate var trimmed: String {
        let start = drop { $0 == " " || $0 == "\t" }
        return String(start.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
}
