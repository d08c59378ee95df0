import Metering
import Passwords
import Postgres
import Registry
import TestSupport
import Testing
import Units
import UseCases

@testable import Store

/// What the planner does with the statements that everybody waits for, on three years of partitions:
/// each is bounded by its key, and partitions that cannot hold an answer are not looked at.
///
/// The statements are those the store runs, with their parameters, caught on the way to the server.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct PlanTests {
    private static let meters = 200
    private static let months = 40

    /// The shared town: made once, since it takes a while to fill.
    private actor Town {
        static let shared = Town()
        private var making: Task<(PostgresPool, Office), any Error>?

        func open() async throws -> (PostgresPool, Office) {
            if let making { return try await making.value }
            let task = Task { try await Self.make() }
            making = task
            return try await task.value
        }

        private static func make() async throws -> (PostgresPool, Office) {
            let database = try await TestCluster.shared.makeDatabase()
            try await SharedDatabase.migrate(database)
            let pool = PostgresPool(
                configuration: database.application,
                logger: TestCluster.logger
            )
            let clock = FakeClock(TestOffice.noon)
            let useCases = UseCaseSet(
                store: Store(pool: pool),
                work: BlockingWork(),
                clock: clock.wall
            )
            let office = try await useCases.addOffice(
                AddOffice.Input(code: "plans", name: "Plans")
            )
            let first = try #require(CivilMonth("2023-08"))
            _ = try await useCases.makePartitions(
                of: Set((0..<PlanTests.months).map { first.adding(months: $0) })
            )
            _ = try await useCases.registerMeter.importRows(
                (0..<PlanTests.meters).map {
                    ImportRow(line: $0 + 2, fields: ["serial": "m\((1_000 + $0))"])
                },
                by: .operatorOfMachine(office.id)
            )
            try await fill(pool, office)
            let owner = PostgresPool(configuration: database.superuser, logger: TestCluster.logger)
            try await owner.withConnection { try $0.executeScript("analyze") }
            await owner.shutdown()
            return (pool, office)
        }

        private static func fill(_ pool: PostgresPool, _ office: Office) async throws {
            try await pool.transaction(TransactionOptions(statementTimeout: .seconds(300))) {
                connection in
                _ = try connection.query(
                    "select set_config('vidyut.tenant', \(String(office.id.value)), true)"
                )
                try connection.execute(
                    """
                    insert into meter (tenant_id, serial)
                    select \(office.id.value), 'x' || n from generate_series(1, 5000) n
                    """
                )
                try connection.execute(
                    """
                    insert into reading (at, main_energy_wh, tenant_id, meter_id, main_power_mw,
                        main_voltage_mv, main_current_ma, main_power_factor_permille, epoch, flags)
                    select t, extract(epoch from t)::int8 / 100, \(office.id.value), m.meter_id,
                        1, 1, 1, 1, 0, 0
                    from (select meter_id from meter where serial < 'n') m, generate_series(timestamptz '2023-08-02 00:00Z',
                        timestamptz '2026-11-22 00:00Z', '24 hours') t
                    """
                )
                try connection.execute(
                    """
                    insert into consumption_day (tenant_id, meter_id, day, readings, first_at,
                        last_at, first_register_wh, last_register_wh, maximum_power_mw,
                        minimum_voltage_mv, maximum_voltage_mv)
                    select \(office.id.value), meter_id, (at at time zone 'UTC')::date, 1, at, at,
                        main_energy_wh, main_energy_wh, 1, 1, 1 from reading
                    """
                )
                try connection.execute(
                    """
                    insert into meter_latest (tenant_id, meter_id, at, received_at, main_energy_wh,
                        main_power_mw, main_voltage_mv, main_current_ma,
                        main_power_factor_permille)
                    select \(office.id.value), meter_id, now(), now(), 1, 1, 1, 1, 1 from meter
                    """
                )
            }
        }
    }

    private final class Caught {
        var statements: [SQL] = []
    }

    /// The plans of every statement that the body runs, without figures and conditions.
    private func plans(
        _ body: @escaping @Sendable (TenantTransaction, Meter) throws -> Void
    ) async throws -> [[String]] {
        let (pool, office) = try await Town.shared.open()
        return try await pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(office.id.value)), true)"
            )
            let transaction = TenantTransaction(connection: connection, tenant: office.id)
            let meter = try #require(try transaction.meter(serial: "m1077"))
            let caught = Caught()
            connection.observer = { caught.statements.append($0) }
            defer { connection.observer = nil }
            try body(transaction, meter)
            connection.observer = nil
            return try caught.statements.filter { $0.isPlanned }.map { statement in
                try connection.query("explain (costs off) \(fragment: statement)").map {
                    try $0[0] as String
                }.filter { $0.contains("->") || !$0.hasPrefix(" ") }.map { line in
                    String(line.drop { $0 == " " }).replacing("->  ", with: "")
                }.filter { line in
                    // The wall between offices asks once whether the office is named.
                    line != "Result"
                }
            }
        }
    }

    private func requireBounded(_ plan: [String], partitions: Int) {
        #expect(!plan.contains { $0.contains("Seq Scan") }, "\(plan)")
        let scanned = plan.filter {
            $0.contains(" on reading_2") || $0.contains(" on reading_default")
        }
        #expect(scanned.count <= partitions, "\(plan)")
    }

    private func instant(_ text: String) throws -> Instant { try #require(Instant(text)) }

    @Test func `the latest reading of a meter is one look at its key`() async throws {
        let plans = try await plans { _ = try $0.latest(of: $1.id) }
        #expect(plans == [["Index Scan using meter_latest_pkey on meter_latest"]])
    }

    @Test func `one day's readings of a meter touch one partition`() async throws {
        let (from, to) = (try instant("2025-03-09T18:30:00Z"), try instant("2025-03-10T18:30:00Z"))
        let plans = try await plans { transaction, meter in
            let rows = try transaction.readings(of: meter.id, from: from, to: to, limit: 1_000)
            #expect(rows.count == 1)
        }
        #expect(
            plans == [
                ["Limit", "Index Scan using reading_2025_03_pkey on reading_2025_03 r"]
            ]
        )
    }

    @Test func `the running day of a meter touches the partitions of its ends`() async throws {
        let day = try #require(CivilDate("2025-04-01"))
        let plans = try await plans { transaction, meter in
            _ = try transaction.openDay(of: meter.id, day: day, zone: .india)
        }
        #expect(plans.count == 1)
        requireBounded(plans[0], partitions: 2)
        #expect(plans[0].filter { $0.contains("on reading_2025_0") }.count == 2)
    }

    @Test func `a month by day and three years by month read day rows by their key`()
        async throws
    {
        for (from, to, count) in [
            ("2025-03-01", "2025-03-31", 31), ("2023-09-01", "2026-08-31", 1_096),
        ] {
            let span = (try #require(CivilDate(from)), try #require(CivilDate(to)))
            let plans = try await plans { transaction, meter in
                let days = try transaction.days(of: meter.id, from: span.0, to: span.1)
                #expect(days.count == count)
            }
            #expect(plans.count == 1)
            requireBounded(plans[0], partitions: 0)
            #expect(
                plans[0].contains { $0.contains("consumption_day_pkey") },
                "\(plans[0])"
            )
        }
    }

    @Test func `usage of three years is read from the key of the days alone`() async throws {
        let span = (try #require(CivilDate("2023-09-01")), try #require(CivilDate("2026-08-31")))
        let plans = try await plans { transaction, meter in
            let days = try transaction.usageDays(of: meter.id, from: span.0, to: span.1)
            #expect(days.count == 1_096)
        }
        #expect(plans == [["Index Only Scan using consumption_day_pkey on consumption_day"]])
    }

    @Test func `the register at an instant is looked for from the last day on, no further`()
        async throws
    {
        let at = try instant("2024-02-10T18:30:00Z")
        let plans = try await plans { transaction, meter in
            let found = try transaction.register(of: meter.id, atOrBefore: at)
            #expect(found != nil)
            let next = try transaction.register(of: meter.id, atOrAfter: at)
            #expect(next != nil)
        }
        #expect(plans.count == 4)
        for plan in [plans[0], plans[2]] {
            requireBounded(plan, partitions: 0)
            #expect(plan.contains { $0.contains("consumption_day_pkey") }, "\(plan)")
        }
        #expect(
            plans[1] == [
                "Limit",
                "Index Scan Backward using reading_2024_02_pkey on reading_2024_02 reading",
            ]
        )
        #expect(
            plans[3] == [
                "Limit", "Index Scan using reading_2024_02_pkey on reading_2024_02 reading",
            ]
        )
    }

    @Test func `what meters reported around twenty registers is one look at their keys`()
        async throws
    {
        let first = try instant("2025-03-05T06:00:00Z")
        let plans = try await plans { transaction, meter in
            let reports = try transaction.reports(
                around: (0..<20).map { (meter.id, first.adding(seconds: $0 * 86_400)) },
                within: 86_400
            )
            #expect(reports.count == 20)
            #expect(reports.allSatisfy { $0.before != nil && $0.after != nil })
            #expect(try transaction.reports(around: [], within: 86_400).isEmpty)
        }
        #expect(plans.count == 1)
        // One partition, looked at from both sides.
        requireBounded(plans[0], partitions: 2)
    }

    @Test func `a page of a hundred meters with their last reports reads no reading`()
        async throws
    {
        let plans = try await plans { transaction, _ in
            let page = try transaction.meters(after: "m1050", limit: 100)
            #expect(page.count == 100)
        }
        #expect(plans.count == 1)
        #expect(!plans[0].contains { $0.contains("on reading") }, "\(plans[0])")
        // The page of meters in order of serial, then each one's latest row by its key.
        #expect(
            plans[0].contains("Index Scan using meter_serial_unique on meter m"),
            "\(plans[0])"
        )
        #expect(
            plans[0].contains("Index Scan using meter_latest_pkey on meter_latest l"),
            "\(plans[0])"
        )
    }

    @Test func `days are made again from their own partitions, whatever the statistics say`()
        async throws
    {
        let zone = OfficeZone.india
        let days = try ["2024-05-05", "2025-07-01"].map { try #require(CivilDate($0)) }
        let plans = try await plans { transaction, meter in
            try transaction.rebuild(days.map { MeterDayKey(meter: meter.id, day: $0) }, zone: zone)
        }
        let plan = try #require(plans.first { $0.contains { $0.contains("on reading_2") } })
        #expect(!plan.contains { $0.contains("Seq Scan on reading_2") }, "\(plan)")
    }

    @Test func `a night of forecasts reads days from their key alone`() async throws {
        let (from, to) = (CivilDate(daysSince1970: 20_000), CivilDate(daysSince1970: 20_300))
        let plans = try await plans { transaction, meter in
            let days = try transaction.figures(of: [(meter.id, from, to)])
            #expect(days.first?.count == 301)
        }
        #expect(plans.count == 1)
        #expect(
            plans[0].contains { $0.contains("Index Only Scan using consumption_day_pkey") },
            "\(plans[0])"
        )
    }

    @Test func `a page of an export is the next piece of one partition's key`() async throws {
        let month = try #require(CivilMonth("2025-03"))
        let plans = try await plans { transaction, meter in
            let page = try transaction.readingPage(
                of: month,
                after: (meter.id, Instant(secondsSince1970: 1_741_564_800)),
                limit: 500
            )
            #expect(page.count == 500)
        }
        #expect(plans.count == 1)
        requireBounded(plans[0].filter { !$0.hasSuffix("on meter m") }, partitions: 1)
        #expect(
            plans[0].contains("Index Scan using reading_2025_03_pkey on reading_2025_03 r"),
            "\(plans[0])"
        )
    }
}

extension SQL {
    /// Whether it has a plan, as `set` has none.
    fileprivate var isPlanned: Bool { !name.hasPrefix("set ") }
}
