import Postgres
import TestSupport
import Testing

/// A pool on a database of its own, closed at the end.
func withPool(
    connections: Int = 4,
    queue: Int = 1_024,
    _ body: (PostgresPool) async throws -> Void
) async throws {
    var configuration = try await TestCluster.shared.makeDatabase().owner
    configuration.connections = connections
    configuration.queuedTransactions = queue
    let pool = PostgresPool(configuration: configuration, logger: TestCluster.logger)
    do {
        try await body(pool)
        await pool.shutdown()
    } catch {
        await pool.shutdown()
        throw error
    }
}

/// The error of a call that must fail.
func failure<Value>(
    of call: () async throws -> Value,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> PostgresError {
    let error = await #expect(
        throws: PostgresError.self,
        sourceLocation: sourceLocation
    ) { _ = try await call() }
    return try #require(error, sourceLocation: sourceLocation)
}

private struct Refusal: Error {}

@Suite(.enabled(if: TestCluster.isAvailable)) struct PoolTests {
    @Test func `a text that looks like a command is stored as it is`() async throws {
        try await withPool { pool in
            let name = "x'); drop table person; --"
            let stored = try await pool.transaction { connection in
                try connection.execute("create table person (name text)")
                try connection.execute("insert into person (name) values (\(name))")
                return try connection.query("select name from person where name = \(name)")
            }
            #expect(try stored.map { try $0.decode(0, as: String.self) } == [name])
        }
    }

    @Test func `a closure that throws leaves nothing behind`() async throws {
        try await withPool { pool in
            try await pool.transaction { try $0.execute("create table kept (n int)") }
            await #expect(throws: Refusal.self) {
                try await pool.transaction { connection in
                    try connection.execute("insert into kept values (1)")
                    throw Refusal()
                }
            }
            let count: Int = try await pool.transaction {
                try $0.query("select count(*) from kept")[0][0]
            }
            #expect(count == 0)
        }
    }

    @Test func `affected rows are counted`() async throws {
        try await withPool { pool in
            let counts = try await pool.transaction { connection in
                try connection.execute("create table counted (n int)")
                return [
                    try connection.execute(
                        "insert into counted select generate_series(1, \(10))"
                    ),
                    try connection.execute("delete from counted where n > \(7)"),
                ]
            }
            #expect(counts == [10, 3])
        }
    }

    @Test func `a broken constraint is reported with its names`() async throws {
        try await withPool { pool in
            let error = try await failure {
                try await pool.transaction { connection in
                    try connection.execute(
                        "create table meter (serial text constraint meter_serial_unique unique)"
                    )
                    try connection.execute("insert into meter values ('a')")
                    try connection.execute("insert into meter\nvalues (\("a"))")
                }
            }
            #expect(error.kind == .server)
            #expect(error.sqlState == "23505")
            #expect(error.constraint == "meter_serial_unique")
            #expect(error.table == "meter")
            #expect(error.detail == "Key (serial)=(a) already exists.")
            #expect(error.statement == "insert into meter")
            #expect(!error.isTransient)
        }
    }

    @Test func `a swallowed failure cannot pass for a commit`() async throws {
        try await withPool { pool in
            let error = try await failure {
                try await pool.transaction { connection in
                    try connection.execute("create table lost (n int)")
                    _ = try? connection.query("select 1/0")
                }
            }
            #expect(error.sqlState == "22012")
        }
    }

    @Test func `a savepoint undoes only its own statements`() async throws {
        try await withPool { pool in
            let numbers = try await pool.transaction { connection in
                try connection.execute("create table step (n int)")
                try connection.execute("insert into step values (1)")
                _ = try? connection.savepoint {
                    try connection.execute("insert into step values (2)")
                    try connection.execute("insert into step values (3/0)")
                }
                try connection.savepoint {
                    _ = try connection.execute("insert into step values (4)")
                }
                return try connection.query("select n from step order by n")
            }
            #expect(try numbers.map { try $0.decode(0, as: Int.self) } == [1, 4])
        }
    }

    @Test func `a read-only transaction refuses to write`() async throws {
        try await withPool { pool in
            let error = try await failure {
                try await pool.transaction(TransactionOptions(readOnly: true)) {
                    try $0.execute("create table nope (n int)")
                }
            }
            #expect(error.sqlState == "25006")
        }
    }

    @Test(arguments: [
        TransactionOptions.Isolation.readCommitted, .repeatableRead, .serializable,
    ])
    func `a transaction has the isolation asked for`(
        isolation: TransactionOptions.Isolation
    ) async throws {
        let pool = try await SuiteDatabase.shared.pool()
        let level: String = try await pool.transaction(TransactionOptions(isolation: isolation)) {
            try $0.query("show transaction_isolation")[0][0]
        }
        #expect(level == isolation.rawValue)
    }

    @Test func `what takes too long is ended`() async throws {
        try await withPool { pool in
            let options = TransactionOptions(statementTimeout: .milliseconds(30))
            let error = try await failure {
                try await pool.transaction(options) { try $0.query("select pg_sleep(60)") }
            }
            #expect(error.kind == .timeout)
            #expect(error.isTransient)
            let setting: String = try await pool.transaction {
                try $0.query("show statement_timeout")[0][0]
            }
            #expect(setting == "30s")
        }
    }

    @Test func `waiting for a lock has an end`() async throws {
        try await withPool { pool in
            try await pool.transaction { try $0.execute("create table held (n int)") }
            let (locked, lockedDone) = AsyncStream<Void>.makeStream()
            let release = Latch()
            async let holder: Void = pool.transaction { connection in
                try connection.execute("lock table held")
                lockedDone.finish()
                release.wait()
            }
            for await _ in locked {}
            let options = TransactionOptions(lockTimeout: .milliseconds(30))
            let error = try await failure {
                try await pool.transaction(options) { try $0.query("select * from held") }
            }
            release.open()
            try await holder
            #expect(error.kind == .timeout)
            #expect(error.sqlState == "55P03")
        }
    }

    @Test func `a full queue says so at once`() async throws {
        try await withPool(connections: 1, queue: 1) { pool in
            let (running, isRunning) = AsyncStream<Void>.makeStream()
            let release = Latch()
            async let first: Void = pool.transaction { _ in
                isRunning.finish()
                release.wait()
            }
            for await _ in running {}
            let answers = try await withThrowingTaskGroup(of: Result<Int, any Error>.self) {
                group in
                for _ in 0..<2 {
                    group.addTask {
                        await Result(of: {
                            try await pool.transaction { try $0.execute("select 1") }
                        })
                    }
                }
                // One of the two waits in the queue; the other one is answered before it.
                let refused = try #require(await group.next())
                release.open()
                return [refused, try #require(await group.next())]
            }
            try await first
            #expect((answers[0].failure as? PostgresError)?.kind == .poolExhausted)
            #expect(try answers[1].get() == 1)
        }
    }

    @Test func `more tasks than connections are all served`() async throws {
        try await withPool(connections: 3) { pool in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...500 {
                    group.addTask {
                        try await pool.transaction { try $0.query("select \(number)")[0][0] }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 125_250)
        }
    }

    @Test func `only as many statements stay prepared as are allowed`() async throws {
        try await withPool(connections: 1) { pool in
            for round in 0..<3 {
                for length in 1...100 {
                    let count = round * 100 + length
                    let sum = SQL.joined(
                        Array(repeating: "1", count: count),
                        separator: " + "
                    )
                    let value: Int = try await pool.transaction {
                        try $0.query("select \(fragment: sum)")[0][0]
                    }
                    #expect(value == count)
                }
            }
            let prepared: Int = try await pool.transaction {
                try $0.query("select count(*) from pg_prepared_statements")[0][0]
            }
            #expect(prepared <= Limits.connections + 256)
        }
    }

    @Test func `a table that changed is no obstacle for a prepared statement`() async throws {
        try await withPool(connections: 2) { pool in
            try await pool.transaction { try $0.execute("create table grown (a int)") }
            let read: @Sendable () async throws -> Int = {
                try await pool.transaction { connection in
                    try connection.execute("insert into grown (a) values (1)")
                    return try connection.query("select * from grown")[0].columnNames.count
                }
            }
            #expect(try await read() == 1)
            try await pool.transaction { try $0.execute("alter table grown add b int") }
            #expect(try await read() == 2)
        }
    }

    @Test func `after shutdown nothing is taken and nothing stays open`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let pool = PostgresPool(configuration: database.owner, logger: TestCluster.logger)
        let service = Task { try await pool.run() }
        let process: Int = try await pool.transaction {
            try $0.query("select pg_backend_pid()")[0][0]
        }
        service.cancel()
        try await service.value

        let error = try await failure { try await pool.transaction { try $0.execute("select 1") } }
        #expect(error.kind == .poolExhausted)
        let observer = try await SuiteDatabase.shared.pool()
        try await eventually("the connection stays open") {
            try await observer.transaction {
                try $0.query("select 1 from pg_stat_activity where pid = \(process)").isEmpty
            }
        }
    }
}

extension Result where Failure == any Error {
    /// What an asynchronous call returned or threw.
    init(of call: () async throws -> Success) async {
        do { self = .success(try await call()) } catch { self = .failure(error) }
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
