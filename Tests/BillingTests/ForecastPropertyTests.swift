import Metering
import Registry
import Testing
import Units

@testable import Billing
@testable import Forecasting
@testable import Tariffs

/// What holds of every shipped document, whatever is used and whenever.
struct ForecastPropertyTests {
    /// A document in a cycle of its days, with a connection and a use drawn from a seed.
    private struct Draw {
        let document: TariffDocument
        let forecaster: BillForecaster
        let maker: BillMaker
        let input: ServiceToBill
        let used: CycleUse
        let rest: UseOutlook

        init(
            _ name: String,
            _ random: inout SeededRandom,
            isComplete: Bool = false,
            mayOptIn: Bool = true
        )
            throws
        {
            document = try Shipped.document(name)
            let shelf = try shelf(
                [try Shipped.text(name)],
                parameters: parameters(of: document)
            )
            forecaster = BillForecaster(shelf: shelf)
            maker = BillMaker(
                rules: BillingRules(
                    zone: .india,
                    late: .days,
                    approval: .held,
                    limit: nil,
                    usualHighPercent: 0,
                    usualLowPercent: 0
                ),
                shelf: shelf
            )
            let months = [1, 2].randomElement(using: &random) ?? 1
            let month = (document.effectiveFrom ?? date("2026-01-01")).month.adding(
                months: Int.random(in: 1...5, using: &random)
            )
            let whole = period(
                month.first.description,
                month.adding(months: months - 1).last.description
            )
            let cycle = service(
                document.family,
                whole,
                months: months,
                loadWatts: Int.random(in: 1...10, using: &random) * 500,
                optIn: mayOptIn && Bool.random(using: &random)
            )
            var input = cycle
            if Int.random(in: 0..<4, using: &random) == 0 {
                // Someone moved in: part of a cycle, rated by days.
                input.period = period(
                    whole.first.adding(days: Int.random(in: 1..<20, using: &random)).description,
                    whole.last.description
                )
            }
            let days = input.period.days
            let known = isComplete ? days : Int.random(in: 0..<days, using: &random)
            let most = Draw.most(document)
            let each = Double.random(in: 0...most, using: &random)
            let total = Energy(wattHours: Int64(each * 1_000) * Int64(known))
            used = CycleUse(
                through: input.period.first.adding(days: known - 1),
                total: total,
                days: (0..<known).map { _ in Energy(wattHours: Int64(each * 1_000)) }
            )
            self.input = input
            rest = try outlook(
                from: used.through.adding(days: 1),
                days: days - known,
                kilowattHoursADay: Double.random(in: 0...most, using: &random),
                spread: Double.random(in: 0...0.9, using: &random)
            )
        }

        /// Units a day that a document prices: some old tables end at 500 a month.
        private static func most(_ document: TariffDocument) -> Double {
            var inputs = RatingInputs(units: units(2_000), months: 1)
            inputs.load = Power(milliwatts: 1_000_000)
            inputs.missing = .leavesLineOut
            return (try? rate(document, inputs)) == nil ? 8 : 25
        }

        func forecast() throws -> BillForecast {
            try forecaster.forecast(input, used: used, outlook: rest)
        }
    }

