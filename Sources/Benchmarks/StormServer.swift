import Foundation
import Glibc
import PrivateServices

/// A `vidyut serve` with private services of its own, to be hurt and to come back.
final class StormServer {
    /// What can be done to it.
    enum Blow: String, CaseIterable {
        case programKilled = "program killed"
        case brokerKilled = "broker killed"
        case databaseKilled = "database killed"
        case brokerEnded = "broker ended in order"
        case databaseEnded = "database ended in order"
        case flood = "flood of connections"
    }

    let folder = "/var/tmp/vidyut-storm-\(getpid())"
    private let program = "\(BenchmarkOffice.ownFolder)/vidyut"
    private let port: Int
    private var process: Process?
    private var flood: [Int32] = []

    init() throws {
        port = try LoopbackSocket.freePort()
    }

    var webPort: Int { port }

    func start() async throws {
        let log = "\(folder).log"
        if !FileManager.default.fileExists(atPath: log) {
            FileManager.default.createFile(atPath: log, contents: nil)
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["serve", "--port", String(port), "--state-directory", folder]
        process.environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        process.standardInput = FileHandle.nullDevice
        let output = FileHandle(forWritingAtPath: log)
        _ = try? output?.seekToEnd()
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = output ?? FileHandle.nullDevice
        try process.run()
        self.process = process
    }

    /// Strikes; what it was struck with comes back by itself, except the program, which whoever runs
    /// it starts again.
    func strike(_ blow: Blow) async throws {
        switch blow {
        case .programKilled:
            if let process {
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
            }
            try await start()
        case .brokerKilled: signal(brokerID, SIGKILL)
        case .databaseKilled: signal(databaseID, SIGKILL)
        case .brokerEnded: signal(brokerID, SIGTERM)
        case .databaseEnded: signal(databaseID, SIGINT)
        case .flood:
            let broker = PrivateBroker.running(stateDirectory: folder)?.port
            for place in 0..<Limits.floodConnections {
                let target = place % 4 == 0 ? broker ?? port : port
                if let one = try? LoopbackSocket.connected(to: target) { flood.append(one) }
            }
        }
    }

    /// Lets the connections of a flood go.
    func endFlood() {
        for descriptor in flood { close(descriptor) }
        flood = []
    }

    /// Whether database, broker and program all work, as the program itself says.
    func isWell() async -> Bool {
        let answer = await ServerProcess.page("/readyz", port: port)
        return answer?.status == 200
    }

    /// Waits until it is well; seconds that it took.
    func untilWell() async throws -> Double {
        let start = Stopwatch.seconds
        while !(await isWell()) {
            guard Stopwatch.seconds - start < Limits.stormPatienceSeconds else {
                throw BenchmarkError("the service does not come back; see \(folder).log")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        return Stopwatch.seconds - start
    }

    /// Ends it in order and removes what it left; after a failure everything stays for whoever looks.
    func end(failed: Bool) async {
        endFlood()
        if let process, process.isRunning {
            process.terminate()
            process.waitUntilExit()
        }
        for left in [brokerID, databaseID] { signal(left, SIGKILL) }
        guard !failed else {
            Benchmarks.say("bench: the office is left in \(folder), its log in \(folder).log")
            return
        }
        for path in [folder, "\(folder).log"] { try? FileManager.default.removeItem(atPath: path) }
    }

    private func signal(_ processID: Int32?, _ number: Int32) {
        if let processID { kill(processID, number) }
    }

    private var databaseID: Int32? {
        let text = try? String(
            contentsOfFile: "\(folder)/postgres/data/postmaster.pid",
            encoding: .utf8
        )
        guard let id = text?.split(separator: "\n").first.flatMap({ Int32($0) }),
            arguments(of: id).contains("\(folder)/postgres/data")
        else { return nil }
        return id
    }

    private var brokerID: Int32? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.first {
            arguments(of: $0).contains("\(folder)/mosquitto/mosquitto.conf")
        }
    }

    private func arguments(of processID: Int32) -> [String] {
        let bytes = FileManager.default.contents(atPath: "/proc/\(processID)/cmdline") ?? Data()
        return bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }
}
