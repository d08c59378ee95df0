import Forecasting
import Metering
import Registry
import Store
import Units

/// A night being forecast: everything that is the same for every service.
struct ForecastRound: Sendable {
    let office: Office
    let run: ForecastRun
    let nights: ForecastNights
    let calendar: ClimateCalendar
    /// Families that are peers of their own; all others are one.
    let families: Set<String>
    /// What the fleet had taught by the night before, by family.
    let states: [String: FleetState]
    /// What the older forecasts that are scored tonight were made with, by their origins.
    let pastStates: [CivilDate: [String: FleetState]]
    /// Before anything is known of a fleet.
    private let unknown: FleetState

    init(
        office: Office,
        run: ForecastRun,
        groups: [BillingGroup],
        families: [String],
        states: [String: FleetState],
        pastStates: [CivilDate: [String: FleetState]]
    ) {
        self.office = office
        self.run = run
        nights = ForecastNights(run, office: office, groups: groups)
        calendar = ClimateCalendar(office.forecasting.normals, origin: run.origin)
        self.families = Set(families)
        self.states = states
        self.pastStates = pastStates
        unknown = FleetState(FleetSummary(origin: run.origin))
    }

    /// A service with its days up to the origin.
    struct Work {
        let service: ServiceToForecast
        let series: DailySeries
    }

    /// Forecasts the services of a part and scores their older forecasts, in one transaction.
    func work(on part: ForecastPart, in transaction: TenantTransaction) throws -> ForecastPartResult {
        let works = try read(part.services, in: transaction)
        var result = ForecastPartResult()
        var kept: [KeptForecast] = []
        var sums: [Int32: ForecastSum] = [:]
        kept.reserveCapacity(works.count)
        for work in works {
            let analysis = analyse(work)
            let family = family(of: work.service)
            result.families[family, default: newFamily].summary.absorb(analysis)
            guard
                let made = forecast(analysis, states[family] ?? unknown, climate: calendar)
            else { continue }
            let forecast = KeptForecast(
                service: work.service.service,
                forecast: PastForecast(made),
                knownDays: analysis.knownDays,
                silentDays: analysis.daysSinceReading,
                naive: work.series.naive(until: run.origin)
            )
            sums[work.service.transformer, default: ForecastSum()].add(forecast.forecast)
            kept.append(forecast)
        }
        result.forecasts = kept.count
        try score(works, part.services, &result, in: transaction)
        try transaction.keep(
            kept,
            of: part.services,
            origin: run.origin,
            recent: nights.recent,
            kept: nights.kept
        )
        try transaction.keep(sums: sums, of: run.origin, part: part.number)
        return result
    }

    /// What the services of a part say together, without a forecast: the fleet of a first night.
    func summarise(
        _ part: ForecastPart,
        in transaction: TenantTransaction
    ) throws -> ForecastPartResult {
        var result = ForecastPartResult()
        for work in try read(part.services, in: transaction) {
            result.families[family(of: work.service), default: newFamily].summary
                .absorb(analyse(work))
        }
        return result
    }

    private var newFamily: ForecastPartResult.Family {
        ForecastPartResult.Family(summary: FleetSummary(origin: run.origin), scores: ScoreBook())
    }

    private func family(of service: ServiceToForecast) -> String {
        families.contains(service.tariffFamily)
            ? service.tariffFamily : RunForecasts.otherFamilies
    }

    private func analyse(_ work: Work) -> SeriesAnalysis {
        SeriesAnalysis(work.series, origin: run.origin, climate: calendar)
    }

    // MARK: Reading

    /// Services with the days of their present occupants.
    private func read(
        _ range: ClosedRange<Int32>,
        in transaction: TenantTransaction
    ) throws -> [Work] {
        let services = try transaction.servicesToForecast(range, on: run.origin)
        let installations = try transaction.installations(of: services.map(\.service))
        let oldest = run.origin.adding(days: 1 - Forecasting.Limits.windowDays)
        var measured = services.map {
            MeasuredDays(from: max($0.ownSince, oldest), to: run.origin)
        }
        var wanted: [(place: Int, installation: Installation, from: CivilDate, to: CivilDate)] = []
        for (place, service) in services.enumerated() {
            for installation in installations[service.service] ?? [] {
                let begin = office.zone.date(of: installation.installedAt)
                let end = installation.removedAt.map { office.zone.meteringDay(of: $0) }
                let from = max(begin, measured[place].firstRead)
                let to = min(end ?? run.origin, run.origin)
                if from <= to { wanted.append((place, installation, from, to)) }
            }
        }
        let days = try transaction.figures(
            of: wanted.map { ($0.installation.meter.id, $0.from, $0.to) }
        )
        let blocksPerDay = 1_440 / max(1, office.metering.blockMinutes)
        for (index, entry) in wanted.enumerated() {
            measured[entry.place].add(
                entry.installation,
                days: days[index],
                zone: office.zone,
                blocksPerDay: blocksPerDay
            )
        }
        return zip(services, measured).map { service, measured in
            Work(
                service: service,
                series: DailySeries(first: measured.first, values: measured.kilowattHours)
            )
        }
    }

    // MARK: Scoring

    private func score(
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
        for kept in try transaction.forecasts(of: range, origins: origins.sorted()) {
            let origin = kept.forecast.origin
            // What another occupant was forecast to use says nothing.
            guard let work = byService[kept.service], work.service.ownSince <= origin
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
                score(kept, work, family, span, &scores[place])
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
        _ score: inout ForecastScore
    ) {
        guard let naive = kept.naive, let fleet = pastStates[span.origin]?[family],
            kept.forecast.means.count >= span.length
        else { return }
        let forecast = SeriesForecast(kept.forecast, knownDays: kept.knownDays, fleet: fleet)
        let measured = (0..<span.length).map {
            work.series[span.first.adding(days: $0)] ?? .nan
        }
        score.add(forecast, naive: naive, measured: measured)
    }
}

extension DailySeries {
    /// The mean of the last seven known days up to a day: the naive forecast of each to come.
    func naive(until day: CivilDate) -> Double? {
        var (sum, known) = (0.0, 0.0)
        var date = min(day, end.adding(days: -1))
        while date >= first, known < 7 {
            if let value = self[date] {
                sum += value
                known += 1
            }
            date = date.adding(days: -1)
        }
        return known > 0 ? sum / known : nil
    }
}

extension OfficeForecasting {
    /// The climate in force: the office's own, or its station's.
    var normals: ClimateNormals {
        monthlyCelsius.flatMap { ClimateNormals(monthlyCelsius: $0) }
            ?? ClimateTable.named(climate) ?? ClimateTable.fallback
    }
}
