/// Errors of past forecasts in units of each household's volatility, as histograms.
package struct ScoreBook: Sendable {
    static let bandEnds = [7, 15, 30, 62]
    static let lengths = [1, 2, 4, 7, 15, 30, 45, 61]
    var days: [ErrorHistogram]
    var totals: [ErrorHistogram]
    var coldDays: [ErrorHistogram]
    var coldTotals: [ErrorHistogram]

    package init() {
        let warmBands: [[Double]] = [
            [-3.2, -1.6, 1.3, 2.5], [-3.75, -1.9, 1.5, 3.1], [-4.3, -2.2, 1.7, 3.6],
            [-4.8, -2.5, 1.9, 4.0],
        ]
        let coldBands: [[Double]] = [
            [-2.7, -1.35, 1.2, 2.3], [-3.25, -1.55, 1.4, 2.9], [-3.7, -1.8, 1.6, 3.25],
            [-4.2, -2.1, 1.8, 3.7],
        ]
        days = warmBands.map { ErrorHistogram(prior: $0) }
        coldDays = coldBands.map { ErrorHistogram(prior: $0) }
        totals = ScoreBook.lengths.map { _ in ErrorHistogram(prior: [-3.1, -1.5, 1.5, 3.4]) }
        coldTotals = ScoreBook.lengths.map { _ in ErrorHistogram(prior: [-2.55, -1.3, 1.65, 3.45]) }
    }
}

/// Counts of standardised errors, with the quantiles that hold before anything is counted.
package struct ErrorHistogram: Sendable {
    static let width = 0.05
    static let bins = 480
    let prior: [Double]
    var counts: [Double] = []
    var total = 0.0

    init(prior: [Double]) { self.prior = prior }

    mutating func add(_ error: Double, weight: Double = 1) {
        if counts.isEmpty { counts = Array(repeating: 0, count: ErrorHistogram.bins) }
        let position = error / ErrorHistogram.width + Double(ErrorHistogram.bins / 2)
        counts[min(ErrorHistogram.bins - 1, max(0, Int(position)))] += weight
        total += weight
    }

    func quantile(_ q: Double) -> Double {
        var sum = 0.0
        let wanted = q * total
        for (index, count) in counts.enumerated() {
            if sum + count >= wanted, count > 0 {
                let share = (wanted - sum) / count
                return (Double(index - ErrorHistogram.bins / 2) + share) * ErrorHistogram.width
            }
            sum += count
        }
        return 0
    }

    /// Quantiles at 2.5, 10, 90 and 97.5 %.
    func quantiles(priorWeight: Double) -> [Double] {
        let share = total / (total + priorWeight)
        return [0.025, 0.1, 0.9, 0.975].enumerated().map { index, q in
            prior[index] * (1 - share) + (total > 0 ? quantile(q) * share : 0)
        }
    }
}
