package import Billing
package import Forecasting
import Metering
package import Registry
package import Store
package import Units

/// Shows what a service will use and what its coming bill may be, from the forecast of last night.
package struct ShowForecast: Sendable {
    /// Everything there is to say; without a forecast the notes say why.
    package struct Answer: Sendable {
        package var service: Service
        /// Days of the present occupant up to the origin, or up to yesterday without a forecast;
        /// nil without a reading.
        package var past: [(day: CivilDate, energy: Energy?)] = []
        /// All days that were forecast.
        package var outlook: UseOutlook?
        /// The cycle of the next bill: what was used, what may come, and the bill.
        package var cycle: Cycle?
        /// How the forecasts of the last months went for this service, newest first; only where asked.
        package var accuracy: [ScoredSpan] = []
        package var notes: [ForecastNote] = []
    }

    /// The running cycle, or the one before as long as it waits for its bill.
    package struct Cycle: Sendable {
        /// The last day that was known.
        package var origin: CivilDate
        package var name: CivilMonth
        /// The present occupant's part of it.
        package var period: BillingPeriod
        /// Whether it is over: there is no day to come, and its bill is not issued yet.
        package var isOver: Bool
        package var used: CycleUse
        /// What may be used, or was and nobody has read it, from the day after `used.through` to its
        /// end.
        package var rest: UseOutlook
        /// Units of the whole: P10, P50 and P90.
        package var units: Spread<Energy>
        package var knownDays: Int
        /// Bill, prices and what-if; nil where the bill cannot be forecast.
        package var forecast: ServiceForecast?

        /// Days of the cycle whose energy registers tell.
        package var readDays: Int {
            used.through.days(since: period.first) + 1 - (rest.unread?.days ?? 0)
        }
        /// Days of the cycle that have passed and are estimated: no register tells them yet.
        package var unreadDays: Int { rest.unreadDays }
    }

    let store: Store
    let clock: WallClock
    private let tariffs = DecodedTariffs()

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The newest forecast of a service that the caller may see.
    ///
    /// `whatIf`: what shall be different in the rest of the cycle. `withAccuracy`: whether to say how
    /// earlier forecasts of the service went.
    package func callAsFunction(
        serviceNumber: String,
        whatIf: WhatIf? = nil,
        withAccuracy: Bool = false,
        by caller: Caller
    ) async throws -> Answer {
        if let whatIf { try Self.check(whatIf) }
        let now = clock.now()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service = try transaction.visibleService(serviceNumber, caller)
            return try answer(
                service,
                whatIf: whatIf,
                withAccuracy: withAccuracy,
                at: now,
                in: transaction
            )
        }
    }

    /// The same of a service that may be seen; a bounded number of statements, however many tariffs
    /// and families there are.
    func answer(
        _ service: Service,
        whatIf: WhatIf? = nil,
        withAccuracy: Bool = false,
        at now: Instant,
        in transaction: TenantTransaction
    ) throws -> Answer {
        let office = try transaction.office()
        let yesterday = office.zone.date(of: now).adding(days: -1)
        var view = ForecastView(service, office, yesterday: yesterday)
        try view.read(in: transaction)
        if withAccuracy { try view.score(in: transaction) }
        try view.check(whatIf)
        try view.price(whatIf ?? WhatIf(), by: tariffs, in: transaction)
        return view.answer
    }

    private static func check(_ whatIf: WhatIf) throws {
        var faults = FaultCollector()
        faults.check(
            (-100...1_000).contains(whatIf.percent),
            "percent",
            "out_of_range",
            "-100 to 1000"
        )
        if let appliance = whatIf.appliance {
            faults.check(
                (-1_000_000...1_000_000).contains(appliance.watts),
                "watts",
                "out_of_range",
                "-1000000 to 1000000"
            )
            faults.check(
                (0...1_440).contains(appliance.minutesADay),
                "minutesADay",
                "out_of_range",
                "0 to 1440"
            )
        }
        try faults.finish()
    }
}

/// A service's forecast being put together.
struct ForecastView {
    private let office: Office
    private let yesterday: CivilDate
    /// The service as it is today with its days; nil when it is closed or not there yet.
    private(set) var work: ServiceDays?
    private var input: ServiceToBill?
    var answer: ShowForecast.Answer

    init(_ service: Service, _ office: Office, yesterday: CivilDate) {
        self.office = office
        self.yesterday = yesterday
        answer = ShowForecast.Answer(service: service)
    }

    private mutating func note(_ code: ForecastNote.Code, _ detail: String) {
        answer.notes.append(ForecastNote(code, detail))
    }

