import Billing
import Forecasting
import Foundation
import Metering
import Registry
import Tariffs
import Testing
import Units

/// Bills of the real households by the tariff of Tamil Nadu of July 2024, as if it held on their
/// days; skipped, with this word, where the evaluation does not lie beside the checkout.
@Suite(.enabled(if: PublicHalf.folder != nil, "the evaluation is not beside the checkout"))
struct PublicHalfBillTests {
    /// A cycle of a household around the origin of its window.
    private struct Case {
        let isIndia: Bool
        let forecast: BillForecast
        /// The bill of what was measured, and its units.
        let actual: Money
        let units: Energy
        /// The day of the cycle on which a bound was passed; nil where it was not.
        let dayPassed: (Energy) -> Int?
    }

    /// Cycles with so many days before the origin and after it; those with too few readings, and
    /// new households, are left out.
    private func cases(known: Int, rest: Int) throws -> [Case] {
        let half = try PublicHalf(folder: try #require(PublicHalf.folder))
        let forecaster = BillForecaster(shelf: try tamilNadu())
        var cases: [Case] = []
        for (window, forecast) in half.forecasts() where !window.isCold {
            guard let (actual, _) = half.totals(window, forecast, days: rest) else { continue }
            let past = known > 0 ? ((1 - known)...0).map { half.measured(window, day: $0) } : []
            guard past.count(where: { $0 == nil }) * 6 <= known else { continue }
            let days = past.map { $0.map { Energy(wattHours: Int64(($0 * 1_000).rounded())) } }
            let origin = window.asked.origin
            let used = CycleUse(
                through: origin,
                total: days.reduce(.zero) { $0 + ($1 ?? .zero) },
                days: days
            )
            let input = try service(
                from: origin.adding(days: 1 - known),
                to: origin.adding(days: rest)
            )
            let whole = used.total + Energy(wattHours: Int64((actual * 1_000).rounded()))
            let over = CycleUse(through: input.period.last, total: whole)
            cases.append(
                Case(
                    isIndia: window.isIndia,
                    forecast: try forecaster.forecast(
                        input,
                        used: used,
                        outlook: forecast.outlook(days: rest)
                    ),
                    actual: try forecaster.forecast(
                        input,
                        used: over,
                        outlook: UseOutlook(nothingFrom: input.period.last.adding(days: 1))
                    ).bill.median,
                    units: whole,
                    dayPassed: { bound in
                        var sum = Double(used.total.wattHours) / 1_000
                        for day in 1...rest {
                            sum += half.measured(window, day: day) ?? 0
                            if sum > Double(bound.wattHours) / 1_000 { return known + day }
                        }
                        return nil
                    }
                )
            )
        }
        return cases
    }

    @Test(arguments: [(0, 30), (0, 61), (30, 31)])
    func `four of five bills fall between P10 and P90`(known: Int, rest: Int) throws {
        var counts: [Bool: (inside: Double, n: Double, error: Double)] = [:]
        for one in try cases(known: known, rest: rest) {
            var count = counts[one.isIndia] ?? (0, 0, 0)
            let range = one.forecast.bill.low...one.forecast.bill.high
            count.inside += range.contains(one.actual) ? 1 : 0
            count.error += abs(Double((one.forecast.bill.median - one.actual).paise)) / 100
            count.n += 1
            counts[one.isIndia] = count
        }
        for (isIndia, count) in counts.sorted(by: { $0.value.n > $1.value.n }) {
            let share = count.inside / count.n
            print(
                String(
                    format: "%.0f bills, %d days known and %d to come, %@: %.1f %% in P10 to P90, "
                        + "median off by Rs %.0f",
                    count.n,
                    known,
                    rest,
                    isIndia ? "India" : "London",
                    100 * share,
                    count.error / count.n
                )
            )
            #expect((0.74...0.86).contains(share))
        }
    }

    @Test func `the chance to cross a bound of a slab is what it says`() throws {
        var bins = Array(repeating: (said: 0.0, happened: 0.0, n: 0.0), count: 10)
        var days: [Int] = []
        for (known, rest) in [(0, 61), (30, 31)] {
            for one in try cases(known: known, rest: rest) {
                for crossing in one.forecast.crossings where !crossing.isPassed {
                    guard crossing.chancePermille < 1_000 else { continue }
                    let chance = Double(crossing.chancePermille) / 1_000
                    let bin = min(9, Int(chance * 10))
                    bins[bin].said += chance
                    bins[bin].happened += one.units > crossing.bound ? 1 : 0
                    bins[bin].n += 1
                    if crossing.isLikely, let said = crossing.dayOfCycle,
                        let day = one.dayPassed(crossing.bound)
                    {
                        days.append(day - said)
                    }
                }
            }
        }
        print("chance said, happened, cases (bounds of Tamil Nadu's slabs, cycles of 61 days)")
        for bin in bins where bin.n > 0 {
            let (said, happened) = (bin.said / bin.n, bin.happened / bin.n)
            print(String(format: "%5.2f %5.2f %5.0f", said, happened, bin.n))
            if bin.n >= 60 { #expect(abs(said - happened) < 0.15) }
        }
        #expect(bins.map(\.n).reduce(0, +) > 500)
        days.sort()
        let (early, middle, late) = (
            days[days.count / 10], days[days.count / 2], days[days.count * 9 / 10]
        )
        print(
            "bounds likely passed: days after the day said, P10 \(early), P50 \(middle), P90 \(late)"
        )
        #expect(abs(middle) <= 2)
    }

    /// The tariff with its slabs, on any day.
    private func tamilNadu() throws -> TariffShelf {
        let checkout = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = checkout.appendingPathComponent(
            "Sources/Tariffs/Documents/tneb-lt1a-2024-07.json"
        )
        let text = try String(contentsOf: path, encoding: .utf8)
            .replacingOccurrences(of: "\"2024-07-01\"", with: "\"2000-01-01\"")
        return try TariffShelf([
            PublishedTariff(
                id: "tneb-lt1a-2024-07",
                family: "tneb-lt1a",
                effectiveFrom: CivilDate(daysSince1970: 0),
                effectiveTo: nil,
                digest: [],
                body: text
            )
        ])
    }

    /// A service whose period is rated by its days.
    private func service(from first: CivilDate, to last: CivilDate) throws -> ServiceToBill {
        let period = try #require(BillingPeriod(first: first, last: last))
        let longer = try #require(BillingPeriod(first: first, last: last.adding(days: 1)))
        return ServiceToBill(
            service: Service(
                id: Service.ID(1),
                number: "house",
                consumer: Consumer.ID(1),
                consumerNumber: "house",
                consumerName: "House",
                category: "LT I-A",
                tariffFamily: "tneb-lt1a",
                sanctionedLoadWatts: 5_000,
                phases: 1,
                feeder: nil,
                transformer: nil,
                address: "",
                connectedOn: first,
                closedOn: nil
            ),
            occupancy: Occupancy(
                consumer: Consumer.ID(1),
                consumerNumber: "house",
                consumerName: "House",
                from: first
            ),
            kind: .regular,
            cycle: last.month,
            whole: longer,
            period: period,
            months: 2
        )
    }
}
