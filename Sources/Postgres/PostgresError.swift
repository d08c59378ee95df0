/// What went wrong between the program and PostgreSQL, with everything the server said about it.
package struct PostgresError: Error, Sendable, Hashable {
    /// Where a failure arose, which decides whether trying again can help.
    package enum Kind: Sendable, Hashable {
        /// The server refused the statement; `sqlState` says why.
        case server
        /// The connection ended before the outcome mattered: nothing was committed.
        case connectionLost
        /// The connection ended during commit: stored or not, only the database knows.
        case commitUnknown
        /// The queue of waiting transactions is full, or the pool has been shut down.
        case poolExhausted
        /// A statement ran, or waited for a lock, longer than allowed.
        case timeout
        /// The awaiting task was cancelled, and the transaction rolled back.
        case cancelled
        /// A value did not have the type or shape asked for.
        case decoding
        /// The program used this client wrongly.
        case misuse
    }

    package var kind: Kind
    package var message: String
    package var sqlState: String?
    package var detail: String?
    package var hint: String?
    package var constraint: String?
    package var table: String?
    package var column: String?
    /// First line of the statement that failed.
    package var statement: String?
    /// The plan was made for a table that has changed since: preparing again helps.
    var isStalePlan = false
    /// The failure came before anything of the transaction reached the server.
    var nothingWasSent = false

    package init(
        kind: Kind,
        message: String,
        sqlState: String? = nil,
        detail: String? = nil,
        hint: String? = nil,
        constraint: String? = nil,
        table: String? = nil,
        column: String? = nil,
        statement: String? = nil
    ) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
        self.table = table
        self.column = column
        self.statement = statement
    }

    /// The same call may succeed a moment later, unchanged; a commit of unknown outcome is not that.
    package var isTransient: Bool {
        switch kind {
        case .connectionLost, .poolExhausted, .timeout: true
        case .commitUnknown, .cancelled, .decoding, .misuse: false
        case .server: isRetryable || isUnavailable
        }
    }

    /// The transaction lost a race (40001, 40P01) or met a stale plan: the pool runs it again itself.
    var isRetryable: Bool {
        sqlState == "40001" || sqlState == "40P01" || isStalePlan
    }

    /// Classes 08, 57P and 53 (no place on the disk, no memory, too many connections) and a failed
    /// read or write (58030): the server is away or full.
    private var isUnavailable: Bool {
        guard let sqlState else { return false }
        return ["08", "57P", "53"].contains { sqlState.hasPrefix($0) } || sqlState == "58030"
    }

    static func misuse(_ message: String, statement: String? = nil) -> PostgresError {
        PostgresError(kind: .misuse, message: message, statement: statement)
    }

    static func decoding(_ message: String) -> PostgresError {
        PostgresError(kind: .decoding, message: message)
    }

    static let cancelled = PostgresError(
        kind: .cancelled,
        message: "the task was cancelled; the transaction was rolled back"
    )

    static let closed = PostgresError(
        kind: .poolExhausted,
        message: "the connection pool has been shut down"
    )
}

extension PostgresError: CustomStringConvertible {
    /// One line: what happened, the SQLSTATE, where, and the statement; never a bound value.
    package var description: String {
        var text = message
        if let sqlState { text += " [\(sqlState)]" }
        if let constraint { text += ", constraint \(constraint)" }
        if let table { text += ", table \(table)" }
        if let column { text += ", column \(column)" }
        if let hint { text += ", hint: \(hint)" }
        if let statement { text += ", in: \(statement)" }
        return text
    }
}
