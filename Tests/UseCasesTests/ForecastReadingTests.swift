import Billing
import Registry
import TestSupport
import Testing
import Units

@testable import Postgres
@testable import Store
@testable import UseCases

/// What a look at a forecast reads: the service's own family and tariff, whatever else an office has.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ForecastReadingTests {
    private final class Caught {
        var statements: [String] = []
    }

    /// The statements of one look, and what it says.
    private func look(
        _ town: ForecastTown,
        _ show: ShowForecast,
        whatIf: WhatIf = WhatIf()
    ) async throws -> (statements: [String], answer: ShowForecast.Answer) {
        let (office, manager, now) = (
            town.office.office.id, town.office.manager, town.office.clock.now
        )
        return try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(office.value)), true)"
            )
            let transaction = TenantTransaction(connection: connection, tenant: office)
            let service = try transaction.visibleService("S-1", manager)
            let caught = Caught()
            connection.observer = { caught.statements.append($0.text) }
            defer { connection.observer = nil }
            let answer = try show.answer(service, whatIf: whatIf, at: now, in: transaction)
            return (caught.statements, answer)
        }
    }

    private func texts(_ statements: [String]) -> Int {
        statements.count { $0.contains("body") && $0.contains("tariff_document") }
    }

    @Test func `a tariff's text is read once, and what other families have never`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.office.publish(family: "tneb-lt1a")
        try await town.fillAll(1)
        try await town.night()
        let show = ShowForecast(store: town.office.store, clock: town.office.clock.wall)
        let first = try await look(town, show)
        let second = try await look(town, show)
        #expect(texts(first.statements) == 1 && texts(second.statements) == 0)
        #expect(first.statements.count == second.statements.count + 1)
        #expect(second.statements.count <= 20, "\(second.statements)")

        for family in ["kseb-lt1a", "bescom-lt1", "delhi-dom"] {
            try await town.office.publish(family: family)
        }
        try await town.write { connection in
            try connection.execute(
                """
                insert into forecast_fleet (tenant_id, tariff_family, origin, state)
                select tenant_id, 'family ' || n, origin, 'not JSON'
                from forecast_fleet, generate_series(1, 40) n
                """
            )
        }
        let third = try await look(town, show)
        #expect(third.statements == second.statements)
        #expect(third.answer.cycle?.forecast == first.answer.cycle?.forecast)
        let states = third.statements.filter { $0.contains("forecast_fleet") }
        #expect(states.count == 1 && states[0].contains("tariff_family = any"))
    }

    @Test func `another tariff is read when it is asked for, by family or by document`()
        async throws
    {
        let town = try await ForecastTown.make(services: 1)
        for family in ["tneb-lt1a", "tneb-lt1d"] { try await town.office.publish(family: family) }
        try await town.fillAll(1)
        try await town.night()
        let show = ShowForecast(store: town.office.store, clock: town.office.clock.wall)
        for tariff in ["tneb-lt1d", "tneb-lt1a-2017", "tneb-lt1a-2024-07"] {
            let found = try await look(town, show, whatIf: WhatIf(tariff: tariff))
            #expect(found.answer.cycle?.forecast?.whatIf != nil, "\(found.answer.notes)")
        }
        let none = try await look(town, show, whatIf: WhatIf(tariff: "no-such"))
        #expect(none.answer.notes.map(\.code) == [.noWhatIf])
    }

    @Test func `a version published later is seen at the next look`() async throws {
        let town = try await ForecastTown.make(services: 1)
        try await town.fillAll(1)
        try await town.night()
        let show = ShowForecast(store: town.office.store, clock: town.office.clock.wall)
        #expect(try await look(town, show).answer.cycle?.forecast == nil)
        try await town.office.publish(family: "tneb-lt1a")
        #expect(try await look(town, show).answer.cycle?.forecast != nil)
    }
}
