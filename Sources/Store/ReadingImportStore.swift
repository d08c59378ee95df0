import Postgres
import Registry
package import Units

/// A file of readings and how far it is stored.
package struct ReadingImport: Sendable, Hashable {
    /// Whether rows are still to be stored.
    package enum State: String, Sendable {
        case storing, stored
    }

    package var digest: [UInt8]
    package var file: String
    package var rows: Int
    /// Readings settled, in order of meter and time.
    package var position: Int
    package var stored: Int
    package var duplicates: Int
    package var conflicts: Int
    package var state: State
    package var startedAt: Instant
    package var updatedAt: Instant

    package init(digest: [UInt8], file: String, rows: Int, at now: Instant) {
        self.digest = digest
        self.file = file
        self.rows = rows
        position = 0
        stored = 0
        duplicates = 0
        conflicts = 0
        state = .storing
        startedAt = now
        updatedAt = now
    }
}

private let selectImport: SQL = """
    select digest, file, rows, position, stored, duplicates, conflicts, state, started_at,
        updated_at
    from reading_import
    """

extension TenantTransaction {
    /// How far a file is stored; nil when it was never begun.
    package func readingImport(digest: [UInt8]) throws -> ReadingImport? {
        try connection.query(
            """
            \(fragment: selectImport)
            where tenant_id = \(tenant.value) and digest = \(Bytes(digest))
            """
        ).first.map(ReadingImport.init(row:))
    }

    /// The files that were imported or begun last.
    package func readingImports(limit: Int) throws -> [ReadingImport] {
        try connection.query(
            """
            \(fragment: selectImport)
            where tenant_id = \(tenant.value)
            order by updated_at desc, digest limit \(Int32(clamping: limit))
            """
        ).map(ReadingImport.init(row:))
    }

    /// Writes down how far a file is stored.
    package func upsert(_ state: ReadingImport) throws {
        try connection.execute(
            """
            insert into reading_import (tenant_id, digest, file, rows, position, stored, duplicates,
                conflicts, state, started_at, updated_at)
            values (\(tenant.value), \(Bytes(state.digest)), \(state.file), \(Int64(state.rows)),
                \(Int64(state.position)), \(Int64(state.stored)), \(Int64(state.duplicates)),
                \(Int64(state.conflicts)), \(state.state.rawValue), \(state.startedAt),
                \(state.updatedAt))
            on conflict on constraint reading_import_pkey do update set
                file = excluded.file, rows = excluded.rows, position = excluded.position,
                stored = excluded.stored, duplicates = excluded.duplicates,
                conflicts = excluded.conflicts, state = excluded.state,
                started_at = excluded.started_at, updated_at = excluded.updated_at
            """
        )
    }
}

extension ReadingImport {
    fileprivate init(row: Row) throws {
        self.init(
            digest: (try row[0] as Bytes).bytes,
            file: try row[1],
            rows: Int(try row[2] as Int64),
            at: try row[8]
        )
        position = Int(try row[3] as Int64)
        stored = Int(try row[4] as Int64)
        duplicates = Int(try row[5] as Int64)
        conflicts = Int(try row[6] as Int64)
        state = try known(State.self, try row[7])
        updatedAt = try row[9]
    }
}
