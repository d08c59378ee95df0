package import Units

/// What forecasts of a region's services need besides their own past: a few kilobytes.
package struct FleetState: Hashable, Sendable, Codable {
    /// The night it is of; nil of one that was kept before nights were written down: then it is
    /// taken for that of the night before.
    package let origin: CivilDate?
    /// Errors of the candidates for the level; nil before anything could be scored.
    let candidateErrors: SIMD8<Double>?
    /// Log level of the peers by candidate, and how far they differ; nil without peers.
    let peerLogLevels: SIMD8<Double>?
    let peerSpread: Double
    /// Error of a month's total over the volatility.
    let errorRatio: Double
    /// The fleet's weekly log against the newest week, newest first.
    let index: [Double]
    /// The index smoothed by the candidates' half-lives now, a year ago, and over a long time.
    let indexLevels: SIMD8<Double>
    let indexLevelsLastYear: SIMD8<Double>?
    let longIndex: Double
    /// Errors of services with some past, and of those that are new.
    let curves: ErrorCurves
    let coldCurves: ErrorCurves

    /// Takes what the services said together and what past forecasts have shown.
    package init(
        _ summary: FleetSummary,
        scores: ScoreBook = ScoreBook(),
        settings: ForecastSettings = .standard
    ) {
        origin = summary.origin
        let errors = summary.errorCount > 0 ? summary.errorSums / summary.errorCount : nil
        candidateErrors = errors
        let n = summary.levelCount
        peerLogLevels = n > 0 ? summary.levelSums / n : nil
        let mean = n > 0 ? summary.levelSums[3] / n : 0
        peerSpread = n > 1 ? max(0.04, summary.levelSquares / n - mean * mean).squareRoot() : 0.7
        // A fleet that is silent altogether has no level and tells nothing of its errors.
        let told = errors.map { $0.min() * n / max(1e-9, summary.volatilitySum) } ?? 0
        let ratio = told > 0 ? told : settings.errorRatio
        let weight = min(1, summary.errorCount / 200)
        errorRatio = settings.errorRatio + weight * (ratio - settings.errorRatio)

        let known = summary.changeCounts.prefix { $0 >= 1 }.count
        var index = [0.0]
        for week in 0..<known {
            // One unmoved pseudo-service keeps a handful of services from shaking the index.
            let change = summary.changeSums[week] / (summary.changeCounts[week] + 1)
            index.append(index[week] - change)
        }
        self.index = index
        let weekly = FleetState.weekDecays(settings)
        indexLevels = FleetState.smoothed(index, from: 0, weekly)
        indexLevelsLastYear =
            index.count > 55 ? FleetState.smoothed(index, from: 52, weekly) : nil
        let long = Elementary.exp(-0.693147180559945 / settings.fleetHalfLifeWeeks)
        longIndex = FleetState.smoothed(index, from: 0, SIMD8(repeating: long))[0]
        curves = ErrorCurves(scores, prior: .warm, settings: settings)
        coldCurves = ErrorCurves(ScoreBook(), prior: .cold, settings: settings)
    }

    /// How many nights it is older than an origin; negative when it is younger.
    func age(at origin: CivilDate) -> Int { self.origin.map { origin.days(since: $0) } ?? 1 }

    /// What of it holds whatever the season: nothing of levels and weeks from too long ago.
    func inSeason(at origin: CivilDate) -> FleetState {
        age(at: origin) > Limits.fleetNights ? FleetState(outOfSeason: self) : self
    }

    private init(outOfSeason old: FleetState) {
        origin = nil
        candidateErrors = old.candidateErrors
        peerLogLevels = nil
        peerSpread = old.peerSpread
        errorRatio = old.errorRatio
        index = [0]
        indexLevels = SIMD8(repeating: 0)
        indexLevelsLastYear = nil
        longIndex = 0
        curves = old.curves
        coldCurves = old.coldCurves
    }

    private static func weekDecays(_ settings: ForecastSettings) -> SIMD8<Double> {
        var decay = SIMD8<Double>(repeating: 0)
        for k in 0..<8 { decay[k] = Elementary.exp(-0.693147180559945 * 7 / settings.halfLives[k]) }
        return decay
    }

    private static func smoothed(
        _ index: [Double],
        from first: Int,
        _ decay: SIMD8<Double>
    ) -> SIMD8<Double> {
        var sums = SIMD8<Double>(repeating: 0)
        var weights = SIMD8<Double>(repeating: 0)
        for week in (first..<index.count).reversed() {
            sums = sums * decay + index[week]
            weights = weights * decay + 1
        }
        return sums / weights
    }
}
