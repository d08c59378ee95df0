package import Metering
import Postgres
import Registry
package import Units

extension TenantTransaction {
    /// Puts the days of a stretch in place of what stands there: days, blocks and exceptions.
    ///
    /// A day that the stretch has and `made` has not is gone: nothing is known of it any more. What
    /// stands there as it was made is not written again.
    package func replace(_ stretches: [(stretch: DayStretch, made: [MadeDay])]) throws {
        guard !stretches.isEmpty else { return }
        let spans = stretches.map(\.stretch)
        let made = stretches.flatMap { stretch, made in made.map { (stretch.meter.value, $0) } }
        try findByKeysOnly()
        try replace(
            "consumption_day",
            try dayRows(of: spans),
            with: made.map { DayRow(meter: $0, $1) },
            inserting: insertDays
        )
        try replace(
            "block_day",
            try blockRows(of: spans),
            with: made.filter(\.1.hasBlocks).map { BlockRow(meter: $0, $1.blocks) },
            inserting: insertBlocks
        )
        try replace(
            "reading_exception",
            try exceptionRows(of: spans),
            with: made.filter { !$1.exceptions.isEmpty }.map {
                ExceptionRow(meter: $0, day: $1.blocks.day, $1.exceptions)
            },
            inserting: insertExceptions
        )
    }

    /// Deletes what is not among the new rows as it stands, and inserts what does not stand.
    private func replace<Kept: KeptRow>(
        _ table: SQL,
        _ standing: [Kept],
        with new: [Kept],
        inserting insert: ([Kept]) throws -> Void
    ) throws {
        let known = Set(standing)
        let wanted = Set(new)
        let gone = standing.filter { !wanted.contains($0) }
        if !gone.isEmpty {
            try connection.execute(
                """
                delete from \(fragment: table) t
                using unnest(\(gone.map(\.meter)), \(gone.map(\.day))) as w (meter, day)
                where t.tenant_id = \(tenant.value) and t.meter_id = w.meter and t.day = w.day
                """
            )
        }
        let missing = new.filter { !known.contains($0) }
        if !missing.isEmpty { try insert(missing) }
    }

    private func insertDays(_ rows: [DayRow]) throws {
        try connection.execute(
            """
            insert into consumption_day (tenant_id, meter_id, day, readings, expected_readings,
                energy_wh, estimated_blocks, missing_blocks, suspect_blocks, quality, is_pending,
                first_at, first_register_wh, last_at, last_register_wh, dev1_last_register_wh,
                dev2_last_register_wh, maximum_power_mw, minimum_voltage_mv, maximum_voltage_mv,
                register_state)
            select \(tenant.value), d.meter, d.day, d.readings, d.expected, d.energy, d.estimated,
                d.missing, d.suspect, d.quality, d.pending, d.first_at, d.first_wh, d.last_at,
                d.last_wh, d.dev1, d.dev2, d.power, d.low, d.high,
                string_to_array(d.state, ' ')::int8[]
            from unnest(\(rows.map(\.meter)), \(rows.map(\.day)), \(rows.map(\.readings)),
                \(rows.map(\.expected)), \(rows.map(\.energy)), \(rows.map(\.estimated)),
                \(rows.map(\.missing)), \(rows.map(\.suspect)), \(rows.map(\.quality)),
                \(rows.map(\.isPending)), \(rows.map(\.firstAt)), \(rows.map(\.firstRegister)),
                \(rows.map(\.lastAt)), \(rows.map(\.lastRegister)), \(rows.map(\.dev1)),
                \(rows.map(\.dev2)), \(rows.map(\.maximumPower)), \(rows.map(\.minimumVoltage)),
                \(rows.map(\.maximumVoltage)),
                \(rows.map { $0.state.map { $0.map(String.init).joined(separator: " ") } }))
                as d (meter, day, readings, expected, energy, estimated, missing, suspect,
                    quality, pending, first_at, first_wh, last_at, last_wh, dev1, dev2, power,
                    low, high, state)
            """
        )
    }

