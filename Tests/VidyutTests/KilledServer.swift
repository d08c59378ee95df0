import Foundation
import Glibc
import Postgres
import PrivateServices
import Synchronization
import TestSupport
import Testing

/// A `vidyut serve` of this test alone, with its private services, to be killed and started again.
final class KilledServer: Sendable {
    let folder: String
    /// Open files that it and its services may have; nil for as many as this process.
    private let openFiles: Int?
    private let process = Mutex<Process?>(nil)

    init(folder: String? = nil, openFiles: Int? = nil) {
        self.folder = folder ?? "/tmp/vidyut-storm-\(UUID().uuidString.prefix(8))"
        self.openFiles = openFiles
    }

    private var log: String { folder + ".log" }

    private var said: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    /// Where its web server is.
    func port() throws -> Int {
        let address = said.components(separatedBy: "the office is open at http://127.0.0.1:").last
        return try #require(address.flatMap { Int($0.prefix { $0.isNumber }) })
    }

    /// Bytes of memory that the program has now.
    func residentBytes() throws -> Int {
        let id = try #require(process.withLock { $0?.processIdentifier })
        let text = try String(contentsOfFile: "/proc/\(id)/status", encoding: .utf8)
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        return try #require(line?.split(separator: " ").compactMap { Int($0) }.first) * 1_024
    }

    /// Starts the program and waits until the office is open.
    func start() async throws {
        let path = try #require(BuiltProgram.path)
        let process = Process()
        let arguments = ["serve", "--port", "0", "--state-directory", folder]
        if let openFiles {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/prlimit")
            process.arguments = ["--nofile=\(openFiles):\(openFiles)", path] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: path)
            process.arguments = arguments
        }
        process.currentDirectoryURL = URL(fileURLWithPath: SourceTree.root)
        process.environment = ["PATH": "/usr/bin:/bin"]
        FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        for _ in 0..<1_200 {
            if said.contains("the office is open") { return }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let state =
            process.isRunning ? "still runs" : "ended with \(process.terminationStatus)"
        throw CommandError("the server did not open; it \(state) and said: \(said)")
    }

    private struct CommandError: Error {
        let reason: String

        init(_ reason: String) { self.reason = reason }
    }

    /// Kills one part without warning: the program, the broker, the database, in turn.
    func kill(_ round: Int) async throws {
        switch round % 3 {
        case 0:
            let killed = process.withLock { $0 }
            if let killed { Glibc.kill(killed.processIdentifier, SIGKILL) }
            killed?.waitUntilExit()
            try await start()
        case 1:
            signalBroker(SIGKILL)
        default:
            signalDatabase(SIGKILL)
        }
    }

    func signalBroker(_ signal: Int32) {
        if let broker = brokerProcess() { Glibc.kill(broker, signal) }
    }

    func signalDatabase(_ signal: Int32) {
        if let database = databaseProcess() { Glibc.kill(database, signal) }
    }

    /// Ends everything as a person would.
    func stop() async {
        let running = process.withLock { $0 }
        running?.terminate()
        running?.waitUntilExit()
        process.withLock { $0 = nil }
    }

    /// Leaves nothing behind, whatever happened.
    func discard() {
        if let left = process.withLock({ $0 }), left.isRunning {
            Glibc.kill(left.processIdentifier, SIGKILL)
        }
        for left in [brokerProcess(), databaseProcess()].compactMap(\.self) {
            Glibc.kill(left, SIGKILL)
        }
        try? FileManager.default.removeItem(atPath: folder)
        try? FileManager.default.removeItem(atPath: folder + ".log")
    }

    func pool() throws -> PostgresPool {
        let address = try #require(PrivateCluster.running(stateDirectory: folder))
        var configuration = try PostgresConfiguration(url: address.applicationURL)
        configuration.connections = 2
        return PostgresPool(configuration: configuration, logger: TestCluster.logger)
    }

    func databaseProcess() -> Int32? {
        let path = folder + "/postgres/data/postmaster.pid"
        let first = (try? String(contentsOfFile: path, encoding: .utf8))?
            .split(separator: "\n").first
        return first.flatMap { Int32($0) }
    }

    func brokerProcess() -> Int32? {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return all.compactMap { Int32($0) }.first { id in
            guard let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") else {
                return false
            }
            let line = String(decoding: words, as: UTF8.self)
            return line.contains("mosquitto\0") && line.contains(folder)
        }
    }
}
