import Testing
import Units

@testable import Forecasting

/// Sums of forecasts, and sums of scores.
struct SumTests {
    private let origin = CivilDate(daysSince1970: 20_700)
    private var fleet: FleetState { FleetState(FleetSummary(origin: origin)) }

    private func kept(_ level: Double, scale: Double = 0.3) -> PastForecast {
        PastForecast(
            origin: origin,
            means: (0..<Limits.horizonDays).map { level + Double($0 % 7) / 10 },
            dayScale: scale,
            totalScale: scale / 2
        )
    }

    @Test func `a sum of one service has its bounds`() {
        var sum = ForecastSum()
        sum.add(kept(5))
        let whole = sum.forecast(origin: origin, fleet: fleet)
        let own = SeriesForecast(kept(5), knownDays: 100, fleet: fleet)
        for days in [1, 7, 30, 62] {
            #expect(abs(whole.total(days: days) - own.total(days: days)) < 1e-9)
            let (left, right) = (whole.totalInterval(days: days), own.totalInterval(days: days))
            #expect(abs(left.high80 - right.high80) < 1e-9 && abs(left.low95 - right.low95) < 1e-9)
        }
        #expect(abs(whole.interval(day: 9).high80 - own.interval(day: 9).high80) < 1e-9)
    }

    @Test func `many alike are surer, down to what they have in common`() {
        func width(_ count: Int) -> Double {
            var sum = ForecastSum()
            for _ in 0..<count { sum.add(kept(5)) }
            let forecast = sum.forecast(origin: origin, fleet: fleet)
            let bounds = forecast.totalInterval(days: 30)
            return (bounds.high80 - bounds.low80) / forecast.total(days: 30)
        }
        #expect(width(4) < width(1) && width(100) < width(4))
        let least = Limits.errorCorrelation.squareRoot() * width(1)
        #expect(width(10_000) > 0.9 * least && width(10_000) < 1.1 * least)
    }

    @Test
    func `parts added in any order are the same, and a town is not held to one meter's limit`() {
        var (left, right, whole) = (ForecastSum(), ForecastSum(), ForecastSum())
        for level in [1.0, 2, 4] { left.add(kept(level)) }
        for level in [8.0, 16] { right.add(kept(level)) }
        for level in [1.0, 2, 4, 8, 16] { whole.add(kept(level)) }
        left.add(right)
        #expect(left.services == whole.services)
        for (one, other) in zip(left.means + left.spreads, whole.means + whole.spreads) {
            #expect(abs(one - other) < 1e-9)
        }
        var town = ForecastSum()
        for _ in 0..<200_000 { town.add(kept(9)) }
        let forecast = town.forecast(origin: origin, fleet: fleet)
        #expect(forecast.interval(day: 1).high80 > forecast.means[0])
        #expect(forecast.means[0] > Limits.dayKilowattHours)
    }

    @Test func `nothing added up is nothing, and a number`() {
        let forecast = ForecastSum().forecast(origin: origin, fleet: fleet)
        #expect(forecast.total(days: 62) == 0)
        let bounds = forecast.totalInterval(days: 62)
        #expect(bounds.low95 >= 0 && bounds.high95.isFinite)
        #expect(ForecastSum(services: 1, means: [1], spreads: [0, 0, 0, 0]) == nil)
    }

    @Test func `a score counts errors, hits and the naive forecast`() {
        let forecast = SeriesForecast(kept(5), knownDays: 100, fleet: fleet)
        let length = 30
        var score = ForecastScore()
        score.add(forecast, naive: 6, measured: Array(forecast.means[..<length]))
        #expect(score.services == 1 && score.error < 1e-9 && score.days == 30)
        #expect(score.totalsIn80 == 1 && score.daysIn95 == 30)
        #expect(!score.isNaiveBetter && (score.naiveErrorPercent ?? 0) > 10)

        var wild = ForecastScore()
        wild.add(forecast, naive: 50, measured: Array(repeating: 50, count: length))
        #expect(wild.totalsIn95 == 0 && wild.daysIn95 == 0 && wild.isNaiveBetter)
        wild.add(score)
        #expect(wild.services == 2 && wild.totalsIn80Percent == 50)
        #expect(ForecastScore(sums: wild.sums) == wild)
        #expect(ForecastScore(sums: [1]) == nil)

        var gaps = ForecastScore()
        let few = (0..<length).map { $0 < 20 ? 5.0 : .nan }
        #expect(!gaps.add(forecast, naive: 6, measured: few) && gaps.errorPercent == nil)
        let most = (0..<length).map { $0 < 27 ? forecast.means[$0] : .nan }
        #expect(gaps.add(forecast, naive: 6, measured: most) && gaps.error < 1e-9)
    }

    @Test func `books of nights are appended, those of parts merged`() {
        let values = (0..<70).map { Double($0 % 5) + 4 }
        let series = DailySeries(first: origin.adding(days: 1), values: values)
        func night(_ today: Int) -> ScoreBook {
            var book = ScoreBook()
            let since = origin.adding(days: today - 1)
            book.learn([(kept(5), series)], since: since, today: origin.adding(days: today))
            return book
        }
        var parts = night(30)
        parts.merge(night(30))
        #expect(parts.dayOrigins == [0, 0, 1, 0])
        var nights = ScoreBook()
        for today in 1...62 { nights.append(night(today)) }
        #expect(nights.dayOrigins == [1, 1, 1, 1])
        #expect(nights.totalOrigins == Array(repeating: 1, count: 8))
        var atOnce = ScoreBook()
        atOnce.learn([(kept(5), series)], since: origin, today: origin.adding(days: 62))
        #expect(nights == atOnce)
    }
}
