package import Units

/// A register's path that was left, in case the register comes back to it (R15).
package struct LeftPath: Hashable, Sendable {
    /// Up to where the path was counted.
    package var registerWattHours: Int64
    package var at: Instant
    /// What was counted since it was left, before the multiplier.
    package var countedWattHours: Int64
    /// What the register can have gone on by since: by measured power where there is one.
    package var possibleWattHours: Int64

    /// Up to where the path is counted, all in all.
    var knownWattHours: Int64 { registerWattHours + countedWattHours }
}

/// Readings that leave the path, held until those after them decide (R15).
package struct Quarantine: Hashable, Sendable {
    /// What it will be when it is confirmed.
    package var outcome: RegisterOutcome
    /// The doubtful one first; at most the quarantine count more.
    package var samples: [RegisterSample]
}

/// Everything the register machine must know of the past to go on: small, and the same whichever
/// way it was reached.
package struct RegisterState: Hashable, Sendable {
    /// The last reading that counts.
    package var last: RegisterSample
    /// Up to where the register has been counted; above `last` after a backward run.
    package var highestWattHours: Int64
    /// When the register was first seen where it stands.
    package var unchangedSince: Instant
    /// What the measured power made meanwhile at least, in milliwatt-seconds.
    package var leastMilliwattSeconds: Int64
    /// What it made by the mean of the readings around each interval.
    package var meanMilliwattSeconds: Int64
    /// The oldest first; at most `Limits.leftPathsMaximum`.
    package var left: [LeftPath]
    package var quarantine: Quarantine?
    /// Epoch and sequence of the last reading that has them, as one number.
    package var ordinal: Int64?

    /// An installation's opening register, or a reading that is known to be good.
    package init(opening: RegisterReading) {
        self.init(
            opening: RegisterSample(
                at: opening.at,
                registerWattHours: opening.register.wattHours,
                flags: opening.isEstimated ? .estimated : []
            )
        )
    }

    /// A reading that is known to be good.
    package init(opening: RegisterSample) {
        last = opening
        highestWattHours = opening.registerWattHours
        unchangedSince = opening.at
        leastMilliwattSeconds = 0
        meanMilliwattSeconds = 0
        left = []
        ordinal = opening.ordinal
    }

    /// No reading waits for later ones to decide about it.
    package var isSettled: Bool { quarantine == nil }
}

// MARK: Flat form

extension RegisterState {
    private static let version: Int64 = 1
    private static let none = Int64.min

    /// The state as whole numbers, for a column of them; `init(integers:)` reads it back.
    package var integers: [Int64] {
        var numbers = [Self.version]
        Self.append(last, to: &numbers)
        numbers += [
            highestWattHours, unchangedSince.microsecondsSince1970, leastMilliwattSeconds,
            meanMilliwattSeconds, ordinal ?? Self.none,
        ]
        numbers.append(Int64(left.count))
        for path in left {
            numbers += [
                path.registerWattHours, path.at.microsecondsSince1970, path.countedWattHours,
                path.possibleWattHours,
            ]
        }
        guard let quarantine else { return numbers }
        numbers.append(
            Int64(RegisterOutcome.allCases.firstIndex(of: quarantine.outcome) ?? 0)
        )
        for sample in quarantine.samples { Self.append(sample, to: &numbers) }
        return numbers
    }

    /// Nil when the numbers are not a state of this version.
    package init?(integers numbers: [Int64]) {
        let head = 1 + Self.sampleWidth + 6
        guard numbers.count >= head, numbers[0] == Self.version,
            let last = Self.sample(numbers[1...])
        else { return nil }
        self.init(opening: last)
        let counts = Array(numbers[(1 + Self.sampleWidth)..<head])
        highestWattHours = counts[0]
        unchangedSince = Instant(microsecondsSince1970: counts[1])
        leastMilliwattSeconds = counts[2]
        meanMilliwattSeconds = counts[3]
        ordinal = counts[4] == Self.none ? nil : counts[4]
        guard let paths = Int(exactly: counts[5]), (0...Limits.leftPathsMaximum).contains(paths),
            numbers.count >= head + paths * 4
        else { return nil }
        for start in stride(from: head, to: head + paths * 4, by: 4) {
            left.append(
                LeftPath(
                    registerWattHours: numbers[start],
                    at: Instant(microsecondsSince1970: numbers[start + 1]),
                    countedWattHours: numbers[start + 2],
                    possibleWattHours: numbers[start + 3]
                )
            )
        }
        guard numbers.count > head + paths * 4 else { return }
        guard let held = Self.quarantine(numbers[(head + paths * 4)...]) else { return nil }
        quarantine = held
    }

    private static func quarantine(_ numbers: ArraySlice<Int64>) -> Quarantine? {
        let outcomes = RegisterOutcome.allCases
        guard let place = numbers.first.flatMap({ Int(exactly: $0) }),
            outcomes.indices.contains(place), numbers.count > 1,
            (numbers.count - 1) % sampleWidth == 0
        else { return nil }
        var held = Quarantine(outcome: outcomes[place], samples: [])
        for start in stride(from: numbers.startIndex + 1, to: numbers.endIndex, by: sampleWidth) {
            guard let sample = sample(numbers[start...]) else { return nil }
            held.samples.append(sample)
        }
        return held
    }

    /// The whole numbers with spaces between them.
    package var text: String { integers.map(String.init).joined(separator: " ") }

    /// Nil when the text is not a state of this version.
    package init?(text: some StringProtocol) {
        let words = text.split(separator: " ")
        let numbers = words.compactMap { Int64($0) }
        guard numbers.count == words.count else { return nil }
        self.init(integers: numbers)
    }

    private static let sampleWidth = 7

    private static func append(_ sample: RegisterSample, to numbers: inout [Int64]) {
        numbers += [
            sample.at.microsecondsSince1970, sample.registerWattHours, Int64(sample.epoch),
            sample.sequence.map { Int64($0) } ?? none, Int64(sample.flags.rawValue),
            sample.powerMilliwatts.map { Int64($0) } ?? none,
            sample.voltageMillivolts.map { Int64($0) } ?? none,
        ]
    }

    private static func sample(_ numbers: ArraySlice<Int64>) -> RegisterSample? {
        let values = Array(numbers.prefix(sampleWidth))
        guard values.count == sampleWidth, let epoch = Int16(exactly: values[2]),
            let flags = Int16(exactly: values[4])
        else { return nil }
        let optional = [values[3], values[5], values[6]].map {
            $0 == none ? nil : Int32(exactly: $0)
        }
        return RegisterSample(
            at: Instant(microsecondsSince1970: values[0]),
            registerWattHours: values[1],
            epoch: epoch,
            sequence: optional[0],
            flags: ReadingFlags(rawValue: flags),
            powerMilliwatts: optional[1],
            voltageMillivolts: optional[2]
        )
    }
}
