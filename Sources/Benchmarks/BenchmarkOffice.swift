import Foundation
import Glibc
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Units
import UseCases

/// A durable private database and a broker in a folder of their own, with one office and its meters.
struct BenchmarkOffice: Sendable {
    let cluster: PrivateCluster
    let broker: PrivateBroker
    let folder: String
    /// The superuser's pool, for what only the benchmark does; no statement timeout.
    let pool: PostgresPool
    let tenant: Int32
    let meters: [BenchmarkMeter]
    let brokerURL: String
    let brokerUser: String
    let brokerPassword: String
    let brokerPort: Int

    /// Starts everything, runs the body, and removes everything again.
    static func with(
        meters count: Int,
        _ body: (BenchmarkOffice) async throws -> Void
    ) async throws {
        // Not /tmp, which may be in memory: a commit has to reach a disk.
        let folder = "/var/tmp/vidyut-bench-\(getpid())"
        let cluster = try PrivateCluster(stateDirectory: folder, logger: Benchmarks.logger)
        let broker = try PrivateBroker(stateDirectory: folder, logger: Benchmarks.logger)
        var failure: (any Error)?
        do {
            try await cluster.start()
            try await broker.start()
            try await withPool(cluster) { pool in
                try await body(open(cluster, broker, folder: folder, pool: pool, meters: count))
            }
        } catch {
            failure = error
        }
        try? await broker.stop()
        try? await cluster.stop()
        try? FileManager.default.removeItem(atPath: folder)
        if let failure { throw failure }
    }

    private static func withPool(
        _ cluster: PrivateCluster,
        _ body: (PostgresPool) async throws -> Void
    ) async throws {
        let owner = try PostgresConfiguration(url: cluster.ownerURL)
        var place = try PostgresConfiguration(url: cluster.superuserURL)
            .with(database: owner.database)
        place.connections = Limits.insertWriters + 1
        place.statementTimeout = .zero
        let pool = PostgresPool(configuration: place, logger: Benchmarks.logger)
        do {
            try await body(pool)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    private static func open(
        _ cluster: PrivateCluster,
        _ broker: PrivateBroker,
        folder: String,
        pool: PostgresPool,
        meters count: Int
    ) async throws -> BenchmarkOffice {
        _ = try await Migrator(
            configuration: try PostgresConfiguration(url: cluster.ownerURL),
            migrations: try Migration.load(directory: try migrationsFolder()),
            logger: Benchmarks.logger
        ).migrate()
        let now: Instant = try await pool.withConnection { connection in
            try connection.query("select now()")[0][0]
        }
        let program = PostgresPool(
            configuration: try PostgresConfiguration(url: cluster.applicationURL),
            logger: Benchmarks.logger
        )
        let useCases = UseCaseSet(
            store: Store(pool: program),
            work: BlockingWork(),
            clock: WallClock { now }
        )
        let office = try await useCases.addOffice(
            AddOffice.Input(code: "bench", name: "Benchmark")
        )
        let registered = try await useCases.registerMeter.importRows(
            (1...count).map { number in
                ImportRow(line: number + 1, fields: ["serial": "m\(number)"])
            },
            by: .operatorOfMachine(office.id)
        )
        try await broker.writePasswords(try await useCases.brokerCredentials())
        await program.shutdown()
        guard let port = await broker.port, let secret = await broker.credential else {
            throw BenchmarkError("the broker does not run")
        }
        return BenchmarkOffice(
            cluster: cluster,
            broker: broker,
            folder: folder,
            pool: pool,
            tenant: office.id.value,
            meters: registered.map {
                BenchmarkMeter(id: $0.meter.id.value, name: $0.name, credential: $0.credential)
            },
            brokerURL: "mqtt://\(secret.user):\(escaped(secret.password))@127.0.0.1:\(port)",
            brokerUser: secret.user,
            brokerPassword: secret.password,
            brokerPort: port
        )
    }

    private static func escaped(_ password: String) -> String {
        password.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    }

    /// In the checkout around this program or around the current directory.
    private static func migrationsFolder() throws(BenchmarkError) -> String {
        for start in [ownFolder, FileManager.default.currentDirectoryPath] {
            var url = URL(fileURLWithPath: start).standardizedFileURL
            while true {
                let folder = url.appendingPathComponent("Migrations").path
                if FileManager.default.fileExists(atPath: "\(folder)/0001_office.sql") {
                    return folder
                }
                guard url.path != "/" else { break }
                url.deleteLastPathComponent()
            }
        }
        throw BenchmarkError("there is no folder Migrations around the program or this directory")
    }

    /// Where this program lies.
    static var ownFolder: String {
        let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(fileURLWithPath: path ?? "/").deletingLastPathComponent().path
    }
}
