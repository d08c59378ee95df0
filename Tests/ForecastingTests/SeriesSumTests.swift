import Testing
import Units

@testable import Forecasting

/// Energies that stand for several days, and households that use nothing.
struct SeriesSumTests {
    private let day = firstDay.adding(days: 10)

    @Test func `a sum is shared over exactly its days`() throws {
        let series = try #require(
            DailySeries(
                readings: [(firstDay, 5), (day, 4)],
                sums: [(day.adding(days: -3)...day, 22), (firstDay...firstDay, 9)]
            )
        )
        // One of its days has a value of its own; the days before it are not of the sum.
        #expect(series[day] == 4 && series[day.adding(days: -1)] == 6)
        #expect(series[day.adding(days: -4)] == nil && series[firstDay] == 5)
        #expect(series.isShare(day.adding(days: -2)) && !series.isShare(firstDay))
    }

    @Test func `a sum that ends after an evening is not known on it`() throws {
        let known = (0..<60).map { (date: firstDay.adding(days: $0), kilowattHours: 8.0) }
        let end = firstDay.adding(days: 69)
        let sums = [(days: firstDay.adding(days: 60)...end, kilowattHours: 800.0)]
        let series = try #require(DailySeries(readings: known, sums: sums))
        let origin = firstDay.adding(days: 64)
        let calendar = ClimateCalendar(india, origin: origin)
        let analysis = SeriesAnalysis(series, origin: origin, climate: calendar)
        #expect(analysis.knownDays == 60 && analysis.daysSinceReading == 5)
        #expect(series.value(of: origin, on: origin) == nil)
        #expect(series.value(of: origin, on: end) == 80)
        let after = ClimateCalendar(india, origin: end)
        #expect(SeriesAnalysis(series, origin: end, climate: after).knownDays == 70)
    }

    @Test func `shares tell nothing of how days differ`() {
        let values = household(days: 120, noise: 0.5).values
        let sums = stride(from: 0, to: 120, by: 30).map { $0..<$0 + 30 }
        let means = sums.flatMap { sum in
            Array(repeating: values[sum].reduce(0, +) / 30, count: 30)
        }
        let origin = firstDay.adding(days: 119)
        let calendar = ClimateCalendar(india, origin: origin)
        let shared = DailySeries(first: firstDay, values: means, sums: sums)
        let taken = DailySeries(first: firstDay, values: means)
        let (one, other) = (
            SeriesAnalysis(shared, origin: origin, climate: calendar),
            SeriesAnalysis(taken, origin: origin, climate: calendar)
        )
        #expect(one.logLevels == other.logLevels)
        #expect(one.volatility == ForecastSettings.standard.volatilityPrior)
        #expect(other.volatility < 0.1)
    }

    @Test(arguments: [1, 7, 13, 14, 60, 500])
    func `a household that used nothing may use nothing again`(days: Int) {
        let idle = household(days: days) { _, _ in 0 }
        let forecast = forecastAtEnd(of: idle)
        for day in 1...62 {
            #expect(forecast.interval(day: day).low80 == 0, "day \(day)")
            #expect(forecast.totalInterval(days: day).low80 == 0, "\(day) days")
        }
        #expect(forecast.total(days: 30) < 150 / Double(days))
        #expect(forecast.isOrdered)
    }
}
