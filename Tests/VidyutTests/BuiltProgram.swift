import Foundation
import Glibc
import TestSupport
import Testing

/// The program as it was built beside these tests, run as a person runs it.
struct BuiltProgram: Sendable {
    /// Added to an environment that knows nothing of this one's settings.
    var environment: [String: String] = [:]

    static let path: String? = {
        let tests = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folders = [CommandLine.arguments.first, tests].compactMap { $0 }.map {
            URL(fileURLWithPath: $0).deletingLastPathComponent()
        }
        // The test runner may be the toolchain's own, which is told where the tests are.
        let bundles = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }.map {
            URL(fileURLWithPath: $0).deletingLastPathComponent()
        }
        return (bundles + folders).map { $0.appendingPathComponent("vidyut").path }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }()

    /// What a run left behind.
    struct Outcome: Sendable {
        let status: Int32
        let output: String
        let errors: String

        /// The output as JSON.
        func json() throws -> [String: Any] {
            try #require(
                try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
            )
        }
    }

    /// Runs it with these arguments to its end; blocks a thread of its own.
    func run(_ arguments: String..., input: String = "") async throws -> Outcome {
        try await run(arguments, input: input)
    }

    func run(_ arguments: [String], input: String = "") async throws -> Outcome {
        let path = try #require(Self.path)
        return try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try launch(path, arguments, input) })
            }
        }
    }

    /// Starts it with these arguments, silent, and leaves it running.
    func start(_ arguments: [String]) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.path))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: SourceTree.root)
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func launch(
        _ path: String,
        _ arguments: [String],
        _ input: String
    ) throws -> Outcome {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-run-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["input", "output", "errors"].map { folder.appendingPathComponent($0) }
        try input.write(to: files[0], atomically: false, encoding: .utf8)
        for file in files[1...] { try "".write(to: file, atomically: false, encoding: .utf8) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: SourceTree.root)
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            output: try String(contentsOf: files[1], encoding: .utf8),
            errors: try String(contentsOf: files[2], encoding: .utf8)
        )
    }
}

extension Process {
    /// Lets the program run for a while and then sends it a signal, unless it ended before.
    ///
    /// It waits on a thread of its own: many tests share a few, and a task that is woken late would let
    /// the program come to its end.
    /// - Returns: Whether the signal was sent.
    func run(for milliseconds: UInt32, then signal: Int32) async -> Bool {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                for _ in 0..<max(1, milliseconds / 5) where self.isRunning { usleep(5_000) }
                guard self.isRunning else { return continuation.resume(returning: false) }
                kill(self.processIdentifier, signal)
                continuation.resume(returning: true)
            }
        }
    }

    /// Whether it came to its end by itself and well.
    var endedWell: Bool {
        waitUntilExit()
        return terminationReason == .exit && terminationStatus == 0
    }
}

/// A text in a file of its own for as long as the body runs.
func withFile<Value>(
    _ text: String,
    _ body: (String) async throws -> Value
) async throws -> Value {
    let url = FileManager.default.temporaryDirectory
        .appendingPathComponent("vidyut-file-\(UUID().uuidString)")
    try text.write(to: url, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(at: url) }
    return try await body(url.path)
}
