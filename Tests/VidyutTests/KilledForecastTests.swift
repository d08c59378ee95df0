import Foundation
import Glibc
import Postgres
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// A night of forecasts that is killed again and again, and one that two programs share, leaves what a
/// calm one leaves, byte for byte: nothing twice, and no part lost.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && BuiltProgram.path != nil,
        "PostgreSQL or the built program is missing"
    )
)
struct KilledForecastTests {
    private static let services = 3_000

    private func inOffice<Value: Sendable>(
        _ office: TestOffice,
        _ body: @escaping @Sendable (Connection, Int32) throws -> Value
    ) async throws -> Value {
        let tenant = office.office.id.value
        return try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(tenant)), true)"
            )
            return try body(connection, tenant)
        }
    }

    /// An office whose services have 150 days each, and a night before the one that is killed: on that
    /// a month is scored.
    private func town(_ before: CivilDate, _ now: Instant) async throws -> TestOffice {
        let office = try await TestOffice.make(at: now)
        try await office.publish(family: "tneb-lt1a")
        _ = try await office.connect("0", on: "2020-01-01")
        let first = office.office.zone.date(of: now).adding(days: -150)
        try await inOffice(office) { connection, tenant in
            let count = Self.services - 1
            try connection.execute(
                """
                with consumer as (select consumer_id from consumer where tenant_id = \(tenant)),
                f as (insert into feeder (tenant_id, code) values (\(tenant), 'F-1')
                    returning feeder_id),
                t as (insert into transformer (tenant_id, code, feeder_id)
                    select \(tenant), 'T-' || n, feeder_id from f, generate_series(0, 6) n
                    returning transformer_id, code),
                s as (insert into service (tenant_id, number, consumer_id, category, tariff_family,
                        sanctioned_load_watts, address, connected_on, transformer_id)
                    select \(tenant), 'S-' || n, consumer_id, 'LT I-A', 'tneb-lt1a', 5000, '',
                        '2020-01-01', transformer_id
                    from consumer, generate_series(1, \(Int32(count))) n
                        left join t on t.code = 'T-' || n % 8
                    order by n returning service_id, consumer_id, number),
                o as (insert into occupancy (tenant_id, service_id, from_date, consumer_id)
                    select \(tenant), service_id, '2020-01-01', consumer_id from s),
                m as (insert into meter (tenant_id, serial)
                    select \(tenant), 'm-' || n from generate_series(1, \(Int32(count))) n
                    returning meter_id, serial)
                insert into installation (tenant_id, meter_id, service_id, installed_at,
                    opening_register_wh)
                select \(tenant), m.meter_id, s.service_id, '2020-01-01', 0
                from m join s on substr(s.number, 3) = substr(m.serial, 3)
                """
            )
            try connection.execute(
                """
                insert into consumption_day (tenant_id, meter_id, day, readings, energy_wh)
                select \(tenant), meter_id, \(first) + d, 96,
                    (3000 + hashint4(substr(serial, 3)::int4 * 1000 + d) % 3000)::int8
                        + substr(serial, 3)::int4
                from meter, generate_series(0, 149) d where tenant_id = \(tenant)
                """
            )
        }
        _ = try await office.useCases.runForecasts(origin: before, by: office.manager)
        return office
    }

    /// Everything that nights left behind, in words without keys.
    private func kept(_ office: TestOffice) async throws -> [String] {
        try await inOffice(office) { connection, tenant in
            let statements: [SQL] = [
                """
                select concat_ws('|', s.number, f.origin, f.known_days, f.naive_kwh, f.day_scale,
                    f.total_scale, md5(f.means::text))
                from forecast f join service s using (tenant_id, service_id)
                where f.tenant_id = \(tenant) order by 1
                """,
                """
                select concat_ws('|', origin, tariff_family, state) from forecast_fleet
                where tenant_id = \(tenant) order by 1
                """,
                "select book from forecast_score where tenant_id = \(tenant) order by 1",
                """
                select concat_ws('|', s.origin, s.part, t.code, s.services, s.means, s.spreads)
                from forecast_sum s left join transformer t using (tenant_id, transformer_id)
                where s.tenant_id = \(tenant) order by 1
                """,
                """
                select concat_ws('|', kind, first_day, last_day, sums) from forecast_accuracy
                where tenant_id = \(tenant) order by 1
                """,
                """
                select concat_ws('|', origin, previous_origin, services, forecasts,
                    finished_at is null, settings) from forecast_run
                where tenant_id = \(tenant) order by 1
                """,
                "select part::text from forecast_part where tenant_id = \(tenant)",
            ]
            return try statements.flatMap { try connection.query($0).map { try $0[0] as String } }
        }
    }

    @Test(.timeLimit(.minutes(10)))
    func `a night killed at random moments, and one that is shared, are as a calm one`()
        async throws
    {
        // The program has the real clock.
        let now = Instant(secondsSince1970: Int64(Date().timeIntervalSince1970))
        let yesterday = OfficeZone.india.date(of: now).adding(days: -1)
        let before = yesterday.month.adding(months: -3).last
        let calm = try await town(before, now)
        _ = try await calm.useCases.runForecasts(origin: yesterday, by: calm.manager)
        let truth = try await kept(calm)
        #expect(truth.count > 2 * Self.services)

        let name = try await SharedDatabase.shared.open().database.name
        let url = try await TestCluster.shared.cluster().applicationURL
        let program = BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": url.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
        func start(_ office: TestOffice) throws -> Process {
            try program.start([
                "forecast", "run", "--office", office.office.code, "--origin",
                yesterday.description,
            ])
        }
        let killed = try await town(before, now)
        var random = SeededRandom(seed: 20_261_125)
        // Longer and longer on the whole, so that it comes to its end on the slowest machine.
        var (kills, patience, ended) = (0, UInt64(300), false)
        while !ended {
            let process = try start(killed)
            let time = UInt32(patience / 2 + random.next() % patience)
            if await process.run(for: time, then: SIGKILL) { kills += 1 }
            ended = process.endedWell
            patience += patience / 6
        }
        #expect(kills > 2, "\(kills) kills")
        #expect(try await kept(killed) == truth)

        let shared = try await town(before, now)
        let both = [try start(shared), try start(shared)]
        for process in both { #expect(process.endedWell) }
        #expect(try await kept(shared) == truth)
    }
}
