import Billing
import Forecasting
import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Which cycle's bill is the next one: a closed one until its bill is issued.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastCycleTests {
    private func day(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

    /// What a service's page says on the day after a night.
    private func view(_ town: ForecastTown, after night: CivilDate) async throws
        -> ShowForecast.Answer
    {
        let office = town.office
        office.clock.now = office.office.zone.start(of: night.adding(days: 1))
            .adding(seconds: 6 * 3_600)
        try await town.night(night)
        return try await office.useCases.showForecast(serviceNumber: "S-1", by: office.manager)
    }

    /// A service whose daily energies come from a file, so that it can be billed.
    private func billable() async throws -> ForecastTown {
        let town = try await ForecastTown.make(services: 1, connected: "2026-07-01")
        try await town.office.publish(family: "tneb-lt1a")
        let first = try day("2026-07-01")
        let rows = try (0...ForecastTown.yesterday.days(since: first)).map { index in
            let day = first.adding(days: index)
            return ReadingImportRow(
                line: index + 2,
                meter: "m-1",
                value: .day(day, Energy(wattHours: try #require(ForecastTown.household(1)(day))))
            )
        }
        _ = try await town.office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: town.office.manager
        )
        return town
    }

    private func bill(_ town: ForecastTown, _ cycle: String) async throws -> Money {
        let run = try await town.office.useCases.runBilling(
            cycle: cycle,
            issue: true,
            by: town.office.manager
        )
        #expect(run.counts[.issued] == 1, "\(run.counts)")
        let bills = try await town.office.useCases.showBills.list(
            try PageRequest(after: nil, limit: 10),
            by: town.office.manager
        )
        return try #require(bills.items.first { $0.cycle == cycle }).total
    }

    @Test func `a cycle that is over is shown until its bill is issued, then the next`()
        async throws
    {
        let town = try await billable()
        _ = try await bill(town, "2026-08")

        let last = try await view(town, after: try day("2026-10-30"))
        #expect(last.cycle?.name.description == "2026-10" && last.cycle?.isOver == false)
        #expect(last.cycle?.rest.days.count == 1)
        let over = try await view(town, after: try day("2026-10-31"))
        let cycle = try #require(over.cycle)
        #expect("\(cycle.name) \(cycle.isOver)" == "2026-10 true" && cycle.rest.days.isEmpty)
        #expect(over.notes.map(\.code) == [.over] && over.outlook?.days.count == 62)
        #expect(cycle.used.through == cycle.period.last && cycle.used.days.count == 61)
        let likely = try #require(cycle.forecast?.bill)
        #expect(likely.bill.low == likely.bill.high && likely.units.low == cycle.used.total)

        // Three weeks later it still waits.
        let waiting = try await view(town, after: ForecastTown.yesterday)
        #expect(waiting.cycle?.isOver == true)
        #expect(waiting.cycle?.forecast?.bill.bill.median == likely.bill.median)
        let billed = try await bill(town, "2026-10")
        #expect(billed == likely.bill.median)
        let next = try await view(town, after: ForecastTown.yesterday)
        #expect(next.cycle?.name.description == "2026-12" && next.cycle?.isOver == false)
        #expect(next.notes == [])
    }

    @Test func `days of a closed cycle that nobody knows are estimated as usual ones`() async throws
    {
        let town = try await ForecastTown.make(services: 1)
        try await town.office.publish(family: "tneb-lt1a")
        let gap = try day("2026-10-10")
        try await town.fill(1) { $0 == gap ? nil : 8_000 }
        let over = try await view(town, after: try day("2026-11-01"))
        #expect(over.notes.map(\.code) == [.gaps, .over])
        let cycle = try #require(over.cycle)
        #expect(cycle.used.total.wattHours == 60 * 8_000)
        #expect(cycle.readDays == 60 && cycle.unreadDays == 1)
        #expect(abs(cycle.units.median.wattHours - 61 * 8_000) < 1_000, "\(cycle.units)")
        #expect(cycle.units.low < cycle.units.high)
    }

    @Test func `an office that bills elsewhere sees the running cycle after two weeks`()
        async throws
    {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        let closed = try await view(town, after: try day("2026-11-13"))
        #expect(closed.cycle?.name.description == "2026-10")
        let running = try await view(town, after: try day("2026-11-14"))
        #expect(running.cycle?.name.description == "2026-12")
    }

    @Test func `who moved in after the cycle sees nothing of it`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        _ = try await town.office.useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-new", name: "New"),
            by: town.office.manager
        )
        _ = try await town.office.useCases.moveOccupant.transfer(
            "S-1",
            to: "C-new",
            lastDay: try day("2026-10-31"),
            by: town.office.manager
        )
        let answer = try await view(town, after: try day("2026-11-05"))
        #expect(answer.cycle?.period.first == (try day("2026-11-01")))
        #expect(answer.cycle?.isOver == false)
    }
}
