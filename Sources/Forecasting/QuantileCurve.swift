/// Quantiles of an error at fixed probabilities, straight between them.
package struct QuantileCurve: Hashable, Sendable, Codable {
    /// Where the curve is known.
    static let probabilities = [
        0.005, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.995,
    ]
    /// Positions of 2.5, 10, 50, 90 and 97.5 % among them.
    static let bounds = (low95: 1, low80: 3, median: 7, high80: 11, high95: 13)

    private(set) var values: [Double]

    init(_ values: [Double]) {
        precondition(values.count == QuantileCurve.probabilities.count, "One value a probability.")
        self.values = values
    }

    subscript(index: Int) -> Double { values[index] }

    /// The quantile of a probability; beyond the outermost known ones, theirs.
    func quantile(_ probability: Double) -> Double {
        let known = QuantileCurve.probabilities
        guard probability > known[0] else { return values[0] }
        for index in 1..<known.count where probability <= known[index] {
            let share = (probability - known[index - 1]) / (known[index] - known[index - 1])
            return values[index - 1] * (1 - share) + values[index] * share
        }
        return values[known.count - 1]
    }

    /// The probability of at most this error.
    func probability(ofAtMost error: Double) -> Double {
        let known = QuantileCurve.probabilities
        guard error >= values[0] else { return 0 }
        for index in 1..<known.count where error < values[index] {
            let step = values[index] - values[index - 1]
            let share = step > 0 ? (error - values[index - 1]) / step : 1
            return known[index - 1] + share * (known[index] - known[index - 1])
        }
        return 1
    }

    /// Part way from this curve to another.
    func mixed(with other: QuantileCurve, share: Double) -> QuantileCurve {
        QuantileCurve(zip(values, other.values).map { $0 * (1 - share) + $1 * share })
    }
}
