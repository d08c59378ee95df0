import Registry
import Testing
import Units

struct CycleRuleTests {
    @Test(arguments: [
        (CycleRule(months: 2), "2026-10", "2026-09-01 to 2026-10-31"),
        (CycleRule(months: 2, endsInEvenMonth: false), "2026-11", "2026-10-01 to 2026-11-30"),
        (CycleRule(months: 1), "2024-02", "2024-02-01 to 2024-02-29"),
        (CycleRule(months: 1, day: 15), "2026-11", "2026-10-15 to 2026-11-14"),
        (CycleRule(months: 2, day: 23), "2026-12", "2026-10-23 to 2026-12-22"),
        (CycleRule(months: 1, day: 31), "2026-11", "2026-10-31 to 2026-11-29"),
        (CycleRule(months: 1, day: 30), "2027-03", "2027-02-28 to 2027-03-29"),
    ])
    func `a cycle is named by the month of its last day`(
        rule: CycleRule,
        name: String,
        period: String
    ) throws {
        #expect(rule.period(named: try #require(CivilMonth(name)))?.description == period)
    }

    @Test func `no two-monthly cycle ends in the other months`() throws {
        #expect(CycleRule(months: 2).period(named: try #require(CivilMonth("2026-11"))) == nil)
    }

    @Test(arguments: 1...31, [1, 2])
    func `every day lies in exactly the cycle that is said to contain it`(day: Int, months: Int)
        throws
    {
        for even in [true, false] {
            let rule = CycleRule(months: months, day: day, endsInEvenMonth: even)
            var date = try #require(CivilDate("2023-12-01"))
            var previous: BillingPeriod?
            for _ in 0..<800 {
                let period = try #require(rule.period(named: rule.name(containing: date)))
                #expect(period.contains(date))
                if let previous, previous != period {
                    #expect(previous.last.adding(days: 1) == period.first)
                }
                previous = period
                date = date.adding(days: 1)
            }
        }
    }
}
