import Foundation
import Testing
import Units

@testable import Forecasting

@Suite struct BadInputTests {
    @Test func `without a past it is the peers' level, with wide bounds`() {
        let nothing = DailySeries(first: firstDay, values: Array(repeating: .nan, count: 400))
        let forecast = forecastAtEnd(of: nothing)
        let known = forecastAtEnd(of: household(days: 400))
        #expect(forecast.total(days: 30) > 0.5 * known.total(days: 30))
        #expect(forecast.total(days: 30) < 2 * known.total(days: 30))
        #expect(forecast.totalScale > known.totalScale)
        #expect(forecast.isOrdered)
    }

    @Test func `without a past and without peers there is none`() {
        let nothing = DailySeries(first: firstDay, values: [.nan])
        let answers = FleetReplay(
            [FleetService(name: "in-1", area: "in", series: nothing)],
            climates: [:]
        ).forecasts([ForecastWindow(service: 0, origin: firstDay)])
        #expect(answers[0] == nil)
    }

    @Test func `one day is drawn towards the peers`() {
        let forecast = forecastAtEnd(of: DailySeries(first: firstDay, values: [40]))
        let mean = forecast.total(days: 30) / 30
        #expect(mean > 8 && mean < 40)
        #expect(forecast.isOrdered)
    }

    @Test func `all zeros stay near zero`() {
        let forecast = forecastAtEnd(of: household(days: 300) { _, _ in 0 })
        #expect(forecast.total(days: 30) < 1)
        #expect(forecast.totalInterval(days: 30).low95 < 0.5)
        #expect(forecast.allNumbers.allSatisfy { $0.isFinite })
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity, -3, 1e300])
    func `what cannot be a day's energy is a day without a reading`(value: Double) {
        let odd = household(days: 300) { day, usual in day % 9 == 4 ? value : usual }
        let gaps = household(days: 300) { day, usual in day % 9 == 4 ? .nan : usual }
        #expect(forecastAtEnd(of: odd).means == forecastAtEnd(of: gaps).means)
    }

    @Test func `of two readings of a day the later counts`() throws {
        let day = firstDay.adding(days: 3)
        let series = try #require(
            DailySeries(readings: [(day, 5), (firstDay, 1), (day, 7)] as [(CivilDate, Double)])
        )
        #expect(series[day] == 7)
        #expect(series[firstDay.adding(days: 1)] == nil)
        #expect(series.values.count == 4)
        #expect(DailySeries(readings: [] as [(CivilDate, Double)]) == nil)
    }

    @Test func `days after the origin are not read`() throws {
        let long = household(days: 500)
        let origin = firstDay.adding(days: 399)
        let calendar = ClimateCalendar(india, origin: origin)
        let short = DailySeries(first: firstDay, values: Array(long.values.prefix(400)))
        let state = FleetState(FleetSummary(origin: origin))
        let one = forecast(
            SeriesAnalysis(long, origin: origin, climate: calendar),
            state,
            climate: calendar
        )
        let other = forecast(
            SeriesAnalysis(short, origin: origin, climate: calendar),
            state,
            climate: calendar
        )
        #expect(try #require(one).means == (try #require(other)).means)
    }

    @Test func `a series that begins after the origin is no past`() {
        let series = household(days: 50)
        let origin = firstDay.adding(days: -10)
        let analysis = SeriesAnalysis(
            series,
            origin: origin,
            climate: ClimateCalendar(india, origin: origin)
        )
        #expect(analysis.knownDays == 0)
    }

    @Test func `of twenty years the last two count`() {
        let years = household(days: 7_300)
        let window = Limits.windowDays
        let recent = DailySeries(
            first: years.end.adding(days: -window),
            values: Array(years.values.suffix(window))
        )
        let origin = years.end.adding(days: -1)
        let calendar = ClimateCalendar(india, origin: origin)
        let one = SeriesAnalysis(years, origin: origin, climate: calendar)
        let other = SeriesAnalysis(recent, origin: origin, climate: calendar)
        #expect(one.knownDays == window)
        #expect(one.logLevels == other.logLevels)
    }
}
