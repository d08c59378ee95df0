import Billing
import Foundation
import Glibc
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Tariffs
import Units
import UseCases

/// How long a billing run takes, beside one set-based statement that writes as many bill, line and
/// ledger rows.
struct BillsBenchmark: Sendable {
    var services = [10_000, 100_000]
    var isJSON = false

    static let help = """
        usage: bench bills [OPTIONS]

        bills: first how many bills a second of processor time are rated with their lines, beside
        functions by hand; then a whole run, issue included, of offices of growing size with a
        cycle of daily rollups behind every service, beside one set-based SQL statement that
        writes the same number of bill, line and ledger rows into twins of the tables.

          --services N,N    sizes of the offices (10000,100000)
          --json            figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        var rest = arguments
        while let option = rest.popFirst() {
            switch option {
            case "--help", "-h": return nil
            case "--json": isJSON = true
            case "--services":
                let sizes = (rest.popFirst() ?? "").split(separator: ",").map { Int($0) ?? 0 }
                guard !sizes.isEmpty, sizes.allSatisfy({ (1...1_000_000).contains($0) }) else {
                    throw BenchmarkError("--services is a list of 1 to 1000000")
                }
                services = sizes
            default: throw BenchmarkError("there is no option '\(option)'")
            }
        }
    }

    private struct Figures: Encodable {
        var services: Int
        var runSeconds: Double
        var statementSeconds: Double
        var ratio: Double
        var microsecondsAService: Double
        var peakMegabytes: Int
    }

    func run() async throws {
        try RatingBench(isJSON: isJSON).run()
        var figures: [Figures] = []
        for count in services {
            try await BenchmarkOffice.with(meters: 1) { office in
                figures.append(try await measure(count, office))
            }
        }
        if isJSON {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            print(String(decoding: try encoder.encode(["runs": figures]), as: UTF8.self))
            return
        }
        print("\nservices   run s   µs each   statement s   times   peak MB")
        for one in figures {
            print(
                String(
                    format: "%8d  %6.2f  %8.1f  %12.2f  %6.2f  %8d",
                    one.services,
                    one.runSeconds,
                    one.microsecondsAService,
                    one.statementSeconds,
                    one.ratio,
                    one.peakMegabytes
                )
            )
        }
        print(
            "\nA run: claim, read, rate, prove, number, write, book and tell, durable; the "
                + "statement: median of 3."
        )
    }

    private func measure(_ count: Int, _ office: BenchmarkOffice) async throws -> Figures {
        Benchmarks.say("bench: an office of \(count) services with 63 days each")
        try await fill(office, count)
        Benchmarks.say("bench: the set-based statement")
        var times: [Double] = []
        for _ in 0..<3 { times.append(try await statement(office)) }
        let statement = times.sorted()[1]
        Benchmarks.say("bench: the run")
        let configuration = try PostgresConfiguration(url: office.cluster.applicationURL)
        let pool = PostgresPool(configuration: configuration, logger: Benchmarks.logger)
        let now = Instant(secondsSince1970: 1_731_283_200)
        let useCases = UseCaseSet(
            store: Store(pool: pool),
            work: BlockingWork(),
            clock: WallClock { now }
        )
        let caller = Caller.operatorOfMachine(Office.ID(office.tenant))
        let folder = RatingBench(isJSON: false).documents
        let text = try Data(contentsOf: URL(filePath: "\(folder)/tneb-lt1a-2024-07.json"))
        _ = try await useCases.publishTariff(
            try TariffDocument.decodeAll(Array(text)),
            by: caller
        )
        OwnProcess.resetPeak()
        let clock = ContinuousClock()
        let start = clock.now
        let run = try await useCases.runBilling(cycle: "2024-10", issue: true, by: caller)
        let seconds = Self.seconds(clock.now - start)
        await pool.shutdown()
        guard run.counts[.issued] == count else {
            throw BenchmarkError("the run issued \(run.counts) of \(count) bills")
        }
        return Figures(
            services: count,
            runSeconds: seconds,
            statementSeconds: statement,
            ratio: seconds / statement,
            microsecondsAService: seconds * 1_000_000 / Double(count),
            peakMegabytes: OwnProcess.peakMegabytes()
        )
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }

    /// Services from 1 September 2024 with a register each midnight up to 1 November.
    private func fill(_ office: BenchmarkOffice, _ count: Int) async throws {
        let tenant = office.tenant
        try await office.pool.withConnection { connection in
            // Only numbers of this program's own are put into the text.
            try connection.executeScript(
                """
                insert into consumer (tenant_id, consumer_id, number, name, address)
                    select \(tenant), n, 'C-' || n, 'Consumer ' || n, n || ' Bazaar Street'
                    from generate_series(1, \(count)) n;
                insert into service (tenant_id, service_id, number, consumer_id, category,
                        tariff_family, sanctioned_load_watts, address, connected_on)
                    select \(tenant), n, 'S-' || lpad(n::text, 7, '0'), n, 'LT I-A', 'tneb-lt1a',
                        5000, n || ' Bazaar Street', '2020-01-01'
                    from generate_series(1, \(count)) n;
                insert into occupancy (tenant_id, service_id, from_date, consumer_id)
                    select \(tenant), n, '2020-01-01', n from generate_series(1, \(count)) n;
                insert into meter (tenant_id, meter_id, serial)
                    select \(tenant), n + 1000, 's' || n from generate_series(1, \(count)) n;
                insert into installation (tenant_id, meter_id, service_id, installed_at,
                        opening_register_wh)
                    select \(tenant), n + 1000, n, '2020-01-01', 0
                    from generate_series(1, \(count)) n;
                insert into consumption_day (tenant_id, meter_id, day, readings, first_at, last_at,
                        first_register_wh, last_register_wh, maximum_power_mw, minimum_voltage_mv,
                        maximum_voltage_mv)
                    select \(tenant), n + 1000, date '2024-08-31' + d, 96,
                        timestamptz '2024-08-30 18:45Z' + d * interval '1 day',
                        timestamptz '2024-08-31 18:30Z' + d * interval '1 day',
                        1000000 + (d * (1000 + n % 14000))::int8,
                        1000000 + ((d + 1) * (1000 + n % 14000))::int8, 1, 220000, 240000
                    from generate_series(1, \(count)) n, generate_series(0, 62) d;
                analyze;
                create table twin_bill (like bill including defaults including constraints
                    including indexes);
                create table twin_line (like bill_line including all);
                create table twin_transaction (like ledger_transaction including all);
                create table twin_entry (like ledger_entry including all);
                """
            )
        }
    }

    /// One statement for every service: energy from the days, slabs by `case`, all rows written.
    private func statement(_ office: BenchmarkOffice) async throws -> Double {
        let tenant = office.tenant
        let clock = ContinuousClock()
        let start = clock.now
        try await office.pool.withConnection { connection in
            try connection.executeScript(
                """
                with used as (
                    select s.service_id, s.number, c.number as consumer_number,
                        c.name as consumer_name, s.address, s.category,
                        max(d.last_register_wh) - min(o.last_register_wh) as wh
                    from service s
                    join consumer c on c.tenant_id = s.tenant_id
                        and c.consumer_id = s.consumer_id
                    join installation i on i.tenant_id = s.tenant_id
                        and i.service_id = s.service_id
                    join consumption_day d on d.tenant_id = i.tenant_id
                        and d.meter_id = i.meter_id and d.day between '2024-09-01' and '2024-10-31'
                    join consumption_day o on o.tenant_id = i.tenant_id
                        and o.meter_id = i.meter_id and o.day = '2024-08-31'
                    where s.tenant_id = \(tenant)
                    group by s.tenant_id, s.service_id, c.tenant_id, c.consumer_id
                ), priced as (
                    select *, round(case when wh <= 500000 then
                            2.35 * greatest(least(wh, 200000) - 100000, 0)
                            + 4.7 * greatest(least(wh, 400000) - 200000, 0)
                            + 6.3 * greatest(wh - 400000, 0)
                        else 4.7 * (least(wh, 400000) - 100000)
                            + 6.3 * greatest(least(wh, 500000) - 400000, 0)
                            + 8.4 * greatest(least(wh, 600000) - 500000, 0)
                            + 9.45 * greatest(least(wh, 800000) - 600000, 0)
                            + 10.5 * greatest(least(wh, 1000000) - 800000, 0)
                            + 11.55 * greatest(wh - 1000000, 0) end / 10)::int8 as paise,
                        row_number() over (order by number)::int4 as place
                    from used
                ), b as (
                    insert into twin_bill (tenant_id, bill_id, service_id, cycle, state, number,
                        period_first, period_last, consumer_number, consumer_name, service_number,
                        address, category, tariff_documents, energy_wh, total_paise, missing_days,
                        proof, proof_digest, issued_at, due_on)
                    select \(tenant), place, service_id, '2024-10', 'issued', 'B-' || place,
                        '2024-09-01', '2024-10-31', consumer_number, consumer_name, number, address,
                        category, 'tneb-lt1a-2024-07', wh, paise, '', '', '', now(), '2024-11-20'
                    from priced
                ), l as (
                    insert into twin_line (tenant_id, bill_id, position, line_id, label, working,
                        amount_exact, amount_paise)
                    select \(tenant), place, 0, 'energy', 'Energy charge', '', paise::text, paise
                    from priced
                ), t as (
                    insert into twin_transaction (tenant_id, transaction_id, kind, bill_id)
                    select \(tenant), place, 'bill', place from priced
                )
                insert into twin_entry (tenant_id, transaction_id, position, account, service_id,
                    amount_paise)
                select \(tenant), place, side.position, side.account, service_id, side.sign * paise
                from priced cross join (values (0::int2, 'receivable', 1), (1::int2, 'revenue', -1))
                    as side (position, account, sign);
                """
            )
        }
        let seconds = Self.seconds(clock.now - start)
        try await office.pool.withConnection { connection in
            try connection.executeScript(
                "truncate twin_bill, twin_line, twin_transaction, twin_entry"
            )
        }
        return seconds
    }
}
