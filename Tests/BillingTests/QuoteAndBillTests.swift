import Metering
import Registry
import Testing
import Units

@testable import Billing
@testable import Tariffs

/// A quote over the days of a bill comes to the bill.
struct QuoteAndBillTests {
    private func consumption(_ kWh: Int64) -> Consumption {
        Consumption(
            segments: [
                ConsumptionSegment(
                    meter: Meter(
                        id: Meter.ID(1),
                        serial: "m-1",
                        registerDigits: 6,
                        multiplier: 1,
                        channels: 1
                    ),
                    opening: RegisterReading(at: Instant(secondsSince1970: 0), register: .zero),
                    closing: RegisterReading(
                        at: Instant(secondsSince1970: 1),
                        register: units(kWh)
                    ),
                    energy: units(kWh)
                )
            ],
            missingDays: []
        )
    }

    private static let documents: [(String, String, String)] = [
        ("tneb-lt1a-2024-07", "2025-09-01", "2025-10-31"),
        ("tneb-lt1a-2022-09", "2024-01-15", "2024-03-14"),
        ("tnpdcl-lt5-2025-07", "2025-09-01", "2025-10-31"),
        ("bescom-lt3a-2025-04", "2025-10-01", "2025-10-31"),
        ("msedcl-lt2a-2026-04", "2026-05-31", "2026-06-29"),
        ("kseb-lt1a-2012-07", "2013-01-01", "2013-02-28"),
        ("bescom-lt2a-2013-05", "2013-10-01", "2013-10-31"),
    ]

    @Test(arguments: documents)
    func `a whole cycle counts by months and a part of it by days, in both`(
        id: String,
        from: String,
        to: String
    ) throws {
        let document = try Shipped.document(id)
        let whole = period(from, to)
        let months = try #require(whole.wholeMonths)
        let series = parameters(of: document)
        let shelf = try shelf([try Shipped.text(id)], parameters: series)
        for part in [whole, period(from, whole.last.adding(days: -7).description)] {
            var input = service(document.family, whole, months: months)
            input.period = part
            for kWh: Int64 in [0, 90, 207, 300, 420] {
                let bill = try shelf.bill(input, consumption(kWh))
                var inputs = RatingInputs(units: units(kWh), period: part)
                inputs.load = Power(milliwatts: 3_000_000)
                inputs.parameters = try ParameterSeries(json: Array(series.utf8)).values(
                    for: document,
                    during: part
                )
                let quote = try rate(
                    document,
                    inputs.asBilled(cycleMonths: document.baseMonths)
                )
                #expect(quote.total == bill.total, "\(kWh) units over \(part)")
            }
        }
    }

    @Test func `what states its length itself stays as it is`() {
        let cycle = period("2025-09-01", "2025-10-31")
        var inputs = RatingInputs(units: units(1), period: cycle)
        #expect(inputs.asBilled(cycleMonths: 2).months == Ratio(whole: 2))
        #expect(inputs.asBilled(cycleMonths: 3).months == nil)
        inputs.days = 61
        #expect(inputs.asBilled(cycleMonths: 2).months == nil)
        inputs.days = nil
        inputs.period = period("2025-09-01", "2025-09-30")
        #expect(inputs.asBilled(cycleMonths: 2).months == nil)
    }

    @Test(arguments: 1...31, [1, 2])
    func `every cycle of an office is a whole number of months`(day: Int, months: Int) throws {
        let rule = CycleRule(months: months, day: day)
        for index in stride(from: 0, to: 48, by: months) {
            let name = try #require(CivilMonth("2023-02")).adding(months: index)
            let cycle = try #require(rule.period(named: name))
            #expect(cycle.wholeMonths == months, "\(cycle)")
        }
    }
}
