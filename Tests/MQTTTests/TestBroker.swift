import Foundation
import Glibc
import Synchronization

/// A real mosquitto of this test alone, on a free loopback port, with its files in a folder of its own.
final class TestBroker: Sendable {
    struct Fault: Error {
        var text: String
    }

    static let program: String? = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    let port: Int
    let folder: URL
    private let process = Mutex<Process?>(nil)

    /// `max_queued_messages 0` would mean no limit, but with Debian's 2.0.11-1.2+deb12u2 it makes
    /// the broker drop every client whose QoS 1 message it refused.
    ///
    /// Starts it with more lines of configuration; `{folder}` in them stands for its folder.
    init(_ lines: String = "allow_anonymous true", files: [String: String] = [:]) async throws {
        port = try TestBroker.freePort()
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-mqtt-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appendingPathComponent(name))
        }
        let asRoot = geteuid() == 0 ? "user root" : ""
        let configuration = """
            \(asRoot)
            log_dest stderr
            max_queued_messages 1000000
            listener \(port) 127.0.0.1
            \(lines.replacingOccurrences(of: "{folder}", with: folder.path))
            """
        try Data(configuration.utf8).write(to: folder.appendingPathComponent("mosquitto.conf"))
        try await start()
    }

    deinit {
        kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Starts it, or starts it again, and returns when it listens.
    func start() async throws {
        guard let program = TestBroker.program else { throw Fault(text: "mosquitto is missing") }
        let child = Process()
        child.executableURL = URL(fileURLWithPath: program)
        child.arguments = ["-c", folder.appendingPathComponent("mosquitto.conf").path]
        let pipe = Pipe()
        child.standardError = pipe
        let (lines, sink) = AsyncStream.makeStream(of: String.self)
        let log = Mutex("")
        pipe.fileHandleForReading.readabilityHandler = { handle in
            let data = handle.availableData
            if data.isEmpty {
                handle.readabilityHandler = nil
                sink.finish()
                return
            }
            let text = log.withLock { log in
                log += String(decoding: data, as: UTF8.self)
                return log
            }
            sink.yield(text)
        }
        try child.run()
        process.withLock { $0 = child }
        for await text in lines where text.contains(" running") { return }
        throw Fault(text: "mosquitto did not start: \(log.withLock { $0 })")
    }

    /// Ends it as a power cut does and returns when its port is free.
    func kill() {
        let process = process.withLock { process in
            defer { process = nil }
            return process
        }
        guard let process else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Makes it deaf (SIGSTOP), or lets it go on (SIGCONT).
    func signal(_ number: Int32) {
        process.withLock { if let process = $0 { Glibc.kill(process.processIdentifier, number) } }
    }

    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard bound else { throw Fault(text: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Runs a tool of mosquitto or openssl and returns when it has ended well.
    static func run(_ program: String, _ arguments: String...) throws {
        let child = Process()
        child.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        child.arguments = [program] + arguments
        child.standardError = FileHandle.nullDevice
        child.standardOutput = FileHandle.nullDevice
        try child.run()
        child.waitUntilExit()
        if child.terminationStatus != 0 { throw Fault(text: "\(program) failed") }
    }
}
