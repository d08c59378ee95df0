package import Postgres
package import Registry
import Units

/// Everything PostgreSQL keeps, reached one office at a time.
///
/// The transaction value *is* the capability: queries hang off it, so nothing can be read or
/// written without saying for which office (invariant 6).
package struct Store: Sendable {
    let pool: PostgresPool

    package init(pool: PostgresPool) { self.pool = pool }

    /// Readings of one meter from which its days can be made at once.
    package static let readingsOfMeterMaximum = Limits.samplesPerStretch

    /// Runs a transaction for one office; serialization failures and deadlocks are retried.
    package func withTenant<Value: Sendable>(
        _ tenant: Office.ID,
        readOnly: Bool = false,
        _ body: @escaping @Sendable (TenantTransaction) throws -> Value
    ) async throws -> Value {
        var options = TransactionOptions()
        options.readOnly = readOnly
        let settled = options
        return try await translating {
            try await repeatingWhilePartitionsMove {
                try await pool.transaction(settled) { connection in
                    _ = try connection.query(
                        "select set_config('vidyut.tenant', \(String(tenant.value)), true)"
                    )
                    return try body(TenantTransaction(connection: connection, tenant: tenant))
                }
            }
        }
    }

    /// A reading on its way to the default partition finds it shut when the month's own partition
    /// is attached at that moment; the next attempt goes to the new one.
    private func repeatingWhilePartitionsMove<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        for _ in 0..<3 {
            do {
                return try await body()
            } catch let error as PostgresError
                where error.sqlState == "23514" && error.table == "reading_default"
            {
                continue
            }
        }
        return try await body()
    }

    /// Runs look-ups that come before the office is known; they see ids only.
    ///
    /// The limits replace the pool's: work on a whole partition may take long, and must not keep
    /// intake waiting for its locks.
    package func withoutTenant<Value: Sendable>(
        lockTimeout: Duration? = nil,
        statementTimeout: Duration? = nil,
        _ body: @escaping @Sendable (LookupTransaction) throws -> Value
    ) async throws -> Value {
        let options = TransactionOptions(
            statementTimeout: statementTimeout,
            lockTimeout: lockTimeout
        )
        return try await translating {
            try await pool.transaction(options) { connection in
                try body(LookupTransaction(connection: connection))
            }
        }
    }

    /// Notifications that meters, credentials or offices changed somewhere.
    package func changes() -> any AsyncSequence<Void, Never> & Sendable {
        pool.listen(Store.changeChannel).map { _ in () }
    }

    static let changeChannel = "vidyut_change"

    private func translating<Value: Sendable>(
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let error as PostgresError {
            throw translated(error)
        }
    }
}

/// An open transaction of one office.
package struct TenantTransaction {
    let connection: Connection
    package let tenant: Office.ID

    /// Runs the closure so that only its own statements are undone when it throws.
    package func undoing<Value>(_ body: () throws -> Value) throws -> Value {
        try connection.savepoint(body)
    }

    /// Tells other processes that meters, credentials or offices changed, when this commits.
    func announceChange() throws {
        _ = try connection.query("select pg_notify(\(Store.changeChannel), '')")
    }
}

extension TenantTransaction {
    /// Runs the closure so that only its own statements are undone if it throws.
    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try connection.savepoint(body)
    }
}

/// An open transaction that belongs to no office and sees no office's rows.
package struct LookupTransaction {
    let connection: Connection
}
