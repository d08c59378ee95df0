package import Units

/// What forecasts of an area's services need besides their own past.
package struct FleetState: Sendable {
    var candidateErrors = SIMD8<Double>(repeating: 0.3)
    var hasErrors = false
    /// Log level of the peers by candidate; nil: no peers.
    var peerLogLevels: SIMD8<Double>?
    /// The fleet's weekly log against the newest week, newest first.
    var index: [Double] = []
    var indexWeeks = 0
    /// The index smoothed by the candidates' half-lives a year ago.
    var lastYearIndexLevels: SIMD8<Double>?
    package var scores: ScoreBook

    package init(_ summary: FleetSummary, scores: ScoreBook, settings: ForecastSettings = .standard) {
        self.scores = scores
        if summary.errorCount > 0 {
            candidateErrors = summary.errorSums / summary.errorCount
            hasErrors = true
        }
        if summary.levelCount > 0 { peerLogLevels = summary.levelSums / summary.levelCount }
        index = summary.index()
        indexWeeks = 1 + (summary.changeCounts.lastIndex { $0 >= 3 } ?? -1)
        if indexWeeks > 54 {
            var sums = SIMD8<Double>(repeating: 0)
            var weights = SIMD8<Double>(repeating: 0)
            for week in 52...indexWeeks {
                var weight = SIMD8<Double>(repeating: 0)
                for k in 0..<8 {
                    weight[k] = Elementary.exp(
                        -0.693147180559945309417 * 7 * Double(week - 52) / settings.halfLives[k]
                    )
                }
                sums += weight * index[week]
                weights += weight
            }
            lastYearIndexLevels = sums / weights
        }
    }
}
