import Registry
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

    /// Stores every row in one transaction, or none: the first fault is named with its line.
    /// - Returns: how many rows were stored.
    static func storeAll(
        _ rows: [ImportRow],
        store: Store,
        office: Office.ID,
        _ insert: @escaping @Sendable (TenantTransaction, ImportRow) throws -> Void
    ) async throws -> Int {
        try await store.withTenant(office) { transaction in
            for row in rows {
                do {
                    try insert(transaction, row)
                } catch let fault {
                    throw located(Store.meaning(of: fault), line: row.line)
                }
            }
        }
        return rows.count
    }

    private static func located(_ error: any Error, line: Int) -> any Error {
        switch error {
        case let invalid as InvalidInput:
            InvalidInput(
                invalid.faults.map {
                    FieldFault("line \(line), \($0.field)", $0.code, $0.detail)
                }
            )
        case let conflict as StateConflict:
            StateConflict(conflict.code, "line \(line): \(conflict.detail)")
        case let missing as NotFound:
            InvalidInput("line \(line)", "unknown", missing.description)
        default: error
        }
    }
}
