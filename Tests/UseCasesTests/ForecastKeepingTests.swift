import Forecasting
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// What nights leave behind: no more than is shown and scored, and all of it by the settings of their
/// beginning.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastKeepingTests {
    private struct Killed: Error {}

    @Test func `a service keeps the evenings of its own cycles and of months, not of others'`()
        async throws
    {
        let town = try await ForecastTown.make(services: 3)
        for day in [5, 12, 19] {
            _ = try await town.office.useCases.setBilling.group(
                code: "g\(day)",
                cycleMonths: 1,
                cycleDay: day,
                cycleEndsInEvenMonth: true,
                by: town.office.manager
            )
        }
        try await town.write { connection in
            try connection.execute(
                """
                update service s set group_id = g.group_id from billing_group g
                where g.tenant_id = s.tenant_id
                    and (s.number, g.code) in (('S-2', 'g5'), ('S-3', 'g19'))
                """
            )
        }
        try await town.fillAll(3)
        let first = ForecastTown.yesterday.adding(days: -60)
        for night in 0...60 { try await town.night(first.adding(days: night)) }

        func older(_ number: Int) async throws -> [String] {
            try await town.texts(
                """
                select origin::text from forecast join service using (tenant_id, service_id)
                where number = \("S-\(number)") and origin < \(ForecastTown.yesterday.adding(days: -6))
                order by 1
                """
            )
        }
        #expect(try await older(1) == ["2026-09-30", "2026-10-31"])
        #expect(try await older(2) == ["2026-09-30", "2026-10-04", "2026-10-31", "2026-11-04"])
        #expect(try await older(3) == ["2026-09-30", "2026-10-18", "2026-10-31"])
    }

    @Test func `a cycle of a group is scored from its own evening`() async throws {
        let town = try await ForecastTown.make(services: 2)
        _ = try await town.office.useCases.setBilling.group(
            code: "g5",
            cycleMonths: 1,
            cycleDay: 5,
            cycleEndsInEvenMonth: true,
            by: town.office.manager
        )
        try await town.write { connection in
            try connection.execute(
                """
                update service s set group_id = g.group_id from billing_group g
                where g.tenant_id = s.tenant_id and s.number = 'S-2'
                """
            )
        }
        try await town.fillAll(2)
        // 4 October, and 9 November: five days after the cycle's end.
        for night in [20_730, 20_750, 20_766] {
            try await town.night(CivilDate(daysSince1970: Int32(night)))
        }
        let spans = try await town.office.useCases.showAccuracy(by: town.office.manager).spans
        #expect(spans.map { "\($0.kind) \($0.first)" } == ["cycle 2026-10-05"])
        #expect(spans.first?.score.services == 1)
    }

    @Test func `a finished night has one sum for each transformer, however its services lie`()
        async throws
    {
        let town = try await ForecastTown.make(services: 7)
        try await town.fillAll(7)
        // Neighbours in the register hang far apart.
        for number in 1...6 {
            _ = try await town.office.useCases.hangService(
                HangService.Input(
                    serviceNumber: "S-\(number)",
                    transformer: "T-\(number % 2)",
                    feeder: "F-1"
                ),
                by: town.office.manager
            )
        }
        for night in [-1, 0] {
            try await town.night(ForecastTown.yesterday.adding(days: night), servicesPerPart: 1)
        }
        let rows = try await town.texts(
            """
            select concat_ws(' ', origin, coalesce(t.code, '-'), services, count(*) over (
                partition by origin)) from forecast_sum left join transformer t
                using (tenant_id, transformer_id) order by 1
            """
        )
        let (before, last) = (ForecastTown.yesterday.adding(days: -1), ForecastTown.yesterday)
        #expect(
            rows
                == [before, last].flatMap { ["\($0) - 1 3", "\($0) T-0 3 3", "\($0) T-1 3 3"] }
        )
        let sums = try await town.texts(
            """
            select (select sum(m)::numeric(12, 3) from forecast_sum, unnest(means) m)::text
                || ' ' || (select sum(m)::numeric(12, 3) from forecast, unnest(means) m)::text
            """
        )
        let both = sums[0].split(separator: " ").compactMap { Double($0) }
        #expect(abs(both[0] - both[1]) < 0.1, "\(sums)")
    }

    @Test func `a night that goes on takes the settings it began with`() async throws {
        let broken = try await ForecastTown.make(services: 6)
        let whole = try await ForecastTown.make(services: 6)
        for town in [broken, whole] { try await town.fillAll(6) }

        await #expect(throws: Killed.self) {
            try await broken.night(servicesPerPart: 1) { done, _ in if done >= 2 { throw Killed() }
            }
        }
        let useCases = broken.office.useCases
        _ = try await useCases.setForecasting(
            SetForecasting.Input(climate: "delhi"),
            by: broken.office.manager
        )
        _ = try await useCases.setBilling.group(
            code: "g5",
            cycleMonths: 1,
            cycleDay: 5,
            cycleEndsInEvenMonth: true,
            by: broken.office.manager
        )
        try await broken.night(servicesPerPart: 1)
        try await whole.night(servicesPerPart: 1)

        #expect(try await broken.forecasts() == whole.forecasts())
        #expect(try await broken.states() == whole.states())
        // The next night takes those of now.
        let settings = try await broken.texts(
            "select (settings::json -> 'cycles')::text from forecast_run order by origin"
        )
        #expect(settings.count == 1 && settings[0].contains("g5") == false)
    }
}
