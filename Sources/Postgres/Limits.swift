/// Every bound of this room: what a caller may ask for, and what is kept or waited for at most.
package enum Limits {
    /// Connections of a pool unless configured: two cores are kept busy by four.
    package static let connections = 4
    package static let maximumConnections = 64
    /// Transactions that may wait for a connection; the next one is told `poolExhausted`.
    package static let queuedTransactions = 1_024
    package static let connectTimeoutSeconds = 5
    /// How long a transaction waits for a database that is down before it fails.
    package static let connectPatience = Duration.seconds(10)
    package static let statementTimeout = Duration.seconds(30)
    package static let lockTimeout = Duration.seconds(10)
    /// Re-runs after a serialization failure or a deadlock.
    package static let retries = 3
    /// Re-runs after a connection that was found dead before anything was sent.
    static let freshStarts = 2
    static let shortestRetryPauseMilliseconds = 5
    static let longestRetryPauseMilliseconds = 500
    static let shortestReconnectPauseMilliseconds = 50
    static let longestReconnectPauseMilliseconds = 1_000
    /// How often a cancel request is repeated until the statement has ended.
    static let cancelRepeatMilliseconds = 50
    static let preparedStatements = 256
    /// PostgreSQL counts parameters in 16 bits.
    static let parameters = 65_535
    static let threadStackBytes = 512 * 1_024
    static let copyChunkBytes = 64 * 1_024
    static let notifications = 1_024
    static let statementNameCharacters = 120
    /// The longest time an unanswered packet may be outstanding on a TCP connection.
    static let transportTimeoutMilliseconds = 20_000
    package static let migrationFileBytes = 4 * 1_024 * 1_024
    /// How long a migration waits for another one, or for a lock on a table in use.
    static let migrationLockTimeout = Duration.seconds(120)
}
