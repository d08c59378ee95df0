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

    /// A benchmark with its name and what it takes.
    private struct Entry: Sendable {
        let name: String
        let help: String
        /// Nil when help was asked for.
        let make:
            @Sendable (ArraySlice<String>) throws(BenchmarkError) -> (
                @Sendable () async throws -> Void
            )?
        /// Whether it runs when all of them are wanted.
        var isOfAll = true
    }

    private static let entries = [
        Entry(name: "intake", help: IntakeOptions.help) { words throws(BenchmarkError) in
            guard let options = try IntakeOptions(Array(words)) else { return nil }
            return { try await IntakeBenchmark(options: options).run() }
        },
        Entry(name: "fleet", help: FleetBenchmark.help) { words throws(BenchmarkError) in
            guard let fleet = try FleetBenchmark(words) else { return nil }
            return { try await fleet.run() }
        },
        Entry(name: "growth", help: GrowthBenchmark.help) { words throws(BenchmarkError) in
            guard let growth = try GrowthBenchmark(words) else { return nil }
            return { try await growth.run() }
        },
        Entry(name: "storage", help: StorageBenchmark.help) { words throws(BenchmarkError) in
            guard let storage = try StorageBenchmark(words) else { return nil }
            return { try await storage.run() }
        },
        Entry(name: "queries", help: QueriesBenchmark.help) { words throws(BenchmarkError) in
            guard let queries = try QueriesBenchmark(words) else { return nil }
            return { try await queries.run() }
        },
        Entry(name: "bills", help: BillsBenchmark.help) { words throws(BenchmarkError) in
            guard let bills = try BillsBenchmark(words) else { return nil }
            return { try await bills.run() }
        },
        Entry(name: "import", help: ImportBenchmark.help) { words throws(BenchmarkError) in
            guard let files = try ImportBenchmark(words) else { return nil }
            return { try await files.run() }
        },
        Entry(name: "forecast", help: ForecastBenchmark.help) { words throws(BenchmarkError) in
            guard let forecast = try ForecastBenchmark(words) else { return nil }
            return { try await forecast.run() }
        },
        Entry(name: "coming-bill", help: ComingBillBenchmark.help) { words throws(BenchmarkError) in
            guard let coming = try ComingBillBenchmark(words) else { return nil }
            return { try coming.run() }
        },
        Entry(
            name: "chaos",
            help: ChaosBenchmark.help,
            make: { words throws(BenchmarkError) in
                guard let chaos = try ChaosBenchmark(words) else { return nil }
                return { try await chaos.run() }
            },
            isOfAll: false
        ),
    ]

    private static var help: String { entries.map(\.help).joined(separator: "\n\n") }

    /// The benchmark of the first word, or every one.
    private static func chosen(
        _ arguments: [String]
    ) throws(BenchmarkError) -> [@Sendable () async throws -> Void] {
        if arguments.first == BareRoute.command { return [{ try await BareRoute.serve() }] }
        if arguments.first == ForecastNightProcess.command {
            return [{ try await ForecastNightProcess.run(Array(arguments.dropFirst())) }]
        }
        if let entry = entries.first(where: { $0.name == arguments.first }) {
            guard let body = try entry.make(arguments.dropFirst()) else {
                print(entry.help)
                return []
            }
            return [body]
        }
        guard arguments.isEmpty else {
            // Options alone are those of the first.
            guard let intake = try IntakeOptions(arguments) else {
                print(help)
                return []
            }
            return [{ try await IntakeBenchmark(options: intake).run() }]
        }
        var wanted: [@Sendable () async throws -> Void] = []
        for entry in entries where entry.isOfAll {
            if let body = try entry.make([]) { wanted.append(body) }
        }
        return wanted
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
