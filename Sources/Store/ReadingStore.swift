package import Metering
import Postgres
package import Registry
package import Units

let selectReading: SQL = """
    select r.meter_id, r.at, r.epoch, r.sequence, r.flags,
        r.main_energy_wh, r.main_power_mw, r.main_voltage_mv, r.main_current_ma,
        r.main_power_factor_permille,
        r.dev1_energy_wh, r.dev1_power_mw, r.dev1_voltage_mv, r.dev1_current_ma,
        r.dev1_power_factor_permille,
        r.dev2_energy_wh, r.dev2_power_mw, r.dev2_voltage_mv, r.dev2_current_ma,
        r.dev2_power_factor_permille
    from reading r
    """

extension AcceptedReading {
    /// A row of `selectReading`.
    init(row: Row) throws {
        let dev1: Int64? = try row[10]
        let dev2: Int64? = try row[15]
        self.init(
            at: try row[1],
            epoch: try row[2],
            sequence: try row[3],
            main: try ChannelReading(latest: row, from: 5),
            dev1: try dev1.map { _ in try ChannelReading(latest: row, from: 10) },
            dev2: try dev2.map { _ in try ChannelReading(latest: row, from: 15) },
            flags: ReadingFlags(rawValue: try row[4])
        )
    }

    /// Everything measured, as text: what tells a duplicate from a conflict.
    var content: String {
        [main, dev1, dev2].map { channel in
            guard let channel else { return "-" }
            return "\(channel.energyWattHours),\(channel.powerMilliwatts),"
                + "\(channel.voltageMillivolts),\(channel.currentMilliamps),"
                + "\(channel.powerFactorPermille)"
        }.joined(separator: ";")
    }

    /// Orders two values of one instant; equal ranks are told apart by content, so that the order
    /// of arrival never matters.
    var rank: Rank {
        Rank(
            epoch: epoch,
            sequence: sequence ?? -1,
            register: main.energyWattHours,
            content: content
        )
    }

    struct Rank: Comparable {
        let epoch: Int16
        let sequence: Int32
        let register: Int64
        let content: String

        static func < (left: Rank, right: Rank) -> Bool {
            (left.epoch, left.sequence, left.register, left.content)
                < (right.epoch, right.sequence, right.register, right.content)
        }
    }
}

/// A reading refused for good, on its way into the list the office sees.
package struct RejectionInsertion: Sendable {
    package var meter: Meter.ID
    package var epoch: Int32
    package var sequence: Int64
    package var fault: ReadingFault

    package init(meter: Meter.ID, epoch: Int32, sequence: Int64, fault: ReadingFault) {
        self.meter = meter
        self.epoch = epoch
        self.sequence = sequence
        self.fault = fault
    }
}

extension TenantTransaction {
    /// Keeps refused readings by name; the same one again only counts up.
    package func insert(_ rejections: [RejectionInsertion], at now: Instant) throws {
        for rejection in rejections {
            try connection.execute(
                """
                insert into reading_rejection (tenant_id, meter_id, epoch, sequence, code, detail,
                    first_at, last_at)
                values (\(tenant.value), \(rejection.meter.value),
                    \(Int16(clamping: rejection.epoch)), \(Int32(clamping: rejection.sequence)),
                    \(rejection.fault.code.rawValue), \(rejection.fault.detail), \(now), \(now))
                on conflict on constraint reading_rejection_pkey do update
                set last_at = excluded.last_at, code = excluded.code, detail = excluded.detail,
                    occurrences = least(reading_rejection.occurrences, 2147483646) + 1
                """
            )
        }
    }

    /// The newest refused readings of the office.
    package func rejections(limit: Int) throws -> [RejectedReading] {
        try connection.query(
            """
            select m.serial, j.epoch, j.sequence, j.code, j.detail, j.last_at, j.occurrences
            from reading_rejection j
            join meter m on m.tenant_id = j.tenant_id and m.meter_id = j.meter_id
            where j.tenant_id = \(tenant.value)
            order by j.last_at desc limit \(Int32(clamping: limit))
            """
        ).map { row in
            RejectedReading(
                meterSerial: try row[0],
                epoch: Int(try row[1] as Int16),
                sequence: Int(try row[2] as Int32),
                code: try row[3],
                detail: try row[4],
                lastAt: try row[5],
                occurrences: Int(try row[6] as Int32)
            )
        }
    }

    /// Marks local days of meters to be made again; append-only, so intake waits for nobody.
    package func markDirty(_ days: Set<MeterDayKey>) throws {
        guard !days.isEmpty else { return }
        let ordered = Array(days)
        try connection.execute(
            """
            insert into consumption_dirty (tenant_id, meter_id, day)
            select \(tenant.value), d.meter, d.day
            from unnest(\(ordered.map(\.meter.value)), \(ordered.map(\.day))) as d (meter, day)
            """
        )
    }

