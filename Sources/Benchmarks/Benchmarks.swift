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
        do {
            let wanted: [@Sendable () async throws -> Void]
            do {
                wanted = try chosen(arguments)
            } catch {
                say("\(error)\n\n\(help)")
                exit(64)
            }
            for benchmark in wanted { try await interruptible(benchmark) }
        } catch is CancellationError {
            exit(130)
        } catch {
            say("bench: \(error)")
            exit(1)
        }
    }

    private static let help = [
        IntakeOptions.help, BillsBenchmark.help, ImportBenchmark.help, ForecastBenchmark.help,
        ComingBillBenchmark.help,
    ].joined(separator: "\n\n")

    /// The benchmark of the first word, or every one.
    private static func chosen(
        _ arguments: [String]
    ) throws(BenchmarkError) -> [@Sendable () async throws -> Void] {
        if arguments.first == BareRoute.command { return [{ try await BareRoute.serve() }] }
        if arguments.first == "bills" {
            guard let bills = try BillsBenchmark(arguments.dropFirst()) else {
                print(BillsBenchmark.help)
                return []
            }
            return [{ try await bills.run() }]
        }
        if arguments.first == "import" {
            guard let files = try ImportBenchmark(arguments.dropFirst()) else {
                print(ImportBenchmark.help)
                return []
            }
            return [{ try await files.run() }]
        }
        if arguments.first == "coming-bill" {
            guard let coming = try ComingBillBenchmark(arguments.dropFirst()) else {
                print(ComingBillBenchmark.help)
                return []
            }
            return [{ try coming.run() }]
        }
        if arguments.first == "forecast" {
            guard let forecast = try ForecastBenchmark(arguments.dropFirst()) else {
                print(ForecastBenchmark.help)
                return []
            }
            return [{ try await forecast.run() }]
        }
        guard let options = try IntakeOptions(arguments) else {
            print(help)
            return []
        }
        let intake: @Sendable () async throws -> Void = {
            try await IntakeBenchmark(options: options).run()
        }
        guard arguments.isEmpty, let bills = try BillsBenchmark([]),
            let files = try ImportBenchmark([]), let forecast = try ForecastBenchmark([])
        else { return [intake] }
        return [
            intake, { try await bills.run() }, { try await files.run() },
            { try await forecast.run() },
        ]
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
