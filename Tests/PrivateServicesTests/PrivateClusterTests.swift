import Foundation
import Logging
import Postgres
import TestSupport
import Testing

@testable import PrivateServices

@Suite(.enabled(if: PrivateCluster.isInstalled)) struct PrivateClusterTests {
    private func withPool<Value>(
        _ url: String,
        _ body: (PostgresPool) async throws -> Value
    ) async throws -> Value {
        let pool = PostgresPool(configuration: try PostgresConfiguration(url: url), logger: quiet)
        do {
            let value = try await body(pool)
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    private func store(_ number: Int, in cluster: PrivateCluster) async throws {
        try await withPool(cluster.ownerURL) { pool in
            try await pool.transaction { connection in
                try connection.execute("create table if not exists kept (n bigint)")
                try connection.execute("insert into kept values (\(number))")
            }
        }
    }

    private func stored(in cluster: PrivateCluster) async throws -> [Int] {
        try await withPool(cluster.ownerURL) { pool in
            try await pool.transaction { connection in
                try connection.query("select n from kept order by n").map { try $0.decode(0) }
            }
        }
    }

    @Test func `a cluster is made once, and starting twice changes nothing`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster()
        try await cluster.start()
        let process = await cluster.serverProcessID
        #expect(process != nil)
        try await store(1, in: cluster)
        try await cluster.start()
        #expect(await cluster.serverProcessID == process)

        #expect(
            PrivateCluster.running(stateDirectory: state.path)?.applicationURL
                == cluster.applicationURL
        )
        try await cluster.stop()
        #expect(PrivateCluster.running(stateDirectory: state.path) == nil)
        #expect(ProcessTable.find(cluster.files.isServerProcess).isEmpty)
        try await cluster.stop()

        try await cluster.start()
        #expect(try await stored(in: cluster) == [1])
        try await cluster.stop()
    }

    @Test func `the program's role owns nothing and passes no wall`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster()
        try await cluster.start()
        try await withPool(cluster.applicationURL) { pool in
            let row = try await pool.transaction { connection in
                try connection.query(
                    """
                    select current_user::text, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole,
                        (select datdba = r.oid from pg_database where datname = current_database()),
                        has_schema_privilege('public', 'create'),
                        has_database_privilege(current_database(), 'temporary')
                    from pg_roles r where rolname = current_user
                    """
                )[0]
            }
            #expect(try row[0] == "vidyut_app")
            for column in 1...6 { #expect(try row[column] == false) }
            #expect(try row[7] == true)
        }
        let owns: Bool = try await withPool(cluster.ownerURL) { pool in
            try await pool.transaction { connection in
                try connection.query(
                    """
                    select not rolsuper and not rolbypassrls
                        and (select datdba = r.oid from pg_database where datname = current_database())
                    from pg_roles r where rolname = current_user
                    """
                )[0][0]
            }
        }
        #expect(owns)
        try await cluster.stop()
    }

    @Test func `what was committed survives the sudden death of the server`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster(throwAway: false)
        try await cluster.start()
        for number in 1...20 { try await store(number, in: cluster) }
        let process = try #require(await cluster.serverProcessID)

        // A busy server process does not notice that its parent is gone, and outlives it.
        let busy = PostgresPool(
            configuration: try PostgresConfiguration(url: cluster.ownerURL),
            logger: quiet
        )
        let endless = Task {
            try await busy.transaction {
                try $0.execute("select count(*) from generate_series(1, 1000000000000) n")
            }
        }
        try await eventually("the endless statement does not run") {
            try await withPool(cluster.superuserURL) { pool in
                try await !pool.transaction {
                    try $0.query(
                        "select 1 from pg_stat_activity where query like 'select count%'"
                    ).isEmpty
                }
            }
        }
        kill(process, SIGKILL)
        await eventually("the server lives") { await cluster.serverProcessID == nil }
        #expect(!ProcessTable.find(cluster.files.isServerProcess).isEmpty)

        try await cluster.start()
        #expect(await cluster.serverProcessID != process)
        #expect(try await stored(in: cluster) == Array(1...20))
        #expect((await endless.result.failure as? PostgresError)?.kind == .connectionLost)
        await busy.shutdown()
        try await cluster.stop()
        #expect(ProcessTable.find(cluster.files.isServerProcess).isEmpty)
    }

    @Test func `a dead server is started again, and the pool goes on`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster(throwAway: false)
        try await cluster.start()
        let supervision = Task { await cluster.supervise() }
        try await withPool(cluster.ownerURL) { pool in
            try await pool.transaction { try $0.execute("create table kept (n bigint)") }
            let process = try #require(await cluster.serverProcessID)
            kill(process, SIGKILL)
            await eventually("the server does not come back") {
                let now = await cluster.serverProcessID
                return now != nil && now != process
            }
            // The pool's connections died with the old server; new calls find the new one.
            await eventually("the pool does not recover") {
                (try? await pool.transaction { try $0.execute("insert into kept values (1)") }) == 1
            }
        }
        try await cluster.stop()
        await supervision.value
        #expect(await cluster.serverProcessID == nil)
        #expect(ProcessTable.find(cluster.files.isServerProcess).isEmpty)
    }

    @Test func `a server left by a killed program is adopted`() async throws {
        let state = try StateDirectory()
        var first: PrivateCluster? = try state.cluster()
        try await first?.start()
        let process = await first?.serverProcessID
        // The kernel drops a killed program's lock; here the actor drops it with itself.
        first = nil

        let second = try state.cluster()
        await eventually("the lock is still held") {
            (try? await second.start()) != nil
        }
        #expect(await second.serverProcessID == process)
        try await second.stop()
        #expect(ProcessTable.find(second.files.isServerProcess).isEmpty)
    }

    @Test func `two programs do not share a state folder`() async throws {
        let state = try StateDirectory()
        let first = try state.cluster()
        try await first.start()
        let second = try state.cluster()
        let error = await refusal { try await second.start() }
        #expect(error == .inUse(folder: first.files.folder, processID: getpid()))
        // Stopping what was never started leaves the other's server alone.
        try await second.stop()
        #expect(await first.serverProcessID != nil)
        try await first.stop()
        try await second.start()
        try await second.stop()
    }

    @Test func `the remains of interrupted starts are cleared away`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster()
        try FileManager.default.createDirectory(
            atPath: "\(cluster.files.unfinishedData)/base",
            withIntermediateDirectories: true
        )
        try await cluster.start()
        try await store(1, in: cluster)
        try await cluster.stop()

        // Killed before the roles were known to be there; and an id that now means another process.
        try FileManager.default.removeItem(atPath: cluster.files.setupMark)
        let stale = "\(getpid())\n\(cluster.files.data)\n0\n5432\n\(cluster.files.socketFolder)\n"
        try Data(stale.utf8).write(to: URL(filePath: cluster.files.processFile))
        try await cluster.start()
        #expect(try await stored(in: cluster) == [1])
        try await cluster.stop()
    }

    @Test func `a long path gets a short folder for its socket`() async throws {
        let state = try StateDirectory(String(repeating: "long-", count: 20))
        let cluster = try state.cluster()
        #expect(cluster.files.socketFolder.hasPrefix("/tmp/vidyut-"))
        try await cluster.start()
        try await store(5, in: cluster)
        #expect(try await stored(in: cluster) == [5])
        try await cluster.stop()
        cluster.discard()
        #expect(!FileManager.default.fileExists(atPath: cluster.files.socketFolder))
    }

    @Test func `a folder that others could have made is refused`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster()
        #expect(mkdir(cluster.files.socketFolder, 0o777) == 0)
        chmod(cluster.files.socketFolder, 0o777)
        let error = await refusal { try await cluster.start() }
        guard case .unsafe(cluster.files.socketFolder, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test(.enabled(if: geteuid() == 0))
    func `a folder closed to the service's user is named`() throws {
        let state = try StateDirectory()
        let closed = "\(state.path)/closed"
        try FileManager.default.createDirectory(
            atPath: closed,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        #expect(throws: PrivateServiceError.unreachable(folder: closed, user: "postgres")) {
            _ = try PrivateCluster(stateDirectory: "\(closed)/state", logger: quiet)
        }
    }

    @Test func `a lock ends with its holder, even while copies of its file are open`() throws {
        let state = try StateDirectory()
        var lock: FolderLock? = try FolderLock(folder: state.path)
        #expect(throws: PrivateServiceError.inUse(folder: state.path, processID: getpid())) {
            _ = try FolderLock(folder: state.path)
        }
        withExtendedLifetime(lock) {}
        lock = nil
        _ = try FolderLock(folder: state.path)
    }

    @Test func `data of a version that is not installed are named`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster()
        try FileManager.default.createDirectory(
            atPath: cluster.files.data,
            withIntermediateDirectories: true
        )
        try Data("9\n".utf8).write(to: URL(filePath: "\(cluster.files.data)/PG_VERSION"))
        let error = await refusal { try await cluster.start() }
        #expect(error == .wrongVersion(data: "9", package: "postgresql-9"))
        #expect(error?.description.contains("apt-get install postgresql-9") == true)
    }

    @Test func `the server has a process group and no open files of this program`() async throws {
        let state = try StateDirectory()
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let ours = try FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/fd/\(ends[0])"
        )
        let cluster = try state.cluster()
        try await cluster.start()
        let process = try #require(await cluster.serverProcessID)

        #expect(getpgid(process) == process)
        let folder = "/proc/\(process)/fd"
        let links = try FileManager.default.contentsOfDirectory(atPath: folder).map {
            try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
        }
        #expect(!links.contains(ours))
        try await cluster.stop()
    }

    @Test func `a kept cluster is safe against power cuts`() async throws {
        let state = try StateDirectory()
        let cluster = try state.cluster(throwAway: false)
        try await cluster.start()
        for (setting, value) in [
            ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"),
            ("data_checksums", "on"), ("listen_addresses", ""),
        ] {
            let actual: String = try await withPool(cluster.applicationURL) { pool in
                try await pool.transaction {
                    try $0.query("select current_setting(\(setting))")[0][0]
                }
            }
            #expect(actual == value, "\(setting)")
        }
        try await cluster.stop()
    }
}

extension Result {
    var failure: Failure? {
        if case .failure(let error) = self { error } else { nil }
    }
}
