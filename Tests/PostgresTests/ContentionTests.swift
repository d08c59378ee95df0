import Postgres
import Synchronization
import TestSupport
import Testing

@Suite(.enabled(if: TestCluster.isAvailable)) struct ContentionTests {
    @Test func `transactions that lose a race run again until all have counted`() async throws {
        try await withPool(connections: 4) { pool in
            try await pool.transaction { connection in
                try connection.execute("create table counter (n int)")
                try connection.execute("insert into counter values (0)")
            }
            let runs = Counter()
            let options = TransactionOptions(isolation: .serializable, retries: 200)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<40 {
                    group.addTask {
                        try await pool.transaction(options) { connection in
                            runs.increment()
                            let n: Int = try connection.query("select n from counter")[0][0]
                            try connection.execute("update counter set n = \(Int32(n + 1))")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let n: Int = try await pool.transaction { try $0.query("select n from counter")[0][0] }
            #expect(n == 40)
            #expect(runs.value >= 40)
        }
    }

    @Test func `a lost race is reported when it may not run again`() async throws {
        try await withPool { pool in
            try await pool.transaction { connection in
                try connection.execute("create table raced (n int)")
                try connection.execute("insert into raced values (0)")
            }
            let (read, hasRead) = AsyncStream<Void>.makeStream()
            let release = Latch()
            let options = TransactionOptions(isolation: .repeatableRead, retries: 0)
            let loser = Task {
                try await pool.transaction(options) { connection in
                    _ = try connection.query("select n from raced")
                    hasRead.finish()
                    release.wait()
                    // Even a closure that hides the cause is known to have lost the race.
                    do { try connection.execute("update raced set n = 2") } catch { throw Hidden() }
                }
            }
            for await _ in read {}
            try await pool.transaction { try $0.execute("update raced set n = 1") }
            release.open()
            let error = await loser.result.failure as? PostgresError
            #expect(error?.sqlState == "40001")
            #expect(error?.isTransient == true)
        }
    }

    private struct Hidden: Error {}

    @Test func `a deadlock ends with both transactions done`() async throws {
        try await withPool { pool in
            try await pool.transaction { connection in
                try connection.execute("create table pair (id int primary key, n int)")
                try connection.execute("insert into pair values (1, 0), (2, 0)")
            }
            let both = Rendezvous(2)
            let options = TransactionOptions(retries: 10)
            async let first: Void = pool.transaction(options) { connection in
                try connection.execute("update pair set n = n + 1 where id = 1")
                both.arrive()
                try connection.execute("update pair set n = n + 1 where id = 2")
            }
            async let second: Void = pool.transaction(options) { connection in
                try connection.execute("update pair set n = n + 1 where id = 2")
                both.arrive()
                try connection.execute("update pair set n = n + 1 where id = 1")
            }
            _ = try await (first, second)
            let sum: Int = try await pool.transaction {
                try $0.query("select sum(n) from pair")[0][0]
            }
            #expect(sum == 4)
        }
    }
}

/// Lets the first few arrivals wait for each other, and everybody after them pass.
private struct Rendezvous: Sendable {
    private let latch = Latch()
    private let arrivals = Counter()
    private let expected: Int

    init(_ expected: Int) { self.expected = expected }

    func arrive() {
        let number = arrivals.increment()
        if number < expected { latch.wait() }
        if number == expected { for _ in 1..<expected { latch.open() } }
    }
}

/// Counts from several threads.
private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    @discardableResult
    func increment() -> Int { count.add(1, ordering: .relaxed).newValue }
}
