package import Forecasting
import Tariffs
package import Units

/// Prices what a cycle may come to by the rating that bills it: no second tariff engine.
///
/// Pure. Quantiles of a bill are those of the priced outcomes, not the price of a quantile, because a
/// bill need not grow with the units.
package struct BillForecaster: Sendable {
    let shelf: TariffShelf

    package init(shelf: TariffShelf) { self.shelf = shelf }

    /// What the coming bill of a service may be.
    ///
    /// `input` is what `BillMaker` would get for the whole period; its installations are not looked
    /// at. `outlook` is of the days from the one after `used.through` to the end of the period; when
    /// the period is over it has none, and all quantiles are the bill itself.
    package func forecast(
        _ input: ServiceToBill,
        used: CycleUse,
        outlook: UseOutlook
    ) throws(ForecastRefusal) -> BillForecast {
        try forecast(input, used: used, outlook: outlook, tariff: nil)
    }

    /// What would come of a change in the rest of the cycle, against the forecast without it.
    package func whatIf(
        _ whatIf: WhatIf,
        _ input: ServiceToBill,
        used: CycleUse,
        outlook: UseOutlook,
        against forecast: BillForecast
    ) throws(ForecastRefusal) -> WhatIfOutcome {
        let changed = outlook.changed(by: whatIf)
        let bill = try self.forecast(
            input,
            used: used,
            outlook: changed,
            tariff: whatIf.tariff
        )
        return WhatIfOutcome(
            whatIf: whatIf,
            outlook: changed,
            bill: bill,
            difference: bill.bill.median - forecast.bill.median
        )
    }

    /// What the whole period would cost with nothing used, and with each round number of units up to
    /// the first beyond `energy`: at most 21 of them, in steps of a power of ten.
    package func prices(
        _ input: ServiceToBill,
        upTo energy: Energy
    ) throws(ForecastRefusal) -> [UnitPrice] {
        let rating = try comingRating(input, tariff: nil).rating
        var step: Int64 = 1_000
        while step * Int64(Limits.pricesShown) < energy.wattHours { step *= 10 }
        let count = max(1, (energy.wattHours + step - 1) / step)
        var prices: [UnitPrice] = []
        for index in 0...count {
            let units = Energy(wattHours: index * step)
            prices.append(UnitPrice(units: units, bill: try total(rating, units)))
        }
        return prices
    }

    // MARK: Pricing

    private func forecast(
        _ input: ServiceToBill,
        used: CycleUse,
        outlook: UseOutlook,
        tariff: String?
    ) throws(ForecastRefusal) -> BillForecast {
        let restStart = used.through.adding(days: 1)
        guard outlook.first == restStart, outlook.last == input.period.last else {
            throw .noBill(
                "the days to come are \(outlook.first) to \(outlook.last), and those left of the "
                    + "cycle \(restStart) to \(input.period.last)"
            )
        }
        let (rating, assumptions) = try comingRating(input, tariff: tariff)
        let soFar = try rated(rating, used.total)
        var units = outlook.totals.map { used.total + Energy(kilowattHours: $0) }
        var bills: [Money] = []
        if units.isEmpty {
            units = [used.total]
            bills = [soFar.total]
        } else {
            bills.reserveCapacity(units.count)
            for energy in units { bills.append(try total(rating, energy)) }
        }
        let sum = bills.reduce(Int128(0)) { $0 + Int128($1.paise) }
        let mean = RoundingMode.halfUp.quotient(sum, over: Int128(bills.count))
        let crossings = try SlabSearch(
            rating: rating,
            period: input.period,
            used: used,
            outlook: outlook,
            highest: units[units.count - 1]
        ).crossings()
        return BillForecast(
            tariffDocuments: soFar.documentIDs,
            units: Spread(sorted: units),
            bill: Spread(sorted: bills.sorted()),
            expected: Money(paise: Int64(clamping: mean)),
            soFar: soFar.total,
            crossings: crossings,
            assumptions: assumptions
        )
    }

    func comingRating(
        _ input: ServiceToBill,
        tariff: String?
    ) throws(ForecastRefusal) -> (rating: PeriodRating, assumptions: [ForecastAssumption]) {
        do {
            let found = try shelf.coming(input, tariff: tariff)
            if let first = try found.rating.needs().first {
                throw ForecastRefusal(first.need, line: first.line)
            }
            return found
        } catch let refusal as ForecastRefusal {
            throw refusal
        } catch let refusal as BillRefusal {
            throw .noBill(refusal.reason)
        } catch {
            throw .noBill("\(error)")
        }
    }
}

/// A rating, or why there would be no bill.
func rated(_ rating: PeriodRating, _ units: Energy) throws(ForecastRefusal) -> Rating {
    do { return try rating(units) } catch { throw .noBill("\(error)") }
}

private func total(_ rating: PeriodRating, _ units: Energy) throws(ForecastRefusal) -> Money {
    try rated(rating, units).total
}

extension ForecastRefusal {
    fileprivate init(_ need: MeteredNeed, line: String) {
        switch need {
        case .timeOfDay: self = .timeOfDay(line: line)
        case .demand: self = .demand(line: line)
        case .exportedEnergy: self = .netMetering(line: line)
        case .reactive: self = .reactive(line: line)
        }
    }
}

extension Energy {
    /// To the nearest watt-hour.
    init(kilowattHours: Double) { self.init(wattHours: Int64((kilowattHours * 1_000).rounded())) }
}

extension Spread {
    /// Of outcomes that are equally likely, in order and at least one: the least that so many do not
    /// exceed.
    init(sorted values: [Value]) {
        func value(_ percent: Int) -> Value {
            values[max(0, (percent * values.count + 99) / 100 - 1)]
        }
        self.init(low: value(10), median: value(50), high: value(90))
    }
}

extension UseOutlook {
    fileprivate func changed(by whatIf: WhatIf) -> UseOutlook {
        var changed = self
        if whatIf.percent != 0 { changed = changed.changed(byPercent: Double(whatIf.percent)) }
        if let appliance = whatIf.appliance {
            let wattMinutes = Double(appliance.watts) * Double(appliance.minutesADay)
            changed = changed.adding(
                kilowattHoursADay: wattMinutes / 60_000,
                from: appliance.from ?? first
            )
        }
        return changed
    }
}
