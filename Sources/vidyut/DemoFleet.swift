import Fleet
import Metering
import Registry
import Units
import UseCases

/// The fleet of the demo's town: each meter goes on from the last register the office knows of it.
struct DemoFleet: Sendable {
    let services: ProgramServices
    let town: DemoTown.Town
    let manager: Caller

    private static let intervalSeconds: Int64 = 300
    private static let liveSeconds = 2.0

    /// Gives every meter a new credential and makes its simulated self.
    func make() async throws -> FleetRunner {
        let useCases = services.useCases
        let now = useCases.clock.now()
        var configuration = FleetConfiguration(
            seed: DemoTown.seed,
            intervalSeconds: Self.intervalSeconds,
            backlogSeconds: 3 * 86_400,
            reporting: ReportingConfiguration(
                maximumReadings: 50,
                spreadSeconds: 20,
                liveSeconds: Self.liveSeconds
            )
        )
        var logins: [MeterLogin] = []
        for serial in town.reportingSerials {
            let registered = try await useCases.registerMeter.renewCredential(
                serial: serial,
                by: manager
            )
            logins.append(
                MeterLogin(
                    serial: serial,
                    user: registered.name,
                    password: registered.credential
                )
            )
            let last = try await lastReading(of: serial, before: now)
            configuration.starts[serial] = last?.at ?? hungUpAt(now)
            configuration.openingRegisters[serial] = last?.main.energyWattHours
            configuration.epoch = max(configuration.epoch, Int32(last?.epoch ?? 0) + 1)
        }
        // In force before the first meter knocks.
        try await services.writeBrokerAccess?(
            try await useCases.brokerCredentials(),
            try await useCases.showGateway.listeners()
        )
        guard let broker = services.broker else {
            throw ConfigurationError("the demo needs a broker")
        }
        let fleet = MQTTFleet(
            FleetBroker(host: broker.host, port: broker.port),
            logger: services.logger
        )
        return try FleetRunner(configuration, logins: logins, clock: .live) { fleet.link($0) }
    }

    /// When a meter without a reading was hung up: at the exchange, two days ago.
    private func hungUpAt(_ now: Instant) -> Instant {
        let zone = town.office.zone
        let today = zone.date(of: now.adding(seconds: -300))
        return zone.start(of: today.adding(days: -DemoHousehold.exchangeDaysAgo))
    }

    /// The last reading of a meter within the last days; nil for one that was hung up now.
    private func lastReading(
        of serial: String,
        before now: Instant
    ) async throws -> AcceptedReading? {
        for days: Int64 in [1, 4] {
            let readings = try await services.useCases.showMeters.readings(
                serial: serial,
                from: now.adding(seconds: -days * 86_400),
                to: now.adding(seconds: 1),
                limit: 5_000,
                by: manager
            )
            if let last = readings.last { return last }
        }
        return nil
    }
}
