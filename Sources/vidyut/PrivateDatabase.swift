import Logging
import Postgres
import PrivateServices

/// The private database of a state directory, for the time a body runs.
///
/// A server holds it for itself. Commands share it: the first starts it, or finds it running, and
/// whoever started it stops it when the others have finished.
struct PrivateDatabase {
    let stateDirectory: String
    let logger: Logger
    /// Brings the schema up to date, where this program starts the database and before anyone else
    /// sees it.
    var prepare: @Sendable (_ ownerURL: String) async throws -> Void = { _ in }

    /// Where the database is, for the owner of the tables and for the program.
    struct Address: Sendable {
        let ownerURL: String
        let applicationURL: String
        /// Nobody else works with it now, so the schema may be brought up to date.
        let isOwn: Bool
    }

    /// Runs the body as the only server; a second server is refused, a command is waited for.
    func asServer<Value>(
        _ body: (PrivateCluster, Address) async throws -> Value
    ) async throws -> Value {
        let cluster = try PrivateCluster(
            stateDirectory: stateDirectory,
            settings: ClusterSettings(),
            logger: logger
        )
        let server = try StateLock("\(stateDirectory)/server.lock")
        guard server.tryLock(alone: true) else {
            throw CommandFailure(
                "another vidyut server runs on \(stateDirectory); stop it, or choose another "
                    + "place with --state-directory"
            )
        }
        let clients = try StateLock("\(stateDirectory)/clients.lock")
        if !clients.tryLock(alone: true) {
            logger.notice("waiting for other vidyut commands to finish")
            try await clients.lock(alone: true)
        }
        do {
            guard try await start(cluster) else {
                throw CommandFailure("another program holds the database of \(stateDirectory)")
            }
        } catch {
            try? await cluster.stop()
            throw error
        }
        clients.unlock()
        let address = Address(
            ownerURL: cluster.ownerURL,
            applicationURL: cluster.applicationURL,
            isOwn: true
        )
        do {
            let value = try await body(cluster, address)
            try await cluster.stop()
            return value
        } catch {
            try? await cluster.stop()
            throw error
        }
    }

    /// Runs the body beside a server or other commands, or alone.
    func asCommand<Value>(
        _ body: (Address) async throws -> Value
    ) async throws -> Value {
        let cluster = try PrivateCluster(
            stateDirectory: stateDirectory,
            settings: ClusterSettings(),
            logger: logger
        )
        let clients = try StateLock("\(stateDirectory)/clients.lock")
        try await clients.lock(alone: false)
        let isOwn: Bool
        do {
            isOwn = try await start(cluster)
        } catch {
            try? await stop(cluster, clients)
            throw error
        }
        guard isOwn else { return try await body(try await running()) }
        let address = Address(
            ownerURL: cluster.ownerURL,
            applicationURL: cluster.applicationURL,
            isOwn: true
        )
        do {
            let value = try await body(address)
            try await stop(cluster, clients)
            return value
        } catch {
            try? await stop(cluster, clients)
            throw error
        }
    }

    /// Starts the database and prepares it while everyone else who wants to start it waits; false
    /// when another program has started it.
    private func start(
        _ cluster: PrivateCluster
    ) async throws -> Bool {
        let starting = try StateLock("\(stateDirectory)/start.lock")
        try await starting.lock(alone: true)
        defer { starting.unlock() }
        do {
            try await cluster.start()
        } catch PrivateServiceError.inUse {
            return false
        }
        try await prepare(cluster.ownerURL)
        return true
    }

    /// The database that another program has started, or is starting.
    private func running() async throws -> Address {
        for _ in 0..<Limits.adoptionPolls {
            if let found = PrivateCluster.running(stateDirectory: stateDirectory) {
                return Address(
                    ownerURL: found.ownerURL,
                    applicationURL: found.applicationURL,
                    isOwn: false
                )
            }
            try await Task.sleep(for: .milliseconds(Limits.lockPollMilliseconds))
        }
        throw CommandFailure(
            "another program holds \(stateDirectory) and its database does not come up"
        )
    }

    /// Stops the server when no other command uses it any more; after an interruption at once.
    private func stop(_ cluster: PrivateCluster, _ clients: StateLock) async throws {
        try? await clients.lock(alone: true)
        try await cluster.stop()
        clients.unlock()
    }
}
