import Foundation
import Tariffs
import Testing
import Units

@testable import Forecasting

/// Skipped, with this word, where the evaluation does not lie beside the checkout.
@Suite(.enabled(if: PublicHalf.folder != nil, "the evaluation is not beside the checkout"))
struct PublicHalfTests {
    private func half() throws -> PublicHalf {
        try PublicHalf(folder: try #require(PublicHalf.folder))
    }

    private struct Sums {
        var error = 0.0
        var actual = 0.0
        var inside80 = 0.0
        var inside95 = 0.0
        var n = 0.0
    }

    @Test func `months of real households are forecast as well as promised`() throws {
        let half = try half()
        var sums: [String: Sums] = [:]
        for (window, forecast) in half.forecasts() {
            let (actual, mean) = try #require(half.totals(window, forecast, days: 30))
            let interval = forecast.totalInterval(days: 30)
            let group = (window.isIndia ? "India" : "London") + (window.isCold ? ", new" : "")
            var sum = sums[group] ?? Sums()
            sum.error += abs(mean - actual)
            sum.actual += actual
            sum.inside80 += (interval.low80...interval.high80).contains(actual) ? 1 : 0
            sum.inside95 += (interval.low95...interval.high95).contains(actual) ? 1 : 0
            sum.n += 1
            sums[group] = sum
        }
        let most = ["India": 18.5, "London": 11.4, "India, new": 21.6, "London, new": 13.8]
        for (group, limit) in most {
            let sum = try #require(sums[group])
            #expect(100 * sum.error / sum.actual <= limit, "\(group)")
            #expect((0.74...0.86).contains(sum.inside80 / sum.n), "\(group)")
            #expect((0.92...0.97).contains(sum.inside95 / sum.n), "\(group)")
        }
    }

    @Test(arguments: [30, 61])
    func `four of five bills fall between P10 and P90`(days: Int) throws {
        let half = try half()
        let tariff = try tamilNadu()
        var counts: [Bool: (inside: Double, n: Double)] = [:]
        for (window, forecast) in half.forecasts() where !window.isCold {
            guard let (actual, _) = half.totals(window, forecast, days: days) else { continue }
            let bill = try paise(tariff, actual, days)
            let low = try paise(tariff, forecast.totalQuantile(0.1, days: days), days)
            let high = try paise(tariff, forecast.totalQuantile(0.9, days: days), days)
            var count = counts[window.isIndia] ?? (0, 0)
            count.inside += (low...high).contains(bill) ? 1 : 0
            count.n += 1
            counts[window.isIndia] = count
        }
        for (isIndia, count) in counts.sorted(by: { $0.value.n > $1.value.n }) {
            let share = count.inside / count.n
            let place = isIndia ? "India" : "London"
            let percent = String(format: "%.1f", 100 * share)
            print("\(Int(count.n)) bills of \(days) days, \(place): \(percent) % in P10 to P90")
            #expect((0.74...0.86).contains(share))
        }
    }

    @Test func `the chance to cross a bound of a slab is what it says`() throws {
        let half = try half()
        var bins = Array(repeating: (said: 0.0, happened: 0.0, n: 0.0), count: 10)
        for (window, forecast) in half.forecasts() where !window.isCold {
            guard let (actual, _) = half.totals(window, forecast, days: 61) else { continue }
            for bound in [100.0, 200, 400, 500, 600, 800, 1_000] {
                let chance = forecast.chance(thatTotalExceeds: bound, days: 61)
                guard chance > 0, chance < 1 else { continue }
                let bin = min(9, Int(chance * 10))
                bins[bin].said += chance
                bins[bin].happened += actual > bound ? 1 : 0
                bins[bin].n += 1
            }
        }
        print("chance said, happened, cases (bounds of Tamil Nadu's slabs, 61 days)")
        for bin in bins where bin.n > 0 {
            let (said, happened) = (bin.said / bin.n, bin.happened / bin.n)
            print(String(format: "%5.2f %5.2f %5.0f", said, happened, bin.n))
            if bin.n >= 60 { #expect(abs(said - happened) < 0.15) }
        }
        #expect(bins.map(\.n).reduce(0, +) > 500)
    }

    private func tamilNadu() throws -> TariffDocument {
        let checkout = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = checkout.appendingPathComponent(
            "Sources/Tariffs/Documents/tneb-lt1a-2024-07.json"
        )
        return try TariffDocument.load([UInt8](try Data(contentsOf: path)))
    }

    /// The exact bill of a consumption of so many days.
    private func paise(
        _ tariff: TariffDocument,
        _ kilowattHours: Double,
        _ days: Int
    ) throws -> Int64 {
        let units = Energy(wattHours: Int64((kilowattHours * 1_000).rounded()))
        return try rate(tariff, RatingInputs(units: units, days: days)).total.paise
    }
}
