import Foundation
import Logging
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Units
import UseCases

/// A night of forecasts as a process of its own: what one server does, alone or beside another.
enum ForecastNightProcess {
    static let command = "forecast-night"

    /// What a process says at its end.
    struct Figures: Codable, Sendable {
        var forecasts: Int
        var peakMegabytes: Int
    }

    /// Runs the night of `DATABASE TENANT ORIGIN NOW`, the last two in days and seconds since 1970.
    static func run(_ arguments: [String]) async throws {
        guard arguments.count == 4, let tenant = Int32(arguments[1]),
            let origin = Int32(arguments[2]), let now = Int64(arguments[3])
        else { throw BenchmarkError("\(command) DATABASE TENANT ORIGIN NOW") }
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: arguments[0]),
            logger: Benchmarks.logger
        )
        let run = try await useCases(pool, now: Instant(secondsSince1970: now)).runForecasts(
            origin: CivilDate(daysSince1970: origin),
            by: .operatorOfMachine(Office.ID(tenant))
        )
        await pool.shutdown()
        let figures = Figures(
            forecasts: run.forecasts,
            peakMegabytes: OwnProcess.peakMegabytes()
        )
        print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
    }

    /// The program's verbs on a database at an instant.
    static func useCases(_ pool: PostgresPool, now: Instant) -> UseCaseSet {
        UseCaseSet(store: Store(pool: pool), work: BlockingWork(), clock: WallClock { now })
    }

    /// Runs one night by so many processes at once; what each of them said.
    static func together(
        _ count: Int,
        _ office: BenchmarkOffice,
        origin: CivilDate,
        now: Instant
    ) async throws -> [Figures] {
        try await withThrowingTaskGroup(of: Figures.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await one([
                        command, office.cluster.applicationURL, "\(office.tenant)",
                        "\(origin.daysSince1970)", "\(now.secondsSince1970)",
                    ])
                }
            }
            var figures: [Figures] = []
            for try await one in group { figures.append(one) }
            return figures
        }
    }

    private static func one(_ arguments: [String]) async throws -> Figures {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation {
                (ended: CheckedContinuation<Void, any Error>) in
                process.terminationHandler = { _ in ended.resume() }
                do { try process.run() } catch { ended.resume(throwing: error) }
            }
        } onCancel: {
            if process.isRunning { process.terminate() }
        }
        // A line, far shorter than what a pipe holds.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("a night's process ended with \(process.terminationStatus)")
        }
        return try JSONDecoder().decode(Figures.self, from: text)
    }
}
