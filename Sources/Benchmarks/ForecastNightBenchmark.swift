import Forecasting
import Foundation
import Glibc
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Tariffs
import Units
import UseCases

/// How long a night of an office takes with everything: days from the database, forecasts, sums and
/// scores into it, by the program's own verb.
struct ForecastNightBenchmark {
    let services: [Int]

    struct Figures: Encodable {
        var services: Int
        /// The first night of all, and one on which the forecasts before a month and a cycle are
        /// scored with their bills.
        var firstSeconds: Double
        var scoringSeconds: Double
        /// A night on which nothing falls due, by one process and the next by two.
        var ordinarySeconds: Double
        var sharedSeconds: Double
        /// Of the scoring night.
        var microsecondsAService: Double
        /// Of the program in the first and the scoring night, and of the larger process of each
        /// ordinary one.
        var peakMegabytes: Int
        var ordinaryPeakMegabytes: Int
        var sharedPeakMegabytes: Int
        /// How long the days took to be made up, and the database's size with them.
        var fillSeconds: Double
        var databaseMegabytes: Int
    }

    private static let days = 730
    /// The evening before October 2026, and the night its scores are due with those of the cycle.
    private static let eve = CivilDate(daysSince1970: 20_696)
    private static let due = CivilDate(daysSince1970: 20_762)

    func run() async throws -> [Figures] {
        var figures: [Figures] = []
        for count in services {
            try await BenchmarkOffice.with(meters: 1) { office in
                Benchmarks.say("bench: an office of \(count) services with \(Self.days) days each")
                let start = Stopwatch.seconds
                try await fill(office, count)
                figures.append(try await measure(count, office, filled: Stopwatch.seconds - start))
            }
        }
        return figures
    }

    private func measure(
        _ count: Int,
        _ office: BenchmarkOffice,
        filled: Double
    ) async throws -> Figures {
        let configuration = try PostgresConfiguration(url: office.cluster.applicationURL)
        let pool = PostgresPool(configuration: configuration, logger: Benchmarks.logger)
        let now = Instant(secondsSince1970: (Int64(Self.due.daysSince1970) + 1) * 86_400)
        let useCases = ForecastNightProcess.useCases(pool, now: now)
        let caller = Caller.operatorOfMachine(Office.ID(office.tenant))
        let folder = RatingBench(isJSON: false).documents
        let text = try Data(contentsOf: URL(filePath: "\(folder)/tneb-lt1a-2024-07.json"))
        _ = try await useCases.publishTariff(
            try TariffDocument.decodeAll(Array(text)),
            by: caller
        )
        OwnProcess.resetPeak()
        Benchmarks.say("bench: the first night")
        let first = try await seconds(of: Self.eve, count, useCases, caller)
        _ = try await seconds(of: Self.eve.adding(days: 30), count, useCases, caller)
        // What fell due in between, so that the next nights are ordinary.
        _ = try await seconds(of: Self.due.adding(days: -3), count, useCases, caller)
        Benchmarks.say("bench: an ordinary night by one process, and one by two")
        let ordinary = try await shared(by: 1, Self.due.adding(days: -2), count, office, now)
        let shared = try await shared(by: 2, Self.due.adding(days: -1), count, office, now)
        Benchmarks.say("bench: a night that scores a month and a cycle")
        let scoring = try await seconds(of: Self.due, count, useCases, caller)
        let spans = try await useCases.showAccuracy(by: caller).spans
        await pool.shutdown()
        guard spans.contains(where: { $0.kind == .cycle && Int($0.score.bills) == count }) else {
            throw BenchmarkError("the night scored \(spans.map { ($0.kind, $0.score.bills) })")
        }
        return Figures(
            services: count,
            firstSeconds: first,
            scoringSeconds: scoring,
            ordinarySeconds: ordinary.seconds,
            sharedSeconds: shared.seconds,
            microsecondsAService: scoring * 1_000_000 / Double(count),
            peakMegabytes: OwnProcess.peakMegabytes(),
            ordinaryPeakMegabytes: ordinary.peak,
            sharedPeakMegabytes: shared.peak,
            fillSeconds: filled,
            databaseMegabytes: try await size(of: office)
        )
    }

    private func shared(
        by processes: Int,
        _ origin: CivilDate,
        _ count: Int,
        _ office: BenchmarkOffice,
        _ now: Instant
    ) async throws -> (seconds: Double, peak: Int) {
        let start = Stopwatch.seconds
        let figures = try await ForecastNightProcess.together(
            processes,
            office,
            origin: origin,
            now: now
        )
        let seconds = Stopwatch.seconds - start
        for one in figures where one.forecasts != count {
            throw BenchmarkError("the night made \(one.forecasts) of \(count) forecasts")
        }
        return (seconds, figures.map(\.peakMegabytes).max() ?? 0)
    }

