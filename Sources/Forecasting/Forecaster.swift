package import Units

/// A forecast of one series from one origin.
package struct SeriesForecast: Sendable {
    package let origin: CivilDate
    /// Kilowatt-hours of each day after the origin.
    package var means: [Double]
    /// Scale of the errors of days and of totals.
    package var scale: Double
    package var totalScale: Double
    package var isCold: Bool
}

/// Makes the forecast of one series.
package func forecast(
    _ analysis: SeriesAnalysis,
    _ fleet: FleetState,
    climate: ClimateCalendar,
    days: Int,
    settings: ForecastSettings = .standard
) -> SeriesForecast {
    let own = analysis.errorCount
    var errors =
        (settings.ownErrorOrigins * fleet.candidateErrors + analysis.errorSums)
        / (settings.ownErrorOrigins + own)
    let least = errors.min()
    var weights = SIMD8<Double>(repeating: 0)
    for k in 0..<settings.candidates {
        weights[k] = Elementary.exp(-settings.weightPower * Elementary.log((errors[k] + 1e-6) / (least + 1e-6)))
    }
    weights /= weights.sum()
    errors *= weights
    var level = (weights * analysis.logLevels).sum()
    if let peers = fleet.peerLogLevels {
        let n = Double(analysis.knownDays)
        let peer = (weights * peers).sum()
        level += settings.peerLevelDays / (settings.peerLevelDays + n) * (peer - level)
    }
    var ownBase: Double?
    if let base = analysis.lastYearLogLevels { ownBase = (weights * base).sum() }
    var peerBase: Double?
    if let base = fleet.lastYearIndexLevels { peerBase = (weights * base).sum() }
    let end = analysis.origin.days(since: climate.first)
    let (cool, heat) = (climate.cool[end], climate.heat[end])
    let firstWeekday = analysis.origin.adding(days: 1).weekday
    var means: [Double] = []
    means.reserveCapacity(days)
    for day in 1...days {
        var log = level + analysis.coolSlope * (climate.cool[end + day] - cool)
            + analysis.heatSlope * (climate.heat[end + day] - heat)
        if let ownBase, let past = weekly(analysis.weeklyLogs, daysAgo: 364 - day) {
            log += settings.lastYearOwn * clip(past - ownBase, settings.lastYearClip)
        }
        if let peerBase, let past = weekly(fleet.index, daysAgo: 364 - day) {
            log += settings.lastYearPeers * clip(past - peerBase, settings.lastYearClip)
        }
        log += analysis.weekdayLogs[(firstWeekday + day - 1) % 7]
        means.append(max(0, Elementary.exp(log) - settings.floor))
    }
    let ownTotal = errors.sum()
    _ = ownTotal
    return SeriesForecast(
        origin: analysis.origin,
        means: means,
        scale: analysis.volatility,
        totalScale: analysis.volatility,
        isCold: analysis.knownDays < 14
    )
}

private func clip(_ x: Double, _ bound: Double) -> Double { min(bound, max(-bound, x)) }

/// The value of a weekly row so many days before the origin, between the middles of the weeks.
private func weekly(_ logs: [Double], daysAgo: Int) -> Double? {
    let position = (Double(daysAgo) - 3) / 7
    let low = Int(position)
    guard low >= 0, low + 1 < logs.count else { return nil }
    let share = position - Double(low)
    let (a, b) = (logs[low], logs[low + 1])
    if a.isNaN { return b.isNaN ? nil : b }
    return b.isNaN ? a : a * (1 - share) + b * share
}
