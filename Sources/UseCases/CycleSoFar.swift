import Billing
import Forecasting
import Metering
import Registry
import Units

/// What registers tell of a cycle up to a night or to its end, and what may have been used on the days that
/// they do not tell.
struct CycleSoFar {
    let used: CycleUse
    /// Means of days between known ones that no register tells, in order.
    let unread: [Double]
    /// Means of the days after `used.through` up to the night, less what registers tell of them.
    let silent: [Double]

    /// Of days that registers tell nothing or only a part of, all that is certain is that part.
    ///
    /// `forecast`: that of the night; `fleet`: what it was made with.
    init(
        _ period: BillingPeriod,
        _ days: ServiceDays,
        _ forecast: SeriesForecast,
        _ fleet: FleetState,
        normals: ClimateNormals
    ) {
        let origin = forecast.origin
        let passed = min(origin, period.last)
        let dates = (0..<max(0, passed.days(since: period.first) + 1)).map {
            period.first.adding(days: $0)
        }
        let told = dates.map { days.measured.told(of: $0) }
        let end = told.lastIndex { !$0.knowledge.isUnread }.map { $0 + 1 } ?? 0
        let open = told[..<end].indices.filter { told[$0].knowledge.isUnread }
        let sums = days.measured.sums.map { sum -> Range<Int> in
            let offset = days.measured.first.days(since: period.first)
            return (sum.lowerBound + offset)..<(sum.upperBound + offset)
        }
        used = CycleUse(
            through: period.first.adding(days: end - 1),
            total: Energy(rounding: told.reduce(0) { $0 + $1.kilowattHours }),
            days: told[..<end].map {
                $0.knowledge.isUnread ? nil : Energy(rounding: $0.kilowattHours)
            },
            sums: sums.map { $0.clamped(to: 0..<end) }.filter { $0.count > 1 }
        )
        func rest(_ means: [Double], _ places: some Sequence<Int>) -> [Double] {
            zip(means, places).map { max(0, $0 - told[$1].kilowattHours) }
        }
        let usual = forecast.means[0]
        let calendar = ClimateCalendar(normals, origin: origin)
        let between =
            open.isEmpty
            ? []
            : pastMeans(
                SeriesAnalysis(days.series, origin: origin, climate: calendar),
                fleet,
                climate: calendar,
                of: open.map { dates[$0] }
            )
        unread = rest(between ?? Array(repeating: usual, count: open.count), open)
        let silence = min(told.count - end, Forecasting.Limits.horizonDays)
        guard silence > 0 else {
            silent = []
            return
        }
        // As it would have been forecast on the evening before them.
        let eve = passed.adding(days: -silence)
        let then = ClimateCalendar(normals, origin: eve)
        let made = Forecasting.forecast(
            SeriesAnalysis(days.series, origin: eve, climate: then),
            fleet,
            climate: then,
            days: silence
        )
        silent = rest(
            made?.means ?? Array(repeating: usual, count: silence),
            (told.count - silence)..<told.count
        )
    }
}

extension MeasuredDays {
    /// What registers tell of a day.
    fileprivate func told(of day: CivilDate) -> (kilowattHours: Double, knowledge: DayKnowledge) {
        let index = day.days(since: first)
        guard kilowattHours.indices.contains(index), !kilowattHours[index].isNaN else {
            return (0, .nothing)
        }
        return (kilowattHours[index], knowledge[index])
    }
}
