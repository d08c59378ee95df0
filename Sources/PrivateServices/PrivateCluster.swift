import Foundation
import Glibc
package import Logging

/// A PostgreSQL cluster that belongs to this program: made on first use, reached over a Unix socket,
/// never run as root.
///
/// Its server outlives a program that is killed; the next `start` finds and adopts it. What a killed
/// server leaves behind is cleared away before a new one starts. One program at a time.
package actor PrivateCluster {
    nonisolated let files: ClusterFiles
    nonisolated let settings: ClusterSettings
    nonisolated let account: ServiceAccount
    let logger: Logger
    private var lock: FolderLock?
    private var processID: Int32?
    private var isWanted = false
    private var isBusy = false

    /// Makes the cluster's folder within the state folder and checks that the service may enter it;
    /// starts nothing.
    package init(
        stateDirectory: String,
        settings: ClusterSettings = ClusterSettings(),
        logger: Logger
    ) throws {
        let account = try ServiceAccount.forService(user: "postgres", package: "postgresql")
        let folder = try StateFolder.prepare("\(stateDirectory)/postgres")
        try account.checkReach(folder)
        files = ClusterFiles(folder: folder)
        guard files.socket.utf8.count <= Limits.socketPathBytes else {
            throw PrivateServiceError.socketPathTooLong(files.socket)
        }
        self.settings = settings
        self.account = account
        self.logger = logger
    }

    /// Whether PostgreSQL's programs are on this machine.
    package static var isInstalled: Bool {
        (try? Programs.postgresFolder(dataVersion: nil)) != nil
            && (try? ServiceAccount.forService(user: "postgres", package: "postgresql")) != nil
    }

    /// The address for the role that owns the tables: for migrations.
    package nonisolated var ownerURL: String {
        files.url(role: ClusterFiles.owner, database: ClusterFiles.database)
    }

    /// The address for the role the program works as; it owns nothing and passes no policy.
    package nonisolated var applicationURL: String {
        files.url(role: ClusterFiles.application, database: ClusterFiles.database)
    }

    /// The address for the superuser, for making databases and for backups; never for the program's work.
    package nonisolated var superuserURL: String {
        files.url(role: ClusterFiles.superuser, database: "postgres")
    }

    /// Where a program finds the server of a state folder that another program started.
    package struct Address: Sendable, Hashable {
        package let ownerURL: String
        package let applicationURL: String
    }

    /// The server that runs and is ready for this state folder; nil when there is none.
    package static func running(stateDirectory: String) -> Address? {
        guard let path = realpath("\(stateDirectory)/postgres", nil) else { return nil }
        defer { free(path) }
        let files = ClusterFiles(folder: String(cString: path))
        guard let postmaster = files.runningPostmaster, postmaster.status == "ready" else {
            return nil
        }
        return Address(
            ownerURL: files.url(role: ClusterFiles.owner, database: ClusterFiles.database),
            applicationURL: files.url(
                role: ClusterFiles.application,
                database: ClusterFiles.database
            )
        )
    }

    /// The id of the server's first process while it runs.
    package var serverProcessID: Int32? {
        guard let processID, ProcessTable.isRunning(processID, files.isPostmaster) else {
            return nil
        }
        return processID
    }

    /// Makes the cluster if there is none, and starts its server unless it runs.
    ///
    /// Returns when the server is ready. Throws `PrivateServiceError`.
    package func start() async throws {
        try await exclusively {
            try await bringUp()
            isWanted = true
        }
    }

    /// Ends the server in order; returns when all of its processes have ended.
    package func stop() async throws {
        isWanted = false
        try await exclusively {
            defer { lock = nil }
            // Without the lock this program never started, and somebody else's server stays.
            guard lock != nil else { return }
            try await takeDown()
        }
    }

    /// Watches over a started server, and starts it again when it died, until `stop` or cancellation.
    package func supervise() async {
        var pauseMilliseconds = Limits.shortestRestartPauseMilliseconds
        var upSince = ContinuousClock.now
        while isWanted, !Task.isCancelled {
            await pause(milliseconds: Limits.supervisionMilliseconds)
            StateFolder.trimLog(files.log)
            guard isWanted, !Task.isCancelled, !isBusy, serverProcessID == nil else { continue }
            if ContinuousClock.now - upSince > Limits.steadyRun {
                pauseMilliseconds = Limits.shortestRestartPauseMilliseconds
            }
            logger.error("the database server has ended and is started again")
            await pause(milliseconds: pauseMilliseconds)
            pauseMilliseconds = min(
                pauseMilliseconds * 2,
                Limits.longestRestartPauseMilliseconds
            )
            do {
                try await exclusively { if isWanted { try await bringUp() } }
                upSince = .now
            } catch {
                logger.error("the database server does not start: \(error)")
            }
        }
    }

    /// Ends the server at once and removes its folder; blocks, for a program that is exiting.
    package nonisolated func discard() {
        if let postmaster = files.runningPostmaster {
            kill(postmaster.processID, SIGQUIT)
            for _ in 0..<500 where ProcessTable.isRunning(postmaster.processID, files.isPostmaster)
            {
                usleep(10_000)
            }
        }
        try? FileManager.default.removeItem(atPath: files.folder)
        if files.isOutside { try? FileManager.default.removeItem(atPath: files.socketFolder) }
    }

    /// One change at a time, although each waits in between.
    private func exclusively(_ change: () async throws -> Void) async throws {
        while isBusy { await pause(milliseconds: Limits.startPollMilliseconds) }
        isBusy = true
        defer { isBusy = false }
        try await change()
    }

    private func bringUp() async throws {
        if lock == nil { lock = try FolderLock(folder: files.folder) }
        guard serverProcessID == nil else { return }
        do {
            try prepareFolders()
            if let adopted = try await adopt() {
                processID = adopted
                logger.info("the database server is already running and is used again")
            } else {
                try await clearRemains()
                try await makeDataIfMissing()
                try writeConfiguration()
                processID = try await launch()
            }
            try await setUpIfNew()
        } catch {
            if serverProcessID == nil { lock = nil }
            throw error
        }
    }

    private func takeDown() async throws {
        guard let processID = files.runningPostmaster?.processID ?? serverProcessID else { return }
        kill(processID, SIGINT)
        var hasEnded = await ProcessTable.waitForEnd(
            of: processID,
            within: Limits.clusterStop,
            files.isPostmaster
        )
        if !hasEnded {
            kill(processID, SIGQUIT)
            hasEnded = await ProcessTable.waitForEnd(
                of: processID,
                within: Limits.orphans,
                files.isPostmaster
            )
        }
        guard hasEnded else {
            throw PrivateServiceError.tooSlow(service: "postgres", doing: "stop")
        }
        try await endOrphans()
        self.processID = nil
    }
}
