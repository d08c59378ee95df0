import Foundation
import Testing
import Units

@testable import Forecasting

@Suite struct FleetStateTests {
    private let origin = firstDay.adding(days: 499)

    private func analyses() -> [SeriesAnalysis] {
        let calendar = ClimateCalendar(india, origin: origin)
        return (0..<20).map { number in
            SeriesAnalysis(
                household(days: 500, level: 3 + Double(number), seed: UInt64(number)),
                origin: origin,
                climate: calendar
            )
        }
    }

    private func summary(_ analyses: some Sequence<SeriesAnalysis>) -> FleetSummary {
        var summary = FleetSummary(origin: origin)
        for analysis in analyses { summary.absorb(analysis) }
        return summary
    }

    /// Forecasts of all households from a day, with what came after it.
    private func past(days: Int) -> [(forecast: PastForecast, measured: DailySeries)] {
        let then = firstDay.adding(days: days)
        let calendar = ClimateCalendar(india, origin: then)
        let state = FleetState(FleetSummary(origin: then))
        return (0..<20).compactMap { number in
            let series = household(days: 500, level: 3 + Double(number), seed: UInt64(number))
            let analysis = SeriesAnalysis(series, origin: then, climate: calendar)
            return forecast(analysis, state, climate: calendar).map { (PastForecast($0), series) }
        }
    }

    @Test func `parts merged are the whole`() throws {
        let all = analyses()
        var merged = summary(all.prefix(7))
        merged.merge(summary(all.dropFirst(7)))
        let (one, other) = (FleetState(merged), FleetState(summary(all)))
        #expect(merged.services == 20)
        #expect(zip(one.index, other.index).allSatisfy { abs($0 - $1) < 1e-12 })
        let calendar = ClimateCalendar(india, origin: origin)
        let first = try #require(forecast(all[0], one, climate: calendar))
        let second = try #require(forecast(all[0], other, climate: calendar))
        #expect(zip(first.means, second.means).allSatisfy { abs($0 - $1) < 1e-9 })
    }

    @Test func `a state written and read again is the same`() throws {
        var book = ScoreBook()
        book.learn(past(days: 400), since: firstDay, today: origin)
        let state = FleetState(summary(analyses()), scores: book)
        let json = try JSONEncoder().encode(state)
        #expect(try JSONDecoder().decode(FleetState.self, from: json) == state)
        #expect(json.count < 100_000)
        let books = try JSONEncoder().encode(book)
        #expect(try JSONDecoder().decode(ScoreBook.self, from: books) == book)
        #expect(books.count < 100_000)
    }

    @Test func `a fleet of weeks ago lends neither its level nor its season`() throws {
        var later = FleetSummary(origin: origin)
        for analysis in analyses() { later.absorb(analysis) }
        let state = FleetState(later)
        func level(nightsLater nights: Int) -> Double? {
            let day = origin.adding(days: nights)
            let calendar = ClimateCalendar(india, origin: day)
            let nobody = SeriesAnalysis(
                DailySeries(first: firstDay, values: []),
                origin: day,
                climate: calendar
            )
            return forecast(nobody, state, climate: calendar)?.means[0]
        }
        let tonight = try #require(level(nightsLater: 0))
        let week = try #require(level(nightsLater: Limits.fleetNights))
        #expect(abs(week / tonight - 1) < 0.2)
        #expect(level(nightsLater: Limits.fleetNights + 1) == nil)
        #expect(state.origin == origin && state.inSeason(at: origin) == state)
        // A service of its own past is forecast from that and the climate alone.
        let day = origin.adding(days: 60)
        let calendar = ClimateCalendar(india, origin: day)
        let own = SeriesAnalysis(household(days: 560), origin: day, climate: calendar)
        let alone = FleetState(FleetSummary(origin: day))
        let late = try #require(forecast(own, state, climate: calendar)).total(days: 30)
        let without = try #require(forecast(own, alone, climate: calendar)).total(days: 30)
        #expect(abs(late / without - 1) < 0.05)
    }

    @Test func `a state that was kept without its night is read as that of the night before`()
        throws
    {
        let json = try JSONEncoder().encode(FleetState(summary(analyses())))
        var object = try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
        object["origin"] = nil
        let old = try JSONDecoder().decode(
            FleetState.self,
            from: try JSONSerialization.data(withJSONObject: object)
        )
        #expect(old.origin == nil && old.age(at: origin) == 1)
    }

    @Test func `forecasts scored night by night count as once at the end`() {
        let forecasts = past(days: 420)
        var nightly = ScoreBook()
        for night in 420..<500 {
            let today = firstDay.adding(days: night)
            nightly.learn(forecasts, since: today.adding(days: -1), today: today)
        }
        var once = ScoreBook()
        once.learn(forecasts, since: firstDay, today: origin)
        #expect(nightly == once)
        #expect(once.totalOrigins == Array(repeating: 1, count: ScoreBook.lengths.count))
        #expect(once.days[0].total == 20 * 7)
    }

    @Test func `a fleet that errs more gets wider bounds`() throws {
        var book = ScoreBook()
        for start in stride(from: 100, to: 430, by: 5) {
            let wild = past(days: start).map { forecast, measured in
                (
                    forecast: forecast,
                    measured: DailySeries(
                        first: measured.first,
                        values: measured.values.enumerated().map { day, value in
                            (day + start) % 2 == 0 ? 4 * value : value / 4
                        }
                    )
                )
            }
            book.learn(wild, since: firstDay, today: origin)
        }
        let all = analyses()
        let calendar = ClimateCalendar(india, origin: origin)
        let calm = FleetState(summary(all))
        let taught = FleetState(summary(all), scores: book)
        let narrow = try #require(forecast(all[3], calm, climate: calendar)).interval(day: 5)
        let wide = try #require(forecast(all[3], taught, climate: calendar)).interval(day: 5)
        #expect(wide.high80 - wide.low80 > 1.5 * (narrow.high80 - narrow.low80))
    }

    @Test func `a histogram gives its quantiles back`() throws {
        var random = SeededRandom(seed: 5)
        var histogram = ErrorHistogram()
        for _ in 0..<20_000 { histogram.add(random.normal()) }
        histogram.add(.nan)
        let curve = try #require(histogram.curve())
        #expect(abs(curve[QuantileCurve.bounds.low80] + 1.28) < 0.06)
        #expect(abs(curve[QuantileCurve.bounds.high95] - 1.96) < 0.06)
        #expect(ErrorHistogram().curve() == nil)
        #expect(histogram.total == 20_000)
    }
}
