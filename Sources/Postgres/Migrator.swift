package import Logging

/// Brings a database's schema up to the program's migrations, as the role that owns the tables.
package struct Migrator: Sendable {
    let configuration: PostgresConfiguration
    let migrations: [Migration]
    let logger: Logger

    /// One migration and whether this database has it.
    package struct Status: Sendable, Hashable {
        package let number: Int
        package let name: String
        package let appliedAt: PostgresTimestamp?
        package let durationMilliseconds: Int64?
    }

    /// The migrations may come in any order; a gap or a number given twice is refused.
    package init(
        configuration: PostgresConfiguration,
        migrations: [Migration],
        logger: Logger
    ) throws(MigrationError) {
        self.migrations = try Migration.inOrder(migrations)
        self.logger = logger
        var configuration = configuration
        configuration.connections = 1
        configuration.statementTimeout = .zero
        configuration.lockTimeout = Limits.migrationLockTimeout
        self.configuration = configuration
    }

    /// Applies what is missing, each file in one transaction, and returns what was applied.
    ///
    /// Two programs at once take turns. Throws `MigrationError`, or `PostgresError` when the database
    /// cannot be reached.
    package func migrate() async throws -> [Migration] {
        try await withOwnPool { pool in
            try await pool.withConnection { connection in
                try connection.execute(
                    "select pg_advisory_lock(\(Self.advisoryLock))"
                )
                // The lock goes with the connection too, which the pool closes after this.
                defer { _ = try? connection.execute("select pg_advisory_unlock_all()") }
                try connection.executeScript(Self.ownTable)
                let applied = try appliedRows(connection)
                try check(applied)
                let missing = Array(migrations.dropFirst(applied.count))
                for migration in missing { try apply(migration, connection) }
                return missing
            }
        }
    }

    /// Every migration with the time it was applied; writes nothing.
    package func status() async throws -> [Status] {
        let applied = try await withOwnPool { pool in
            try await pool.transaction(TransactionOptions(readOnly: true)) { connection in
                let exists: Bool =
                    try connection.query("select to_regclass('migration') is not null")[0][0]
                return exists ? try appliedRows(connection) : []
            }
        }
        try check(applied)
        return migrations.enumerated().map { index, migration in
            let row = index < applied.count ? applied[index] : nil
            return Status(
                number: migration.number,
                name: migration.name,
                appliedAt: row?.appliedAt,
                durationMilliseconds: row?.durationMilliseconds
            )
        }
    }

    private struct Applied: Sendable {
        let number: Int
        let name: String
        let digest: String
        let appliedAt: PostgresTimestamp
        let durationMilliseconds: Int64
    }

    /// Any number that nobody else in the database uses as a lock.
    private static let advisoryLock = 0x7669_6479_7574

    private static let ownTable = """
        create table if not exists migration (
            number integer constraint migration_pkey primary key,
            name text not null,
            sha256 text not null,
            applied_at timestamptz not null,
            duration_ms bigint not null
        );
        comment on table migration is 'Files of Migrations/ that were applied here; an applied file never changes.';
        comment on column migration.number is 'The four digits the file name begins with.';
        comment on column migration.name is 'The file name.';
        comment on column migration.sha256 is 'SHA-256 of the file''s bytes when it was applied, hexadecimal.';
        comment on column migration.applied_at is 'When it was applied.';
        comment on column migration.duration_ms is 'How long it took.';
        """

    private func withOwnPool<Value: Sendable>(
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(configuration: configuration, logger: logger)
        do {
            let value = try await body(pool)
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    private func appliedRows(_ connection: Connection) throws -> [Applied] {
        try connection.query(
            "select number, name, sha256, applied_at, duration_ms from migration order by number"
        ).map { row in
            Applied(
                number: try row[0],
                name: try row[1],
                digest: try row[2],
                appliedAt: try row[3],
                durationMilliseconds: try row[4]
            )
        }
    }

    /// What was applied must be the beginning of what the program has, byte for byte.
    private func check(_ applied: [Applied]) throws(MigrationError) {
        for (index, row) in applied.enumerated() {
            guard index < migrations.count else { throw .unknown(applied: row.name) }
            let migration = migrations[index]
            guard row.number == migration.number else {
                throw .gap(missing: migration.number, before: row.name)
            }
            guard row.digest == migration.digest else { throw .edited(migration.name) }
            guard row.name == migration.name else {
                throw .renamed(applied: row.name, found: migration.name)
            }
        }
    }

    private func apply(_ migration: Migration, _ connection: Connection) throws {
        let start = ContinuousClock.now
        do {
            if migration.isWithoutTransaction {
                for statement in splitStatements(migration.text) {
                    try connection.executeScript(statement)
                }
                try record(migration, start, connection)
            } else {
                try connection.inTransaction(TransactionOptions()) { connection in
                    try connection.executeScript(migration.text)
                    guard connection.isInTransaction else {
                        throw MigrationError.endedTransaction(migration.name)
                    }
                    try record(migration, start, connection)
                }
            }
        } catch let error as PostgresError {
            throw MigrationError.failed(migration.name, error)
        }
        logger.info("migration applied", metadata: ["migration": "\(migration.name)"])
    }

    private func record(
        _ migration: Migration,
        _ start: ContinuousClock.Instant,
        _ connection: Connection
    ) throws(PostgresError) {
        let milliseconds = (ContinuousClock.now - start).wholeMilliseconds
        try connection.execute(
            """
            insert into migration (number, name, sha256, applied_at, duration_ms)
            values (\(Int32(truncatingIfNeeded: migration.number)), \(migration.name),
                \(migration.digest), clock_timestamp(), \(milliseconds))
            """
        )
    }
}
