package import Metering
import Postgres
import Registry
package import Units

extension TenantTransaction {
    /// How many marks of days before `today` wait to be worked off.
    package func dirtyDays(before today: CivilDate) throws -> Int {
        let rows = try connection.query(
            """
            select count(*) from consumption_dirty
            where tenant_id = \(tenant.value) and day < \(today)
            """
        )
        return Int(try firstRow(rows, "marks")[0] as Int64)
    }

    /// Makes days of registers that were read by hand or from a file; a register at midnight closes
    /// the day that ends.
    ///
    /// A day that lies in a month of which the readings are in the archive stays as it is.
    package func rebuild(_ days: [MeterDayKey], zone: OfficeZone) throws {
        guard !days.isEmpty else { return }
        let ordered = days.sorted()
        let starts = ordered.map { zone.start(of: $0.day) }
        let ends = ordered.map { zone.start(of: $0.day.adding(days: 1)) }
        // New partitions have no statistics yet; a day is always found by its key.
        try findByKeysOnly()
        try connection.execute(
            """
            insert into consumption_day (tenant_id, meter_id, day, readings, first_at, last_at,
                first_register_wh, last_register_wh, dev1_last_register_wh,
                dev2_last_register_wh, maximum_power_mw, minimum_voltage_mv, maximum_voltage_mv,
                quality)
            select \(tenant.value), d.meter, d.day, r.readings, r.first_at, r.last_at, r.first,
                r.last, r.dev1, r.dev2, r.power, r.low, r.high,
                case when r.flags & \(ReadingFlags.sumOfDays.rawValue) <> 0
                    then \(SlotQuality.sumOfDays.rawValue) else 0::int2 end
            from unnest(\(ordered.map(\.meter.value)), \(ordered.map(\.day)), \(starts), \(ends))
                as d (meter, day, day_start, day_end)
            cross join lateral (
                select count(*)::int4 as readings, min(at) as first_at, max(at) as last_at,
                    (array_agg(main_energy_wh order by at))[1] as first,
                    (array_agg(main_energy_wh order by at desc))[1] as last,
                    (array_agg(dev1_energy_wh order by at desc))[1] as dev1,
                    (array_agg(dev2_energy_wh order by at desc))[1] as dev2,
                    (array_agg(flags order by at desc))[1] as flags,
                    max(main_power_mw) as power, min(main_voltage_mv) as low,
                    max(main_voltage_mv) as high
                from reading where tenant_id = \(tenant.value) and meter_id = d.meter
                    and at > d.day_start and at <= d.day_end) r
            where r.readings > 0 and not exists (
                select from reading_archive a
                where a.tenant_id = \(tenant.value) and a.state = 'archived'
                    and a.month in (date_trunc('month', d.day_start at time zone 'UTC')::date,
                        date_trunc('month', d.day_end at time zone 'UTC')::date))
            on conflict on constraint consumption_day_pkey do update set
                readings = excluded.readings, first_at = excluded.first_at,
                last_at = excluded.last_at, first_register_wh = excluded.first_register_wh,
                last_register_wh = excluded.last_register_wh,
                dev1_last_register_wh = excluded.dev1_last_register_wh,
                dev2_last_register_wh = excluded.dev2_last_register_wh,
                maximum_power_mw = excluded.maximum_power_mw,
                minimum_voltage_mv = excluded.minimum_voltage_mv,
                maximum_voltage_mv = excluded.maximum_voltage_mv, energy_wh = null,
                expected_readings = null, estimated_blocks = 0, missing_blocks = 0,
                suspect_blocks = 0, quality = excluded.quality, is_pending = false, register_state = null
            """
        )
    }

    /// The days of a meter between two dates, both included, oldest first.
    package func days(of meter: Meter.ID, from: CivilDate, to: CivilDate) throws -> [MeterDay] {
        try connection.query(
            """
            \(fragment: selectDay)
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day >= \(from) and day <= \(to)
            order by day
            """
        ).map { try MeterDay(row: $0, meter: meter) }
    }

    /// The same with energies and closing registers only, which is all that usage is made of and
    /// stands in the key: years of a meter are a few pages.
    package func usageDays(of meter: Meter.ID, from: CivilDate, to: CivilDate) throws
        -> [MeterDay]
    {
        try connection.query(
            """
            select day, readings, null::timestamptz, last_at, null::int8, last_register_wh,
                null::int4, null::int4, null::int4, energy_wh, quality, false
            from consumption_day
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day >= \(from) and day <= \(to)
            order by day
            """
        ).map { try MeterDay(row: $0, meter: meter) }
    }

    /// The day that is still running, from raw readings after its midnight.
    package func openDay(of meter: Meter.ID, day: CivilDate, zone: OfficeZone) throws
        -> MeterDay?
    {
        let start = zone.start(of: day)
        let end = zone.start(of: day.adding(days: 1))
        return try connection.query(
            """
            select \(day), count(*)::int4, min(at), max(at),
                (array_agg(main_energy_wh order by at))[1],
                (array_agg(main_energy_wh order by at desc))[1],
                max(main_power_mw), min(main_voltage_mv), max(main_voltage_mv),
                null::int8, 0::int2, false
            from reading where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and at > \(start) and at <= \(end)
            having count(*) > 0
            """
        ).first.map { try MeterDay(row: $0, meter: meter) }
    }
}

private let selectDay: SQL = """
    select day, readings, first_at, last_at, first_register_wh, last_register_wh,
        maximum_power_mw, minimum_voltage_mv, maximum_voltage_mv, energy_wh, quality, is_pending
    from consumption_day
    """

extension MeterDay {
    init(row: Row, meter: Meter.ID) throws {
        func reading(_ at: Int, _ register: Int) throws -> RegisterReading? {
            guard let instant: Instant = try row[at], let wattHours: Int64 = try row[register]
            else { return nil }
            return RegisterReading(at: instant, register: Energy(wattHours: wattHours))
        }
        let power: Int32? = try row[6]
        let low: Int32? = try row[7]
        let high: Int32? = try row[8]
        let energy: Int64? = try row[9]
        self.init(
            meter: meter,
            day: try row[0],
            readings: Int(try row[1] as Int32),
            first: try reading(2, 4),
            last: try reading(3, 5),
            maximumPower: power.map { Power(milliwatts: Int64($0)) },
            minimumVoltage: low.map { Voltage(millivolts: Int64($0)) },
            maximumVoltage: high.map { Voltage(millivolts: Int64($0)) },
            energy: energy.map { Energy(wattHours: $0) },
            quality: SlotQuality(rawValue: try row[10]),
            isPending: try row[11]
        )
    }
}
