import Foundation
import Glibc
import Logging
import MQTT
import Passwords
import Postgres
import PrivateServices
import ServiceLifecycle
import Store
import UnixSignals
import UseCases

/// What a command works with while the database is open.
struct ProgramServices: Sendable {
    let configuration: VidyutConfiguration
    let useCases: UseCaseSet
    let pool: PostgresPool
    /// The broker and how the server signs in there; nil unless asked for.
    let broker: BrokerAddress?
    /// Gives the broker the credentials of all meters; nil where somebody else does.
    let writeBrokerAccess: BrokerAccessWriter?
    let logger: Logger
}

/// Puts the rooms together: the database and the broker, private or yours, and the verbs over them.
struct Program {
    let configuration: VidyutConfiguration
    let logger: Logger

    init(_ configuration: VidyutConfiguration) {
        self.configuration = configuration
        logger = Logger(label: "vidyut")
    }

    /// Opens what a command needs, runs the body, and closes everything again.
    ///
    /// With a broker this is the server, which holds the private services for itself and leaves
    /// signals to the body. Without, it is a command: it shares a private database that runs
    /// already, and a signal to stop cancels the body.
    static func withServices(
        _ configuration: VidyutConfiguration,
        needsBroker: Bool = false,
        _ body: @escaping @Sendable (ProgramServices) async throws -> Void
    ) async throws {
        let program = Program(configuration)
        if needsBroker {
            try await program.serve(body)
        } else {
            try await interruptible { try await program.runCommand(body) }
        }
    }

    /// Runs the body until it ends, or until a signal cancels it.
    static func interruptible(_ body: @escaping @Sendable () async throws -> Void) async throws {
        var configuration = ServiceGroupConfiguration(
            services: [
                .init(
                    service: BodyService(body: body),
                    successTerminationBehavior: .gracefullyShutdownGroup,
                    failureTerminationBehavior: .cancelGroup
                )
            ],
            logger: Logger(label: "vidyut") { _ in SwiftLogNoOpLogHandler() }
        )
        configuration.cancellationSignals = [.sigint, .sigterm, .sighup]
        try await ServiceGroup(configuration: configuration).run()
    }

    private struct BodyService: Service {
        let body: @Sendable () async throws -> Void

        func run() async throws { try await body() }
    }

    // MARK: Commands

    private func runCommand(
        _ body: @escaping @Sendable (ProgramServices) async throws -> Void
    ) async throws {
        if let url = configuration.databaseURL {
            try await requireSchema(url)
            try await withPool(url, connections: Limits.commandConnections, body)
            return
        }
        try await privateDatabase.asCommand { address in
            if !address.isOwn { try await requireSchema(address.applicationURL) }
            try await withPool(
                address.applicationURL,
                connections: Limits.commandConnections,
                body
            )
        }
    }

    /// The private database, brought up to date when this program starts it.
    private var privateDatabase: PrivateDatabase {
        PrivateDatabase(
            stateDirectory: configuration.stateDirectory,
            logger: logger,
            prepare: { try await migrate($0) }
        )
    }

