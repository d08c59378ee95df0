import Metering
import Registry
import Testing
import Units

@testable import Billing
@testable import Forecasting
@testable import Tariffs

/// What a coming bill may be, by documents of several states.
struct BillForecastTests {
    private func forecast(
        _ document: String,
        family: String,
        _ cycle: BillingPeriod,
        months: Int,
        known: Int,
        each: Int64,
        rest: Double,
        spread: Double = 0.1,
        parametersTo last: String = "2030-12-31",
        optIn: Bool = false
    ) throws -> BillForecast {
        let text = try Shipped.text(document)
        let series = parameters(of: try Shipped.document(document), to: last)
        let used = use(cycle, days: known, kilowattHoursADay: each)
        return try BillForecaster(shelf: try shelf([text], parameters: series)).forecast(
            service(family, cycle, months: months, optIn: optIn),
            used: used,
            outlook: try outlook(
                from: used.through.adding(days: 1),
                days: cycle.days - known,
                kilowattHoursADay: rest,
                spread: spread
            )
        )
    }

    private func tamilNadu(known: Int, each: Int64, rest: Double) throws -> BillForecast {
        try forecast(
            "tneb-lt1a-2022-09",
            family: "tneb-lt1a",
            period("2024-03-01", "2024-04-30"),
            months: 2,
            known: known,
            each: each,
            rest: rest
        )
    }

