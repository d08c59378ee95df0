import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// An office with services whose days stand there already, and a look at what its nights kept.
struct ForecastTown: Sendable {
    /// The last day that is known at the default instant of tests.
    static let yesterday = CivilDate(daysSince1970: 20_779)

    let office: TestOffice

    static func make(
        services: Int = 5,
        connected: String = "2024-11-01",
        at now: Instant = TestOffice.noon
    ) async throws -> ForecastTown {
        let town = ForecastTown(office: try await TestOffice.make(at: now))
        for number in 1...max(1, services) where services > 0 {
            _ = try await town.office.connect("\(number)", on: connected)
        }
        return town
    }

    /// Days as the register machine would leave them, in watt-hours; nil for no row.
    func fill(
        _ service: Int,
        from first: CivilDate = yesterday.adding(days: -729),
        to last: CivilDate = yesterday,
        estimatedBlocks: Int16 = 0,
        missingBlocks: Int16 = 0,
        _ wattHours: @escaping @Sendable (CivilDate) -> Int64?
    ) async throws {
        try await office.fillDays(
            ofMeter: "m-\(service)",
            from: first,
            to: last,
            estimatedBlocks: estimatedBlocks,
            missingBlocks: missingBlocks,
            wattHours
        )
    }

    /// A household by number: warm months, weekends and noise that depends on nothing but these.
    static func household(_ number: Int) -> @Sendable (CivilDate) -> Int64? {
        { day in
            let month = day.components.month
            let season = (4...9).contains(month) ? 1.5 : 1.0
            let mixed =
                UInt32(truncatingIfNeeded: Int(day.daysSince1970) &* 2_654_435_761)
                ^ UInt32(truncatingIfNeeded: number &* 40_503)
            let noise = 0.8 + 0.4 * Double(mixed % 1_000) / 1_000
            let level = 3_000 + 1_000 * Double(number)
            return Int64(level * season * noise * (day.weekday > 4 ? 1.1 : 1))
        }
    }

    func fillAll(_ services: Int, to last: CivilDate = yesterday) async throws {
        for number in 1...services {
            try await fill(number, to: last, Self.household(number))
        }
    }

    func write(_ body: @escaping @Sendable (Connection) throws -> Void) async throws {
        let tenant = office.office.id.value
        try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(tenant)), true)"
            )
            try body(connection)
        }
    }

    /// The rows of a statement's first column.
    func texts(_ statement: SQL) async throws -> [String] {
        let tenant = office.office.id.value
        return try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(tenant)), true)"
            )
            return try connection.query(statement).map { try $0[0] }
        }
    }

    /// Every forecast that is kept, in words that do not depend on keys.
    func forecasts() async throws -> [String] {
        try await texts(
            """
            select concat_ws('|', s.number, f.origin, f.known_days, f.silent_days, f.naive_kwh,
                f.day_scale, f.total_scale, f.means::text)
            from forecast f join service s using (tenant_id, service_id)
            where f.tenant_id = \(office.office.id.value) order by 1
            """
        )
    }

    /// What the fleet was taught, in words.
    func states() async throws -> [String] {
        try await texts(
            """
            select concat_ws('|', f.origin, f.tariff_family, f.state, s.book) from forecast_fleet f
            left join forecast_score s using (tenant_id, tariff_family)
            where f.tenant_id = \(office.office.id.value) order by 1
            """
        )
    }

    /// A night with parts of this many services.
    @discardableResult
    func night(
        _ origin: CivilDate? = nil,
        servicesPerPart: Int = 2,
        progress: @escaping @Sendable (Int, Int) throws -> Void = { _, _ in }
    ) async throws -> ForecastRun {
        try await RunForecasts(
            store: office.store,
            clock: office.clock.wall,
            servicesPerPart: servicesPerPart
        )(origin: origin, by: office.manager, progress: progress)
    }
}