    /// Arrays of arrays do not travel: each row cuts its part out of one long array.
    private func insertBlocks(_ rows: [BlockRow]) throws {
        let byLength = Dictionary(grouping: rows, by: \.minutes)
        for (minutes, rows) in byLength.sorted(by: { $0.key < $1.key }) {
            let count = Int32(clamping: rows[0].energies.count)
            try connection.execute(
                """
                insert into block_day (tenant_id, meter_id, day, block_minutes, energy_wh, quality,
                    received)
                select \(tenant.value), d.meter, d.day, \(minutes),
                    (\(rows.flatMap(\.energies)))[d.place * \(count) + 1 : (d.place + 1) * \(count)],
                    (\(rows.flatMap(\.qualities)))
                        [d.place * \(count) + 1 : (d.place + 1) * \(count)],
                    (\(rows.flatMap(\.counts)))[d.place * \(count) + 1 : (d.place + 1) * \(count)]
                from unnest(\(rows.indices.map { Int32(clamping: $0) }), \(rows.map(\.meter)),
                    \(rows.map(\.day))) as d (place, meter, day)
                """
            )
        }
    }

    private func insertExceptions(_ rows: [ExceptionRow]) throws {
        let found = rows.flatMap { row in row.found.map { (meter: row.meter, day: row.day, $0) } }
        let own = found.map(\.2)
        try connection.execute(
            """
            insert into reading_exception (tenant_id, meter_id, day, key, rule, severity,
                first_block, last_block, instants, detail)
            select \(tenant.value), e.meter, e.day, e.key, e.rule, e.severity, e.first_block,
                e.last_block, string_to_array(e.instants, ',')::timestamptz[], e.detail
            from unnest(\(found.map(\.meter)), \(found.map(\.day)), \(own.map(\.key)),
                \(own.map(\.rule)), \(own.map(\.severity)), \(own.map(\.firstBlock)),
                \(own.map(\.lastBlock)),
                \(own.map { $0.instants.map(\.description).joined(separator: ",") }),
                \(own.map(\.detail)))
                as e (meter, day, key, rule, severity, first_block, last_block, instants, detail)
            """
        )
    }

    /// A digest of everything that is kept of each day of a stretch, but for where the next
    /// computation may begin.
    package func digests(of stretch: DayStretch) throws -> [CivilDate: String] {
        var result: [CivilDate: String] = [:]
        for row in try connection.query(
            """
            select d.day, md5(concat_ws('|', d.readings, d.expected_readings, d.energy_wh,
                d.estimated_blocks, d.missing_blocks, d.suspect_blocks, d.quality, d.is_pending,
                d.first_at, d.first_register_wh, d.last_at, d.last_register_wh,
                d.dev1_last_register_wh, d.dev2_last_register_wh, d.maximum_power_mw,
                d.minimum_voltage_mv, d.maximum_voltage_mv, b.content, e.content))
            from consumption_day d
            left join lateral (
                select concat_ws('|', block_minutes, energy_wh, quality, received) as content
                from block_day where tenant_id = d.tenant_id and meter_id = d.meter_id
                    and day = d.day) b on true
            left join lateral (
                select string_agg(concat_ws('|', key, rule, severity, first_block, last_block,
                    instants, detail), ';' order by key) as content
                from reading_exception where tenant_id = d.tenant_id and meter_id = d.meter_id
                    and day = d.day) e on true
            where d.tenant_id = \(tenant.value) and d.meter_id = \(stretch.meter.value)
                and d.day between \(stretch.first) and \(stretch.last)
            """
        ) {
            result[try row[0]] = try row[1]
        }
        return result
    }

    /// The load curves of a meter's days between two dates, oldest first.
    package func blocks(of meter: Meter.ID, from: CivilDate, to: CivilDate) throws -> [BlockCurve] {
        try connection.query(
            """
            select day, block_minutes, energy_wh, quality, received from block_day
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day between \(from) and \(to)
            order by day
            """
        ).map { try BlockCurve(row: $0, from: 0) }
    }
}

extension MadeDay {
    /// Whether the day has a load curve of its own: a register a day has not, and a silent day only
    /// where an estimate or a person gave it a shape.
    fileprivate var hasBlocks: Bool {
        blocks.hasCurve || rollup.edited > 0
            || blocks.qualities.contains { $0.method.map { $0 != .flat && $0 != .sender } ?? false }
    }
}