    private func withPool(
        _ url: String,
        connections: Int,
        broker: BrokerAddress? = nil,
        writeBrokerAccess: BrokerAccessWriter? = nil,
        _ body: (ProgramServices) async throws -> Void
    ) async throws {
        var database = try PostgresConfiguration(url: url)
        database.connections = connections
        let pool = PostgresPool(configuration: database, logger: logger)
        let useCases = UseCaseSet(
            store: Store(pool: pool),
            work: BlockingWork(),
            clock: .live,
            gatewayPorts: configuration.gateway.ports
        )
        let services = ProgramServices(
            configuration: configuration,
            useCases: useCases,
            pool: pool,
            broker: broker,
            writeBrokerAccess: writeBrokerAccess,
            logger: logger
        )
        do {
            try await body(services)
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
    }

    // MARK: The schema

    /// The migrations this program came with.
    func migrations() throws -> [Migration] {
        let folder = try Resource.migrations.path(given: configuration.migrationsDirectory)
        return try Migration.load(directory: folder)
    }

    /// Applies what is missing as the owner of the tables.
    @discardableResult
    func migrate(_ ownerURL: String) async throws -> [Migration] {
        try await migrator(ownerURL).migrate()
    }

    func migrator(_ url: String) throws -> Migrator {
        try Migrator(
            configuration: try PostgresConfiguration(url: url),
            migrations: try migrations(),
            logger: logger
        )
    }

    /// Refuses a schema that is older than the program; nothing is changed behind its owner's back.
    private func requireSchema(_ url: String) async throws {
        let missing = try await migrator(url).status().filter { $0.appliedAt == nil }
        guard let first = missing.first else { return }
        throw CommandFailure(
            "the schema of the database is older than this program: \(missing.count) of its "
                + "migrations, from \(first.name) on, are not applied; stop the server and run "
                + "`vidyut db migrate`"
        )
    }

    // MARK: The server

    private func serve(
        _ body: @escaping @Sendable (ProgramServices) async throws -> Void
    ) async throws {
        guard let url = configuration.databaseURL else {
            try await privateDatabase.asServer { cluster, address in
                try await withoutSupervisionLeft { group in
                    group.addTask { await cluster.supervise() }
                    try await serve(address.applicationURL, body)
                }
            }
            return
        }
        try await requireSchema(url)
        try await serve(url, body)
    }

    private func serve(
        _ url: String,
        _ body: @escaping @Sendable (ProgramServices) async throws -> Void
    ) async throws {
        if let address = configuration.mqtt {
            try await withPool(
                url,
                connections: Limits.serverConnections,
                broker: address,
                writeBrokerAccess: passwordFileWriter(),
                body
            )
            return
        }
        let broker = try PrivateBroker(
            stateDirectory: configuration.stateDirectory,
            gateway: configuration.gateway.door,
            logger: logger
        )
        try await broker.start()
        do {
            guard let port = await broker.port, let credential = await broker.credential else {
                throw PrivateServiceError.notRunning(service: "mosquitto")
            }
            let address = BrokerAddress(
                host: "127.0.0.1",
                port: port,
                username: credential.user,
                password: credential.password
            )
            try await withoutSupervisionLeft { group in
                group.addTask { await broker.supervise() }
                try await withPool(
                    url,
                    connections: Limits.serverConnections,
                    broker: address,
                    writeBrokerAccess: { try await broker.write($0, $1) },
                    body
                )
            }
        } catch {
            try? await broker.stop()
            throw error
        }
        try await broker.stop()
    }

    /// Runs the body beside the tasks it adds, and ends those with it.
    private func withoutSupervisionLeft(
        _ body: (inout TaskGroup<Void>) async throws -> Void
    ) async throws {
        let result: Result<Void, any Error> = await withTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            do {
                try await body(&group)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Writes the password file of a broker that somebody else runs, and tells it.
    ///
    /// The listeners of old meters there are its keeper's business: `vidyut gateway listeners`.
    private func passwordFileWriter() -> BrokerAccessWriter? {
        guard let path = configuration.mqttPasswordFile else { return nil }
        let pidFile = configuration.mqttPidFile
        return { credentials, _ in
            let text = credentials.map { "\($0.user):\($0.hash)\n" }.joined()
            let new = path + ".new"
            guard
                FileManager.default.createFile(
                    atPath: new,
                    contents: Data(text.utf8),
                    attributes: [.posixPermissions: 0o640]
                ),
                rename(new, path) == 0
            else {
                throw CommandFailure("the password file \(path) cannot be written")
            }
            guard let pidFile else { return }
            guard let content = FileManager.default.contents(atPath: pidFile),
                let processID = Int32(
                    String(decoding: content, as: UTF8.self)
                        .trimmingCharacters(in: .whitespacesAndNewlines)
                ), processID > 1,
                kill(processID, SIGHUP) == 0
            else { throw CommandFailure("the broker named by \(pidFile) was not told") }
        }
    }
}
