/// Counts of errors in units of a household's own scale.
package struct ErrorHistogram: Hashable, Sendable, Codable {
    private static let width = 0.1
    private static let bins = 240

    private var counts: [Double] = []
    private(set) var total = 0.0

    /// Counts one error; beyond 12 scales it is counted as 12.
    mutating func add(_ error: Double) {
        guard !error.isNaN else { return }
        if counts.isEmpty { counts = Array(repeating: 0, count: ErrorHistogram.bins) }
        let half = Double(ErrorHistogram.bins / 2)
        let position = min(2 * half - 1, max(0, error / ErrorHistogram.width + half))
        counts[Int(position)] += 1
        total += 1
    }

    /// Adds the counts of another histogram.
    mutating func merge(_ other: ErrorHistogram) {
        if counts.isEmpty {
            self = other
        } else if !other.counts.isEmpty {
            for index in counts.indices { counts[index] += other.counts[index] }
            total += other.total
        }
    }

    /// The quantiles of what was counted; nil when nothing was.
    func curve() -> QuantileCurve? {
        guard total > 0 else { return nil }
        var values: [Double] = []
        var (sum, bin) = (0.0, 0)
        for probability in QuantileCurve.probabilities {
            let wanted = probability * total
            while bin < counts.count - 1, sum + counts[bin] < wanted {
                sum += counts[bin]
                bin += 1
            }
            let share = counts[bin] > 0 ? min(1, (wanted - sum) / counts[bin]) : 0
            let position = Double(bin - ErrorHistogram.bins / 2) + share
            values.append(position * ErrorHistogram.width)
        }
        return QuantileCurve(values)
    }
}