    @Test func `at this pace you pass 500 units on day 47`() throws {
        // 31 days of 11 units, then 10.3 a day: 495.5 at the end of day 46.
        let forecast = try tamilNadu(known: 31, each: 11, rest: 10.3)
        let crossing = try #require(forecast.crossings.first { $0.bound == units(500) })

        #expect(crossing.dayOfCycle == 47 && crossing.date == date("2024-04-16"))
        #expect(crossing.chancePermille == 1_000 && !crossing.isPassed)
        // 500 units cost 1725 by the table up to them, 501 cost 1958 by the one above.
        #expect(crossing.billAtBound == Money(paise: 172_500))
        #expect(crossing.cost == Money(paise: 23_300))
        #expect(crossing.unitBelow == Money(paise: 600))
        #expect(crossing.unitAbove == Money(paise: 800))
        #expect(
            forecast.warning
                == "At this pace you pass 500 units on day 47; it adds about 233 rupees."
        )
    }

    @Test func `a table without a leap tells what a unit costs after it`() throws {
        let forecast = try forecast(
            "seed-2023",
            family: "seed",
            period("2026-01-01", "2026-02-28"),
            months: 2,
            known: 31,
            each: 11,
            rest: 10.3
        )
        #expect(
            forecast.warning
                == "At this pace you pass 400 units on day 37; each further unit costs about 6.00 "
                + "rupees instead of 4.50."
        )
    }

    @Test func `only bounds of the table that holds are named`() throws {
        let forecast = try tamilNadu(known: 31, each: 13, rest: 13)

        #expect(forecast.crossings.map(\.bound) == [100, 200, 400, 500, 600, 800].map(units))
        #expect(
            forecast.crossings.map(\.isPassed) == [true, true, true, false, false, false]
        )
        #expect(forecast.crossings.map(\.dayOfCycle) == [8, 16, 31, 39, 47, 60])
        #expect(
            forecast.crossings[2].sentence
                == "You passed 400 units on day 31; each further unit costs about 6.00 rupees "
                + "instead of 4.50."
        )
    }

    @Test func `a bound that may be passed is told with its chance`() throws {
        let forecast = try tamilNadu(known: 31, each: 9, rest: 7.2)
        let crossing = try #require(forecast.foremost)

        #expect(crossing.bound == units(500))
        #expect((100..<500).contains(crossing.chancePermille))
        #expect(
            forecast.warning
                == "You may pass 500 units (\(crossing.chanceText), then about day "
                + "\(crossing.dayOfCycle ?? 0)); it adds about 233 rupees."
        )
    }

    @Test func `every bound of Kerala's tables for all units is a leap`() throws {
        let forecast = try forecast(
            "kseb-lt1a-2025-04",
            family: "kseb-lt1a",
            period("2026-03-01", "2026-03-31"),
            months: 1,
            known: 15,
            each: 12,
            rest: 12,
            parametersTo: "2026-02-28"
        )
        #expect(forecast.crossings.map(\.bound) == [50, 100, 150, 200, 250, 300, 350].map(units))
        for crossing in forecast.crossings where crossing.bound >= units(250) {
            #expect(crossing.isLeap, "\(crossing.bound)")
        }
        #expect(
            forecast.assumptions == [
                .parameterContinues(
                    name: "fuel_surcharge_per_unit",
                    knownTo: date("2026-02-28")
                )
            ]
        )
        #expect(
            forecast.assumptions[0].sentence
                == "The fuel surcharge per unit is published to 2026-02-28 and is taken to stay as "
                + "it is."
        )
    }

    @Test func `the subsidy that Delhi takes away is a leap`() throws {
        func subsidised(_ optIn: Bool) throws -> BillForecast {
            try forecast(
                "delhi-dom-2019-08",
                family: "delhi-dom",
                period("2026-06-01", "2026-06-30"),
                months: 1,
                known: 15,
                each: 7,
                rest: 7.5,
                optIn: optIn
            )
        }
        let subsidy = try subsidised(true)
        let leap = try #require(subsidy.foremost)

        #expect(leap.bound == units(200) && leap.isLeap)
        #expect(leap.billAtBound == .zero && leap.cost > Money(paise: 30_000))
        #expect(try subsidised(false).foremost?.isLeap == false)
    }

    @Test func `a bill that falls keeps its quantiles in order`() throws {
        let body = """
            {"id": "odd-2026-01", "utility": "Test", "category": "Test", "lines": [
            {"id": "energy", "kind": "blocks", "tables": [
            {"upto": 200, "mode": "whole", "blocks": [[null, "6"]]},
            {"upto": null, "mode": "whole", "blocks": [[null, "2"]]}]}]}
            """
        let cycle = period("2026-06-01", "2026-06-30")
        let used = use(cycle, days: 15, kilowattHoursADay: 6)
        let forecast = try BillForecaster(shelf: try shelf([body])).forecast(
            service("odd", cycle, months: 1),
            used: used,
            outlook: try outlook(
                from: used.through.adding(days: 1),
                days: 15,
                kilowattHoursADay: 7.5,
                spread: 0.4
            )
        )

        #expect(forecast.bill.low < forecast.bill.median)
        #expect(forecast.bill.median < forecast.bill.high)
        #expect(forecast.bill.high <= Money(paise: 120_000))
        #expect(
            forecast.warning
                == "At this pace you pass 200 units on day 30; it takes about 798 rupees off the "
                + "bill."
        )
    }

    @Test func `a revision inside the cycle shares its bounds`() throws {
        let texts = try ["tneb-lt1a-2022-09", "tneb-lt1a-2024-07"].map(Shipped.text)
        let cycle = period("2024-06-01", "2024-07-31")
        let used = use(cycle, days: 31, kilowattHoursADay: 13)
        let forecast = try BillForecaster(shelf: try shelf(texts)).forecast(
            service("tneb-lt1a", cycle, months: 2),
            used: used,
            outlook: try outlook(
                from: used.through.adding(days: 1),
                days: 30,
                kilowattHoursADay: 13
            )
        )
        #expect(forecast.tariffDocuments == ["tneb-lt1a-2022-09", "tneb-lt1a-2024-07"])
        #expect(forecast.crossings.map(\.bound) == [100, 200, 400, 500, 600, 800].map(units))
    }

    @Test func `a tariff that has ended goes on and it is told`() throws {
        let forecast = try forecast(
            "bescom-lt1-2025-04",
            family: "bescom-lt1",
            period("2026-03-15", "2026-04-14"),
            months: 1,
            known: 10,
            each: 5,
            rest: 5
        )
        #expect(
            forecast.assumptions == [
                .tariffContinues(document: "bescom-lt1-2025-04", inForceTo: date("2026-03-31"))
            ]
        )
        #expect(forecast.crossings.isEmpty && forecast.warning == nil)
    }

    @Test(
        arguments: [
            (
                #"{"id": "tod", "kind": "time_of_day", "of_line": "energy","#
                    + #" "slots": [{"id": "peak", "hours": [["18:00", "22:00"]], "percent": 20}]}"#,
                ForecastRefusal.timeOfDay(line: "tod")
            ),
            (#"{"id": "md", "kind": "demand", "rate": "250"}"#, .demand(line: "md")),
            (
                #"{"id": "feed", "kind": "per_unit", "quantity": "exported", "rate": "-3"}"#,
                .netMetering(line: "feed")
            ),
            (
                #"{"id": "pf", "kind": "power_factor", "of": ["energy"],"#
                    + #" "penalty": [{"below": "0.9", "percent": 1, "step": "0.01"}]}"#,
                .reactive(line: "pf")
            ),
        ]
    )
    func `what bills cannot rate yet is refused by name`(
        line: String,
        refusal: ForecastRefusal
    ) throws {
        let body = """
            {"id": "odd-2026-01", "utility": "Test", "category": "Test", "lines": [
            {"id": "energy", "kind": "blocks", "blocks": [[null, "6"]]}, \(line)]}
            """
        let cycle = period("2026-06-01", "2026-06-30")
        let used = use(cycle, days: 15, kilowattHoursADay: 6)
        #expect(throws: refusal) {
            try BillForecaster(shelf: try shelf([body])).forecast(
                service("odd", cycle, months: 1),
                used: used,
                outlook: try outlook(
                    from: used.through.adding(days: 1),
                    days: 15,
                    kilowattHoursADay: 7
                )
            )
        }
    }

    @Test func `what refuses the bill refuses the forecast`() throws {
        let cycle = period("2026-06-01", "2026-06-30")
        let forecaster = BillForecaster(shelf: try shelf([try Shipped.text("uppcl-lmv1-urban")]))
        let used = use(cycle, days: 30, kilowattHoursADay: 6)
        let nothing = UseOutlook(nothingFrom: date("2026-07-01"))
        #expect(
            throws: ForecastRefusal.noBill("line \"fppas\" needs the parameter \"fppas_percent\"")
        ) {
            try forecaster.forecast(
                service("uppcl-lmv1-urban", cycle, months: 1),
                used: used,
                outlook: nothing
            )
        }
        #expect(throws: ForecastRefusal.noBill("no tariff of family nowhere is published")) {
            try forecaster.forecast(
                service("nowhere", cycle, months: 1),
                used: used,
                outlook: nothing
            )
        }
        #expect(
            throws: ForecastRefusal.noBill(
                "the days to come are 2026-07-02 to 2026-07-01, and those left of the cycle "
                    + "2026-07-01 to 2026-06-30"
            )
        ) {
            try forecaster.forecast(
                service("uppcl-lmv1-urban", cycle, months: 1),
                used: used,
                outlook: UseOutlook(nothingFrom: date("2026-07-02"))
            )
        }
    }
}
