import Billing
import Forecasting
import Registry
import Store
import Units

// How older forecasts of the services of a part went.

extension ForecastRound {
    /// Scores what falls due tonight: for the bounds of new forecasts, and for people to see.
    func score(
        _ works: [Work],
        _ range: ClosedRange<Int32>,
        _ result: inout ForecastPartResult,
        in transaction: TenantTransaction
    ) throws {
        let dueOrigins = Set(nights.dueOrigins)
        let spans = nights.dueSpans
        let origins = dueOrigins.union(spans.map(\.origin))
        guard !origins.isEmpty else { return }
        var byService: [Service.ID: Work] = [:]
        for work in works { byService[work.service.service] = work }
        var learned: [String: [CivilDate: [(forecast: PastForecast, measured: DailySeries)]]] = [:]
        var scores = spans.map { _ in ForecastScore() }
        let bills = try billInputs(works, spans, in: transaction)
        for kept in try transaction.forecasts(of: range, origins: origins.sorted()) {
            let origin = kept.forecast.origin
            // What another occupant was forecast to use says nothing.
            guard let work = byService[kept.service], kept.isOwn(since: work.service.ownSince)
            else { continue }
            let family = family(of: work.service)
            if dueOrigins.contains(origin), kept.knownDays >= Forecasting.Limits.coldDays,
                kept.silentDays <= Forecasting.Limits.rehearsalDays
            {
                learned[family, default: [:]][origin, default: []]
                    .append((kept.forecast, work.series))
            }
            for (place, span) in spans.enumerated()
            where span.origin == origin && span.groups?.contains(work.service.group ?? "") ?? true {
                let input = bills[place][kept.service]
                score(kept, work, family, span, input, &scores[place])
            }
        }
        for (family, byOrigin) in learned {
            for (_, forecasts) in byOrigin.sorted(by: { $0.key < $1.key }) {
                result.families[family, default: newFamily].scores
                    .learn(forecasts, since: nights.since, today: run.origin)
            }
        }
        result.spans = zip(spans, scores).filter { $0.1.services > 0 }.map { span, score in
            ForecastPartResult.Span(
                kind: span.kind,
                first: span.first,
                last: span.last,
                sums: score.sums
            )
        }
    }

    private func score(
        _ kept: KeptForecast,
        _ work: Work,
        _ family: String,
        _ span: ForecastNights.DueSpan,
        _ bill: ServiceToBill?,
        _ score: inout ForecastScore
    ) {
        guard let naive = kept.naive, let fleet = pastStates[span.origin]?[family],
            kept.forecast.means.count >= span.length
        else { return }
        let forecast = SeriesForecast(kept.forecast, knownDays: kept.knownDays, fleet: fleet)
        let measured = (0..<span.length).map {
            work.series[span.first.adding(days: $0)] ?? .nan
        }
        let shares = (0..<span.length).filter {
            work.series.isShare(span.first.adding(days: $0))
        }
        let isCounted = score.add(
            forecast,
            naive: naive,
            measured: measured,
            shares: Set(shares)
        )
        // A bill is of all days: with one missing nobody knows it yet.
        guard isCounted, let bill, let pricing, !measured.contains(where: \.isNaN) else { return }
        let samples = forecast.totalSamples(
            Forecasting.Limits.outlookSamples,
            days: span.length
        )
        let outcomes = [Double(span.length) * naive, measured.reduce(0, +)]
        // What cannot be priced has no bill to be scored.
        guard let spread = try? pricing.bill(bill, totals: samples.map(Energy.init(rounding:))),
            let priced = try? pricing.bills(bill, of: outcomes.map(Energy.init(rounding:)))
        else { return }
        score.addBill(
            forecast: spread.median.paise,
            low: spread.low.paise,
            high: spread.high.paise,
            naive: priced[0].paise,
            actual: priced[1].paise
        )
    }

    /// What the bills of the due cycles are made from, by span and service; empty for months.
    private func billInputs(
        _ works: [Work],
        _ spans: [ForecastNights.DueSpan],
        in transaction: TenantTransaction
    ) throws -> [[Service.ID: ServiceToBill]] {
        guard pricing != nil, spans.contains(where: { $0.kind == .cycle }) else {
            return spans.map { _ in [:] }
        }
        let ids = works.map(\.service.service)
        let services = try transaction.services(ids)
        return try spans.map { span in
            guard span.kind == .cycle,
                let period = BillingPeriod(first: span.first, last: span.last)
            else { return [:] }
            let occupancies = try transaction.occupancies(of: ids, during: period)
            var inputs: [Service.ID: ServiceToBill] = [:]
            for (id, service) in services {
                guard let occupancy = occupancies[id]?.last,
                    let rule = nights.rules[service.group ?? ""]
                else { continue }
                inputs[id] = ServiceToBill(
                    service: service,
                    occupancy: occupancy,
                    kind: .regular,
                    cycle: rule.name(containing: span.first),
                    whole: period,
                    period: period,
                    months: rule.months
                )
            }
            return inputs
        }
    }
}

extension Energy {
    /// Kilowatt-hours to the nearest watt-hour; what is no number, or beyond any meter, is nothing.
    init(rounding kilowattHours: Double) {
        let most = Forecasting.Limits.dayKilowattHours * 1_000
        let isPossible = kilowattHours >= 0 && kilowattHours <= most
        self.init(wattHours: isPossible ? Int64((kilowattHours * 1_000).rounded()) : 0)
    }
}
