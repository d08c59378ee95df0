import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestCluster.isAvailable)) struct CancellationTests {
    /// Waits until the server executes the statement of that connection.
    private func waitUntilRunning(_ process: Int, _ text: String) async throws {
        let observer = try await SuiteDatabase.shared.pool()
        try await eventually("the statement never runs") {
            try await !observer.transaction { connection in
                try connection.query(
                    """
                    select 1 from pg_stat_activity
                    where pid = \(process) and state = 'active' and query like \(text + "%")
                    """
                ).isEmpty
            }
        }
    }

    @Test func `a cancelled task interrupts its statement and leaves nothing behind`() async throws
    {
        try await withPool(connections: 1) { pool in
            let process: Int = try await pool.transaction { connection in
                try connection.execute("create table note (n int)")
                return try connection.query("select pg_backend_pid()")[0][0]
            }
            let task = Task {
                try await pool.transaction { connection in
                    try connection.execute("insert into note values (1)")
                    try connection.execute("select pg_sleep(600)")
                }
            }
            try await waitUntilRunning(process, "select pg_sleep")
            task.cancel()
            let error = await task.result.failure as? PostgresError
            #expect(error?.kind == .cancelled)

            // The same connection goes on, and no late cancel request hits the next transactions.
            for _ in 0..<50 {
                let row = try await pool.transaction {
                    try $0.query("select count(*), pg_backend_pid() from note")[0]
                }
                #expect(try row[0] == 0)
                #expect(try row[1] == process)
            }
        }
    }

    @Test func `a cancelled task does not begin its next statement`() async throws {
        try await withPool(connections: 1) { pool in
            let (running, isRunning) = AsyncStream<Void>.makeStream()
            let release = Latch()
            let task = Task {
                try await pool.transaction { connection in
                    isRunning.finish()
                    release.wait()
                    try connection.execute("create table never (n int)")
                }
            }
            for await _ in running {}
            task.cancel()
            release.open()
            #expect((await task.result.failure as? PostgresError)?.kind == .cancelled)
            let exists: Bool = try await pool.transaction {
                try $0.query("select to_regclass('never') is not null")[0][0]
            }
            #expect(!exists)
        }
    }

    @Test func `a cancelled task leaves the queue`() async throws {
        try await withPool(connections: 1, queue: 1) { pool in
            let (running, isRunning) = AsyncStream<Void>.makeStream()
            let release = Latch()
            async let first: Void = pool.transaction { _ in
                isRunning.finish()
                release.wait()
            }
            for await _ in running {}
            let waiting = Task { try await pool.transaction { try $0.execute("select 1") } }
            waiting.cancel()
            // Answered although the only connection is still busy.
            #expect((await waiting.result.failure as? PostgresError)?.kind == .cancelled)
            release.open()
            try await first
        }
    }

    @Test func `many cancelled tasks harm no others`() async throws {
        try await withPool(connections: 3) { pool in
            try await pool.transaction { try $0.execute("create table tally (n int)") }
            var random = SeededGenerator(seed: 4)
            let (outcomes, kept) = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<300 {
                    let isVictim = Bool.random(using: &random)
                    group.addTask {
                        let task = Task {
                            try await pool.transaction { connection in
                                try connection.execute("insert into tally values (\(number))")
                                try connection.execute("select pg_sleep(0.001)")
                            }
                        }
                        if isVictim { task.cancel() }
                        switch await task.result {
                        case .success: return true
                        case .failure(let error):
                            let kind = try #require(error as? PostgresError).kind
                            #expect(isVictim && kind == .cancelled)
                            return false
                        }
                    }
                }
                var results: [Bool] = []
                for try await result in group { results.append(result) }
                return (results.count, results.count { $0 })
            }
            let stored: Int = try await pool.transaction {
                try $0.query("select count(*) from tally")[0][0]
            }
            #expect(outcomes == 300)
            #expect(stored == kept)
        }
    }
}