    @Test(arguments: Shipped.names)
    func `quantiles are in order and nothing different changes nothing`(name: String) throws {
        var random = SeededRandom(seed: 47)
        for _ in 0..<40 {
            let draw = try Draw(name, &random)
            let forecast = try draw.forecast()

            #expect(forecast.units.low <= forecast.units.median)
            #expect(forecast.units.median <= forecast.units.high)
            #expect(forecast.bill.low <= forecast.bill.median)
            #expect(forecast.bill.median <= forecast.bill.high)
            #expect(forecast.crossings.map(\.bound) == forecast.crossings.map(\.bound).sorted())
            for one in forecast.crossings {
                #expect((1...1_000).contains(one.chancePermille))
                #expect(one.isPassed == (draw.used.total > one.bound))
                if let date = one.date { #expect(draw.input.period.contains(date)) }
            }
            let nothing = WhatIf(
                percent: 0,
                appliance: WhatIf.Appliance(watts: 0, minutesADay: 60),
                tariff: draw.document.family
            )
            for whatIf in [WhatIf(), nothing] {
                let same = try draw.forecaster.whatIf(
                    whatIf,
                    draw.input,
                    used: draw.used,
                    outlook: draw.rest,
                    against: forecast
                )
                #expect(same.difference == .zero)
                #expect(same.bill.bill == forecast.bill)
                #expect(same.bill.units == forecast.units)
            }
        }
    }

    @Test(arguments: Shipped.names)
    func `a cycle that is over costs what its bill does`(name: String) throws {
        var random = SeededRandom(seed: 2_026)
        for _ in 0..<15 {
            let draw = try Draw(name, &random, isComplete: true)
            let bill = try draw.maker.make(draw.input.metered(draw.used)).content
            let forecast = try draw.forecast()

            #expect(bill.energy == draw.used.total)
            let exact = Spread(low: bill.total, median: bill.total, high: bill.total)
            #expect(forecast.bill == exact)
            #expect(forecast.expected == bill.total && forecast.soFar == bill.total)
            #expect(forecast.tariffDocuments == bill.tariffDocuments)
            let isAllPassed = forecast.crossings.allSatisfy(\.isPassed)
            #expect(isAllPassed)
        }
    }

    @Test(arguments: Shipped.names)
    func `every bound that costs is found, and costs nothing less than nothing`(
        name: String
    ) throws {
        var random = SeededRandom(seed: 500)
        for _ in 0..<4 {
            // The cap of a subsidy is no bound, and a consumer does not see it as one.
            let draw = try Draw(name, &random, mayOptIn: false)
            let rating = try draw.forecaster.shelf.coming(draw.input).rating
            let bounds = Set(try rating.unitBounds().map(\.wattHours))
            var before = try rating(.zero)
            var isRising = true
            // Every unit on its own: the price of one may change only at a bound.
            var price: Money?
            for unit in 1...700 as ClosedRange<Int64> {
                // Some old tables end.
                guard let rated = try? rating(units(unit)) else { break }
                if rated.total < before.total { isRising = false }
                let step = rated.totalUnrounded - before.totalUnrounded
                if let price, abs(step.paise - price.paise) > 8 {
                    let span = ((unit - 2) * 1_000)...(unit * 1_000)
                    #expect(
                        bounds.contains { span.contains($0) },
                        "\(name): \(price.paise) to \(step.paise) paise at unit \(unit)"
                    )
                }
                price = step
                before = rated
            }
            guard isRising else { continue }
            for one in try draw.forecast().crossings { #expect(one.cost >= .zero, "\(name)") }
        }
    }

    @Test func `less use costs less, an appliance more, another tariff what it costs`() throws {
        let bodies = try ["tneb-lt1a-2022-09", "seed-2023"].map(Shipped.text)
        let cycle = period("2024-03-01", "2024-04-30")
        let forecaster = BillForecaster(shelf: try shelf(bodies))
        let input = service("tneb-lt1a", cycle, months: 2)
        let used = use(cycle, days: 31, kilowattHoursADay: 11)
        let rest = try outlook(from: date("2024-04-01"), days: 30, kilowattHoursADay: 10)
        let forecast = try forecaster.forecast(input, used: used, outlook: rest)
        func outcome(_ whatIf: WhatIf) throws -> WhatIfOutcome {
            try forecaster.whatIf(
                whatIf,
                input,
                used: used,
                outlook: rest,
                against: forecast
            )
        }

        // 341 + 300 units: 2,218.00 + 41 × 9.00 over the table's 600; 30 fewer cost 30 × 9.00 less.
        #expect(forecast.units.median == units(641))
        let less = try outcome(WhatIf(percent: -10))
        #expect(less.bill.units.median == units(611))
        #expect(less.difference == Money(paise: -27_000))

        // 1,500 W for an hour on the last ten days: 15 units.
        let heater = WhatIf.Appliance(watts: 1_500, minutesADay: 60, from: date("2024-04-21"))
        let more = try outcome(WhatIf(appliance: heater))
        #expect(more.bill.units.median == units(656))
        #expect(more.difference == Money(paise: 13_500))

        // More than everything cannot be switched off.
        let off = WhatIf.Appliance(watts: -5_000, minutesADay: 24 * 60)
        #expect(try outcome(WhatIf(appliance: off)).bill.units.high == units(341))
        #expect(try outcome(WhatIf(percent: -100)).bill.units.high == units(341))

        for tariff in ["seed", "seed-2023"] {
            let other = try outcome(WhatIf(tariff: tariff))
            #expect(other.bill.tariffDocuments == ["seed-2023"])
            #expect(other.bill.units == forecast.units)
            #expect(other.difference == other.bill.bill.median - forecast.bill.median)
        }
        #expect(throws: ForecastRefusal.noBill("no tariff of family gold is published")) {
            try outcome(WhatIf(tariff: "gold"))
        }
    }

    @Test func `the money axis goes in round steps`() throws {
        let cycle = period("2024-03-01", "2024-04-30")
        let forecaster = BillForecaster(
            shelf: try shelf([try Shipped.text("tneb-lt1a-2022-09")])
        )
        let prices = try forecaster.prices(
            service("tneb-lt1a", cycle, months: 2),
            upTo: units(641)
        )
        #expect(prices.map(\.units) == stride(from: 0, through: 700, by: 100).map(units))
        #expect(prices[5].bill == Money(paise: 172_500))
        #expect(prices[0].bill == .zero)
    }
}
