import Foundation
import Testing
import Units

@testable import Forecasting

/// What a person in the office would expect of odd households.
///
/// Means over 30 days in kWh a day.
@Suite struct BehaviourTests {
    private func mean(_ forecast: SeriesForecast) -> Double { forecast.total(days: 30) / 30 }

    /// What an untouched household is forecast to use.
    private func usual(days: Int = 500) -> Double { mean(forecastAtEnd(of: household(days: days))) }

    @Test func `a steady household is forecast near what it will use`() {
        let days = 730
        let whole = household(days: days + 30, noise: 0.1)
        let actual = whole.values.suffix(30).reduce(0, +) / 30
        let known = DailySeries(first: firstDay, values: Array(whole.values.prefix(days)))
        #expect(abs(mean(forecastAtEnd(of: known)) / actual - 1) < 0.12)
    }

    @Test func `summer is foreseen before the household has seen one`() throws {
        // From January to the middle of March; April is hotter.
        let forecast = forecastAtEnd(of: household(days: 75))
        #expect(forecast.means[29] > 1.25 * forecast.means[0])
    }

    @Test func `an outage of some days, read as zeros, lowers the forecast less than by half`() {
        let known = household(days: 500) { day, value in day >= 497 ? 0 : value }
        let ratio = mean(forecastAtEnd(of: known)) / usual()
        #expect(ratio > 0.5 && ratio <= 1.02)
    }

    @Test func `days without a reading change nothing`() {
        let known = household(days: 500) { day, value in
            (400..<440).contains(day) ? .nan : value
        }
        #expect(abs(mean(forecastAtEnd(of: known)) / usual() - 1) < 0.1)
    }

    @Test func `a meter silent for two months keeps its level and its season`() throws {
        let known = household(days: 500) { day, value in day >= 440 ? .nan : value }
        let silent = DailySeries(first: firstDay, values: known.values)
        #expect(abs(mean(forecastAtEnd(of: silent)) / usual() - 1) < 0.25)
    }

    @Test func `a vacation is believed while it lasts and forgotten after`() {
        let away = household(days: 500) { day, value in day >= 460 ? 0.1 : value }
        #expect(mean(forecastAtEnd(of: away)) < 0.35 * usual())
        let back = household(days: 500) { day, value in
            (440..<480).contains(day) ? 0.1 : value
        }
        let ratio = mean(forecastAtEnd(of: back)) / usual()
        #expect(ratio > 0.7 && ratio < 1.15)
    }

    @Test(arguments: [0.3, 3.0], [(30, 0.45), (75, 0.25)])
    func `a new occupant is followed, the nearer the longer`(
        factor: Double,
        seen: (days: Int, tolerance: Double)
    ) {
        let changed = household(days: 500) { day, value in
            day >= 500 - seen.days ? factor * value : value
        }
        let ratio = mean(forecastAtEnd(of: changed)) / usual()
        #expect(abs(log(ratio / factor)) < seen.tolerance)
    }

    @Test func `one wild day is clipped`() {
        let wild = household(days: 500) { day, value in day == 498 ? 100 * value : value }
        #expect(abs(mean(forecastAtEnd(of: wild)) / usual() - 1) < 0.3)
        let older = household(days: 500) { day, value in day == 300 ? 100 * value : value }
        #expect(abs(mean(forecastAtEnd(of: older)) / usual() - 1) < 0.1)
    }

    @Test func `the intervals are wider for a household that jumps about`() {
        let calm = forecastAtEnd(of: household(days: 400, noise: 0.1)).totalInterval(days: 30)
        let wild = forecastAtEnd(of: household(days: 400, noise: 0.8)).totalInterval(days: 30)
        #expect(wild.high80 / wild.low80 > 1.5 * calm.high80 / calm.low80)
    }

    @Test func `totals are surer than days`() {
        let forecast = forecastAtEnd(of: household(days: 400))
        let day = forecast.interval(day: 30)
        let total = forecast.totalInterval(days: 30)
        let dayWidth = (day.high80 - day.low80) / forecast.means[29]
        #expect((total.high80 - total.low80) / forecast.total(days: 30) < dayWidth)
    }
}
