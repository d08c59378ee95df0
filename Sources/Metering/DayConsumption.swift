package import Units

/// One meter's local day as the rollup keeps it.
package struct MeterDay: Hashable, Sendable {
    package var meter: Meter.ID
    package var day: CivilDate
    package var readings: Int
    /// The first and the last register that count; nil on a day without one.
    package var first: RegisterReading?
    package var last: RegisterReading?
    package var maximumPower: Power?
    package var minimumVoltage: Voltage?
    package var maximumVoltage: Voltage?
    /// What the register machine found, the multiplier included; nil where it was not asked.
    package var energy: Energy?
    package var quality: SlotQuality
    package var isPending: Bool

    package init(
        meter: Meter.ID,
        day: CivilDate,
        readings: Int,
        first: RegisterReading?,
        last: RegisterReading?,
        maximumPower: Power? = nil,
        minimumVoltage: Voltage? = nil,
        maximumVoltage: Voltage? = nil,
        energy: Energy? = nil,
        quality: SlotQuality = [],
        isPending: Bool = false
    ) {
        self.energy = energy
        self.quality = quality
        self.isPending = isPending
        self.meter = meter
        self.day = day
        self.readings = readings
        self.first = first
        self.last = last
        self.maximumPower = maximumPower
        self.minimumVoltage = minimumVoltage
        self.maximumVoltage = maximumVoltage
    }
}

/// The energy of a day or month as pages and the API show it.
package struct UsageValue: Hashable, Sendable {
    /// The day, or the first day of the month.
    package var first: CivilDate
    package var last: CivilDate
    /// Nil where no reading tells it.
    package var energy: Energy?
    /// Part of the energy was shared out over a time without readings (R16).
    package var isEstimated: Bool
    /// Days of this span without a reading: named, not invented.
    package var missingDays: Int
    /// The span is still running.
    package var isOpen: Bool

    package init(
        first: CivilDate,
        last: CivilDate,
        energy: Energy?,
        isEstimated: Bool = false,
        missingDays: Int,
        isOpen: Bool
    ) {
        self.isEstimated = isEstimated
        self.first = first
        self.last = last
        self.energy = energy
        self.missingDays = missingDays
        self.isOpen = isOpen
    }
}

/// The newest values of a meter.
package struct LatestReading: Hashable, Sendable {
    package var meter: Meter.ID
    package var at: Instant
    package var receivedAt: Instant
    package var main: ChannelReading
    package var dev1: ChannelReading?
    package var dev2: ChannelReading?

    package init(
        meter: Meter.ID,
        at: Instant,
        receivedAt: Instant,
        main: ChannelReading,
        dev1: ChannelReading? = nil,
        dev2: ChannelReading? = nil
    ) {
        self.meter = meter
        self.at = at
        self.receivedAt = receivedAt
        self.main = main
        self.dev1 = dev1
        self.dev2 = dev2
    }
}

/// A reading the server has placed in time and found possible.
package struct AcceptedReading: Hashable, Sendable {
    package var at: Instant
    package var epoch: Int16
    package var sequence: Int32?
    package var main: ChannelReading
    package var dev1: ChannelReading?
    package var dev2: ChannelReading?
    package var flags: ReadingFlags
    package var extras: [Channel: ExtraQuantities]

    package init(
        at: Instant,
        epoch: Int16,
        sequence: Int32?,
        main: ChannelReading,
        dev1: ChannelReading? = nil,
        dev2: ChannelReading? = nil,
        flags: ReadingFlags = [],
        extras: [Channel: ExtraQuantities] = [:]
    ) {
        self.at = at
        self.epoch = epoch
        self.sequence = sequence
        self.main = main
        self.dev1 = dev1
        self.dev2 = dev2
        self.flags = flags
        self.extras = extras
    }
}

/// A meter's local day.
package struct MeterDayKey: Hashable, Comparable, Sendable {
    package var meter: Meter.ID
    package var day: CivilDate

    package init(meter: Meter.ID, day: CivilDate) {
        self.meter = meter
        self.day = day
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.meter, left.day) < (right.meter, right.day)
    }
}
