import Fleet
import Foundation
import Glibc
import MQTT
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Synchronization
import TestSupport
import Testing
import Units
import UseCases

/// Nothing acknowledged is lost and nothing is stored twice (invariants 1 and 2), while the
/// program, the broker and the database are killed in turn under two hundred reporting meters.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && PrivateBroker.isInstalled && BuiltProgram.path != nil,
        "PostgreSQL, Mosquitto or the built program is missing"
    )
)
struct NothingLostTests {
    private static let meters = 200
    private static let rounds = 20

    @Test(.timeLimit(.minutes(10)))
    func `twenty kills of program, broker and database lose and double nothing`() async throws {
        let server = try KilledServer()
        defer { server.discard() }
        try await server.start()
        let pool = try server.pool()
        let useCases = UseCaseSet(store: Store(pool: pool), work: BlockingWork(), clock: liveClock)
        let office = try await useCases.addOffice(
            AddOffice.Input(code: "storm", name: "Office in a storm")
        )
        let manager = Caller(office: office.id, name: "manager", role: .manager)
        let logins = try await register(useCases, manager)
        let broker = try #require(PrivateBroker.running(stateDirectory: server.folder))
        let links = MQTTFleet(
            FleetBroker(host: "127.0.0.1", port: broker.port),
            logger: TestCluster.logger
        )

        let storm = try FleetRunner(
            FleetConfiguration(intervalSeconds: 1, keepsTruth: true),
            logins: logins,
            clock: realTime
        ) { links.link($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await storm.run() }
            for round in 0..<Self.rounds {
                try await Task.sleep(for: .milliseconds(1_500 + round * 311 % 1_000))
                try await server.kill(round)
            }
            try await Task.sleep(for: .seconds(2))
            group.cancelAll()
        }
        let calm = try await deliverTheRest(of: storm, logins: logins, links: links)

        try await compare([await storm.produced, await calm.produced], useCases, manager)
        await pool.shutdown()
        await server.stop()
    }

    private func register(_ useCases: UseCaseSet, _ manager: Caller) async throws -> [MeterLogin] {
        let rows = (1...Self.meters).map {
            ImportRow(line: $0 + 1, fields: ["serial": "storm-\($0)"])
        }
        return try await useCases.registerMeter.importRows(rows, by: manager).map {
            MeterLogin(serial: $0.meter.serial, user: $0.name, password: $0.credential)
        }
    }

    /// What the meters still hold when the storm is over, they send without making more.
    private func deliverTheRest(
        of storm: FleetRunner,
        logins: [MeterLogin],
        links: MQTTFleet
    ) async throws -> FleetRunner {
        let calm = try FleetRunner(
            FleetConfiguration(intervalSeconds: 86_400, keepsTruth: true),
            logins: logins,
            clock: realTime,
            saved: await storm.savedStates
        ) { links.link($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await calm.run() }
            var waited = 0
            while await calm.counts.unacknowledged > 0 {
                waited += 1
                guard waited < 240 else {
                    Issue.record("still held: \(await calm.counts.unacknowledged) readings")
                    break
                }
                try await Task.sleep(for: .milliseconds(500))
            }
            group.cancelAll()
        }
        return calm
    }

    private func compare(
        _ produced: [[String: [ProducedReading]]],
        _ useCases: UseCaseSet,
        _ manager: Caller
    ) async throws {
        var total = 0
        for number in 1...Self.meters {
            let serial = "storm-\(number)"
            let truth = produced.flatMap { $0[serial] ?? [] }
            let stored = try await useCases.showMeters.readings(
                serial: serial,
                from: Instant(secondsSince1970: 0),
                to: Instant(secondsSince1970: 4_000_000_000),
                limit: 100_000,
                by: manager
            )
            #expect(stored.map(\.at) == truth.map(\.at), "\(serial)")
            #expect(
                stored.map(\.main.energyWattHours) == truth.map { $0.registerWattHours[0] },
                "\(serial)"
            )
            #expect(
                stored.map { Int64($0.sequence ?? -1) } == truth.map(\.sequence),
                "\(serial)"
            )
            total += truth.count
        }
        #expect(total > Self.meters * Self.rounds, "the storm made \(total) readings")
    }

    private var liveClock: WallClock {
        WallClock { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
    }

    private var realTime: FleetClock {
        FleetClock(
            now: { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) },
            sleep: { try await Task.sleep(for: .seconds($0)) }
        )
    }
}

/// A `vidyut serve` of this test alone, with its private services, to be killed and started again.
private final class KilledServer: Sendable {
    let folder: String
    private let process = Mutex<Process?>(nil)

    init() throws {
        folder = "/tmp/vidyut-storm-\(UUID().uuidString.prefix(8))"
    }

    /// Starts the program and waits until the office is open.
    func start() async throws {
        let path = try #require(BuiltProgram.path)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["serve", "--port", "0", "--state-directory", folder]
        process.currentDirectoryURL = URL(fileURLWithPath: SourceTree.root)
        process.environment = ["PATH": "/usr/bin:/bin"]
        let log = folder + ".log"
        FileManager.default.createFile(atPath: log, contents: nil)
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardOutput = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        self.process.withLock { $0 = process }
        for _ in 0..<1_200 {
            let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
            if said.contains("the office is open") { return }
            guard process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let said = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
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
            if let broker = brokerProcess() { Glibc.kill(broker, SIGKILL) }
        default:
            if let database = databaseProcess() { Glibc.kill(database, SIGKILL) }
        }
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

    private func databaseProcess() -> Int32? {
        let path = folder + "/postgres/data/postmaster.pid"
        let first = (try? String(contentsOfFile: path, encoding: .utf8))?
            .split(separator: "\n").first
        return first.flatMap { Int32($0) }
    }

    private func brokerProcess() -> Int32? {
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
