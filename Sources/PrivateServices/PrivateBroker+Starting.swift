import Foundation
import Glibc
import Logging

/// The steps of starting the broker.
extension PrivateBroker {
    private var openFiles: Int {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        // Raising the hard limit takes a right that not even root has in most containers.
        return Int(min(UInt(limit.rlim_max), UInt(Limits.brokerOpenFiles)))
    }

    private func configurationText(port: Int, listeners: [GatewayListener]) -> String {
        files.configurationText(
            address: address,
            port: port,
            openFiles: openFiles,
            gateway: gateway,
            listeners: listeners
        )
    }

    /// The listeners whose ports can be had; one that is taken would keep the broker from starting.
    private func possibleListeners(besides port: Int) -> [GatewayListener] {
        files.savedListeners.filter { listener in
            let isPossible = listener.port != port && LoopbackPort.isFree(listener.port)
            if !isPossible {
                logger.error(
                    "the port of an old meter is taken by another program; it is not heard",
                    metadata: [
                        "meter.name": "\(listener.meterName)", "port": "\(listener.port)",
                    ]
                )
            }
            return isPossible
        }
    }

    /// A broker that a killed program left behind, if it listens where and as it should.
    func adoptable() -> (processID: Int32, port: Int)? {
        let running = files.runningBrokers
        guard running.count == 1, let processID = running.first, let port = files.savedPort,
            wantedPort == 0 || wantedPort == port,
            StateFolder.read(files.configuration)
                == configurationText(port: port, listeners: files.savedListeners)
        else { return nil }
        return (processID, port)
    }

    /// Ends every broker of this folder, this program's or an earlier one's.
    func endBrokers() async throws(PrivateServiceError) {
        for processID in files.runningBrokers {
            kill(processID, SIGTERM)
            if await ProcessTable.waitForEnd(
                of: processID,
                within: Limits.brokerStop,
                files.isBroker
            ) {
                continue
            }
            kill(processID, SIGKILL)
            guard
                await ProcessTable.waitForEnd(
                    of: processID,
                    within: Limits.brokerStop,
                    files.isBroker
                )
            else { throw .tooSlow(service: "mosquitto", doing: "stop") }
        }
    }

    /// Starts the broker on the port it had, the one wanted, or a free one.
    func launch(_ earlierPort: Int?) async throws(PrivateServiceError) -> (Int32, Int) {
        var port = wantedPort
        if port == 0 {
            port =
                earlierPort ?? files.savedPort.flatMap { LoopbackPort.isFree($0) ? $0 : nil } ?? 0
        }
        // A free port can be taken by another program before the broker has it.
        for _ in 0..<Limits.freePortAttempts {
            let chosen = port == 0 ? try LoopbackPort.free() : port
            if let processID = try await launch(on: chosen) {
                try StateFolder.write("\(chosen)\n", to: files.portFile, mode: 0o644)
                return (processID, chosen)
            }
            guard wantedPort == 0, earlierPort == nil else { throw .portTaken(chosen) }
            port = 0
        }
        throw .tooSlow(service: "mosquitto", doing: "find a free port")
    }

    /// Nil when the port is taken.
    private func launch(on port: Int) async throws(PrivateServiceError) -> Int32? {
        // Otherwise the one who answers there could be somebody else.
        guard LoopbackPort.isFree(port) else { return nil }
        let program = try Programs.find("mosquitto", package: "mosquitto")
        try StateFolder.write(
            configurationText(port: port, listeners: possibleListeners(besides: port)),
            to: files.configuration,
            mode: 0o644
        )
        let logStart = StateFolder.size(of: files.log)
        let plain = try account.command(program, ["-c", files.configuration], log: files.log)
        let limits = try Programs.find("prlimit", package: "util-linux")
        let processID = try ChildProcess(
            program: limits,
            arguments: ["--nofile=\(openFiles):\(openFiles)", plain.program] + plain.arguments,
            log: files.log
        ).start()
        let deadline = ContinuousClock.now + Limits.brokerStart
        while ProcessTable.isRunning(processID, files.isBroker) {
            if LoopbackPort.answers(port, at: address) { return processID }
            guard ContinuousClock.now < deadline else {
                kill(processID, SIGKILL)
                throw .tooSlow(service: "mosquitto", doing: "become ready")
            }
            await pause(milliseconds: Limits.startPollMilliseconds)
        }
        if logContains("Address already in use", from: logStart) { return nil }
        throw .ended(
            service: "mosquitto",
            log: ChildProcess.tail(of: files.log, from: logStart)
        )
    }

    func logContains(_ text: String, from start: Int) -> Bool {
        StateFolder.read(files.log, from: start).contains(text)
    }

    /// The server's password: made at random once for a state folder, and kept with its hash.
    func serverPassword() async throws(PrivateServiceError) -> String {
        if let password = StateFolder.read(files.secret), password.utf8.count >= Limits.secretBytes,
            StateFolder.read(files.secretLine) != nil
        {
            return password
        }
        var generator = SystemRandomNumberGenerator()
        let password = (0..<Limits.secretBytes).map { _ in
            let byte = UInt8.random(in: 0...255, using: &generator)
            return (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        let hasher = try Programs.find("mosquitto_passwd", package: "mosquitto")
        let unfinished = "\(files.secretLine).new"
        try StateFolder.write(
            "\(BrokerFiles.serverUser):\(password)\n",
            to: unfinished,
            mode: 0o600
        )
        unlink(files.toolLog)
        let status = try await ChildProcess(
            program: hasher,
            arguments: ["-U", unfinished],
            log: files.toolLog
        ).run(within: Limits.brokerStart)
        guard status == 0 else {
            throw .ended(
                service: "mosquitto_passwd",
                log: ChildProcess.tail(of: files.toolLog)
            )
        }
        try StateFolder.write(password, to: files.secret, mode: 0o600)
        guard rename(unfinished, files.secretLine) == 0 else {
            throw .file(files.secretLine, reason: StateFolder.lastReason)
        }
        return password
    }
}
