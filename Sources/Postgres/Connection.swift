import CPQ
import Glibc

/// One session with the server, lent to a closure that runs on the session's own thread.
///
/// Every call blocks. It is not `Sendable`, so it cannot leave the closure.
package final class Connection {
    let handle: OpaquePointer
    let cancelHandle: CancelHandle
    var statements = StatementCache()
    /// The task for which statements run now.
    var ticket: CancelTicket?
    /// The first failure of the current transaction: after it the server refuses everything.
    var failure: PostgresError?
    /// Set when the session's state can no longer be trusted.
    var isPoisoned = false
    /// Sees each statement before it runs; for tests that ask for its plan, and nil otherwise.
    package var observer: ((SQL) -> Void)?
    var savepoints = 0
    var statementCount = 0

    /// Connects, blocking at most the connect timeout.
    init(_ configuration: PostgresConfiguration) throws(PostgresError) {
        let parameters = configuration.connectionParameters.sorted { $0.key < $1.key }
        let opened = withCStrings(parameters.map(\.key)) { keys in
            withCStrings(parameters.map(\.value)) { values in PQconnectdbParams(keys, values, 0) }
        }
        guard let opened else {
            throw PostgresError(kind: .connectionLost, message: "out of memory")
        }
        guard PQstatus(opened) == CONNECTION_OK, let cancelHandle = CancelHandle(opened) else {
            let message = String(cString: PQerrorMessage(opened)).trimmedLine
            PQfinish(opened)
            throw PostgresError(
                kind: .connectionLost,
                message: "cannot connect to \(configuration): \(message)"
            )
        }
        handle = opened
        self.cancelHandle = cancelHandle
        PQsetNoticeProcessor(opened, { @Sendable _, _ in }, nil)
    }

    deinit { PQfinish(handle) }

    /// Runs a statement and returns its rows; prepared on first use, results in binary.
    package func query(_ sql: SQL) throws(PostgresError) -> [Row] {
        let result = try run(sql)
        return (0..<result.rowCount).map { Row(result: result, index: $0) }
    }

    /// Runs a statement and returns the number of rows it affected.
    @discardableResult
    package func execute(_ sql: SQL) throws(PostgresError) -> Int {
        let result = try run(sql)
        return Int(String(cString: PQcmdTuples(result.pointer))) ?? 0
    }

    /// Runs text with several statements, unprepared and unbound; only for files of migrations.
    package func executeScript(_ trusted: String) throws(PostgresError) {
        try checkCancelled(nil)
        let name = trusted.prefix(Limits.statementNameCharacters)
            .split(whereSeparator: \.isNewline).first.map { String($0) }
        _ = try accept(PQexec(handle, trusted), name)
    }

    /// Runs the closure under a savepoint: if it throws, only its own statements are undone.
    package func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        let before = failure
        savepoints += 1
        defer { savepoints -= 1 }
        let name = "savepoint_\(savepoints)"
        try command("savepoint \(name)")
        do {
            let value = try body()
            try command("release savepoint \(name)")
            return value
        } catch {
            try command("rollback to savepoint \(name); release savepoint \(name)")
            failure = before
            throw error
        }
    }

    /// False when the session is gone or in an unknown state; sends nothing.
    var isUsable: Bool {
        guard !isPoisoned, PQstatus(handle) == CONNECTION_OK else { return false }
        var watched = pollfd(fd: PQsocket(handle), events: Int16(POLLIN), revents: 0)
        guard poll(&watched, 1, 0) > 0 else { return true }
        // Something arrived unasked: a notice, or the end of the connection.
        return PQconsumeInput(handle) == 1 && PQstatus(handle) == CONNECTION_OK
    }

    private func run(_ sql: SQL) throws(PostgresError) -> ResultSet {
        try checkCancelled(sql)
        observer?(sql)
        statementCount += 1
        let name = try prepare(sql)
        let lengths = sql.bindings.map { Int32(max($0.count, 0)) }
        let formats = [Int32](repeating: 1, count: lengths.count)
        let answer = sql.values.withUnsafeBufferPointer { buffer -> OpaquePointer? in
            buffer.withMemoryRebound(to: CChar.self) { buffer in
                let values = sql.bindings.map { binding in
                    binding.count < 0 ? nil : buffer.baseAddress.map { $0 + binding.start }
                }
                return PQexecPrepared(
                    handle,
                    name,
                    Int32(values.count),
                    values,
                    lengths,
                    formats,
                    1
                )
            }
        }
        return try accept(answer, sql.name)
    }

    private func prepare(_ sql: SQL) throws(PostgresError) -> String {
        guard sql.bindings.count <= Limits.parameters else {
            throw .misuse("more than \(Limits.parameters) parameters", statement: sql.name)
        }
        let key = StatementCache.Key(text: sql.text, types: sql.bindings.map(\.typeOID))
        if let name = statements.name(of: key) { return name }
        let name = statements.newName()
        _ = try accept(
            PQprepare(handle, name, key.text, Int32(key.types.count), key.types),
            sql.name
        )
        statements.insert(key, name: name)
        return name
    }

    func checkCancelled(_ sql: SQL?) throws(PostgresError) {
        guard let ticket, ticket.isCancelled else { return }
        var error = PostgresError.cancelled
        error.statement = sql?.name
        throw error
    }

    /// Runs a command of this room, such as `begin`.
    @discardableResult
    func command(_ text: String) throws(PostgresError) -> ResultSet {
        try accept(PQexec(handle, text), text)
    }
}

/// Lends an array of C strings that ends with null, as libpq takes keywords and values.
private func withCStrings<Value>(
    _ strings: [String],
    _ body: ([UnsafePointer<CChar>?]) -> Value
) -> Value {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { UnsafePointer($0) } + [nil])
}
