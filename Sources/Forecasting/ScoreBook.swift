package import Units

/// Errors of past forecasts, in units of each household's own scale, by horizon.
///
/// A nightly run adds the forecasts that have come due; the intervals of new ones come from it.
/// Nothing is ever fitted again.
package struct ScoreBook: Hashable, Sendable, Codable {
    /// Last days of the bands within which errors of days are alike, and the middles of the bands.
    static let bandEnds = [7, 15, 30, Limits.horizonDays]
    static let bandMiddles = [4.0, 11.5, 23, 46]
    /// Lengths of the totals that are scored.
    static let lengths = [1, 2, 4, 7, 15, 30, 45, 61]

    private(set) var days = Array(repeating: ErrorHistogram(), count: bandEnds.count)
    private(set) var totals = Array(repeating: ErrorHistogram(), count: lengths.count)
    /// Past origins that have been scored, by band and by length.
    private(set) var dayOrigins = Array(repeating: 0.0, count: bandEnds.count)
    private(set) var totalOrigins = Array(repeating: 0.0, count: lengths.count)

    package init() {}

    /// Scores past forecasts of one origin, each with what was measured since.
    ///
    /// What fell due on the days after `since`, up to `today`, is counted: when the same forecasts
    /// come again later, each day and total counts once. Values after `today` are not read.
    package mutating func learn(
        _ forecasts: some Sequence<(forecast: PastForecast, measured: DailySeries)>,
        since: CivilDate,
        today: CivilDate,
        settings: ForecastSettings = .standard
    ) {
        var dueDays = Array(repeating: false, count: days.count)
        var dueTotals = Array(repeating: false, count: totals.count)
        for (forecast, measured) in forecasts {
            let horizon = forecast.means.count
            let age = min(horizon, today.days(since: forecast.origin))
            let seen = max(0, since.days(since: forecast.origin))
            guard age > seen else { continue }
            let actual = (1...age).map {
                measured.value(of: forecast.origin.adding(days: $0), on: today) ?? .nan
            }
            for band in days.indices where isDue(ScoreBook.bandEnds[band], seen, age) {
                dueDays[band] = true
                let first = band == 0 ? 1 : ScoreBook.bandEnds[band - 1] + 1
                for day in first...ScoreBook.bandEnds[band]
                where !actual[day - 1].isNaN
                    && !measured.isShare(forecast.origin.adding(days: day))
                {
                    days[band].add(forecast.dayError(day, actual[day - 1], floor: settings.floor))
                }
            }
            for index in totals.indices where isDue(ScoreBook.lengths[index], seen, age) {
                dueTotals[index] = true
                let part = actual[..<ScoreBook.lengths[index]]
                totals[index].add(forecast.totalError(part, floor: settings.floor))
            }
        }
        for band in days.indices where dueDays[band] { dayOrigins[band] += 1 }
        for index in totals.indices where dueTotals[index] { totalOrigins[index] += 1 }
    }

    private func isDue(_ day: Int, _ seen: Int, _ age: Int) -> Bool { day > seen && day <= age }

    /// Days after its origin on which something of a forecast falls due.
    package static let dueAges = Set(bandEnds + lengths)

    /// Adds what was scored of other origins: another night of the same region.
    package mutating func append(_ night: ScoreBook) {
        for band in days.indices {
            days[band].merge(night.days[band])
            dayOrigins[band] += night.dayOrigins[band]
        }
        for index in totals.indices {
            totals[index].merge(night.totals[index])
            totalOrigins[index] += night.totalOrigins[index]
        }
    }

    /// Adds what another part of the region has scored of the same origins.
    package mutating func merge(_ other: ScoreBook) {
        for band in days.indices {
            days[band].merge(other.days[band])
            dayOrigins[band] = max(dayOrigins[band], other.dayOrigins[band])
        }
        for index in totals.indices {
            totals[index].merge(other.totals[index])
            totalOrigins[index] = max(totalOrigins[index], other.totalOrigins[index])
        }
    }
}

/// The quantiles of the errors of each day and of each length of total, ready to use.
package struct ErrorCurves: Hashable, Sendable, Codable {
    /// Of day 1 and of the total of 1 day first.
    let days: [QuantileCurve]
    let totals: [QuantileCurve]

    /// Mixes what a fleet has shown with what holds before anything is known of it.
    init(_ book: ScoreBook, prior: PriorErrors, settings: ForecastSettings) {
        func mixed(
            _ curve: QuantileCurve,
            _ histogram: ErrorHistogram,
            _ origins: Double
        ) -> QuantileCurve {
            guard let learned = histogram.curve() else { return curve }
            return curve.mixed(with: learned, share: origins / (origins + settings.priorOrigins))
        }
        let bands = prior.days.indices.map {
            mixed(prior.days[$0], book.days[$0], book.dayOrigins[$0])
        }
        let lengths = prior.totals.indices.map {
            mixed(prior.totals[$0], book.totals[$0], book.totalOrigins[$0])
        }
        days = (1...Limits.horizonDays).map {
            ErrorCurves.between(bands, at: Double($0), of: ScoreBook.bandMiddles)
        }
        totals = (1...Limits.horizonDays).map {
            ErrorCurves.between(
                lengths,
                at: Elementary.log(Double($0)),
                of: ScoreBook.lengths.map { Elementary.log(Double($0)) }
            )
        }
    }

    private static func between(
        _ curves: [QuantileCurve],
        at position: Double,
        of known: [Double]
    ) -> QuantileCurve {
        guard position > known[0] else { return curves[0] }
        for index in 1..<known.count where position <= known[index] {
            let share = (position - known[index - 1]) / (known[index] - known[index - 1])
            return curves[index - 1].mixed(with: curves[index], share: share)
        }
        return curves[known.count - 1]
    }
}
