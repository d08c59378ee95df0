package import Units

/// Makes the forecast of one series from its own past and what its region shows.
///
/// Never fails: without a past it is the peers' level, without peers too it is nil.
package func forecast(
    _ analysis: SeriesAnalysis,
    _ fleet: FleetState,
    climate: ClimateCalendar,
    days: Int = Limits.horizonDays,
    settings: ForecastSettings = .standard
) -> SeriesForecast? {
    precondition(days >= 1 && days <= Limits.horizonDays, "A horizon of 1 to 62 days.")
    let fleet = fleet.inSeason(at: analysis.origin)
    guard let base = Level(analysis, fleet, climate, settings) else { return nil }
    let (weights, level, peerShare) = (base.weights, base.log, base.peerShare)
    let end = analysis.origin.days(since: climate.first)
    let (cool, heat) = (climate.cool[end], climate.heat[end])
    let shape = Shape(analysis, fleet, weights, level, cool, settings)
    let firstWeekday = analysis.origin.adding(days: 1).weekday
    var means: [Double] = []
    means.reserveCapacity(days)
    var decay = 1.0
    let dayDecay = Elementary.exp(-1 / settings.fastDays)
    for day in 1...days {
        decay *= dayDecay
        let climateLog =
            analysis.coolSlope * (climate.cool[end + day] - cool)
            + analysis.heatSlope * (climate.heat[end + day] - heat)
        let change =
            climateLog + shape.log(day, decay)
            + analysis.weekdayLogs[(firstWeekday + day - 1) % 7]
        let log = level + base.moves * change
        means.append(max(0, Elementary.exp(min(log, 14)) - settings.floor))
    }
    let ownErrors = (weights * analysis.errorSums).sum()
    let expected = fleet.errorRatio * analysis.volatility
    let error =
        (settings.ownScaleOrigins * expected + ownErrors)
        / (settings.ownScaleOrigins + analysis.errorCount)
    let unknownLevel = peerShare * fleet.peerSpread
    let dayScale = analysis.volatility + settings.totalInDayScale * error
    let forecast = SeriesForecast(
        origin: analysis.origin,
        means: means,
        dayScale: max(
            Limits.leastScale,
            (dayScale * dayScale + unknownLevel * unknownLevel).squareRoot()
        ),
        totalScale: max(
            Limits.leastScale,
            (error * error + unknownLevel * unknownLevel).squareRoot()
        ),
        floor: settings.floor,
        curves: analysis.knownDays < Limits.coldDays ? fleet.coldCurves : fleet.curves
    )
    return analysis.isIdle ? forecast.reachingNothing() : forecast
}

/// What may have been used on days up to the origin that nobody has read: the level of the origin with
/// the climate and the weekday of each day.
///
/// Nil without a past and without peers. The calendar covers the days.
package func pastMeans(
    _ analysis: SeriesAnalysis,
    _ fleet: FleetState,
    climate: ClimateCalendar,
    of days: [CivilDate],
    settings: ForecastSettings = .standard
) -> [Double]? {
    let fleet = fleet.inSeason(at: analysis.origin)
    guard let level = Level(analysis, fleet, climate, settings) else { return nil }
    let end = analysis.origin.days(since: climate.first)
    return days.map { day in
        let place = day.days(since: climate.first)
        let change =
            analysis.coolSlope * (climate.cool[place] - climate.cool[end])
            + analysis.heatSlope * (climate.heat[place] - climate.heat[end])
            + analysis.weekdayLogs[day.weekday]
        let log = level.log + level.moves * change
        return max(0, Elementary.exp(min(log, 14)) - settings.floor)
    }
}

/// Where a series stands at its origin.
private struct Level {
    let weights: SIMD8<Double>
    /// Logarithm of the use of a day of the origin's climate.
    var log: Double
    /// How far it is the peers'.
    var peerShare = 0.0
    /// How far it moves with the season: an idle household does not, but for what it has of its peers.
    var moves = 1.0

