package import Units

/// A reading as the meter made it: the truth that a test compares the database with.
package struct ProducedReading: Hashable, Sendable {
    package var epoch: Int32
    package var sequence: Int64
    package var at: Instant
    /// Registers in watt-hours of `main`, `dev1`, `dev2`.
    package var registerWattHours: [Int64]

    package init(epoch: Int32, sequence: Int64, at: Instant, registerWattHours: [Int64]) {
        self.epoch = epoch
        self.sequence = sequence
        self.at = at
        self.registerWattHours = registerWattHours
    }
}

/// How a simulated meter is built and how often it reads.
package struct SimulatedMeterConfiguration: Sendable {
    package var serial: String
    package var seed: UInt64
    package var intervalSeconds: Int64
    /// First energy in watt-hours that the register cannot show.
    package var registerModulusWattHours: Int64
    package var openingRegisterWattHours: Int64
    package var capacity: Int
    package var epoch: Int32
    /// The meter never learns the time: its readings carry ages.
    package var clockUnset: Bool
    /// Keeps every produced reading for comparison; a year of quarter hours takes 3 MB.
    package var keepsTruth: Bool
    /// Times at which something other than the household's own voltage stands at the terminals.
    package var voltageEvents: [VoltageEvent]

    package init(
        serial: String,
        seed: UInt64,
        intervalSeconds: Int64 = 900,
        registerModulusWattHours: Int64 = 1_000_000_000,
        openingRegisterWattHours: Int64 = 0,
        capacity: Int = 288,
        epoch: Int32 = 0,
        clockUnset: Bool = false,
        keepsTruth: Bool = false,
        voltageEvents: [VoltageEvent] = []
    ) {
        self.serial = serial
        self.seed = seed
        self.intervalSeconds = intervalSeconds
        self.registerModulusWattHours = registerModulusWattHours
        self.openingRegisterWattHours = openingRegisterWattHours
        self.capacity = capacity
        self.epoch = epoch
        self.clockUnset = clockUnset
        self.keepsTruth = keepsTruth
        self.voltageEvents = voltageEvents
    }

    /// The first thing that cannot work, as a sentence.
    var fault: String? {
        if !(1...86_400).contains(intervalSeconds) { return "The interval is 1 to 86400 seconds." }
        if !(1...Limits.storedReadings).contains(capacity) {
            return "The store holds 1 to \(Limits.storedReadings) readings."
        }
        if !(1...1_000_000_000_000_000).contains(registerModulusWattHours) {
            return "The register's modulus is 1 to 10^15 watt-hours."
        }
        if !(0..<registerModulusWattHours).contains(openingRegisterWattHours) {
            return "The opening register is below the modulus."
        }
        return epoch < 0 ? "The epoch is not negative." : nil
    }
}

/// A voltage that stands at the terminals from one instant until before another.
package struct VoltageEvent: Hashable, Sendable {
    package var from: Instant
    package var until: Instant
    package var volts: Double

    package init(from: Instant, until: Instant, volts: Double) {
        self.from = from
        self.until = until
        self.volts = volts
    }
}

/// Why a simulated meter could not be made or restored.
package enum FleetError: Error, Hashable, Sendable {
    case invalidConfiguration(String)
    /// The saved bytes are not a meter's state, or that of another kind of meter.
    case unreadableState(String)
}
