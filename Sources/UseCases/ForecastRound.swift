import Billing
import Forecasting
import Registry
import Store
import Units

/// A night being forecast: everything that is the same for every service.
struct ForecastRound: Sendable {
    typealias Work = ServiceDays

    let office: Office
    let run: ForecastRun
    let nights: ForecastNights
    let calendar: ClimateCalendar
    /// Families that are peers of their own; all others are one.
    let families: Set<String>
    /// Prices bills of cycles that are scored; nil on nights without one.
    let pricing: BillForecaster?
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
        pastStates: [CivilDate: [String: FleetState]],
        pricing: BillForecaster? = nil
    ) {
        self.office = office
        self.run = run
        nights = ForecastNights(run, office: office, groups: groups)
        calendar = ClimateCalendar(office.forecasting.normals, origin: run.origin)
        self.families = Set(families)
        self.states = states
        self.pastStates = pastStates
        self.pricing = pricing
        unknown = FleetState(FleetSummary(origin: run.origin))
    }

    /// Forecasts the services of a part and scores their older forecasts, in one transaction.
    func work(on part: ForecastPart, in transaction: TenantTransaction) throws -> ForecastPartResult
    {
        let works = try read(part, in: transaction)
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
            evenings: nights.monthEvenings,
            cycleEvenings: works.flatMap { work in
                let evenings = nights.cycleEvenings[work.service.group ?? ""] ?? []
                return evenings.map { (work.service.service, $0) }
            }
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
        for work in try read(part, in: transaction) {
            result.families[family(of: work.service), default: newFamily].summary
                .absorb(analyse(work))
        }
        return result
    }

    var newFamily: ForecastPartResult.Family {
        ForecastPartResult.Family(summary: FleetSummary(origin: run.origin), scores: ScoreBook())
    }

    func family(of service: ServiceToForecast) -> String {
        families.contains(service.tariffFamily)
            ? service.tariffFamily : RunForecasts.otherFamilies
    }

    private func read(
        _ part: ForecastPart,
        in transaction: TenantTransaction
    ) throws -> [Work] {
        try transaction.works(
            of: transaction.servicesToForecast(part.services, on: run.origin),
            until: run.origin,
            office: office
        )
    }

    private func analyse(_ work: Work) -> SeriesAnalysis {
        SeriesAnalysis(work.series, origin: run.origin, climate: calendar)
    }
}

extension OfficeForecasting {
    /// The climate in force: the office's own, or its station's.
    var normals: ClimateNormals {
        monthlyCelsius.flatMap { ClimateNormals(monthlyCelsius: $0) }
            ?? ClimateTable.named(climate) ?? ClimateTable.fallback
    }
}
