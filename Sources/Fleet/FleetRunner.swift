package import Units

/// Who a meter is to the broker.
package struct MeterLogin: Hashable, Sendable {
    package var serial: String
    /// `office.serial`, the meter's name in the whole installation.
    package var user: String
    package var password: String

    package init(serial: String, user: String, password: String) {
        self.serial = serial
        self.user = user
        self.password = password
    }
}

/// How a fleet is built.
package struct FleetConfiguration: Sendable {
    package var seed: UInt64
    package var intervalSeconds: Int64
    /// The meters begin this long before the present, as after an outage of the network.
    package var backlogSeconds: Int64
    /// Registers begin with this many watt-hours, by serial number; 0 for the others.
    package var openingRegisters: [String: Int64]
    /// When meters begin, by serial number; the others begin with the backlog.
    package var starts: [String: Instant]
    /// Goes up when the meters have lost their counts, as after a restart of the simulation.
    package var epoch: Int32
    package var registerModulusWattHours: Int64
    package var clockUnset: Bool
    /// Readings that each meter's store holds at least: a meter that goes on from a saved state with
    /// a longer interval must not give up what it holds.
    package var leastCapacity: Int
    package var keepsTruth: Bool
    package var reporting: ReportingConfiguration
    package var faults: LinkFaults

    package init(
        seed: UInt64 = 1,
        intervalSeconds: Int64 = 900,
        backlogSeconds: Int64 = 0,
        openingRegisters: [String: Int64] = [:],
        starts: [String: Instant] = [:],
        epoch: Int32 = 0,
        registerModulusWattHours: Int64 = 1_000_000_000,
        clockUnset: Bool = false,
        leastCapacity: Int = 64,
        keepsTruth: Bool = false,
        reporting: ReportingConfiguration = ReportingConfiguration(),
        faults: LinkFaults = .none
    ) {
        self.seed = seed
        self.intervalSeconds = intervalSeconds
        self.backlogSeconds = backlogSeconds
        self.openingRegisters = openingRegisters
        self.starts = starts
        self.epoch = epoch
        self.registerModulusWattHours = registerModulusWattHours
        self.clockUnset = clockUnset
        self.leastCapacity = leastCapacity
        self.keepsTruth = keepsTruth
        self.reporting = reporting
        self.faults = faults
    }

    /// The backlog and a day more, at least: nothing is given up while the server is away a while.
    var capacity: Int {
        let interval = max(1, intervalSeconds)
        let wanted = (max(0, backlogSeconds) + 86_400) / interval + 1
        return Int(min(max(wanted, Int64(leastCapacity)), Int64(Limits.storedReadings)))
    }
}

/// Many meters at once, each over its own link.
package struct FleetRunner: Sendable {
    private let agents: [(serial: String, agent: MeterAgent)]

    /// Makes the meters; each begins from its saved state where there is one.
    ///
    /// `saved` holds states by serial number, as `savedStates` gave them; `link` gives each meter
    /// its way to the server.
    package init(
        _ configuration: FleetConfiguration,
        logins: [MeterLogin],
        clock: FleetClock,
        saved: [String: [UInt8]] = [:],
        link: (MeterLogin) -> any FleetLink
    ) throws(FleetError) {
        guard logins.count <= Limits.meters else {
            throw .invalidConfiguration("A fleet has at most \(Limits.meters) meters.")
        }
        let start = clock.now().adding(seconds: -configuration.backlogSeconds)
        var agents: [(serial: String, agent: MeterAgent)] = []
        for login in logins {
            let settings = SimulatedMeterConfiguration(
                serial: login.serial,
                seed: configuration.seed,
                intervalSeconds: configuration.intervalSeconds,
                registerModulusWattHours: configuration.registerModulusWattHours,
                openingRegisterWattHours: configuration.openingRegisters[login.serial] ?? 0,
                capacity: configuration.capacity,
                epoch: configuration.epoch,
                clockUnset: configuration.clockUnset,
                keepsTruth: configuration.keepsTruth
            )
            var way = link(login)
            if configuration.faults != .none {
                way = FaultyLink(
                    way,
                    faults: configuration.faults,
                    seed: configuration.seed,
                    serial: login.serial
                )
            }
            let agent = try FleetRunner.agent(
                settings,
                state: saved[login.serial],
                start: configuration.starts[login.serial] ?? start,
                link: way,
                clock: clock,
                reporting: configuration.reporting
            )
            agents.append((login.serial, agent))
        }
        self.agents = agents
    }

    private static func agent(
        _ settings: SimulatedMeterConfiguration,
        state: [UInt8]?,
        start: Instant,
        link: any FleetLink,
        clock: FleetClock,
        reporting: ReportingConfiguration
    ) throws(FleetError) -> MeterAgent {
        guard let state else {
            return MeterAgent(
                try SimulatedMeter(settings, start: start),
                link: link,
                clock: clock,
                reporting: reporting
            )
        }
        return MeterAgent(
            try SimulatedMeter(settings, restoring: state),
            link: link,
            clock: clock,
            reporting: reporting
        )
    }

    /// Runs all meters until the task is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for (_, agent) in agents {
                group.addTask { await agent.run() }
            }
        }
    }

    /// The sum over all meters.
    package var counts: FleetCounts {
        get async {
            var sum = FleetCounts()
            for (_, agent) in agents { sum = sum + (await agent.counts) }
            return sum
        }
    }

    /// The meters by serial number.
    package func agent(of serial: String) -> MeterAgent? {
        agents.first { $0.serial == serial }?.agent
    }

    /// Every reading made by serial number, when the meters keep the truth.
    package var produced: [String: [ProducedReading]] {
        get async {
            var all: [String: [ProducedReading]] = [:]
            for (serial, agent) in agents { all[serial] = await agent.produced }
            return all
        }
    }

    /// What survives a kill of the process, by serial number.
    package var savedStates: [String: [UInt8]] {
        get async {
            var all: [String: [UInt8]] = [:]
            for (serial, agent) in agents { all[serial] = await agent.saved() }
            return all
        }
    }
}
