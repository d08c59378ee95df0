import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestCluster.isAvailable)) struct ListenTests {
    @Test func `notifications arrive in order, from their channel only`() async throws {
        try await withPool { pool in
            var heard = pool.listen("Meter changes").makeAsyncIterator()
            #expect(await heard.next()?.kind == .subscribed)
            try await pool.transaction { connection in
                try connection.execute("select pg_notify('other', 'x')")
                try connection.execute("select pg_notify('Meter changes', \("one"))")
                try connection.execute("select pg_notify('Meter changes', \("இரண்டு"))")
            }
            let first = await heard.next()
            #expect(first?.kind == .message)
            #expect(first?.channel == "Meter changes")
            #expect(first?.payload == "one")
            #expect(await heard.next()?.payload == "இரண்டு")
        }
    }

    @Test func `after a lost connection the reader is told to look again`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let pool = PostgresPool(configuration: database.owner, logger: TestCluster.logger)
        let superuser = PostgresPool(configuration: database.superuser, logger: TestCluster.logger)
        var heard = pool.listen("jobs").makeAsyncIterator()
        #expect(await heard.next()?.kind == .subscribed)

        try await superuser.transaction { connection in
            try connection.execute(
                """
                select pg_terminate_backend(pid) from pg_stat_activity
                where datname = \(database.name) and query like 'listen%'
                """
            )
        }
        #expect(await heard.next()?.kind == .subscribed)
        try await pool.transaction { try $0.execute("notify jobs, 'after'") }
        #expect(await heard.next()?.payload == "after")

        await superuser.shutdown()
        await pool.shutdown()
        #expect(await heard.next() == nil)
    }

    @Test func `a reader that stops listening gives its connection back`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let pool = PostgresPool(configuration: database.owner, logger: TestCluster.logger)
        let reader = Task { for await _ in pool.listen("left") {} }
        let listeners: @Sendable () async throws -> Int = {
            try await pool.transaction { connection in
                try connection.query(
                    """
                    select count(*) from pg_stat_activity
                    where datname = \(database.name) and query like 'listen%'
                    """
                )[0][0]
            }
        }
        try await eventually("nobody listens") { try await listeners() == 1 }
        reader.cancel()
        try await eventually("somebody still listens") { try await listeners() == 0 }
        await pool.shutdown()
        #expect(await pool.listen("late").first { _ in true } == nil)
    }
}