    /// Writes newest readings where they are newer than what is known.
    package func upsert(_ latest: [LatestReading]) throws {
        guard !latest.isEmpty else { return }
        // One order for every writer, so that two of them never wait for each other in a circle.
        let rows = latest.sorted { $0.meter < $1.meter }
        try connection.execute(
            """
            insert into meter_latest (tenant_id, meter_id, at, received_at, main_energy_wh,
                dev1_energy_wh, dev2_energy_wh, main_power_mw, main_voltage_mv, main_current_ma,
                main_power_factor_permille, dev1_power_mw, dev2_power_mw, dev1_voltage_mv,
                dev2_voltage_mv)
            select \(tenant.value), l.* from unnest(
                \(rows.map(\.meter.value)), \(rows.map(\.at)), \(rows.map(\.receivedAt)),
                \(rows.map(\.main.energyWattHours)), \(rows.map { $0.dev1?.energyWattHours }),
                \(rows.map { $0.dev2?.energyWattHours }), \(rows.map(\.main.powerMilliwatts)),
                \(rows.map(\.main.voltageMillivolts)), \(rows.map(\.main.currentMilliamps)),
                \(rows.map(\.main.powerFactorPermille)), \(rows.map { $0.dev1?.powerMilliwatts }),
                \(rows.map { $0.dev2?.powerMilliwatts }),
                \(rows.map { $0.dev1?.voltageMillivolts }),
                \(rows.map { $0.dev2?.voltageMillivolts })) as l
            on conflict on constraint meter_latest_pkey do update set
                at = excluded.at, received_at = excluded.received_at,
                main_energy_wh = excluded.main_energy_wh,
                dev1_energy_wh = excluded.dev1_energy_wh,
                dev2_energy_wh = excluded.dev2_energy_wh,
                main_power_mw = excluded.main_power_mw,
                main_voltage_mv = excluded.main_voltage_mv,
                main_current_ma = excluded.main_current_ma,
                main_power_factor_permille = excluded.main_power_factor_permille,
                dev1_power_mw = excluded.dev1_power_mw, dev2_power_mw = excluded.dev2_power_mw,
                dev1_voltage_mv = excluded.dev1_voltage_mv,
                dev2_voltage_mv = excluded.dev2_voltage_mv
            where meter_latest.at < excluded.at
            """
        )
    }

    /// The newest reading of a meter.
    package func latest(of meter: Meter.ID) throws -> LatestReading? {
        try connection.query(
            """
            select at, received_at, main_energy_wh, main_power_mw, main_voltage_mv,
                main_current_ma, main_power_factor_permille, dev1_energy_wh, dev1_power_mw,
                dev1_voltage_mv, dev2_energy_wh, dev2_power_mw, dev2_voltage_mv
            from meter_latest
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
            """
        ).first.map { row in
            LatestReading(
                meter: meter,
                at: try row[0],
                receivedAt: try row[1],
                main: try ChannelReading(latest: row, from: 2),
                dev1: try ChannelReading(partial: row, from: 7),
                dev2: try ChannelReading(partial: row, from: 10)
            )
        }
    }

    /// Whether the first reading of a meter at or after an instant is a sum of imported days.
    package func isSumOfDays(of meter: Meter.ID, atOrAfter instant: Instant) throws -> Bool {
        let flags: Int16? = try connection.query(
            """
            select flags from reading
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at >= \(instant)
            order by at limit 1
            """
        ).first?[0]
        return flags.map { ReadingFlags(rawValue: $0).contains(.sumOfDays) } ?? false
    }

    /// Puts another register in the place of a wrong one, and keeps the wrong one with who, when and
    /// why; nil when there is no reading at that instant.
    package func correct(
        _ meter: Meter.ID,
        at instant: Instant,
        register: Energy,
        reason: String,
        by name: String,
        madeAt: Instant
    ) throws -> Energy? {
        let rows = try connection.query(
            """
            select main_energy_wh from reading where tenant_id = \(tenant.value)
                and meter_id = \(meter.value) and at = \(instant) for update
            """
        )
        guard let old: Int64 = try rows.first?[0] else { return nil }
        try keepCorrection(
            of: meter,
            at: instant,
            register: register,
            replaced: old,
            reason: reason,
            by: name,
            madeAt: madeAt
        )
        try connection.execute(
            """
            update reading set main_energy_wh = \(register.wattHours),
                flags = flags | \(ReadingFlags.corrected.rawValue)
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at = \(instant)
            """
        )
        return Energy(wattHours: old)
    }

    /// Writes down who put which register right, and why.
    func keepCorrection(
        of meter: Meter.ID,
        at instant: Instant,
        register: Energy,
        replaced: Int64,
        reason: String,
        by name: String,
        madeAt: Instant
    ) throws {
        try connection.execute(
            """
            insert into register_correction (tenant_id, meter_id, at, register_wh,
                replaced_register_wh, reason, made_by, made_at)
            values (\(tenant.value), \(meter.value), \(instant), \(register.wattHours),
                \(replaced), \(reason), \(name), \(madeAt))
            """
        )
    }

    /// Raw readings of a meter, oldest first: `from` included, `to` excluded.
    package func readings(
        of meter: Meter.ID,
        from: Instant,
        to: Instant,
        limit: Int
    ) throws -> [AcceptedReading] {
        try connection.query(
            """
            \(fragment: selectReading)
            where r.tenant_id = \(tenant.value) and r.meter_id = \(meter.value)
                and r.at >= \(from) and r.at < \(to)
            order by r.at limit \(Int32(clamping: limit))
            """
        ).map(AcceptedReading.init(row:))
    }
}

extension RegisterReading {
    init(row: Row) throws {
        self.init(at: try row[0], register: Energy(wattHours: try row[1]))
    }
}

extension ChannelReading {
    /// Energy and power of an appliance's channel, where there is one.
    init?(partial row: Row, from column: Int) throws {
        guard let energy: Int64 = try row[column] else { return nil }
        let power: Int32? = try row[column + 1]
        let voltage: Int32? = try row[column + 2]
        self.init(
            energyWattHours: energy,
            powerMilliwatts: power ?? 0,
            voltageMillivolts: voltage ?? 0
        )
    }
}
