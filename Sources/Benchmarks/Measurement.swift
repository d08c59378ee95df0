/// What one measurement of a few seconds gave.
struct Measurement: Sendable {
    let readings: Int64
    let seconds: Double
    let used: ProcessorTime
    let latenciesSeconds: [Float]
    /// Frames that were sent again because no acknowledgement came.
    let repeated: Int

    var readingsPerSecond: Double { Double(readings) / seconds }
    var server: Double { microseconds(used.server) }
    var database: Double { microseconds(used.database) }
    var broker: Double { microseconds(used.broker) }
    var microsecondsPerReading: Double { server + database + broker }
    /// Cores kept busy by whoever sends.
    var generatorCores: Double { used.generator / seconds }

    private func microseconds(_ seconds: Double) -> Double {
        seconds * 1_000_000 / Double(max(readings, 1))
    }

    /// Milliseconds within which a share of all messages were answered.
    func latencyMilliseconds(_ share: Double) -> Double {
        let sorted = latenciesSeconds.sorted()
        guard !sorted.isEmpty else { return 0 }
        let place = min(Int(Double(sorted.count) * share), sorted.count - 1)
        return Double(sorted[place]) * 1_000
    }
}

/// A load between two measurements of the limit, in one round.
struct Comparison: Sendable {
    let measurement: Measurement
    let limitBefore: Measurement
    let limitAfter: Measurement

    private var limitRate: Double {
        (limitBefore.readingsPerSecond + limitAfter.readingsPerSecond) / 2
    }

    private var limitCost: Double {
        (limitBefore.microsecondsPerReading + limitAfter.microsecondsPerReading) / 2
    }

    /// Share of the limit's rate.
    var rateRatio: Double { measurement.readingsPerSecond / limitRate }
    /// How many times the limit's processor time a reading takes.
    var costRatio: Double { measurement.microsecondsPerReading / limitCost }
}

extension Collection where Element == Double {
    /// The middle one; the mean of the two in the middle.
    var median: Double {
        let sorted = sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1
            ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