    /// Nil without a known day and without peers.
    init?(
        _ analysis: SeriesAnalysis,
        _ fleet: FleetState,
        _ climate: ClimateCalendar,
        _ settings: ForecastSettings
    ) {
        let n = Double(analysis.knownDays)
        guard n > 0 || fleet.peerLogLevels != nil else { return nil }
        weights = candidateWeights(analysis, fleet, settings)
        log = (weights * analysis.logLevels).sum()
        if let peers = fleet.peerLogLevels {
            peerShare = settings.peerLevelDays / (settings.peerLevelDays + n)
            var level = (weights * peers).sum()
            // The peers' is of the climate of their night.
            let end = analysis.origin.days(since: climate.first)
            let night = end - fleet.age(at: analysis.origin)
            if climate.cool.indices.contains(night) {
                level += analysis.coolSlope * (climate.cool[end] - climate.cool[night])
                level += analysis.heatSlope * (climate.heat[end] - climate.heat[night])
            }
            log += peerShare * (level - log)
        }
        if analysis.isIdle { moves = peerShare }
    }
}

/// Weights of the candidates for the level, by their past errors of the fleet and of the series.
private func candidateWeights(
    _ analysis: SeriesAnalysis,
    _ fleet: FleetState,
    _ settings: ForecastSettings
) -> SIMD8<Double> {
    guard var errors = fleet.candidateErrors else { return SIMD8(repeating: 0.125) }
    errors =
        (settings.ownErrorOrigins * errors + analysis.errorSums)
        / (settings.ownErrorOrigins + analysis.errorCount)
    errors += 1e-6
    let least = errors.min()
    var weights = SIMD8<Double>(repeating: 0)
    for k in 0..<8 {
        weights[k] = Elementary.exp(-settings.weightPower * Elementary.log(errors[k] / least))
    }
    return weights / weights.sum()
}

/// What changes over the days besides the climate.
private struct Shape {
    let analysis: SeriesAnalysis
    let fleet: FleetState
    let settings: ForecastSettings
    var fast = 0.0
    /// What goes away, or comes, within some days and then stays.
    var lasting = 0.0
    var ownBase: Double?
    var peerBase: Double?
    var fleetReversion = 0.0

    init(
        _ analysis: SeriesAnalysis,
        _ fleet: FleetState,
        _ weights: SIMD8<Double>,
        _ level: Double,
        _ cool: Double,
        _ settings: ForecastSettings
    ) {
        self.analysis = analysis
        self.fleet = fleet
        self.settings = settings
        if analysis.knownDays > 0 {
            fast = settings.fastShare * (analysis.logLevels[0] - level)
        }
        lasting = settings.summerGrowth * analysis.coolSlope * cool
        fleetReversion =
            -settings.fleetReversion * ((weights * fleet.indexLevels).sum() - fleet.longIndex)
        if let base = analysis.lastYearLogLevels {
            let own = (weights * base).sum()
            ownBase = own
            lasting -= settings.yearReversion * min(1, max(-1, level - own))
        }
        if let base = fleet.indexLevelsLastYear { peerBase = (weights * base).sum() }
    }

    /// Logarithm of a day against the level, without climate and weekday.
    func log(_ day: Int, _ decay: Double) -> Double {
        var log = fast * decay + lasting * (1 - decay) + fleetReversion
        let bound = settings.lastYearClip
        if let ownBase, let past = weekly(analysis.weeklyLogs, daysAgo: 364 - day) {
            log += settings.lastYearOwn * min(bound, max(-bound, past - ownBase))
        }
        let night = fleet.age(at: analysis.origin)
        if let peerBase, let past = weekly(fleet.index, daysAgo: 364 - day - night) {
            log += settings.lastYearPeers * min(bound, max(-bound, past - peerBase))
        }
        return log
    }
}

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
