package import Metering
import Postgres
import Registry
package import Units

extension TenantTransaction {
    /// Puts the days of a stretch in place of what stands there: days, blocks and exceptions.
    ///
    /// A day that the stretch has and `made` has not is gone: nothing is known of it any more.
    package func replace(_ stretches: [(stretch: DayStretch, made: [MadeDay])]) throws {
        guard !stretches.isEmpty else { return }
        let spans = stretches.map(\.stretch)
        try findByKeysOnly()
        for table in DayTable.allCases {
            try connection.execute(
                """
                delete from \(fragment: table.name) t
                using unnest(\(spans.map(\.meter.value)), \(spans.map(\.first)),
                    \(spans.map(\.last))) as w (meter, first_day, last_day)
                where t.tenant_id = \(tenant.value) and t.meter_id = w.meter
                    and t.day between w.first_day and w.last_day
                """
            )
        }
        let rows = stretches.flatMap { stretch, made in made.map { (stretch.meter.value, $0) } }
        guard !rows.isEmpty else { return }
        try insertDays(rows)
        try insertBlocks(rows.filter { $0.1.hasBlocks })
        try insertExceptions(
            stretches.flatMap { stretch, made in
                made.flatMap { day in day.exceptions.map { (stretch.meter.value, $0) } }
            }
        )
    }

    private func insertDays(_ rows: [(meter: Int32, day: MadeDay)]) throws {
        let rollups = rows.map(\.day.rollup)
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
            from unnest(\(rows.map(\.meter)), \(rollups.map(\.day)),
                \(rollups.map { Int32(clamping: $0.received) }),
                \(rollups.map { Int32(clamping: $0.expected) }),
                \(rollups.map { $0.energy?.wattHours }),
                \(rollups.map { Int16(clamping: $0.estimated) }),
                \(rollups.map { Int16(clamping: $0.missing) }),
                \(rollups.map { Int16(clamping: $0.suspect) }),
                \(rollups.map(\.quality.rawValue)), \(rollups.map(\.isPending)),
                \(rollups.map { $0.first?.at }), \(rollups.map { $0.first?.register.wattHours }),
                \(rollups.map { $0.last?.at }), \(rollups.map { $0.last?.register.wattHours }),
                \(rows.map(\.day.dev1Last)), \(rows.map(\.day.dev2Last)),
                \(rollups.map { $0.maximumPower.map { Int32(clamping: $0.milliwatts) } }),
                \(rollups.map { $0.minimumVoltage.map { Int32(clamping: $0.millivolts) } }),
                \(rollups.map { $0.maximumVoltage.map { Int32(clamping: $0.millivolts) } }),
                \(rows.map { $0.day.state?.text }))
                as d (meter, day, readings, expected, energy, estimated, missing, suspect,
                    quality, pending, first_at, first_wh, last_at, last_wh, dev1, dev2, power,
                    low, high, state)
            """
        )
    }

    /// Arrays of arrays do not travel: each row cuts its part out of one long array.
    private func insertBlocks(_ rows: [(meter: Int32, day: MadeDay)]) throws {
        let byLength = Dictionary(grouping: rows, by: \.day.blocks.blockMinutes)
        for (minutes, rows) in byLength.sorted(by: { $0.key < $1.key }) {
            let days = rows.map(\.day.blocks)
            let count = Int32(clamping: days[0].energies.count)
            try connection.execute(
                """
                insert into block_day (tenant_id, meter_id, day, block_minutes, energy_wh, quality,
                    received)
                select \(tenant.value), d.meter, d.day, \(minutes),
                    (\(days.flatMap(\.energies)))[d.place * \(count) + 1 : (d.place + 1) * \(count)],
                    (\(days.flatMap { $0.qualities.map(\.rawValue) }))
                        [d.place * \(count) + 1 : (d.place + 1) * \(count)],
                    (\(days.flatMap(\.counts)))[d.place * \(count) + 1 : (d.place + 1) * \(count)]
                from unnest(\(rows.indices.map { Int32(clamping: $0) }), \(rows.map(\.meter)),
                    \(days.map(\.day))) as d (place, meter, day)
                """
            )
        }
    }

    private func insertExceptions(_ rows: [(meter: Int32, exception: ReadingException)]) throws {
        guard !rows.isEmpty else { return }
        let found = rows.map(\.exception)
        try connection.execute(
            """
            insert into reading_exception (tenant_id, meter_id, day, key, rule, severity,
                first_block, last_block, instants, detail)
            select \(tenant.value), e.meter, e.day, e.key, e.rule, e.severity, e.first_block,
                e.last_block, string_to_array(e.instants, ',')::timestamptz[], e.detail
            from unnest(\(rows.map(\.meter)), \(found.map(\.day)), \(found.map(\.key)),
                \(found.map(\.rule.rawValue)), \(found.map { Int16(clamping: $0.severity.rawValue) }),
                \(found.map { $0.slots.map { Int16(clamping: $0.lowerBound) } }),
                \(found.map { $0.slots.map { Int16(clamping: $0.upperBound) } }),
                \(found.map { $0.instants.map(\.description).joined(separator: ",") }),
                \(found.map(\.detail)))
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

/// The tables that a meter's closed day is kept in.
private enum DayTable: CaseIterable {
    case days, blocks, exceptions

    var name: SQL {
        switch self {
        case .days: "consumption_day"
        case .blocks: "block_day"
        case .exceptions: "reading_exception"
        }
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
