package import Units

/// What the services of a region say together up to an origin.
///
/// Made by absorbing each service once, in any order; parts made beside each other can be merged.
package struct FleetSummary: Hashable, Sendable, Codable {
    package let origin: CivilDate
    /// Services with at least one known day.
    package private(set) var services = 0
    /// Sums over the services that still report.
    private(set) var levelSums = SIMD8<Double>(repeating: 0)
    private(set) var levelSquares = 0.0
    private(set) var volatilitySum = 0.0
    private(set) var levelCount = 0.0
    /// Errors of the candidates at past origins of all services, and their number.
    private(set) var errorSums = SIMD8<Double>(repeating: 0)
    private(set) var errorCount = 0.0
    /// Change of the weekly log against the week before, newest first: sums and numbers.
    private(set) var changeSums: [Double]
    private(set) var changeCounts: [Double]

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
        if analysis.daysSinceReading <= Limits.peerSilenceDays {
            levelSums += analysis.logLevels
            levelSquares += analysis.logLevels[3] * analysis.logLevels[3]
            levelCount += 1
            volatilitySum += analysis.volatility
        }
        errorSums += analysis.errorSums
        errorCount += analysis.errorCount
        let logs = analysis.weeklyLogs
        guard logs.count > 1 else { return }
        for week in 0..<min(changeSums.count, logs.count - 1) {
            let change = logs[week] - logs[week + 1]
            guard !change.isNaN else { continue }
            changeSums[week] += min(1, max(-1, change))
            changeCounts[week] += 1
        }
    }

    /// Adds the services of another part of the same region.
    package mutating func merge(_ other: FleetSummary) {
        precondition(other.origin == origin, "Parts of a summary are of one origin.")
        services += other.services
        levelSums += other.levelSums
        levelSquares += other.levelSquares
        volatilitySum += other.volatilitySum
        levelCount += other.levelCount
        errorSums += other.errorSums
        errorCount += other.errorCount
        for week in changeSums.indices {
            changeSums[week] += other.changeSums[week]
            changeCounts[week] += other.changeCounts[week]
        }
    }
}