    private func size(of office: BenchmarkOffice) async throws -> Int {
        try await office.pool.withConnection { connection in
            let bytes: Int64 = try connection.query(
                "select pg_database_size(current_database())"
            )[0][0]
            return Int(bytes / 1_048_576)
        }
    }

    private func seconds(
        of origin: CivilDate,
        _ count: Int,
        _ useCases: UseCaseSet,
        _ caller: Caller
    ) async throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let run = try await useCases.runForecasts(origin: origin, by: caller)
        let duration = clock.now - start
        guard run.forecasts == count else {
            throw BenchmarkError("the night made \(run.forecasts) of \(count) forecasts")
        }
        return Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Services since September 2024 with a day each up to the last night, as the register machine
    /// leaves it, written day by day as it does: a meter's days lie apart in the table.
    private func fill(_ office: BenchmarkOffice, _ count: Int) async throws {
        let tenant = office.tenant
        let first = Self.due.adding(days: 1 - Self.days)
        try await office.pool.withConnection { connection in
            // Only numbers and dates of this program's own are put into the text.
            try connection.executeScript(
                """
                insert into consumer (tenant_id, consumer_id, number, name, address)
                    select \(tenant), n, 'C-' || n, 'Consumer ' || n, n || ' Bazaar Street'
                    from generate_series(1, \(count)) n;
                insert into feeder (tenant_id, feeder_id, code)
                    select \(tenant), n, 'F-' || n from generate_series(1, \(count / 2_500 + 1)) n;
                insert into transformer (tenant_id, transformer_id, code, feeder_id)
                    select \(tenant), n, 'T-' || n, n / 25 + 1
                    from generate_series(0, \(count / 100)) n;
                insert into service (tenant_id, service_id, number, consumer_id, category,
                        tariff_family, sanctioned_load_watts, address, connected_on,
                        transformer_id)
                    select \(tenant), n, 'S-' || lpad(n::text, 7, '0'), n, 'LT I-A', 'tneb-lt1a',
                        5000, n || ' Bazaar Street', '2020-01-01', n / 100
                    from generate_series(1, \(count)) n;
                insert into occupancy (tenant_id, service_id, from_date, consumer_id)
                    select \(tenant), n, '2020-01-01', n from generate_series(1, \(count)) n;
                insert into meter (tenant_id, meter_id, serial)
                    select \(tenant), n + 1000, 's' || n from generate_series(1, \(count)) n;
                insert into installation (tenant_id, meter_id, service_id, installed_at,
                        opening_register_wh)
                    select \(tenant), n + 1000, n, '2020-01-01', 0
                    from generate_series(1, \(count)) n;
                """
            )
            try connection.executeScript(Self.withoutKeys)
        }
        // Two at once, each every other day: as fast as the disk takes rows.
        let (tenantText, days) = ("\(tenant)", Self.days)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for half in 0..<2 {
                group.addTask {
                    try await office.pool.withConnection { connection in
                        try connection.executeScript("set synchronous_commit = off")
                        for day in stride(from: half, to: days, by: 2) {
                            try Task.checkCancellation()
                            let date = first.adding(days: day)
                            try connection.executeScript(
                                Self.rows(tenantText, day, date, count)
                            )
                        }
                        try connection.executeScript("reset synchronous_commit")
                    }
                }
            }
            try await group.waitForAll()
        }
        try await office.pool.withConnection { connection in
            try connection.executeScript(Self.keysAgain)
            for statement in ["vacuum analyze consumption_day", "analyze", "checkpoint"] {
                try connection.executeScript(statement)
            }
        }
    }

    /// A table without keys takes rows many times as fast, and a key that is sorted once takes minutes
    /// where one that grows leaf by leaf takes hours.
    private static let withoutKeys = """
        alter table consumption_day drop constraint consumption_day_pkey;
        drop index consumption_day_pending;
        """

    /// The keys as the schema has them, with leaves as full as they are where days came one a night.
    private static let keysAgain = """
        set maintenance_work_mem = '1GB';
        alter table consumption_day add constraint consumption_day_pkey
            primary key (tenant_id, meter_id, day)
            include (energy_wh, last_at, last_register_wh, quality, readings, estimated_blocks)
            with (fillfactor = 70);
        create index consumption_day_pending on consumption_day (tenant_id, meter_id, day)
            where is_pending;
        reset maintenance_work_mem;
        """

    private static func rows(
        _ tenant: String,
        _ day: Int,
        _ date: CivilDate,
        _ count: Int
    ) -> String {
        """
        insert into consumption_day (tenant_id, meter_id, day, readings, energy_wh,
                last_at, last_register_wh)
            select \(tenant), n + 1000, '\(date)', 96,
                ((2000 + n % 16 * 1000)
                    * (1 + 0.4 * sin((\(day) + 60) * 6.2832 / 365))
                    * (0.6 + 0.8 * random()))::int8,
                '\(date) 18:15Z', \(day)::int8 * 8000
            from generate_series(1, \(count)) n;
        """
    }
}
