import Metering
import Postgres
import Units

/// An office filled with statements: rows as registering, intake and day making write them.
struct QueriesTown: Sendable {
    let office: BenchmarkOffice
    let meters: Int
    let yesterday: CivilDate

    /// Beyond those that the benchmark's office has itself.
    private static let firstMeter: Int32 = 1_000

    static func meter(_ number: Int32) -> Meter.ID { Meter.ID(firstMeter + number) }

    static func serial(_ number: Int32) -> String {
        let digits = String(number)
        return "q" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    }

    static func service(_ number: Int32) -> String { "S-\(number)" }

    func fill(curves: Int, energies: Int) async throws {
        Benchmarks.say("bench: registering \(meters) meters")
        try await register(since: yesterday.adding(days: -energies))
        Benchmarks.say("bench: \(energies) days of energies")
        try await fillEnergies(energies)
        Benchmarks.say("bench: \(curves) days of load curves")
        try await fillCurves(curves)
        Benchmarks.say("bench: a month of readings")
        try await fillReadings()
        Benchmarks.say("bench: vacuum")
        try await office.pool.withConnection { connection in
            try connection.execute("vacuum analyze")
            try connection.execute("checkpoint")
        }
    }

    private func register(since day: CivilDate) async throws {
        let (tenant, count, first) = (office.tenant, meters, Self.firstMeter)
        try await office.pool.withConnection { connection in
            // Only numbers and a date of this program's own are put into the text.
            try connection.executeScript(
                """
                insert into consumer (tenant_id, consumer_id, number, name, address)
                    select \(tenant), n, 'C-' || n, 'Consumer ' || n, n || ' Bazaar Street'
                    from generate_series(1, \(count)) n;
                insert into service (tenant_id, service_id, number, consumer_id, category,
                        tariff_family, sanctioned_load_watts, address, connected_on)
                    select \(tenant), n, 'S-' || n, n, 'LT I-A', 'tneb-lt1a', 5000,
                        n || ' Bazaar Street', '\(day)'
                    from generate_series(1, \(count)) n;
                insert into occupancy (tenant_id, service_id, from_date, consumer_id)
                    select \(tenant), n, '\(day)', n from generate_series(1, \(count)) n;
                insert into meter (tenant_id, meter_id, serial)
                    select \(tenant), \(first) + n, 'q' || lpad(n::text, 6, '0')
                    from generate_series(1, \(count)) n;
                insert into installation (tenant_id, meter_id, service_id, installed_at,
                        opening_register_wh)
                    select \(tenant), \(first) + n, n, '\(day) 00:00+05:30', 0
                    from generate_series(1, \(count)) n;
                insert into meter_latest (tenant_id, meter_id, at, received_at, main_energy_wh,
                        dev1_energy_wh, dev2_energy_wh, main_power_mw, main_voltage_mv,
                        main_current_ma, main_power_factor_permille, dev1_power_mw, dev2_power_mw)
                    select \(tenant), \(first) + n, now(), now(), 1000000, 400000, 250000, 400000,
                        230000, 1739, 950, 160000, 100000
                    from generate_series(1, \(count)) n;
                """
            )
        }
    }

    /// A row a meter and day with a state of the register machine, as nights leave them.
    private func fillEnergies(_ days: Int) async throws {
        try await fill(
            "consumption_day",
            key: "consumption_day_pkey primary key (tenant_id, meter_id, day) include (energy_wh, "
                + "last_at, last_register_wh, quality, readings)",
            """
            insert into consumption_day (tenant_id, meter_id, day, readings, first_at, last_at,
                first_register_wh, last_register_wh, dev1_last_register_wh, dev2_last_register_wh,
                maximum_power_mw, minimum_voltage_mv, maximum_voltage_mv, energy_wh,
                expected_readings, quality, register_state)
            select \(office.tenant), \(Self.firstMeter) + n, d.day, 96,
                d.day::timestamp at time zone 'Asia/Kolkata' + interval '15 minutes',
                (d.day + 1)::timestamp at time zone 'Asia/Kolkata',
                d.place * (4000 + n % 900), (d.place + 1) * (4000 + n % 900),
                d.place * 1600, d.place * 1000, 400000, 225000, 239000, 4000 + n % 900, 96, 0,
                array[1, extract(epoch from d.day)::int8 * 1000000, d.place * (4000 + n % 900),
                    0, d.place * 96, 0, 400000, 230000, d.place * (4000 + n % 900),
                    extract(epoch from d.day)::int8 * 1000000, 0, 0, 0, 0]::int8[]
            from generate_series(1, \(meters)) n,
                (select date '\(yesterday)' - place as day, (\(days) - place)::int8 as place
                    from generate_series(\(days) - 1, 0, -1) place) d
            """
        )
    }

