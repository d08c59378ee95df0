import Billing
import Forecasting
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// What forecasts are measured by, and by whom: stored ones only, each day and total once.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastScoringTests {
    /// The evening before a two-monthly cycle, and the night on which October is scored.
    private let eve = CivilDate(daysSince1970: 20_696)
    private let monthEnd = CivilDate(daysSince1970: 20_726)
    private let due = CivilDate(daysSince1970: 20_762)

    private func accuracy(_ town: ForecastTown) async throws -> [ScoredSpan] {
        try await town.office.useCases.showAccuracy(by: town.office.manager).spans
    }

    @Test func `a month and a cycle are scored once, against what was stored before them`()
        async throws
    {
        let town = try await ForecastTown.make(services: 3)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fillAll(3)
        for night in [eve, monthEnd, due.adding(days: -1)] { try await town.night(night) }
        let september = try await accuracy(town)
        try await town.night(due)
        let all = try await accuracy(town)
        try await town.night(due.adding(days: 1))

        // September came due with the night of early November, October and the cycle on the fifth.
        #expect(september.map(\.first) == [eve.adding(days: 1)])
        #expect(all.count == 3)
        #expect(try await accuracy(town) == all)
        let cycle = try #require(all.first { $0.kind == .cycle })
        #expect("\(cycle.first) \(cycle.last)" == "2026-09-01 2026-10-31")
        #expect(cycle.score.services == 3 && cycle.score.days == 183 && cycle.score.bills == 3)
        let october = try #require(all.first { $0.first == monthEnd.adding(days: 1) })
        #expect(october.kind == .month && october.score.bills == 0)
        #expect(october.last == CivilDate(daysSince1970: 20_757))

        // By hand, from the rows.
        let kept = try await keptBefore(town, monthEnd)
        var (actual, error, naive) = (0.0, 0.0, 0.0)
        for (number, row) in kept.enumerated() {
            let used = (1...31).map {
                Double(ForecastTown.household(number + 1)(monthEnd.adding(days: $0)) ?? 0) / 1_000
            }.reduce(0, +)
            actual += used
            error += abs(row.means.prefix(31).reduce(0, +) - used)
            naive += abs(31 * row.naive - used)
        }
        #expect(abs(october.score.actual - actual) < 1e-6)
        #expect(abs(october.score.error - error) < 1e-3)
        #expect(abs(october.score.naiveError - naive) < 1e-3)
    }

    /// Means and naive forecast of each service from an origin.
    private func keptBefore(_ town: ForecastTown, _ origin: CivilDate) async throws
        -> [(means: [Double], naive: Double)]
    {
        let rows = try await town.forecasts().filter { $0.contains("|\(origin)|") }
        return try rows.map { row in
            let parts = row.split(separator: "|")
            let means = parts[7].dropFirst().dropLast().split(separator: ",")
            return (means.map { Double($0) ?? .nan }, try #require(Double(parts[4])))
        }
    }

    @Test func `bills of a cycle are priced by the tariff, their actual one too`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.office.publish(family: "tneb-lt1a")
        // Always the same: nothing can go wrong.
        try await town.fill(1) { _ in 8_000 }
        for night in [eve, due] { try await town.night(night) }

        let cycle = try #require(try await accuracy(town).first { $0.kind == .cycle })
        // 488 units in two months: some 1,700 rupees.
        #expect(cycle.score.bills == 1 && (150_000...200_000).contains(cycle.score.billActual))
        #expect(cycle.score.billNaiveError == 0)
        #expect((cycle.score.naiveErrorPercent ?? 1) < 1e-4)
        #expect(cycle.score.isNaiveBetter)
    }

    @Test func `nights that were missed are made up for, and nothing counts twice`() async throws {
        let each = try await ForecastTown.make(services: 2)
        let few = try await ForecastTown.make(services: 2)
        for town in [each, few] {
            try await town.fillAll(2)
            try await town.night(monthEnd)
        }
        for day in 1...36 { try await each.night(monthEnd.adding(days: day)) }
        for day in [9, 31, 36] { try await few.night(monthEnd.adding(days: day)) }

        #expect(try await accuracy(each) == accuracy(few))
        // Origins of days and totals, however often they were looked at: of the evening before
        // October all but the longest, of that before November the first days.
        let origins: SQL = """
            select concat(book::json -> 'dayOrigins', book::json -> 'totalOrigins')
            from forecast_score
            """
        #expect(try await each.texts(origins) == ["[1,1,1,0][2,2,2,1,1,1,0,0]"])
        #expect(try await few.texts(origins) == ["[1,1,1,0][2,2,2,1,1,1,0,0]"])
    }

    @Test func `bounds learn from what came due`() async throws {
        let town = try await ForecastTown.make(services: 2)
        try await town.fillAll(2)
        try await town.night(monthEnd)
        try await town.night(monthEnd.adding(days: 40))
        let curves = try await town.texts(
            "select (state::json -> 'curves')::text from forecast_fleet order by origin"
        )
        let origins = try await town.texts(
            "select (book::json -> 'dayOrigins')::text from forecast_score"
        )
        // Days 1 to 7, 8 to 15 and 16 to 30 have come due, once.
        #expect(origins == ["[1,1,1,0]"])
        // The second night, weeks after the first, begins with a fleet of its own.
        #expect(curves.count == 3 && curves[0] == curves[1] && curves[1] != curves[2])
    }

    @Test func `what another occupant was forecast to use scores nobody`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        try await town.night(monthEnd)
        _ = try await town.office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-new", name: "New"),
            by: town.office.manager
        )
        _ = try await town.office.useCases.moveOccupant.transfer(
            "S-1",
            to: "C-new",
            lastDay: monthEnd.adding(days: 3),
            by: town.office.manager
        )
        try await town.night(due)

        #expect(try await accuracy(town) == [])
        let books = try await town.texts("select book from forecast_score")
        let fresh = try await town.texts(
            "select (book::json -> 'dayOrigins')::text from forecast_score"
        )
        #expect(books.count == 1 && fresh == ["[0,0,0,0]"])
    }
}
