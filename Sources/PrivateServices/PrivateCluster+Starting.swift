import Foundation
import Glibc
import Logging

/// The steps of starting, each of which may find the work of an earlier, interrupted start.
extension PrivateCluster {
    func prepareFolders() throws(PrivateServiceError) {
        try StateFolder.make(files.socketFolder, mode: 0o755, for: account)
        StateFolder.trimLog(files.log)
    }

    /// The id of a server that a killed program left running, once it is ready.
    func adopt() async throws(PrivateServiceError) -> Int32? {
        guard let found = files.runningPostmaster else { return nil }
        guard found.socketFolder.isEmpty || found.socketFolder == files.socketFolder else {
            kill(found.processID, SIGINT)
            try await waitForEnd(of: found.processID)
            return nil
        }
        try writeConfiguration()
        kill(found.processID, SIGHUP)
        let deadline = ContinuousClock.now + Limits.clusterStart
        while let postmaster = files.runningPostmaster, postmaster.processID == found.processID {
            if postmaster.status == "ready" { return found.processID }
            if postmaster.status == "stopping" {
                try await waitForEnd(of: found.processID)
                return nil
            }
            guard ContinuousClock.now < deadline else {
                throw .tooSlow(service: "postgres", doing: "become ready")
            }
            await pause(milliseconds: Limits.startPollMilliseconds)
        }
        return nil
    }

    private func waitForEnd(of processID: Int32) async throws(PrivateServiceError) {
        guard
            await ProcessTable.waitForEnd(
                of: processID,
                within: Limits.clusterStop,
                files.isPostmaster
            )
        else { throw .tooSlow(service: "postgres", doing: "stop") }
    }

    /// Clears away what a killed server left: processes, shared memory, and files that name its id.
    func clearRemains() async throws(PrivateServiceError) {
        try await endOrphans()
        // An id is used again after a while, and PostgreSQL would believe that its server still runs.
        for file in [files.processFile, files.socket, "\(files.socket).lock"] { unlink(file) }
    }

    /// Waits for server processes whose parent was killed, and ends those that do not end themselves.
    ///
    /// They still write to the data: no new server may start beside them.
    func endOrphans() async throws(PrivateServiceError) {
        for signal in [nil, SIGTERM, SIGKILL] {
            if let signal {
                for processID in ProcessTable.find(files.isServerProcess) {
                    logger.warning(
                        "a server process without its server is ended",
                        metadata: ["processID": "\(processID)"]
                    )
                    kill(processID, signal)
                }
            }
            let deadline = ContinuousClock.now + Limits.orphans
            while ContinuousClock.now < deadline {
                if ProcessTable.find(files.isServerProcess).isEmpty { return }
                await pause(milliseconds: Limits.startPollMilliseconds)
            }
        }
        throw .tooSlow(service: "postgres", doing: "end its remaining processes")
    }

    /// Runs `initdb` beside the final place, and moves the result there when it is complete.
    func makeDataIfMissing() async throws(PrivateServiceError) {
        guard files.dataVersion == nil else { return }
        guard access(files.data, F_OK) != 0 else {
            throw .unsafe(path: files.data, reason: "it is not the data of a PostgreSQL cluster")
        }
        let programs = try Programs.postgresFolder(dataVersion: nil)
        logger.info("a new database cluster is made", metadata: ["folder": "\(files.folder)"])
        try? FileManager.default.removeItem(atPath: files.unfinishedData)
        try StateFolder.make(files.unfinishedData, mode: 0o700, for: account)
        let durability = settings.throwAway ? ["--no-sync"] : ["--data-checksums"]
        unlink(files.setupLog)
        let status = try await account.command(
            "\(programs)/initdb",
            [
                "-D", files.unfinishedData, "-U", ClusterFiles.superuser, "--auth-local=peer",
                "--auth-host=reject", "--no-locale", "-E", "UTF8", "--no-instructions",
            ] + durability,
            log: files.setupLog
        ).run(within: Limits.clusterSetup)
        guard status == 0 else {
            throw .ended(service: "initdb", log: ChildProcess.tail(of: files.setupLog))
        }
        unlink(files.setupMark)
        guard rename(files.unfinishedData, files.data) == 0 else {
            throw .file(files.data, reason: StateFolder.lastReason)
        }
    }

    /// Writes the settings and who may come in: only this user and the server's, over the socket.
    func writeConfiguration() throws(PrivateServiceError) {
        let roles = [ClusterFiles.superuser, ClusterFiles.owner, ClusterFiles.application]
        var map = roles.map { (ServiceAccount.ownName, $0) }
        if account.isOther { map.append((account.user, ClusterFiles.superuser)) }
        let lines = map.map { user, role in
            "vidyut \"\(user.replacing("\"", with: "\"\""))\" \(role)"
        }
        let texts = [
            (files.configuration, settings.text(files: files)),
            (files.accessFile, "local all all peer map=vidyut\n"),
            (files.mapFile, lines.joined(separator: "\n") + "\n"),
        ]
        for (path, text) in texts { try StateFolder.write(text, to: path, mode: 0o644) }
    }

    /// Starts the server and waits until it accepts connections.
    func launch() async throws(PrivateServiceError) -> Int32 {
        let programs = try Programs.postgresFolder(dataVersion: files.dataVersion)
        let logStart = StateFolder.size(of: files.log)
        let processID = try account.command(
            "\(programs)/postgres",
            ["-D", files.data, "-c", "config_file=\(files.configuration)"],
            log: files.log
        ).start()
        let deadline = ContinuousClock.now + Limits.clusterStart
        while ProcessTable.isRunning(processID, files.isPostmaster) {
            if let postmaster = files.postmaster, postmaster.processID == processID,
                postmaster.status == "ready"
            {
                return processID
            }
            guard ContinuousClock.now < deadline else {
                kill(processID, SIGQUIT)
                throw .tooSlow(service: "postgres", doing: "become ready")
            }
            await pause(milliseconds: Limits.startPollMilliseconds)
        }
        throw .ended(
            service: "postgres",
            log: ChildProcess.tail(of: files.log, from: logStart)
        )
    }

    /// Makes the two roles and the database; may run again after an interruption.
    func setUpIfNew() async throws(PrivateServiceError) {
        guard access(files.setupMark, F_OK) != 0 else { return }
        let programs = try Programs.postgresFolder(dataVersion: files.dataVersion)
        try StateFolder.write(clusterSetupScript, to: files.setupScript, mode: 0o644)
        unlink(files.setupLog)
        let client = ChildProcess(
            program: "\(programs)/psql",
            arguments: [
                "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", files.socketFolder,
                "-p", String(ClusterFiles.port), "-U", ClusterFiles.superuser, "-d", "postgres",
            ],
            log: files.setupLog,
            input: files.setupScript
        )
        let status = try await client.run(within: Limits.clusterSetup)
        guard status == 0 else {
            throw .ended(service: "psql", log: ChildProcess.tail(of: files.setupLog))
        }
        try StateFolder.write("", to: files.setupMark, mode: 0o644)
    }
}
