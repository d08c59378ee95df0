import Fleet
import Foundation
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Units
import UseCases

/// A storm of minutes over a reporting fleet: what was made, acknowledged and stored, and how long the
/// service took to come back.
struct ChaosBenchmark: Sendable {
    let options: NumberOptions

    static let help = """
        usage: bench chaos [OPTIONS]

        chaos: simulated meters with the firmware's core report over MQTT to a server with private
        services, while program, broker and database are killed or ended and floods of silent
        connections come, at random times. At the end the meters deliver what they hold, and every
        reading made must be stored once. Not part of a run of all benchmarks.

          --meters N      that report (200)
          --interval N    seconds between two readings of a meter (1)
          --seconds N     of storm (300)
          --pause N       seconds at most between two blows (6)
          --seed N        of the blows (1)
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        guard
            let options = try NumberOptions(
                arguments,
                [
                    "meters": .init(200, 1...10_000), "interval": .init(1, 1...900),
                    "seconds": .init(300, 10...86_400), "pause": .init(6, 1...600),
                    "seed": .init(1, 0...1_000_000),
                ]
            )
        else { return nil }
        self.options = options
    }

    func run() async throws {
        try LoopbackSocket.allowOpenFiles(
            options["meters"] + Limits.floodConnections + Limits.ownFiles
        )
        let server = try StormServer()
        do {
            try await server.start()
            _ = try await server.untilWell()
            try await storm(over: server)
        } catch {
            await server.end(failed: true)
            throw error
        }
        await server.end(failed: false)
    }

    private func storm(over server: StormServer) async throws {
        guard let database = PrivateCluster.running(stateDirectory: server.folder),
            let broker = PrivateBroker.running(stateDirectory: server.folder)
        else { throw BenchmarkError("the server has no private services") }
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: database.applicationURL),
            logger: Benchmarks.logger
        )
        let useCases = UseCaseSet(store: Store(pool: pool), work: BlockingWork(), clock: Self.wall)
        let office = try await useCases.addOffice(AddOffice.Input(code: "storm", name: "Storm"))
        let rows = (1...options["meters"]).map {
            ImportRow(line: $0 + 1, fields: ["serial": "storm-\($0)"])
        }
        let caller = Caller.operatorOfMachine(office.id)
        let logins = try await useCases.registerMeter.importRows(rows, by: caller).map {
            MeterLogin(serial: $0.meter.serial, user: $0.name, password: $0.credential)
        }
        let links = MQTTFleet(
            FleetBroker(host: "127.0.0.1", port: broker.port),
            logger: Benchmarks.logger
        )
        let fleet = try FleetRunner(
            FleetConfiguration(intervalSeconds: Int64(options["interval"]), keepsTruth: true),
            logins: logins,
            clock: Self.clock
        ) { links.link($0) }
        Benchmarks.say("bench: \(options["seconds"]) s of storm over \(logins.count) meters")
        var blows: [StormServer.Blow: [Double]] = [:]
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run() }
            blows = try await strike(server)
            group.cancelAll()
        }
        let inStorm = await fleet.counts
        let calm = try await deliverTheRest(of: fleet, logins, links)
        let made = [await fleet.produced, await calm.produced]
        let result = try await compare(made, useCases, caller)
        let refused = try await useCases.showMeters.rejections(by: caller)
        await pool.shutdown()
        let end = await calm.counts
        tell(blows, inStorm, result, held: end.unacknowledged, dropped: end.dropped)
        for line in result.details.prefix(Limits.detailsTold) { print(line) }
        for refusal in refused { print("refused: \(refusal)") }
        guard result.missing == 0, result.unknown == 0, end.unacknowledged == 0 else {
            throw BenchmarkError("the storm lost or doubled readings")
        }
    }

    /// Blows at random times, each when the service has come back from the last; seconds until then.
    private func strike(_ server: StormServer) async throws -> [StormServer.Blow: [Double]] {
        var random = Noise(seed: UInt64(options["seed"]))
        var blows: [StormServer.Blow: [Double]] = [:]
        let end = Stopwatch.seconds + Double(options["seconds"])
        while Stopwatch.seconds < end {
            let pause = 0.5 + random.next() * Double(options["pause"])
            try await Task.sleep(for: .seconds(min(pause, max(0.1, end - Stopwatch.seconds))))
            let all = StormServer.Blow.allCases
            let blow = all[min(Int(random.next() * Double(all.count)), all.count - 1)]
            Benchmarks.say("bench: \(Self.wall.now()) \(blow.rawValue)")
            try await server.strike(blow)
            // What was killed is not noticed at once: a moment later it is well only if it came back.
            try await Task.sleep(for: .milliseconds(300))
            let seconds = try await server.untilWell() + 0.3
            blows[blow, default: []].append(seconds)
            server.endFlood()
        }
        return blows
    }

    /// Numbers from 0 to below 1 of a seed.
    private struct Noise {
        var state: UInt64

        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 33) / Double(1 << 31)
        }
    }

    private func deliverTheRest(
        of fleet: FleetRunner,
        _ logins: [MeterLogin],
        _ links: MQTTFleet
    ) async throws -> FleetRunner {
        let calm = try FleetRunner(
            FleetConfiguration(
                intervalSeconds: 86_400,
                leastCapacity: Fleet.Limits.storedReadings,
                keepsTruth: true
            ),
            logins: logins,
            clock: Self.clock,
            saved: await fleet.savedStates
        ) { links.link($0) }
        Benchmarks.say("bench: the meters deliver what they hold")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await calm.run() }
            let end = Stopwatch.seconds + Limits.stormPatienceSeconds
            while await calm.counts.unacknowledged > 0, Stopwatch.seconds < end {
                try await Task.sleep(for: .milliseconds(500))
            }
            group.cancelAll()
        }
        return calm
    }

    private struct Result {
        var made = 0
        var stored = 0
        /// Made and not stored as it was made, and stored though nobody made it.
        var missing = 0
        var unknown = 0
        var details: [String] = []
    }

    private struct Reading: Hashable {
        let at: Instant
        let sequence: Int64
        let register: Int64
    }

    private func compare(
        _ made: [[String: [ProducedReading]]],
        _ useCases: UseCaseSet,
        _ caller: Caller
    ) async throws -> Result {
        var result = Result()
        for serial in Set(made.flatMap(\.keys)) {
            let truth = made.flatMap { $0[serial] ?? [] }.map {
                Reading(at: $0.at, sequence: $0.sequence, register: $0.registerWattHours[0])
            }
            let stored = try await useCases.showMeters.readings(
                serial: serial,
                from: Instant(secondsSince1970: 0),
                to: Instant(secondsSince1970: 4_000_000_000),
                limit: 1_000_000,
                by: caller
            ).map {
                Reading(
                    at: $0.at,
                    sequence: Int64($0.sequence ?? -1),
                    register: $0.main.energyWattHours
                )
            }
            result.made += truth.count
            result.stored += stored.count
            let missing = Set(truth).subtracting(stored)
            result.missing += missing.count
            result.details += missing.sorted { $0.sequence < $1.sequence }.map { reading in
                "missing: \(serial), number \(reading.sequence) of \(reading.at)"
            }
            result.unknown += stored.count - Set(stored).intersection(truth).count
        }
        return result
    }

    private func tell(
        _ blows: [StormServer.Blow: [Double]],
        _ storm: FleetCounts,
        _ result: Result,
        held: Int,
        dropped: Int
    ) {
        print("chaos: \(options["meters"]) meters, \(options["seconds"]) s of storm\n")
        print("blow                       times   back after s: median    longest")
        for blow in StormServer.Blow.allCases {
            let times = blows[blow] ?? []
            print(
                blow.rawValue.padding(toLength: 27, withPad: " ", startingAt: 0)
                    + String(
                        format: "%5d %22.1f %10.1f",
                        times.count,
                        times.median,
                        times.max() ?? 0
                    )
            )
        }
        print(
            """

            readings made \(result.made), acknowledged in the storm \
            \(storm.readings - storm.unacknowledged - storm.dropped), after it \
            \(result.made - held), stored \(result.stored)
            missing \(result.missing), not as made or twice \(result.unknown), \
            still held \(held), given up by a meter \(dropped)
            messages \(storm.messages), connections \(storm.connections)
            """
        )
    }

    private static var wall: WallClock {
        WallClock { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
    }

    private static var clock: FleetClock {
        FleetClock(
            now: { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) },
            sleep: { try await Task.sleep(for: .seconds($0)) }
        )
    }
}