    /// Load curves of some hundred households, one for each meter.
    private func fillCurves(_ days: Int) async throws {
        try await fill(
            "block_day",
            key: "block_day_pkey primary key (tenant_id, meter_id, day)",
            """
            with curve as materialized (
                select c, array_agg((40 + (c * 37 + b * 11) % 90)::int4 order by b) as energy,
                    array_agg(0::int2 order by b) as quality,
                    array_agg(1::int2 order by b) as received
                from generate_series(0, 499) c, generate_series(0, 95) b group by c)
            insert into block_day (tenant_id, meter_id, day, block_minutes, energy_wh, quality,
                received)
            select \(office.tenant), \(Self.firstMeter) + n, date '\(yesterday)' - d, 15,
                energy, quality, received
            from generate_series(1, \(meters)) n
            join curve on c = n % 500, generate_series(\(days) - 1, 0, -1) d
            """
        )
    }

    /// Every quarter of an hour of thirty days, in the order in which a fleet sends them.
    private func fillReadings() async throws {
        let first = yesterday.adding(days: -30)
        var month = first.month
        while month <= yesterday.adding(days: 1).month {
            let day = month.first
            let next = month.adding(months: 1).first
            _ = try await office.pool.withConnection { connection in
                try connection.query("select make_reading_partition(\(day))").count
            }
            let (number, digits) = (String(month.month), String(month.year))
            let name = "reading_\(digits)_\(number.count < 2 ? "0" : "")\(number)"
            try await run("alter table reading detach partition \(name)")
            try await fill(
                name,
                key: "\(name)_pkey primary key (tenant_id, meter_id, at)",
                """
                insert into \(name) (at, main_energy_wh, dev1_energy_wh, dev2_energy_wh,
                    tenant_id, meter_id, sequence, main_power_mw, main_voltage_mv,
                    main_current_ma, dev1_power_mw, dev1_voltage_mv, dev1_current_ma,
                    dev2_power_mw, dev2_voltage_mv, dev2_current_ma, main_power_factor_permille,
                    dev1_power_factor_permille, dev2_power_factor_permille, epoch, flags)
                select t.at, 1000000 + t.place * 45, 400000 + t.place * 18, 250000 + t.place * 11,
                    \(office.tenant), \(Self.firstMeter) + n, t.place, 400000, 230000, 1739,
                    160000, 230000, 695, 100000, 230000, 435, 950, 950, 950, 0, 0
                from (select at, row_number() over (order by at) as place
                    from generate_series(
                        date '\(first)'::timestamp at time zone 'Asia/Kolkata',
                        date '\(yesterday.adding(days: 1))'::timestamp
                            at time zone 'Asia/Kolkata', interval '15 minutes') at
                    where at >= '\(day) 00:00+00' and at < '\(next) 00:00+00') t,
                    generate_series(1, \(meters)) n
                """
            )
            try await run(
                "alter table reading attach partition \(name) for values "
                    + "from ('\(day) 00:00+00') to ('\(next) 00:00+00')"
            )
            month = month.adding(months: 1)
        }
    }

    /// Rows first and their key after, which is quicker and comes to the same.
    private func fill(_ table: String, key: String, _ statement: String) async throws {
        let name = key.prefix { $0 != " " }
        try await run("alter table \(table) drop constraint \(name)")
        try await run(statement)
        try await run("alter table \(table) add constraint \(key)")
    }

    private func run(_ text: String) async throws {
        try await office.pool.withConnection { try $0.executeScript(text) }
    }
}
