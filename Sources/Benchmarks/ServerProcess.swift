import Foundation
import Glibc
import PrivateServices

/// The program that is measured, `vidyut serve`, as it is delivered: a process of its own with its
/// ordinary settings.
struct ServerProcess {
    let process: Process
    let port: Int

    var processID: Int32 { process.processIdentifier }

    /// Starts it with the office's database and broker, runs the body, and stops it.
    static func with(
        _ office: BenchmarkOffice,
        path: String?,
        _ body: (ServerProcess) async throws -> Void
    ) async throws {
        let program = path ?? "\(BenchmarkOffice.ownFolder)/vidyut"
        guard access(program, X_OK) == 0 else {
            throw BenchmarkError(
                "\(program) is not there: build the product vidyut in the same configuration, or "
                    + "name one with --server"
            )
        }
        let server = try start(program, office)
        do {
            try await server.waitUntilReady(log: office.serverLog)
            try await body(server)
        } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    private static func start(
        _ program: String,
        _ office: BenchmarkOffice
    ) throws -> ServerProcess {
        let port = try LoopbackSocket.freePort()
        guard FileManager.default.createFile(atPath: office.serverLog, contents: nil),
            let log = FileHandle(forWritingAtPath: office.serverLog)
        else {
            throw BenchmarkError("\(office.serverLog) cannot be written")
        }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = ["serve"]
        process.environment = [
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "VIDYUT_DATABASE_URL": office.cluster.applicationURL,
            "VIDYUT_MQTT_URL": office.brokerURL,
            "VIDYUT_HTTP_HOST": "127.0.0.1",
            "VIDYUT_HTTP_PORT": String(port),
        ]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = log
        process.standardError = log
        try process.run()
        return ServerProcess(process: process, port: port)
    }

    private func waitUntilReady(log: String) async throws {
        let deadline = Stopwatch.seconds + Limits.serverStartSeconds
        while !(await isReady()) {
            guard process.isRunning, Stopwatch.seconds < deadline else {
                let text = FileManager.default.contents(atPath: log) ?? Data()
                throw BenchmarkError(
                    "the server does not become ready: "
                        + String(decoding: text.suffix(Limits.logTailBytes), as: UTF8.self)
                )
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// Asks `/readyz` once.
    private func isReady() async -> Bool {
        guard let descriptor = try? LoopbackSocket.connected(to: port) else { return false }
        defer { close(descriptor) }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8)
        guard Glibc.send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) > 0
        else { return false }
        var received: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Limits.receiveBytes)
        for _ in 0..<50 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            if count > 0 { received += buffer[..<count] }
            if count == 0 { return false }
            if let answer = try? HTTPAnswer(received) { return answer.status == 200 }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return false
    }

    private func stop() async {
        guard process.isRunning else { return }
        process.terminate()
        let deadline = Stopwatch.seconds + Limits.serverStopSeconds
        while process.isRunning, Stopwatch.seconds < deadline { usleep(20_000) }
        if process.isRunning { kill(processID, SIGKILL) }
        process.waitUntilExit()
    }
}

extension BenchmarkOffice {
    /// What the server writes.
    var serverLog: String { "\(folder)/server.log" }
}
