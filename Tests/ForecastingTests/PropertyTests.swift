import Foundation
import Testing
import Units

@testable import Forecasting

/// Whatever the days hold, a forecast is made of numbers in their order.
@Suite struct PropertyTests {
    /// Days that no household has: jumps, gaps, zeros, huge and tiny values.
    private func oddity(_ random: inout SeededRandom) -> DailySeries {
        let days = Int.random(in: 1...900, using: &random)
        let kind = Int.random(in: 0..<6, using: &random)
        var level = Double.random(in: 0...30, using: &random)
        let values = (0..<days).map { _ -> Double in
            if Int.random(in: 0..<60, using: &random) == 0 {
                level = exp(.random(in: -8...8, using: &random))
            }
            switch kind {
            case 0: return 0
            case 1: return Bool.random(using: &random) ? .nan : level
            case 2: return .random(in: -5...100_000, using: &random)
            case 3: return Int.random(in: 0..<40, using: &random) == 0 ? level : .nan
            case 4: return level * exp(3 * random.normal())
            default: return level
            }
        }
        return DailySeries(first: firstDay, values: values)
    }

    @Test(arguments: 1...40)
    func `every number is finite, every bound in its order`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let services = (0..<6).map { number in
            FleetService(name: "in-\(number)", area: "in", series: oddity(&random))
        }
        let windows = services.indices.map { number in
            ForecastWindow(
                service: number,
                origin: firstDay.adding(days: .random(in: 0..<1_000, using: &random)),
                maxHistory: Bool.random(using: &random) ? 7 : nil
            )
        }
        let answers = FleetReplay(services, climates: ["in": india]).forecasts(windows)
        for forecast in answers.compactMap({ $0 }) {
            #expect(forecast.allNumbers.allSatisfy { $0.isFinite && $0 >= 0 }, "seed \(seed)")
            #expect(forecast.isOrdered, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20)
    func `quantiles, samples and chances of a total tell the same story`(seed: UInt64) {
        let forecast = forecastAtEnd(of: household(days: 60 + Int(seed) * 20, seed: seed))
        for days in [1, 2, 9, 30, 47, 62] {
            let mean = (1...days).map { forecast.means[$0 - 1] }.reduce(0, +)
            #expect(abs(forecast.total(days: days) - mean) < 1e-9 * mean)
            let probabilities = stride(from: 0.02, through: 0.98, by: 0.02)
            let quantiles = probabilities.map { forecast.totalQuantile($0, days: days) }
            #expect(quantiles == quantiles.sorted())
            for (probability, bound) in zip(probabilities, quantiles) where bound > 0 {
                let chance = forecast.chance(thatTotalExceeds: bound, days: days)
                #expect(abs(chance - (1 - probability)) < 1e-6, "seed \(seed), \(days) days")
            }
            let samples = forecast.totalSamples(200, days: days)
            #expect(samples == samples.sorted())
            #expect(abs(samples[100] / forecast.totalQuantile(0.5, days: days) - 1) < 0.05)
            #expect(forecast.chance(thatTotalExceeds: -1, days: days) == 1)
        }
    }

    @Test func `a household twice as large is forecast twice as large`() {
        let one = forecastAtEnd(of: household(days: 500, level: 20), peers: 0)
        let two = forecastAtEnd(of: household(days: 500, level: 40), peers: 0)
        #expect(abs(two.total(days: 30) / one.total(days: 30) - 2) < 0.05)
    }
}
