import Foundation
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
}