    // MARK: Units

    mutating func read(in transaction: TenantTransaction) throws {
        let service = answer.service
        if let closed = service.closedOn, closed <= yesterday.adding(days: 1) {
            return note(.closed, "the service was closed after \(closed)")
        }
        let key = service.id.value
        let today = yesterday.adding(days: 1)
        guard var place = try transaction.servicesToForecast(key...key, on: today).first
        else { return note(.notYet, "the service is connected from \(service.connectedOn) on") }
        // Who has moved in today, or will, sees nothing of who leaves.
        if let own = try transaction.firstOwnDay(of: service) {
            place.ownSince = max(place.ownSince, own)
        }
        let kept = try transaction.newestForecast(of: service.id)
            .flatMap { $0.isOwn(since: place.ownSince) ? $0 : nil }
        let origin = kept?.forecast.origin ?? yesterday
        let works = try transaction.works(of: [place], until: origin, office: office)
        let days = works.first.map(\.measured) ?? MeasuredDays(from: origin, to: origin)
        work = works.first
        let shown = max(place.ownSince, origin.adding(days: 1 - Limits.pastDaysShown))
        answer.past = (0..<max(0, origin.days(since: shown) + 1)).map { index in
            let day = shown.adding(days: index)
            return (day, days.read(day).map(Energy.init(rounding:)))
        }
        let known = works.first?.series.values.filter { !$0.isNaN } ?? []
        if !known.isEmpty, known.allSatisfy({ $0 == 0 }) {
            note(.allZero, "nothing was used on any of the \(known.count) known days")
        }
        let last = try transaction.lastForecastRun(finished: true)
        guard let kept else {
            return noteMissing(last, since: place.ownSince, isKnown: !known.isEmpty)
        }
        if let last, kept.forecast.origin < last.origin {
            note(.stale, "the forecast is from \(origin); that of \(last.origin) has none")
        } else if origin < yesterday {
            note(.stale, "the forecast is from \(origin); the nights since have not been run")
        }
        try show(kept, place, in: transaction)
    }

    private mutating func noteMissing(_ last: ForecastRun?, since: CivilDate, isKnown: Bool) {
        if let last, last.origin >= since, !isKnown, since <= yesterday {
            note(
                .nothingKnown,
                "no day of this service is known, nor of services like it: there is nothing to "
                    + "forecast from"
            )
        } else {
            note(.notYet, "no night has forecast this service yet; the next one will")
        }
    }

    private mutating func show(
        _ kept: KeptForecast,
        _ place: ServiceToForecast,
        in transaction: TenantTransaction
    ) throws {
        let origin = kept.forecast.origin
        guard let run = try transaction.forecastRun(origin) else { return }
        let fleet =
            try transaction.fleetState(of: run.stateOrigin, family: place.tariffFamily)
            ?? FleetState(FleetSummary(origin: origin))
        let forecast = SeriesForecast(kept.forecast, knownDays: kept.knownDays, fleet: fleet)
        answer.outlook = forecast.outlook(days: forecast.means.count)
        if kept.knownDays < Forecasting.Limits.coldDays {
            note(
                .new,
                "only \(kept.knownDays) days since \(place.ownSince) are known; what is missing "
                    + "comes from services like it"
            )
        }
        if kept.silentDays > 0, kept.knownDays > 0 {
            note(.silent, "the meter was last heard on \(origin.adding(days: -kept.silentDays))")
        }
        try show(forecast, fleet, kept, place, in: transaction)
    }

