package import Registry
import Store

/// A row of a file to import, with its line so that a fault can be found.
package struct ImportRow: Sendable {
    package var line: Int
    package var fields: [String: String]

    package init(line: Int, fields: [String: String]) {
        self.line = line
        self.fields = fields
    }

    /// What a cell says, as it stood before it was made safe for a spreadsheet.
    subscript(_ column: String) -> String? { fields[column]?.fromSpreadsheet }

    /// An integer field; absent or empty is nil, anything else but an integer is a fault.
    func integer(_ column: String) throws -> Int? {
        guard let text = self[column]?.trimmed, !text.isEmpty else { return nil }
        guard let value = Int(text) else {
            throw InvalidInput(column, "invalid", "'\(text)' is not a whole number")
        }
        return value
    }

    /// Refuses a file whose header lacks a needed column or has an unknown one.
    static func checkColumns(of rows: [ImportRow], known: [String], required: [String]) throws {
        guard let first = rows.first else {
            throw InvalidInput("file", "missing", "the file has no rows")
        }
        let names = Set(first.fields.keys)
        var faults: [FieldFault] = []
        for column in required where !names.contains(column) {
            faults.append(FieldFault("line 1", "missing", "column '\(column)' is missing"))
        }
        for column in names.sorted() where !known.contains(column) {
            faults.append(
                FieldFault(
                    "line 1",
                    "unknown",
                    "column '\(column)' is unknown; known are \(known.joined(separator: ", "))"
                )
            )
        }
        if !faults.isEmpty { throw InvalidInput(faults) }
    }

    /// Stores every row in one transaction, or none: every row that is wrong is named with its line, up
    /// to a bound, and all are counted.
    /// - Returns: how many rows were stored.
    static func storeAll(
        _ rows: [ImportRow],
        store: Store,
        office: Office.ID,
        _ insert: @escaping @Sendable (TenantTransaction, ImportRow) throws -> Void
    ) async throws -> Int {
        do {
            try await store.withTenant(office) { transaction in
                for row in rows {
                    do { try insert(transaction, row) } catch {
                        throw Store.meaning(of: error)
                    }
                }
            }
            return rows.count
        } catch  where isFault(error) {
            // Something is wrong: once more, to find everything that is.
            try await faults(in: rows, store: store, office: office, insert)
            throw error
        }
    }

    /// Tries every row under a savepoint, takes everything back and throws what is wrong.
    private static func faults(
        in rows: [ImportRow],
        store: Store,
        office: Office.ID,
        _ insert: @escaping @Sendable (TenantTransaction, ImportRow) throws -> Void
    ) async throws {
        try await store.withTenant(office) { transaction in
            var found: [(error: any Error, line: Int)] = []
            for row in rows {
                do {
                    try transaction.savepoint { try insert(transaction, row) }
                } catch {
                    let meaning = Store.meaning(of: error)
                    guard isFault(meaning) else { throw meaning }
                    found.append((meaning, row.line))
                }
            }
            // One conflict is told as what it is; several things are a file that is wrong.
            if found.count == 1, let conflict = found[0].error as? StateConflict {
                throw StateConflict(conflict.code, "line \(found[0].line): \(conflict.detail)")
            }
            let mistakes = found.flatMap { located($0.error, line: $0.line) }
            if !mistakes.isEmpty { throw InvalidInput(naming: mistakes) }
        }
    }

    /// Whether it is the row that is wrong, and not the database.
    private static func isFault(_ error: any Error) -> Bool {
        error is InvalidInput || error is StateConflict || error is NotFound
    }

    private static func located(_ error: any Error, line: Int) -> [FieldFault] {
        switch error {
        case let invalid as InvalidInput:
            invalid.faults.map { FieldFault("line \(line), \($0.field)", $0.code, $0.detail) }
        case let conflict as StateConflict:
            [FieldFault("line \(line)", conflict.code, conflict.detail)]
        case let missing as NotFound:
            [FieldFault("line \(line)", "unknown", missing.description)]
        default: []
        }
    }
}

/// Fields of a row that are read as something else than text; what cannot be is gathered.
struct RowFields {
    let row: ImportRow
    private(set) var faults: [FieldFault] = []

    init(_ row: ImportRow) { self.row = row }

    /// As `ImportRow.integer`; nil after a fault.
    mutating func integer(_ column: String) -> Int? {
        do { return try row.integer(column) } catch {
            faults += (error as? InvalidInput)?.faults ?? []
            return nil
        }
    }

    /// `yes` or `no`; no when the column is empty or absent.
    mutating func flag(_ column: String) -> Bool {
        switch row[column] {
        case nil, "", "no": return false
        case "yes": return true
        default:
            faults.append(FieldFault(column, "invalid", "yes or no"))
            return false
        }
    }

    /// What the body makes of the fields; after faults nothing, and what the body finds wrong besides is
    /// told with them.
    func then<Value>(_ body: () throws -> Value) throws -> Value {
        guard !faults.isEmpty else { return try body() }
        do { _ = try body() } catch let more as InvalidInput {
            let known = Set(faults.map(\.field))
            throw InvalidInput(faults + more.faults.filter { !known.contains($0.field) })
        }
        throw InvalidInput(faults)
    }
}

extension InvalidInput {
    /// The first of many faults, and a last one that says how many there are.
    package init(naming faults: [FieldFault]) {
        guard faults.count > Limits.faultsNamed else {
            self.init(faults)
            return
        }
        self.init(
            faults.prefix(Limits.faultsNamed) + [
                FieldFault(
                    "file",
                    "invalid",
                    "\(faults.count) mistakes in all, of which the first \(Limits.faultsNamed) are named"
                )
            ]
        )
    }
}
