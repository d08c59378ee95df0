package import Units

/// One local day of a register in a line: what pages, months and forecasts read.
package struct DayRollup: Hashable, Sendable {
    package var day: CivilDate
    /// What registers tell; nil where they tell nothing of the day.
    package var energy: Energy?
    /// Estimates that no register ends.
    package var energyWithoutRegister: Energy
    package var opening: RegisterReading?
    package var closing: RegisterReading?
    package var first: RegisterReading?
    package var last: RegisterReading?
    package var maximumPower: Power?
    package var minimumVoltage: Voltage?
    package var maximumVoltage: Voltage?
    package var blocks: Int
    package var interpolated: Int
    package var estimated: Int
    package var edited: Int
    package var missing: Int
    package var suspect: Int
    package var expected: Int
    package var received: Int
    /// Every flag that any block bears.
    package var quality: SlotQuality
    package var isPending: Bool

    package init(_ blocks: BlockDay) {
        day = blocks.day
        self.blocks = blocks.energies.count
        missing = blocks.missing
        energy = missing == self.blocks ? nil : blocks.energy
        energyWithoutRegister = blocks.energyWithoutRegister
        opening = blocks.opening
        closing = blocks.closing
        first = blocks.first
        last = blocks.last
        maximumPower = blocks.maximumPower
        minimumVoltage = blocks.minimumVoltage
        maximumVoltage = blocks.maximumVoltage
        interpolated = blocks.count(.interpolated)
        estimated = blocks.estimated
        edited = blocks.count(.edited)
        suspect = blocks.count(.suspect)
        expected = Int(blocks.expected)
        received = Int(blocks.received)
        quality = blocks.qualities.reduce([]) { $0.union($1) }
        quality.method = nil
        isPending = blocks.isPending
    }

    /// A day as it is kept, for those that compare with it.
    package init(day: CivilDate, energy: Energy?, quality: SlotQuality, isPending: Bool) {
        self.day = day
        self.energy = energy
        energyWithoutRegister = .zero
        blocks = 0
        interpolated = 0
        estimated = 0
        edited = 0
        missing = 0
        suspect = 0
        expected = 0
        received = 0
        self.quality = quality
        self.isPending = isPending
    }

    /// Registers tell the whole day, and nothing in it is doubtful.
    package var isValid: Bool {
        !isPending && energy != nil && quality.isDisjoint(with: [.partial, .missing, .suspect])
    }
}

/// A calendar month of days; days that are not there are missing, not zero.
package struct MonthRollup: Hashable, Sendable {
    package var month: CivilMonth
    /// What registers tell of the month's days together.
    package var energy: Energy
    package var energyWithoutRegister: Energy
    package var maximumPower: Power?
    /// Days of which registers tell something.
    package var knownDays: Int
    /// Days of the month of which they tell nothing.
    package var missingDays: Int
    package var estimatedBlocks: Int
    package var editedBlocks: Int
    package var missingBlocks: Int
    package var suspectBlocks: Int
    package var isPending: Bool
}

/// Sums days into their calendar months, in order, whatever order the days come in.
package func monthRollups(of days: [DayRollup]) -> [MonthRollup] {
    var months: [CivilMonth: MonthRollup] = [:]
    for day in days {
        let month = day.day.month
        var sum =
            months[month]
            ?? MonthRollup(
                month: month,
                energy: .zero,
                energyWithoutRegister: .zero,
                knownDays: 0,
                missingDays: month.days,
                estimatedBlocks: 0,
                editedBlocks: 0,
                missingBlocks: 0,
                suspectBlocks: 0,
                isPending: false
            )
        if let energy = day.energy {
            sum.energy += energy
            sum.knownDays += 1
            sum.missingDays -= 1
        }
        sum.energyWithoutRegister += day.energyWithoutRegister
        if let power = day.maximumPower {
            sum.maximumPower = max(sum.maximumPower ?? power, power)
        }
        sum.estimatedBlocks += day.estimated
        sum.editedBlocks += day.edited
        sum.missingBlocks += day.missing
        sum.suspectBlocks += day.suspect
        sum.isPending = sum.isPending || day.isPending
        months[month] = sum
    }
    return months.values.sorted { $0.month < $1.month }
}

/// The load curve of a closed day as it is kept.
package struct BlockCurve: Hashable, Sendable {
    package var day: CivilDate
    package var blockMinutes: Int
    /// Watt-hours, the multiplier included; 0 where the quality says missing.
    package var energies: [Int32]
    package var qualities: [SlotQuality]
    /// Readings in each block.
    package var counts: [Int16]

    package init(
        day: CivilDate,
        blockMinutes: Int,
        energies: [Int32],
        qualities: [SlotQuality],
        counts: [Int16]
    ) {
        self.day = day
        self.blockMinutes = blockMinutes
        self.energies = energies
        self.qualities = qualities
        self.counts = counts
    }
}
