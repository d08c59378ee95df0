import Foundation
import HTTPTypes
import Hummingbird
import Logging

/// What the web library itself can do: a server with one route that takes the bodies of readings and
/// answers as the office would, without looking at them.
enum BareRoute {
    static let command = "bare-route"

    /// Serves until the process is ended; prints its port first.
    static func serve() async throws {
        let router = Router()
        let answer = "{\"stored\":1,\"duplicates\":0,\"rejected\":[],\"acknowledgedSequence\":1}"
        router.post("v1/readings") { request, _ in
            _ = try await request.body.collect(upTo: 1 << 20)
            return Response(
                status: .ok,
                headers: [.contentType: "application/json"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: answer))
            )
        }
        var logger = Logger(label: "bare")
        logger.logLevel = .error
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                FileHandle.standardOutput.write(
                    Data("\(channel.localAddress?.port ?? 0)\n".utf8)
                )
            },
            logger: logger
        )
        try await application.run()
    }

    /// Runs it as a process of its own, as the office runs.
    static func with<Value: Sendable>(
        _ body: (_ port: Int, _ processID: Int32) async throws -> Value
    ) async throws -> Value {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = [command]
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var line = Data()
        while !line.contains(10) {
            let piece = pipe.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw BenchmarkError("the bare route does not start") }
            line += piece
        }
        guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else {
            throw BenchmarkError("the bare route has no port")
        }
        return try await body(port, process.processIdentifier)
    }
}