    private mutating func show(
        _ forecast: SeriesForecast,
        _ fleet: FleetState,
        _ kept: KeptForecast,
        _ place: ServiceToForecast,
        in transaction: TenantTransaction
    ) throws {
        let (service, origin) = (answer.service, forecast.origin)
        let rule = try rule(of: place, in: transaction)
        guard
            let next = try transaction.nextCycle(
                of: service.id,
                rule,
                ownSince: place.ownSince,
                origin: origin
            )
        else { return }
        let (name, whole, history) = (next.name, next.whole, next.history)
        // A bill that reached into this cycle lets it begin later, as when it is billed.
        let billed = history.first.map { $0.period.last.adding(days: 1) } ?? whole.first
        guard
            let period = BillingPeriod(
                first: max(whole.first, place.ownSince, billed),
                last: whole.last
            ),
            let occupancy = try transaction.occupancies(of: [service.id], during: period)[
                service.id
            ]?.last
        else {
            return note(.noBill, "the cycle is billed up to \(billed.adding(days: -1)) already")
        }
        guard let work else { return }
        let soFar = CycleSoFar(period, work, forecast, fleet, normals: office.forecasting.normals)
        let rest = outlook(forecast, soFar, period)
        if next.isOver {
            let ended = "the cycle ended on \(whole.last) and its bill is not issued yet"
            note(.over, ended + "; the next cycle is shown once it is")
        }
        answer.cycle = ShowForecast.Cycle(
            origin: origin,
            name: name,
            period: period,
            isOver: next.isOver,
            used: soFar.used,
            rest: rest,
            units: Spread(
                low: soFar.used.total + Energy(rounding: rest.total(at: 0.1)),
                median: soFar.used.total + Energy(rounding: rest.total(at: 0.5)),
                high: soFar.used.total + Energy(rounding: rest.total(at: 0.9))
            ),
            knownDays: kept.knownDays,
            forecast: nil
        )
        input = ServiceToBill(
            service: service,
            occupancy: occupancy,
            kind: .regular,
            cycle: name,
            whole: whole,
            period: period,
            months: rule.months,
            history: history
        )
        if kept.silentDays > Forecasting.Limits.peerSilenceDays {
            input = nil
            let day = origin.adding(days: -kept.silentDays)
            note(.noBill, ForecastRefusal.silent(since: day).description)
        }
    }

    private func rule(
        of place: ServiceToForecast,
        in transaction: TenantTransaction
    ) throws -> CycleRule {
        guard let group = place.group else { return office.cycle }
        return try transaction.billingGroups().first { $0.code == group }?.cycle ?? office.cycle
    }

    /// What is left of a cycle, the days that have passed unread in front of it.
    private mutating func outlook(
        _ forecast: SeriesForecast,
        _ soFar: CycleSoFar,
        _ period: BillingPeriod
    ) -> UseOutlook {
        let passed = min(forecast.origin, period.last)
        let whole = forecast.preceded(by: soFar.silent, through: passed)
        let rest = whole.outlook(
            days: min(whole.means.count, period.last.days(since: whole.origin)),
            unread: soFar.unread,
            open: passed.adding(days: 1)
        )
        if rest.unreadDays > 0 {
            let days = rest.unreadDays == 1 ? "1 day" : "\(rest.unreadDays) days"
            note(.gaps, "\(days) of the cycle not yet read, estimated as the days to come")
        }
        return rest
    }

    /// Refuses a change that begins outside the cycle.
    func check(_ whatIf: WhatIf?) throws {
        guard let from = whatIf?.appliance?.from, let cycle = answer.cycle else { return }
        guard cycle.period.contains(from) else {
            throw InvalidInput(
                "from",
                "out_of_range",
                "\(from) is not in the cycle, \(cycle.period.first) to \(cycle.period.last)"
            )
        }
    }

    // MARK: Money

    mutating func price(
        _ whatIf: WhatIf,
        by tariffs: DecodedTariffs,
        in transaction: TenantTransaction
    ) throws {
        guard let input, let cycle = answer.cycle else { return }
        let names = [answer.service.tariffFamily] + (whatIf.tariff.map { [$0] } ?? [])
        let forecaster = try tariffs.forecaster(for: Set(names), in: transaction)
        do throws(ForecastRefusal) {
            let bill = try forecaster.forecast(input, used: cycle.used, outlook: cycle.rest)
            var forecast = ServiceForecast(
                serviceNumber: answer.service.number,
                origin: cycle.origin,
                cycle: cycle.name,
                period: cycle.period,
                used: cycle.used,
                outlook: cycle.rest,
                bill: bill,
                prices: try forecaster.prices(input, upTo: bill.units.high),
                knownDays: cycle.knownDays
            )
            if !whatIf.isNothing {
                do throws(ForecastRefusal) {
                    forecast.whatIf = try forecaster.whatIf(
                        whatIf,
                        input,
                        used: cycle.used,
                        outlook: cycle.rest,
                        against: bill
                    )
                } catch {
                    note(.noWhatIf, error.description)
                }
            }
            answer.cycle?.units = bill.units
            answer.cycle?.forecast = forecast
        } catch {
            note(.noBill, error.description)
        }
    }
}

extension MeasuredDays {
    /// What registers tell of a day, or of a part of it; nil where they tell nothing or stood still.
    fileprivate func read(_ day: CivilDate) -> Double? {
        let index = day.days(since: first)
        guard kilowattHours.indices.contains(index), knowledge[index] != .still,
            !kilowattHours[index].isNaN
        else { return nil }
        return kilowattHours[index]
    }
}
