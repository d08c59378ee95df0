import Fleet
import Foundation
import MQTT
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// An office in a storm: its meters over the real broker of a server that is hurt, and the truth of
/// what they made.
struct Storm: Sendable {
    let server: KilledServer
    let useCases: UseCaseSet
    let manager: Caller
    let logins: [MeterLogin]
    private let pool: PostgresPool

    /// Starts the server and opens an office with so many meters.
    static func begin(_ server: KilledServer, meters: Int) async throws -> Storm {
        try await server.start()
        let pool = try server.pool()
        let useCases = UseCaseSet(store: Store(pool: pool), work: BlockingWork(), clock: liveClock)
        let office = try await useCases.addOffice(
            AddOffice.Input(code: "storm", name: "Office in a storm")
        )
        let manager = Caller(office: office.id, name: "manager", role: .manager)
        let rows = (1...meters).map {
            ImportRow(line: $0 + 1, fields: ["serial": "storm-\($0)"])
        }
        let logins = try await useCases.registerMeter.importRows(rows, by: manager).map {
            MeterLogin(serial: $0.meter.serial, user: $0.name, password: $0.credential)
        }
        return Storm(
            server: server,
            useCases: useCases,
            manager: manager,
            logins: logins,
            pool: pool
        )
    }

    /// Closes this side and ends the server as a person would.
    func end() async {
        await pool.shutdown()
        await server.stop()
    }

    private func links() throws -> MQTTFleet {
        let broker = try #require(PrivateBroker.running(stateDirectory: server.folder))
        return MQTTFleet(
            FleetBroker(host: "127.0.0.1", port: broker.port),
            logger: TestCluster.logger
        )
    }

    /// Runs some of the meters, a reading a second each, while the body does its worst; afterwards
    /// they deliver what they still hold, and everything must be stored once.
    ///
    /// - Returns: How many readings were made.
    @discardableResult
    func report(
        _ meters: Range<Int>? = nil,
        liveSeconds: Double? = nil,
        during body: (FleetRunner) async throws -> Void
    ) async throws -> Int {
        let logins = Array(self.logins[meters ?? self.logins.indices])
        let links = try links()
        let fleet = try FleetRunner(
            FleetConfiguration(
                intervalSeconds: 1,
                keepsTruth: true,
                reporting: ReportingConfiguration(liveSeconds: liveSeconds)
            ),
            logins: logins,
            clock: realTime
        ) { links.link($0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await fleet.run() }
            defer { group.cancelAll() }
            try await body(fleet)
        }
        let calm = try await deliverTheRest(of: fleet, logins: logins, links: links)
        return try await compare([await fleet.produced, await calm.produced], logins)
    }

    /// What the meters still hold when the storm is over, they send without making more.
    private func deliverTheRest(
        of storm: FleetRunner,
        logins: [MeterLogin],
        links: MQTTFleet
    ) async throws -> FleetRunner {
        let calm = try FleetRunner(
            FleetConfiguration(
                intervalSeconds: 86_400,
                leastCapacity: Fleet.Limits.storedReadings,
                keepsTruth: true
            ),
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

    /// Every reading that was made is stored once, as it was made.
    private func compare(
        _ produced: [[String: [ProducedReading]]],
        _ logins: [MeterLogin]
    ) async throws -> Int {
        var total = 0
        for login in logins {
            let truth = produced.flatMap { $0[login.serial] ?? [] }
            let stored = try await stored(login.serial)
            #expect(stored.map(\.at) == truth.map(\.at), "\(login.serial)")
            #expect(
                stored.map(\.main.energyWattHours) == truth.map { $0.registerWattHours[0] },
                "\(login.serial)"
            )
            #expect(
                stored.map { Int64($0.sequence ?? -1) } == truth.map(\.sequence),
                "\(login.serial)"
            )
            total += truth.count
        }
        return total
    }

    /// What the office has of a meter.
    func stored(_ serial: String) async throws -> [AcceptedReading] {
        try await useCases.showMeters.readings(
            serial: serial,
            from: Instant(secondsSince1970: 0),
            to: Instant(secondsSince1970: 4_000_000_000),
            limit: 100_000,
            by: manager
        )
    }

    private static var liveClock: WallClock {
        WallClock { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }
    }

    private var realTime: FleetClock {
        FleetClock(
            now: { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) },
            sleep: { try await Task.sleep(for: .seconds($0)) }
        )
    }
}
