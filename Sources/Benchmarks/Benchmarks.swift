import Dispatch
import Foundation
import Glibc
import Logging

/// A benchmark that cannot go on, in words for whoever started it.
struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// What `./dev bench` runs.
@main
struct Benchmarks {
    static let logger = Logger(label: "bench") { label in
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = .warning
        return handler
    }

    static func main() async {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        let options: IntakeOptions
        do throws(BenchmarkError) {
            guard let parsed = try IntakeOptions(arguments) else {
                print(IntakeOptions.help)
                return
            }
            options = parsed
        } catch {
            say("\(error)\n\n\(IntakeOptions.help)")
            exit(64)
        }
        do {
            try await interruptible { try await IntakeBenchmark(options: options).run() }
        } catch is CancellationError {
            exit(130)
        } catch {
            say("bench: \(error)")
            exit(1)
        }
    }

    /// Says something to whoever watches, beside the figures.
    static func say(_ text: String) {
        FileHandle.standardError.write(Data("\(text)\n".utf8))
    }

    /// Runs the body until it ends, or until a signal cancels it.
    private static func interruptible(
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let (signals, sink) = AsyncStream.makeStream(of: Int32.self)
        let sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { sink.yield(number) }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await body() }
            group.addTask {
                for await _ in signals { throw CancellationError() }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
