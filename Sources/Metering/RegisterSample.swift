package import Units

/// One reading as the register machine sees it: what one register showed at one instant.
///
/// Narrow on purpose, and free of channels: each channel of a meter has a machine of its own.
package struct RegisterSample: Hashable, Sendable {
    package var at: Instant
    /// The register in watt-hours, before the multiplier.
    package var registerWattHours: Int64
    package var epoch: Int16
    /// Missing for readings from a file or by hand.
    package var sequence: Int32?
    package var flags: ReadingFlags
    /// Measured on the register's side of the transformers; nil where only the register was read.
    package var powerMilliwatts: Int32?
    package var voltageMillivolts: Int32?

    package init(
        at: Instant,
        registerWattHours: Int64,
        epoch: Int16 = 0,
        sequence: Int32? = nil,
        flags: ReadingFlags = [],
        powerMilliwatts: Int32? = nil,
        voltageMillivolts: Int32? = nil
    ) {
        self.at = at
        self.registerWattHours = registerWattHours
        self.epoch = epoch
        self.sequence = sequence
        self.flags = flags
        self.powerMilliwatts = powerMilliwatts
        self.voltageMillivolts = voltageMillivolts
    }

    /// The main channel of a stored reading; power and voltage only where they were measured.
    package init(_ reading: AcceptedReading) {
        self.init(reading, channel: reading.main)
    }

    /// One channel of a stored reading.
    package init(_ reading: AcceptedReading, channel: ChannelReading) {
        let isMeasured = !reading.flags.contains(.registerOnly)
        self.init(
            at: reading.at,
            registerWattHours: channel.energyWattHours,
            epoch: reading.epoch,
            sequence: reading.sequence,
            flags: reading.flags,
            powerMilliwatts: isMeasured ? channel.powerMilliwatts : nil,
            voltageMillivolts: isMeasured ? channel.voltageMillivolts : nil
        )
    }

    /// Where the meter counted this reading: epoch first, then sequence; nil without a sequence.
    package var ordinal: Int64? {
        sequence.map { Int64(epoch) << 32 | Int64(UInt32(bitPattern: $0)) }
    }

    var reading: RegisterReading {
        RegisterReading(
            at: at,
            register: Energy(wattHours: registerWattHours),
            isEstimated: flags.contains(.estimated)
        )
    }
}

/// Samples in order of time, one an instant, with those whose clock was displaced set apart.
struct OrderedSamples {
    var kept: [RegisterSample]
    /// The meter counted them in another order than their instants say.
    var displaced: [RegisterSample]

    /// Puts samples in order whatever the order they are handed in.
    ///
    /// In one epoch a later instant must have a higher sequence. Where it has not, the smallest
    /// set of readings is set apart whose absence makes both orders agree: everything outside a
    /// longest increasing subsequence. Of two values for one instant the higher (epoch, sequence)
    /// counts (invariant 2); of two registers with one number, the lower, so that an error never
    /// charges.
    ///
    /// `previous`: the ordinal that counted last before these, with the weight of `weight`
    /// readings, so that a few displaced ones do not overrule what is settled.
    init(_ samples: [RegisterSample], previous: Int64?, weight: Int) {
        kept = samples
        displaced = []
        if isInOrder(after: previous) { return }
        kept.sort(by: Self.precedes)
        dropRepeats()
        if !ordinalsIncrease(after: previous) { setApart(previous: previous, weight: weight) }
        keepOneAnInstant()
    }

    private static func precedes(_ left: RegisterSample, _ right: RegisterSample) -> Bool {
        if left.at != right.at { return left.at < right.at }
        let first = left.ordinal ?? -1
        let second = right.ordinal ?? -1
        if first != second { return first < second }
        if left.registerWattHours != right.registerWattHours {
            return left.registerWattHours < right.registerWattHours
        }
        // Nothing that counts differs; the rest makes the order total.
        let rest = [left, right].map {
            [
                Int64($0.flags.rawValue), Int64($0.powerMilliwatts ?? -1),
                Int64($0.voltageMillivolts ?? -1), Int64($0.epoch),
            ]
        }
        return rest[0].lexicographicallyPrecedes(rest[1])
    }

    private func isInOrder(after previous: Int64?) -> Bool {
        for index in kept.indices.dropFirst() where kept[index].at <= kept[index - 1].at {
            return false
        }
        return ordinalsIncrease(after: previous)
    }

    private func ordinalsIncrease(after previous: Int64?) -> Bool {
        var highest = previous ?? -1
        for sample in kept {
            guard let ordinal = sample.ordinal else { continue }
            if ordinal <= highest { return false }
            highest = ordinal
        }
        return true
    }

    private mutating func dropRepeats() {
        guard var last = kept.first else { return }
        var count = 1
        for index in 1..<kept.count {
            let sample = kept[index]
            guard sample.at != last.at || sample.ordinal != last.ordinal else { continue }
            kept[count] = sample
            count += 1
            last = sample
        }
        kept.removeLast(kept.count - count)
    }

    /// Patience sorting over the ordinals: n log n.
    private mutating func setApart(previous: Int64?, weight: Int) {
        var ordinals: [Int64] = []
        var owners: [Int] = []
        if let previous {
            // A settled ordinal stands for `weight` neighbouring ones below it.
            for step in 0..<weight {
                ordinals.append(previous * 8 - Int64(weight - 1 - step))
                owners.append(-1)
            }
        }
        for (index, sample) in kept.enumerated() {
            guard let ordinal = sample.ordinal else { continue }
            ordinals.append(ordinal * 8)
            owners.append(index)
        }
        let chosen = longestIncreasing(ordinals)
        var isKept = [Bool](repeating: false, count: kept.count)
        for (index, sample) in kept.enumerated() where sample.ordinal == nil {
            isKept[index] = true
        }
        for position in chosen where owners[position] >= 0 { isKept[owners[position]] = true }
        displaced = kept.indices.filter { !isKept[$0] }.map { kept[$0] }
        kept = kept.indices.filter { isKept[$0] }.map { kept[$0] }
    }

    private mutating func keepOneAnInstant() {
        guard !kept.isEmpty else { return }
        var count = 0
        for index in 1..<kept.count {
            if kept[index].at != kept[count].at { count += 1 }
            kept[count] = kept[index]
        }
        kept.removeLast(kept.count - count - 1)
    }
}

/// Positions of a longest strictly increasing subsequence, in order.
func longestIncreasing(_ values: [Int64]) -> [Int] {
    var tops: [Int] = []
    var before = [Int](repeating: -1, count: values.count)
    for (position, value) in values.enumerated() {
        var low = 0
        var high = tops.count
        while low < high {
            let middle = (low + high) / 2
            if values[tops[middle]] < value { low = middle + 1 } else { high = middle }
        }
        if low > 0 { before[position] = tops[low - 1] }
        if low == tops.count { tops.append(position) } else { tops[low] = position }
    }
    var chosen: [Int] = []
    var position = tops.last ?? -1
    while position >= 0 {
        chosen.append(position)
        position = before[position]
    }
    return chosen.reversed()
}
