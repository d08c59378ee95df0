import Testing
import Units

@testable import Forecasting

/// The plain numbers that a forecast is kept, changed and priced by.
struct OutlookTests {
    private let forecast = forecastAtEnd(of: household(days: 500))

    @Test(arguments: [1, 7, 31, 62])
    func `an outlook says what its forecast says`(days: Int) throws {
        let outlook = forecast.outlook(days: days)

        #expect(outlook.first == forecast.origin.adding(days: 1))
        #expect(outlook.last == forecast.origin.adding(days: days))
        #expect(outlook.days.map(\.middle) == Array(forecast.means.prefix(days)))
        #expect(outlook.totals.count == Limits.outlookSamples)
        #expect(abs(outlook.mean - forecast.total(days: days)) < 1e-9)
        let end = try #require(outlook.running.last)
        // P10, P50 and P90 are among the totals.
        for (index, value) in [(5, end.low), (27, end.middle), (49, end.high)] {
            #expect(abs(outlook.totals[index] - value) < 1e-9)
        }
        for bound in [0.7, 0.9, 1.0, 1.2].map({ $0 * outlook.mean }) {
            let said = outlook.chance(thatTotalExceeds: bound)
            #expect(abs(said - forecast.chance(thatTotalExceeds: bound, days: days)) < 0.02)
        }
    }

    @Test func `running totals never fall and keep their order`() {
        let running = forecast.outlook(days: 62).running
        for (before, after) in zip(running, running.dropFirst()) {
            #expect(before.low <= after.low && before.middle <= after.middle)
            #expect(before.high <= after.high)
        }
        #expect(running.allSatisfy { $0.low <= $0.middle && $0.middle <= $0.high })
    }

    @Test func `a tenth less is a tenth less everywhere`() {
        let outlook = forecast.outlook(days: 30)
        let less = outlook.changed(byPercent: -10)

        #expect(abs(less.mean - 0.9 * outlook.mean) < 1e-9)
        #expect(abs(less.totals[3] - 0.9 * outlook.totals[3]) < 1e-9)
        #expect(outlook.changed(byPercent: 0) == outlook)
        #expect(outlook.changed(byPercent: -250).mean == 0)
    }

    @Test func `an appliance adds its use from its day on and never takes more than there is`() {
        let outlook = forecast.outlook(days: 30)
        let start = outlook.first.adding(days: 20)
        let more = outlook.adding(kilowattHoursADay: 1.5, from: start)

        #expect(abs(more.mean - outlook.mean - 15) < 1e-9)
        #expect(abs(more.totals[0] - outlook.totals[0] - 15) < 1e-9)
        #expect(more.running[19] == outlook.running[19])
        #expect(abs(more.running[29].high - outlook.running[29].high - 15) < 1e-9)
        #expect(outlook.adding(kilowattHoursADay: 1, from: outlook.last.adding(days: 1)) == outlook)

        let none = outlook.adding(kilowattHoursADay: -1_000, from: outlook.first)
        #expect(none.totals.allSatisfy { $0 == 0 } && none.mean == 0)
        #expect(none.running.allSatisfy { $0.high == 0 })
    }

    @Test func `chances of totals that are all the same`() throws {
        let day = ForecastRange(low: 0, middle: 0, high: 0)
        let outlook = try #require(
            UseOutlook(
                first: forecast.origin,
                days: [day],
                running: [day],
                totals: [0, 0, 0]
            )
        )
        #expect(outlook.chance(thatTotalExceeds: 0) == 0)
        #expect(outlook.chance(thatTotalExceeds: -1) == 1)
        #expect(outlook.total(at: 0.5) == 0)
        #expect(UseOutlook(nothingFrom: forecast.origin).chance(thatTotalExceeds: 0) == 0)
        #expect(UseOutlook(first: forecast.origin, days: [day], running: [], totals: [1]) == nil)
        #expect(UseOutlook(first: forecast.origin, days: [day], running: [day], totals: []) == nil)
    }

    @Test func `an outlook of no days is nothing to come`() {
        let outlook = forecast.outlook(days: 0)
        #expect(outlook.last == forecast.origin && outlook.totals.isEmpty)
        #expect(outlook.changed(byPercent: 10) == outlook)
        #expect(outlook.adding(kilowattHoursADay: 1, from: outlook.first) == outlook)
    }
}

