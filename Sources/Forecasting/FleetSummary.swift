package import Units

/// What the services of an area say together up to an origin; made by absorbing each of them once.
package struct FleetSummary: Sendable {
    package let origin: CivilDate
    package private(set) var services = 0
    var levelSums = SIMD8<Double>(repeating: 0)
    var levelCount = 0.0
    var errorSums = SIMD8<Double>(repeating: 0)
    var errorCount = 0.0
    var volatilitySum = 0.0
    /// Change of the weekly log from the week before, newest first: clipped sums and numbers.
    var changeSums: [Double]
    var changeCounts: [Double]

    package init(origin: CivilDate) {
        self.origin = origin
        let weeks = Limits.windowDays / 7
        changeSums = Array(repeating: 0, count: weeks)
        changeCounts = Array(repeating: 0, count: weeks)
    }

    /// Adds one service.
    package mutating func absorb(_ analysis: SeriesAnalysis) {
        precondition(analysis.origin == origin, "A summary is of one origin.")
        guard analysis.knownDays > 0 else { return }
        services += 1
        if analysis.daysSinceReading <= 60 {
            levelSums += analysis.logLevels
            levelCount += 1
            volatilitySum += analysis.volatility
        }
        errorSums += analysis.errorSums
        errorCount += analysis.errorCount
        let logs = analysis.weeklyLogs
        guard logs.count > 1 else { return }
        for week in 0..<(logs.count - 1) {
            let change = logs[week] - logs[week + 1]
            guard !change.isNaN else { continue }
            changeSums[week] += min(1, max(-1, change))
            changeCounts[week] += 1
        }
    }

    /// The fleet's weekly log against the newest week, newest first.
    func index() -> [Double] {
        var result = [0.0]
        for week in changeSums.indices {
            let change = changeSums[week] / (changeCounts[week] + 1)
            result.append(result[week] - change)
        }
        return result
    }
}
