import Forecasting
import Store
import Units

// How earlier forecasts of a service went.

extension ForecastView {
    /// Scores what was stored on the evening before each of the last months that are over, as long as
    /// forecasts are kept.
    mutating func score(in transaction: TenantTransaction) throws {
        guard let work, let origin = answer.cycle?.origin else { return }
        let key = work.service.service.value
        let months = (0...Limits.forecastDaysKept / 28).map { origin.month.adding(months: -$0) }
            .filter { $0.last.adding(days: Limits.forecastGraceDays) <= origin }
        let eves = months.map { $0.first.adding(days: -1) }
        let kept = try transaction.forecasts(of: key...key, origins: eves)
            .filter { $0.isOwn(since: work.service.ownSince) }
        let runs = try transaction.forecastRuns(kept.map(\.forecast.origin))
        for past in kept.reversed() {
            let eve = past.forecast.origin
            guard let naive = past.naive, let run = runs.first(where: { $0.origin == eve }),
                let fleet = try transaction.fleetState(
                    of: run.stateOrigin,
                    family: work.service.tariffFamily
                )
            else { continue }
            let month = eve.adding(days: 1).month
            let days = (0..<month.days).map { month.first.adding(days: $0) }
            var score = ForecastScore()
            let isCounted = score.add(
                SeriesForecast(past.forecast, knownDays: past.knownDays, fleet: fleet),
                naive: naive,
                measured: days.map { work.series[$0] ?? .nan },
                shares: Set(days.indices.filter { work.series.isShare(days[$0]) })
            )
            guard isCounted else { continue }
            answer.accuracy.append(
                ScoredSpan(kind: .month, first: month.first, last: month.last, score: score)
            )
        }
    }
}

extension TenantTransaction {
    /// What a family's fleet had taught by a night; nil where it is not kept.
    func fleetState(of origin: CivilDate, family: String) throws -> FleetState? {
        let states = try fleetStates(
            of: origin,
            families: [family, RunForecasts.otherFamilies]
        )
        let state = states[family] ?? states[RunForecasts.otherFamilies]
        return try state.map { try jsonValue($0) }
    }
}
