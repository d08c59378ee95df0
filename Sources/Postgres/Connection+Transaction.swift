import CPQ

/// How a transaction runs.
package struct TransactionOptions: Sendable, Hashable {
    /// PostgreSQL's isolation levels.
    package enum Isolation: String, Sendable, Hashable {
        case readCommitted = "read committed"
        case repeatableRead = "repeatable read"
        case serializable = "serializable"
    }

    package var isolation: Isolation
    package var readOnly: Bool
    /// Replaces the pool's limit for this transaction; zero switches it off.
    package var statementTimeout: Duration?
    /// Replaces the pool's limit for this transaction; zero switches it off.
    package var lockTimeout: Duration?
    /// How often the closure is run again after a serialization failure or a deadlock.
    package var retries: Int

    package init(
        isolation: Isolation = .readCommitted,
        readOnly: Bool = false,
        statementTimeout: Duration? = nil,
        lockTimeout: Duration? = nil,
        retries: Int = Limits.retries
    ) {
        self.isolation = isolation
        self.readOnly = readOnly
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.retries = retries
    }

    /// One text, so that beginning costs one round trip; made of fixed words and whole numbers.
    var beginText: String {
        var text = "begin isolation level \(isolation.rawValue)"
        if readOnly { text += " read only" }
        if let statementTimeout {
            text += "; set local statement_timeout = \(statementTimeout.wholeMilliseconds)"
        }
        if let lockTimeout {
            text += "; set local lock_timeout = \(lockTimeout.wholeMilliseconds)"
        }
        return text
    }
}

extension Connection {
    /// Runs the closure between begin and commit; rolls back when it throws or was cancelled.
    func inTransaction<Value>(
        _ options: TransactionOptions,
        _ body: (Connection) throws -> Value
    ) throws -> Value {
        try begin(options)
        let value: Value
        do {
            value = try body(self)
            try checkCancelled(nil)
        } catch {
            ticket?.settle()
            rollback()
            throw decisive(error)
        }
        ticket?.settle()
        try commit(readOnly: options.readOnly)
        return value
    }

    /// Runs the closure with each statement on its own; an open transaction it leaves is undone.
    func withoutTransaction<Value>(_ body: (Connection) throws -> Value) throws -> Value {
        failure = nil
        defer {
            ticket?.settle()
            if PQtransactionStatus(handle) != PQTRANS_IDLE { rollback() }
            failure = nil
        }
        return try body(self)
    }

    private func begin(_ options: TransactionOptions) throws(PostgresError) {
        failure = nil
        deallocateEvicted()
        do throws(PostgresError) {
            try checkCancelled(nil)
            try command(options.beginText)
        } catch {
            var error = error
            error.nothingWasSent = error.kind == .connectionLost
            if PQtransactionStatus(handle) != PQTRANS_IDLE { rollback() }
            throw error
        }
    }

    /// A closure that caught a serialization failure and threw its own error still lost the race.
    private func decisive(_ error: any Error) -> any Error {
        guard let failure, !(error is PostgresError) else { return error }
        return failure.isRetryable || failure.kind == .connectionLost ? failure : error
    }

    private func commit(readOnly: Bool) throws(PostgresError) {
        guard PQstatus(handle) == CONNECTION_OK else { throw failure ?? lost("commit") }
        do throws(PostgresError) {
            let result = try command("commit")
            // The server answers a commit of a failed transaction with a rollback, not an error.
            guard String(cString: PQcmdStatus(result.pointer)) == "COMMIT" else {
                throw failure
                    ?? PostgresError(
                        kind: .server,
                        message: "the transaction had failed and was rolled back",
                        sqlState: "25P02"
                    )
            }
        } catch {
            if PQtransactionStatus(handle) != PQTRANS_IDLE { rollback() }
            guard error.kind == .connectionLost, !readOnly else { throw error }
            var unknown = error
            unknown.kind = .commitUnknown
            unknown.message = "the connection was lost during commit: \(error.message)"
            throw unknown
        }
    }

    /// Whether a transaction is open and has not failed.
    var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }

    /// Undoes what is open; a session that cannot even do that is given up.
    func rollback() {
        guard !isPoisoned, PQstatus(handle) == CONNECTION_OK else { return }
        // A cancel request that came late can hit the rollback itself: then it is sent again.
        for _ in 0..<2 where PQtransactionStatus(handle) != PQTRANS_IDLE {
            PQclear(PQexec(handle, "rollback"))
        }
        if PQtransactionStatus(handle) != PQTRANS_IDLE { isPoisoned = true }
    }

    private func deallocateEvicted() {
        for name in statements.takeEvicted() { PQclear(PQexec(handle, "deallocate \(name)")) }
    }
}
