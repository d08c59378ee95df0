import Foundation
import Glibc
package import Logging

/// A Mosquitto broker that belongs to this program, on the loopback interface unless told otherwise.
///
/// It outlives a program that is killed; the next `start` finds and adopts it, with the messages that
/// wait in it. One program at a time.
package actor PrivateBroker {
    nonisolated let files: BrokerFiles
    nonisolated let account: ServiceAccount
    nonisolated let address: String
    nonisolated let wantedPort: Int
    nonisolated let gateway: GatewayDoor
    let logger: Logger
    private var lock: FolderLock?
    private var processID: Int32?
    private var isWanted = false
    private var isBusy = false
    /// The meters' lines that the running broker is known to have read.
    private var linesInForce: [String]?
    /// The port it listens on, once it was started.
    package private(set) var port: Int?
    /// Whom the server connects as, once the broker was started.
    package private(set) var credential: Credential?

    /// The server's own name and password, which may read and write everything under `vidyut/`.
    package struct Credential: Sendable, Hashable {
        package let user: String
        package let password: String
    }

    /// Where a program finds the broker of a state folder that another program started.
    package struct Address: Sendable, Hashable {
        package let port: Int
        package let credential: Credential
    }

    /// Makes the broker's folder within the state folder, and starts nothing.
    ///
    /// Checks that the service's user may enter it. Port 0 takes the port of last time, or any free one.
    package init(
        stateDirectory: String,
        port: Int = 0,
        address: String = "127.0.0.1",
        gateway: GatewayDoor = GatewayDoor(),
        logger: Logger
    ) throws {
        let account = try ServiceAccount.forService(user: "mosquitto", package: "mosquitto")
        let folder = try StateFolder.prepare("\(stateDirectory)/mosquitto")
        try account.checkReach(folder)
        files = BrokerFiles(folder: folder)
        self.account = account
        self.address = address
        wantedPort = port
        self.gateway = gateway
        self.logger = logger
    }

    /// Whether Mosquitto's programs are on this machine.
    package static var isInstalled: Bool {
        (try? Programs.find("mosquitto", package: "")) != nil
            && (try? Programs.find("mosquitto_passwd", package: "")) != nil
    }

    /// The broker that runs for this state folder; nil when there is none, or its secret may not be read.
    package static func running(stateDirectory: String) -> Address? {
        guard let path = realpath("\(stateDirectory)/mosquitto", nil) else { return nil }
        defer { free(path) }
        let files = BrokerFiles(folder: String(cString: path))
        guard !files.runningBrokers.isEmpty, let port = files.savedPort,
            let password = StateFolder.read(files.secret)
        else { return nil }
        return Address(
            port: port,
            credential: Credential(user: BrokerFiles.serverUser, password: password)
        )
    }

    /// The broker's process id while it runs.
    package var brokerProcessID: Int32? {
        guard let processID, ProcessTable.isRunning(processID, files.isBroker) else { return nil }
        return processID
    }

    /// Starts the broker unless it runs, and returns when it accepts connections.
    ///
    /// Throws `PrivateServiceError`.
    package func start() async throws {
        try await exclusively {
            try await bringUp()
            isWanted = true
        }
    }

    /// Ends the broker in order, so that it saves what waits in it.
    package func stop() async throws {
        isWanted = false
        try await exclusively {
            defer { lock = nil }
            guard lock != nil else { return }
            try await endBrokers()
            processID = nil
        }
    }

    /// Watches over a started broker, and starts it again on its port when it died, until `stop` or
    /// cancellation.
    package func supervise() async {
        var pauseMilliseconds = Limits.shortestRestartPauseMilliseconds
        var upSince = ContinuousClock.now
        while isWanted, !Task.isCancelled {
            await pause(milliseconds: Limits.supervisionMilliseconds)
            StateFolder.trimLog(files.log)
            guard isWanted, !Task.isCancelled, !isBusy, brokerProcessID == nil else { continue }
            if ContinuousClock.now - upSince > Limits.steadyRun {
                pauseMilliseconds = Limits.shortestRestartPauseMilliseconds
            }
            logger.error("the message broker has ended and is started again")
            await pause(milliseconds: pauseMilliseconds)
            pauseMilliseconds = min(pauseMilliseconds * 2, Limits.longestRestartPauseMilliseconds)
            do {
                try await exclusively { if isWanted { try await bringUp() } }
                upSince = .now
            } catch {
                logger.error("the message broker does not start: \(error)")
            }
        }
    }

    /// Replaces the credentials of all meters and gateways; when it returns they are in force, and
    /// those who are no longer listed are disconnected.
    ///
    /// The hashes are Mosquitto's own (`$7$…`, PBKDF2 with SHA-512). Refuses malformed ones by name.
    ///
    /// `listeners` are those of old meters, all of them; nil leaves them as they are. Mosquitto reads
    /// passwords again when told, but never listeners: where these change it is started anew.
    package func writePasswords(
        _ credentials: [(user: String, hash: String)],
        listeners: [GatewayListener]? = nil
    ) async throws {
        var lines: [String] = []
        for (user, hash) in credentials {
            guard user != BrokerFiles.serverUser,
                let line = BrokerFiles.passwordLine(user: user, hash: hash)
            else { throw PrivateServiceError.badCredential(user: user) }
            lines.append(line)
        }
        let listenerText = try listeners.map { try GatewayListener.file($0) }
        try await exclusively {
            guard lock != nil else {
                throw PrivateServiceError.notRunning(service: "the message broker")
            }
            if let listenerText, listenerText != StateFolder.read(files.listeners) ?? "" {
                linesInForce = nil
                try StateFolder.write(listenerText, to: files.listeners, mode: 0o644)
                try writePasswordFile(lines)
                logger.info("the message broker is started anew for the listeners of old meters")
                try await endBrokers()
                (processID, port) = try await launch(port)
                linesInForce = lines
                return
            }
            // A reload disconnects whoever changed; one that changes nothing is spared.
            guard lines != linesInForce || brokerProcessID == nil else { return }
            linesInForce = nil
            try writePasswordFile(lines)
            try await reload()
            linesInForce = lines
        }
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
        guard brokerProcessID == nil else { return }
        do {
            try StateFolder.make(files.data, mode: 0o700, for: account)
            credential = Credential(
                user: BrokerFiles.serverUser,
                password: try await serverPassword()
            )
            try StateFolder.write(BrokerFiles.accessText, to: files.access, mode: 0o644)
            try writePasswordFile(nil)
            if let (adopted, port) = adoptable() {
                logger.info("the message broker is already running and is used again")
                processID = adopted
                self.port = port
                try await reload()
            } else {
                try await endBrokers()
                (processID, port) = try await launch(port)
            }
        } catch {
            if brokerProcessID == nil { lock = nil }
            throw error
        }
    }

    /// Makes the broker read its files again, and waits until it has begun to.
    private func reload() async throws(PrivateServiceError) {
        guard let processID = brokerProcessID else { return }
        let start = StateFolder.size(of: files.log)
        kill(processID, SIGHUP)
        let deadline = ContinuousClock.now + Limits.brokerReload
        while !logContains("Reloading config", from: start) {
            guard brokerProcessID != nil else { return }
            guard ContinuousClock.now < deadline else {
                throw .tooSlow(service: "mosquitto", doing: "reload")
            }
            await pause(milliseconds: Limits.startPollMilliseconds)
        }
    }

    /// Keeps the meters' lines unless given new ones; the server's own always comes first.
    private func writePasswordFile(_ lines: [String]?) throws(PrivateServiceError) {
        let own = (StateFolder.read(files.secretLine) ?? "").filter { !$0.isNewline }
        let kept = (StateFolder.read(files.passwords) ?? "").split(whereSeparator: \.isNewline)
            .filter { !$0.hasPrefix("\(BrokerFiles.serverUser):") }.map { String($0) }
        let text = ([own] + (lines ?? kept)).joined(separator: "\n") + "\n"
        try StateFolder.write(text, to: files.passwords, mode: 0o640, group: account.groupID)
    }
}
