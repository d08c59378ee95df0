package import Units

/// What one channel of an old meter showed; a value it could not give is nil.
package struct OldChannelReading: Hashable, Sendable {
    package var voltageMillivolts: Int32?
    package var currentMilliamps: Int32?
    /// *Apparent* power (VA), which is all this firmware computes.
    package var powerMilliwatts: Int32?

    package init(
        voltageMillivolts: Int32? = nil,
        currentMilliamps: Int32? = nil,
        powerMilliwatts: Int32? = nil
    ) {
        self.voltageMillivolts = voltageMillivolts
        self.currentMilliamps = currentMilliamps
        self.powerMilliwatts = powerMilliwatts
    }

    /// Nothing is missing.
    package var isWhole: Bool {
        voltageMillivolts != nil && currentMilliamps != nil && powerMilliwatts != nil
    }

    /// The channel with this register; a value that is missing is the one known before, or zero.
    package func reading(
        energyWattHours: Int64,
        known: ChannelReading? = nil
    ) -> ChannelReading {
        ChannelReading(
            energyWattHours: energyWattHours,
            powerMilliwatts: powerMilliwatts ?? known?.powerMilliwatts ?? 0,
            voltageMillivolts: voltageMillivolts ?? known?.voltageMillivolts ?? 0,
            currentMilliamps: currentMilliamps ?? known?.currentMilliamps ?? 0
        )
    }
}

/// One message of a meter with the student project's firmware: nine values, no name and no time.
package struct OldMeterMessage: Hashable, Sendable {
    package var main: OldChannelReading
    package var dev1: OldChannelReading
    package var dev2: OldChannelReading
    /// What of the message was not usable, each by name; the rest counts.
    package var faults: [ReadingFault]

    package init(
        main: OldChannelReading = OldChannelReading(),
        dev1: OldChannelReading = OldChannelReading(),
        dev2: OldChannelReading = OldChannelReading(),
        faults: [ReadingFault] = []
    ) {
        self.main = main
        self.dev1 = dev1
        self.dev2 = dev2
        self.faults = faults
    }
}

/// What switches a relay of an old meter: the one word of its one command.
package enum OldRelayCommand: String, CaseIterable, Hashable, Sendable {
    case mainOn = "mainon"
    case mainOff = "mainoff"
    case dev1On = "dev1on"
    case dev1Off = "dev1off"
    case dev2On = "dev2on"
    case dev2Off = "dev2off"

    /// The command for a channel.
    package init(_ channel: Channel, on: Bool) {
        switch channel {
        case .main: self = on ? .mainOn : .mainOff
        case .dev1: self = on ? .dev1On : .dev1Off
        case .dev2: self = on ? .dev2On : .dev2Off
        }
    }
}

/// Something the office should know of an old meter.
package struct OldMeterEvent: Hashable, Sendable {
    /// Stable names; clients switch on these, never on the detail.
    package enum Kind: String, CaseIterable, Sendable {
        /// The voltage rose above the limit: the supply is told to go off, once.
        case overVoltage = "over_voltage"
        /// A voltage within bounds was seen again.
        case overVoltageEnded = "over_voltage_ended"
        /// The meter came back, or its supply stayed on, after a trip: it is told again.
        case tripRepeated = "trip_repeated"
        /// Nothing was heard for longer than energy is counted over.
        case silence
        /// A person has released the trip.
        case released
        /// A person has switched a relay.
        case switched
        /// A command found no broker before it was too old.
        case commandExpired = "command_expired"
    }

    package var kind: Kind
    package var detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}

/// A register that the server keeps for a channel that has none: apparent power over real time.
///
/// Exact: whole watt-hours, and what is less than one is kept for the next message.
package struct DerivedRegister: Hashable, Sendable {
    package var wattHours: Int64
    /// Twice the milliwatt-microseconds that make no whole watt-hour yet.
    package var remainder: Int64
    /// When the channel last gave its power; nil before the first time.
    package var at: Instant?
    package var powerMilliwatts: Int32

    package init(
        wattHours: Int64 = 0,
        remainder: Int64 = 0,
        at: Instant? = nil,
        powerMilliwatts: Int32 = 0
    ) {
        self.wattHours = wattHours
        self.remainder = remainder
        self.at = at
        self.powerMilliwatts = powerMilliwatts
    }

    /// Twice the milliwatt-microseconds of a watt-hour.
    private static let wattHour: Int64 = 2 * 3_600 * 1_000 * 1_000_000

    /// Adds the energy since the last power (the mean of both), unless the silence between was longer
    /// than energy is counted over (R16); an older power than the last changes nothing.
    package mutating func add(powerMilliwatts power: Int32, at instant: Instant) {
        defer {
            if at.map({ $0 < instant }) ?? true {
                at = instant
                powerMilliwatts = power
            }
        }
        guard let at, at < instant, power >= 0 else { return }
        let micros = instant.microsecondsSince1970 - at.microsecondsSince1970
        guard micros <= Limits.oldMeterSilenceSeconds * 1_000_000 else { return }
        let energy = (Int64(powerMilliwatts) + Int64(power)) * micros + remainder
        wattHours += energy / Self.wattHour
        remainder = energy % Self.wattHour
    }
}
