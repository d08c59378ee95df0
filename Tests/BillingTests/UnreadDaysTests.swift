import Metering
import Registry
import Testing
import Units

@testable import Billing
@testable import Forecasting
@testable import Tariffs

/// Bounds of slabs where days of the cycle have passed and nobody has read them.
struct UnreadDaysTests {
    private let cycle = period("2024-03-01", "2024-04-30")

    private func crossings(_ used: CycleUse, _ rest: UseOutlook) throws -> [SlabCrossing] {
        let forecaster = BillForecaster(shelf: try shelf([try Shipped.text("tneb-lt1a-2022-09")]))
        let input = service("tneb-lt1a", cycle, months: 2)
        return try forecaster.forecast(input, used: used, outlook: rest).crossings
    }

    private func rest(
        after used: CycleUse,
        each: Double,
        unread: UnreadUse? = nil,
        open: CivilDate? = nil
    ) throws -> UseOutlook {
        let plain = try outlook(
            from: used.through.adding(days: 1),
            days: cycle.last.days(since: used.through),
            kilowattHoursADay: each
        )
        let more = unread?.mean ?? 0
        return try #require(
            UseOutlook(
                first: plain.first,
                days: plain.days,
                running: plain.running.map {
                    ForecastRange(
                        low: $0.low + (unread?.range.low ?? 0),
                        middle: $0.middle + (unread?.range.middle ?? 0),
                        high: $0.high + (unread?.range.high ?? 0)
                    )
                },
                totals: plain.totals.map { $0 + more },
                unread: unread,
                open: open
            )
        )
    }

    @Test func `what nobody has read passes no bound for certain`() throws {
        // 20 days of 12 units are read; the meter has been silent for 20 days since.
        let used = use(cycle, days: 20, kilowattHoursADay: 12)
        let silent = try rest(after: used, each: 12, open: cycle.first.adding(days: 40))
        let found = try crossings(used, silent)

        #expect(found.filter(\.isPassed).map(\.bound) == [units(100), units(200)])
        let likely = try #require(found.first { $0.bound == units(400) })
        #expect(likely.isUnread && likely.isLikely && likely.dayOfCycle == 34)
        #expect(
            likely.sentence
                == "You have probably passed 400 units about day 34, which no register tells yet; "
                + "each further unit costs about 6.00 rupees instead of 4.50."
        )
        let ahead = try #require(found.first { $0.bound == units(500) })
        #expect(!ahead.isUnread && ahead.dayOfCycle == 42)
    }

    @Test func `with a day missing before it the day a bound was passed is not known`() throws {
        var used = use(cycle, days: 40, kilowattHoursADay: 12)
        used.days[9] = nil
        used.total = units(39 * 12)
        let unread = UnreadUse(
            days: 1,
            mean: 12,
            range: ForecastRange(low: 6, middle: 12, high: 20)
        )
        let found = try crossings(used, try rest(after: used, each: 12, unread: unread))
        #expect(found.first { $0.bound == units(100) }?.dayOfCycle == 9)
        let later = try #require(found.first { $0.bound == units(200) })
        #expect(later.isPassed && later.date == nil)
        #expect(later.sentence.hasPrefix("You passed 200 units; "))
    }

    @Test func `within days that are known together the day is not known`() throws {
        var used = use(cycle, days: 40, kilowattHoursADay: 12)
        used.sums = [5..<12]
        let found = try crossings(used, try rest(after: used, each: 12))
        #expect(found.first { $0.bound == units(100) }?.date == nil)
        #expect(found.first { $0.bound == units(100) }?.isPassed == true)
        #expect(found.first { $0.bound == units(200) }?.dayOfCycle == 17)
    }

    @Test func `a bound that unread days between known ones may have passed is told as such`()
        throws
    {
        var used = use(cycle, days: 40, kilowattHoursADay: 12)
        for day in 10..<30 { used.days[day] = nil }
        used.total = units(20 * 12)
        let unread = UnreadUse(
            days: 20,
            mean: 240,
            range: ForecastRange(low: 150, middle: 240, high: 350)
        )
        let found = try crossings(used, try rest(after: used, each: 12, unread: unread))
        let likely = try #require(found.first { $0.bound == units(400) })
        #expect(likely.isUnread && likely.date == nil && !likely.isPassed)
        #expect(likely.sentence.hasPrefix("You have probably passed 400 units, which no register"))
    }
}
