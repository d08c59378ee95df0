package import Units

/// How local days are cut into blocks.
package struct BlockGrid: Hashable, Sendable {
    package let zone: OfficeZone
    package let blockMinutes: Int

    /// Nil unless the length is 5 to 60 minutes and divides the day.
    package init?(zone: OfficeZone, blockMinutes: Int = 15) {
        guard (5...60).contains(blockMinutes), 1_440 % blockMinutes == 0 else { return nil }
        self.zone = zone
        self.blockMinutes = blockMinutes
    }

    package var blocksADay: Int { 1_440 / blockMinutes }
    package var blockSeconds: Int64 { Int64(blockMinutes) * 60 }
    var blockMicroseconds: Int64 { blockSeconds * 1_000_000 }

    /// The instants between which a block of a day lies.
    package func bounds(of slot: Int, on day: CivilDate) -> (start: Instant, end: Instant) {
        let start = zone.start(of: day).adding(seconds: Int64(slot) * blockSeconds)
        return (start, start.adding(seconds: blockSeconds))
    }

    /// The block of a day whose end a reading at this instant closes; nil outside the day.
    package func slot(closedAt instant: Instant, on day: CivilDate) -> Int? {
        let offset = instant.microsecondsSince1970 - zone.start(of: day).microsecondsSince1970
        guard offset > 0, offset <= Int64(blocksADay) * blockMicroseconds else { return nil }
        return Int((offset - 1) / blockMicroseconds)
    }
}

/// The load curve of one register on one local day.
///
/// A reading at a boundary closes the block that ends there. Energies are whole watt-hours by
/// cumulative rounding, so that the blocks of any days sum to what the registers say exactly.
package struct BlockDay: Hashable, Sendable {
    package var day: CivilDate
    package var blockMinutes: Int16
    /// Watt-hours, the multiplier included; 0 where `quality` says missing.
    package var energies: [Int32]
    package var qualities: [SlotQuality]
    /// Readings that lie in each block, held and left out ones included, displaced ones not.
    package var counts: [Int16]
    /// Readings the meter's interval promises for the whole day.
    package var expected: Int32
    package var received: Int32
    /// The register at the beginning and at the end of the day, as far as readings tell.
    package var opening: RegisterReading?
    package var closing: RegisterReading?
    package var first: RegisterReading?
    package var last: RegisterReading?
    package var maximumPower: Power?
    package var minimumVoltage: Voltage?
    package var maximumVoltage: Voltage?
    /// The last readings wait for later ones to decide about them.
    package var isPending: Bool

    /// A day of which nothing is known yet.
    package init(day: CivilDate, grid: BlockGrid, rules: RegisterRules) {
        let count = grid.blocksADay
        self.day = day
        blockMinutes = Int16(grid.blockMinutes)
        energies = [Int32](repeating: 0, count: count)
        qualities = [SlotQuality](repeating: .missing, count: count)
        counts = [Int16](repeating: 0, count: count)
        expected = Int32(86_400 / max(1, rules.intervalSeconds))
        received = 0
        isPending = false
    }

    /// Whether readings enough lie in the day for a load curve of its own.
    package var hasCurve: Bool {
        counts.reduce(0) { $0 + Int($1) } >= Limits.readingsOfCurve
    }

    /// What registers tell of the day: the sum of the blocks without estimates that no register ends.
    package var energy: Energy {
        var sum: Int64 = 0
        for (energy, quality) in zip(energies, qualities)
        where !quality.contains(.withoutRegister) {
            sum += Int64(energy)
        }
        return Energy(wattHours: sum)
    }

    /// Estimates that no register ends: never billed as read.
    package var energyWithoutRegister: Energy {
        energies.reduce(Energy.zero) { $0 + Energy(wattHours: Int64($1)) } - energy
    }

    /// Blocks with any of these flags.
    package func count(_ quality: SlotQuality) -> Int {
        qualities.count { !$0.isDisjoint(with: quality) }
    }

    package var estimated: Int { count(.estimated) }
    package var missing: Int { count(.missing) }

    /// Nothing in the day may change without a new reading or a decision of a person.
    package var isComplete: Bool {
        !isPending && count([.missing, .partial]) == 0
    }
}

// MARK: Canonical bytes

extension BlockDay {
    /// The day as bytes, the same for the same day on every machine: for digests and comparing.
    package var canonicalBytes: [UInt8] {
        var bytes = CanonicalBytes()
        bytes.append(UInt8(1))
        bytes.append(day.daysSince1970)
        bytes.append(blockMinutes)
        bytes.append(Int16(energies.count))
        for energy in energies { bytes.append(energy) }
        for quality in qualities { bytes.append(quality.rawValue) }
        for count in counts { bytes.append(count) }
        bytes.append(expected)
        bytes.append(received)
        for reading in [opening, closing, first, last] { bytes.append(reading) }
        for value in [
            maximumPower?.milliwatts, minimumVoltage?.millivolts, maximumVoltage?.millivolts,
        ] {
            bytes.append(value)
        }
        bytes.append(UInt8(isPending ? 1 : 0))
        return bytes.bytes
    }
}

/// Big-endian numbers one after the other; a value that may be missing has a byte before it.
private struct CanonicalBytes {
    var bytes: [UInt8] = []

    mutating func append(_ value: some FixedWidthInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    mutating func append(_ value: Int64?) {
        append(UInt8(value == nil ? 0 : 1))
        if let value { append(value) }
    }

    mutating func append(_ reading: RegisterReading?) {
        append(reading?.at.microsecondsSince1970)
        guard let reading else { return }
        append(reading.register.wattHours)
        append(UInt8(reading.isEstimated ? 1 : 0))
    }
}
