import Postgres
import TestSupport
import Testing

@Suite(.enabled(if: TestCluster.isAvailable)) struct ConnectionLossTests {
    private func terminate(_ process: Int, in database: TestDatabase) async throws {
        let pool = PostgresPool(configuration: database.superuser, logger: TestCluster.logger)
        try await pool.transaction {
            try $0.execute("select pg_terminate_backend(\(Int32(process)))")
        }
        try await eventually("the connection does not end") {
            try await pool.transaction {
                try $0.query("select 1 from pg_stat_activity where pid = \(process)").isEmpty
            }
        }
        await pool.shutdown()
    }

    private func withOneConnection(
        _ body: (PostgresPool, TestDatabase) async throws -> Void
    ) async throws {
        let database = try await TestCluster.shared.makeDatabase()
        var configuration = database.owner
        configuration.connections = 1
        let pool = PostgresPool(configuration: configuration, logger: TestCluster.logger)
        do { try await body(pool, database) } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private func process(of pool: PostgresPool) async throws -> Int {
        try await pool.transaction { try $0.query("select pg_backend_pid()")[0][0] }
    }

    @Test func `a connection lost while idle is not noticed by the next caller`() async throws {
        try await withOneConnection { pool, database in
            let before = try await process(of: pool)
            try await terminate(before, in: database)
            #expect(try await process(of: pool) != before)
        }
    }

    @Test func `a connection lost in the middle fails its call, and later calls work`() async throws
    {
        try await withOneConnection { pool, database in
            try await pool.transaction { try $0.execute("create table half (n int)") }
            let error = try await failure {
                try await pool.transaction { connection in
                    try connection.execute("insert into half values (1)")
                    try connection.execute("select pg_terminate_backend(pg_backend_pid())")
                    try connection.execute("insert into half values (2)")
                }
            }
            #expect(error.kind == .connectionLost)
            #expect(error.isTransient)
            let count: Int = try await pool.transaction {
                try $0.query("select count(*) from half")[0][0]
            }
            #expect(count == 0)
        }
    }

    @Test func `a connection lost during commit is reported as an unknown outcome`() async throws {
        try await withOneConnection { pool, database in
            try await pool.transaction { connection in
                try connection.executeScript(
                    """
                    create table fragile (n int);
                    create function die() returns trigger language plpgsql as $$
                    begin perform pg_terminate_backend(pg_backend_pid()); return null; end $$;
                    create constraint trigger at_commit after insert on fragile
                        deferrable initially deferred for each row execute function die();
                    """
                )
            }
            let error = try await failure {
                try await pool.transaction { try $0.execute("insert into fragile values (1)") }
            }
            #expect(error.kind == .commitUnknown)
            #expect(!error.isTransient)
            let count: Int = try await pool.transaction {
                try $0.query("select count(*) from fragile")[0][0]
            }
            #expect(count == 0)
        }
    }

    @Test func `a commit that the server refuses is no unknown outcome`() async throws {
        try await withOneConnection { pool, _ in
            try await pool.transaction { connection in
                try connection.execute("create table parent (id int primary key)")
                try connection.execute(
                    """
                    create table child (parent int constraint child_parent references parent
                        deferrable initially deferred)
                    """
                )
            }
            let error = try await failure {
                try await pool.transaction { try $0.execute("insert into child values (7)") }
            }
            #expect(error.kind == .server)
            #expect(error.constraint == "child_parent")
        }
    }

    @Test func `a database that is not there is named soon`() async throws {
        var configuration = try await TestCluster.shared.makeDatabase().owner
            .with(database: "no_such")
        configuration.connections = 1
        let pool = PostgresPool(configuration: configuration, logger: TestCluster.logger)
        let error = try await failure { try await pool.transaction { try $0.execute("select 1") } }
        #expect(error.kind == .connectionLost)
        #expect(error.message.contains("\"no_such\" does not exist"))
        await pool.shutdown()
    }

    @Test func `a server that is away is waited for only so long`() async throws {
        var configuration = PostgresConfiguration(
            host: "/tmp/vidyut-no-such-folder",
            database: "vidyut",
            user: "nobody"
        )
        configuration.connectPatience = .milliseconds(100)
        let pool = PostgresPool(configuration: configuration, logger: TestCluster.logger)
        let error = try await failure { try await pool.transaction { try $0.execute("select 1") } }
        #expect(error.kind == .connectionLost)
        await pool.shutdown()
    }

    @Test func `without a transaction each statement commits by itself`() async throws {
        try await withOneConnection { pool, _ in
            _ = try await failure {
                try await pool.withConnection { connection in
                    try connection.execute("create table alone (n int)")
                    try connection.execute("insert into alone values (1)")
                    try connection.execute("select 1/0")
                }
            }
            try await pool.withConnection { try $0.execute("vacuum alone") }
            let count: Int = try await pool.transaction {
                try $0.query("select count(*) from alone")[0][0]
            }
            #expect(count == 1)
        }
    }
}