/// Days that have passed and that nobody has read, beside those to come.
struct UnreadDaysTests {
    private let forecast = forecastAtEnd(of: household(days: 500))

    @Test func `unread days between known ones err together with those to come`() throws {
        let unread = Array(repeating: 8.0, count: 20)
        let known = forecast.outlook(days: 20)
        let outlook = forecast.outlook(days: 20, unread: unread)

        #expect(outlook.first == known.first && outlook.days == known.days)
        #expect(abs(outlook.mean - known.mean - 160) < 1e-9)
        #expect(outlook.unreadDays == 20 && known.unreadDays == 0)
        let (end, alone) = (try #require(outlook.running.last), try #require(known.running.last))
        #expect(end.high - end.low > 1.5 * (alone.high - alone.low))
        for (index, value) in [(5, end.low), (27, end.middle), (49, end.high)] {
            #expect(abs(outlook.totals[index] - value) < 1e-9)
        }
        #expect(outlook.running[0].low > 80)
    }

    @Test func `a cycle of which only passed days are unread still has a range`() {
        let outlook = forecast.outlook(days: 0, unread: [5, 6])
        #expect(outlook.days.isEmpty && outlook.totals.count == Limits.outlookSamples)
        #expect(outlook.total(at: 0.1) < outlook.total(at: 0.9) && outlook.mean == 11)
    }

    @Test func `a silence before the origin is forecast as from before it`() {
        let whole = forecast.preceded(by: Array(repeating: 4, count: 25))
        #expect(whole.origin == forecast.origin.adding(days: -25))
        #expect(whole.means.count == Limits.horizonDays)
        #expect(whole.means[24] == 4 && whole.means[25] == forecast.means[0])
        let most = forecast.preceded(by: Array(repeating: 4, count: 90))
        #expect(most.means.count == Limits.horizonDays && most.means[61] == forecast.means[0])
    }

    @Test func `a change is of the days to come; what has passed stays, read or not`() {
        let whole = forecast.preceded(by: Array(repeating: 4, count: 10))
        let outlook = whole.outlook(
            days: 30,
            unread: [5, 5, 5],
            open: forecast.origin.adding(days: 1)
        )
        #expect(outlook.unreadDays == 13)
        let none = outlook.changed(byPercent: -100)
        #expect(abs(none.mean - 55) < 1e-9)
        #expect(none.days[9] == outlook.days[9] && none.days[10].high == 0)
        let share = 55 / outlook.mean
        #expect(zip(none.totals, outlook.totals).allSatisfy { abs($0 - $1 * share) < 1e-9 })
        let more = outlook.adding(kilowattHoursADay: 2, from: outlook.first)
        #expect(abs(more.mean - outlook.mean - 40) < 1e-9)
        #expect(more.running[9] == outlook.running[9])
    }

    @Test func `what was used on a past day follows its season`() throws {
        let series = household(days: 500)
        let origin = series.end.adding(days: -1)
        let calendar = ClimateCalendar(india, origin: origin)
        let analysis = SeriesAnalysis(series, origin: origin, climate: calendar)
        let fleet = FleetState(FleetSummary(origin: origin))
        let dates = (0..<60).map { origin.adding(days: -$0) }
        let means = try #require(pastMeans(analysis, fleet, climate: calendar, of: dates))
        let actual = dates.reduce(0) { $0 + (series[$1] ?? 0) }
        #expect(abs(means.reduce(0, +) / actual - 1) < 0.1)
        let nobody = SeriesAnalysis(
            DailySeries(first: firstDay, values: []),
            origin: origin,
            climate: calendar
        )
        #expect(pastMeans(nobody, fleet, climate: calendar, of: dates) == nil)
    }
}
