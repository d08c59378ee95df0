package import Metering
import Postgres
import Registry
package import Units

// What closed days of meters are made from, and where they are kept.

/// A stretch of days of one meter that is to be made again.
package struct DayStretch: Hashable, Sendable {
    package var meter: Meter.ID
    package var first: CivilDate
    package var last: CivilDate

    package init(meter: Meter.ID, first: CivilDate, last: CivilDate) {
        self.meter = meter
        self.first = first
        self.last = last
    }

    /// Its days, in order; none where it ends before it begins.
    package var days: [CivilDate] {
        (0..<max(0, last.days(since: first) + 1)).map { first.adding(days: $0) }
    }
}

/// What stands before a stretch: where the register machine may begin, and the last day that was
/// read.
package struct DayContext: Sendable {
    package var state: RegisterState?
    package var lastRead: CivilDate?
    /// The last register of that day.
    package var lastRegister: RegisterReading?
    /// The day read before that one, where that one has a single reading: a silence ended there.
    package var readBeforeLast: CivilDate?
    /// The first of the days before whose end was still undecided.
    package var firstPending: CivilDate?
}

extension TenantTransaction {
    /// Takes marks of closed days; one process at a time makes days in an office.
    ///
    /// Marks are taken first and readings read after, so a mark that commits meanwhile stays for
    /// the next round and nothing is missed.
    ///
    /// `passing`: the marks of these meters stay.
    package func takeDirtyDays(
        before today: CivilDate,
        limit: Int,
        passing: [Meter.ID] = []
    ) throws -> (marks: Int, days: [MeterDayKey]) {
        try lockDayMaking()
        // All marks of the meters at hand: each meter's days are made once, however many are dirty.
        let rows = try connection.query(
            """
            delete from consumption_dirty where tenant_id = \(tenant.value) and day < \(today)
                and meter_id in (
                    select meter_id from consumption_dirty
                    where tenant_id = \(tenant.value) and day < \(today)
                        and meter_id <> all(\(passing.map(\.value)))
                    order by mark_id limit \(Int32(clamping: limit)))
            returning meter_id, day
            """
        )
        var days: Set<MeterDayKey> = []
        for row in rows { days.insert(MeterDayKey(meter: Meter.ID(try row[0]), day: try row[1])) }
        return (rows.count, days.sorted())
    }

    /// One process at a time makes days in an office, and no month of readings is dropped meanwhile.
    package func lockDayMaking() throws {
        try connection.execute("select pg_advisory_xact_lock(\(rollUpLock), \(tenant.value))")
        try connection.execute("lock table reading in access share mode")
    }

    /// The last month whose readings are gone or shown from the archive: its days stay as they are.
    package func lastArchivedMonth() throws -> CivilMonth? {
        let day: CivilDate? = try connection.query(
            """
            select max(month) from reading_archive
            where tenant_id = \(tenant.value) and state in ('archived', 'attached')
            """
        ).first?[0]
        return day?.month
    }

    /// Everything is found by its key; new partitions and tables have no statistics yet.
    func findByKeysOnly() throws {
        try connection.execute("set local enable_seqscan = off")
        try connection.execute("set local enable_hashjoin = off")
        try connection.execute("set local enable_mergejoin = off")
    }

    /// Meters with the services they hung at, oldest first.
    package func places(of meters: [Meter.ID]) throws
        -> [Meter.ID: (meter: Meter, places: [MeterPlace])]
    {
        var result: [Meter.ID: (meter: Meter, places: [MeterPlace])] = [:]
        for row in try connection.query(
            """
            select m.meter_id, m.serial, m.register_digits, m.multiplier, m.channels,
                i.installed_at, i.opening_register_wh, i.removed_at, i.closing_register_wh,
                s.sanctioned_load_watts
            from meter m
            left join installation i on i.tenant_id = m.tenant_id and i.meter_id = m.meter_id
            left join service s on s.tenant_id = i.tenant_id and s.service_id = i.service_id
            where m.tenant_id = \(tenant.value) and m.meter_id = any(\(meters.map(\.value)))
            order by m.meter_id, i.installed_at
            """
        ) {
            let meter = try Meter(row: row)
            var entry = result[meter.id] ?? (meter, [])
            if let at: Instant = try row[5] {
                let closing: Int64? = try row[8]
                entry.places.append(
                    MeterPlace(
                        installedAt: at,
                        openingRegister: Energy(wattHours: try row[6]),
                        removedAt: try row[7],
                        closingRegister: closing.map { Energy(wattHours: $0) },
                        sanctionedLoadWatts: Int(try row[9] as Int32)
                    )
                )
            }
            result[meter.id] = entry
        }
        return result
    }

    /// What stands before each stretch.
    package func contexts(of stretches: [DayStretch]) throws -> [DayContext] {
        try findByKeysOnly()
        var contexts = [DayContext](repeating: DayContext(), count: stretches.count)
        for row in try connection.query(
            """
            select w.place, s.register_state, r.day, r.last_at, r.last_register_wh, p.day, o.day
            from \(fragment: stretchList(stretches))
            left join lateral (
                select register_state from consumption_day where tenant_id = \(tenant.value)
                    and meter_id = w.meter and day < w.first_day and register_state is not null
                order by day desc limit 1) s on true
            left join lateral (
                select day, last_at, last_register_wh, readings from consumption_day
                where tenant_id = \(tenant.value)
                    and meter_id = w.meter and day < w.first_day and readings > 0
                order by day desc limit 1) r on true
            left join lateral (
                select day from consumption_day where tenant_id = \(tenant.value)
                    and meter_id = w.meter and day < r.day and readings > 0 and r.readings = 1
                order by day desc limit 1) o on true
            left join lateral (
                select day from consumption_day where tenant_id = \(tenant.value)
                    and meter_id = w.meter and day < w.first_day and is_pending
                order by day limit 1) p on true
            """
        ) {
            let place = Int(try row[0] as Int32)
            let numbers: [Int64]? = try row[1]
            contexts[place].state = numbers.flatMap { RegisterState(integers: $0) }
            contexts[place].lastRead = try row[2]
            if let at: Instant = try row[3], let register: Int64 = try row[4] {
                contexts[place].lastRegister = RegisterReading(
                    at: at,
                    register: Energy(wattHours: register)
                )
            }
            contexts[place].firstPending = try row[5]
            contexts[place].readBeforeLast = try row[6]
        }
        return contexts
    }

    /// The kept days of each stretch, oldest first.
    package func history(of stretches: [DayStretch]) throws -> [[DayRollup]] {
        try findByKeysOnly()
        var history = [[DayRollup]](repeating: [], count: stretches.count)
        for row in try connection.query(
            """
            select w.place, d.day, d.energy_wh, d.quality, d.is_pending
            from \(fragment: stretchList(stretches))
            cross join lateral (
                select day, energy_wh, quality, is_pending from consumption_day
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and day between w.first_day and w.last_day
                order by day) d
            """
        ) {
            let energy: Int64? = try row[2]
            history[Int(try row[0] as Int32)].append(
                DayRollup(
                    day: try row[1],
                    energy: energy.map { Energy(wattHours: $0) },
                    quality: SlotQuality(rawValue: try row[3]),
                    isPending: try row[4]
                )
            )
        }
        return history
    }

    /// How many readings each meter has between two instants, the first excluded; counted up to one more
    /// than its days are made from.
    package func readingCounts(
        of meters: [(meter: Meter.ID, after: Instant, to: Instant)]
    ) throws -> [Int] {
        try findByKeysOnly()
        var counts = [Int](repeating: 0, count: meters.count)
        for row in try connection.query(
            """
            select w.place, r.readings
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.after)), \(meters.map(\.to)))
                as w (place, meter, after, until)
            cross join lateral (
                select count(*) as readings from (
                    select from reading where tenant_id = \(tenant.value) and meter_id = w.meter
                        and at > w.after and at <= w.until
                    limit \(Int32(clamping: Limits.samplesPerStretch + 1))) x) r
            """
        ) {
            counts[Int(try row[0] as Int32)] = Int(try row[1] as Int64)
        }
        return counts
    }

    /// The readings of meters between two instants of each, the first excluded, and the values that
    /// lost against another of the same instant: which of them counts is decided anew.
    package func samples(
        of meters: [(meter: Meter.ID, after: Instant, to: Instant)]
    ) throws -> [[MeterSample]] {
        try findByKeysOnly()
        var result = [[MeterSample]](repeating: [], count: meters.count)
        for row in try connection.query(
            """
            select w.place, r.at, r.main_energy_wh, r.epoch, r.sequence, r.flags,
                r.main_power_mw, r.main_voltage_mv, r.dev1_energy_wh, r.dev2_energy_wh
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.after)), \(meters.map(\.to)))
                as w (place, meter, after, until)
            cross join lateral (
                select at, main_energy_wh, epoch, sequence, flags, main_power_mw, main_voltage_mv,
                    dev1_energy_wh, dev2_energy_wh
                from reading where tenant_id = \(tenant.value) and meter_id = w.meter
                    and at > w.after and at <= w.until
                order by at limit \(Int32(clamping: Limits.samplesPerStretch + 1))) r
            """
        ) {
            let flags = ReadingFlags(rawValue: try row[5])
            let isMeasured = !flags.contains(.registerOnly)
            result[Int(try row[0] as Int32)].append(
                MeterSample(
                    main: RegisterSample(
                        at: try row[1],
                        registerWattHours: try row[2],
                        epoch: try row[3],
                        sequence: try row[4],
                        flags: flags,
                        powerMilliwatts: isMeasured ? try row[6] : nil,
                        voltageMillivolts: isMeasured ? try row[7] : nil
                    ),
                    dev1WattHours: try row[8],
                    dev2WattHours: try row[9]
                )
            )
        }
        guard result.allSatisfy({ $0.count <= Limits.samplesPerStretch }) else {
            throw StateConflict(
                "too_many_readings",
                "more than \(Limits.samplesPerStretch) readings of one meter would have to be looked at"
            )
        }
        for (place, lost) in try lostSamples(of: meters) { result[place].append(lost) }
        return result
    }

    /// The values that lost against another of their instant, but for those a person has overruled.
    private func lostSamples(
        of meters: [(meter: Meter.ID, after: Instant, to: Instant)]
    ) throws -> [(place: Int, sample: MeterSample)] {
        var lost: [(place: Int, sample: MeterSample)] = []
        for row in try connection.query(
            """
            select w.place, c.at, c.main_energy_wh, c.epoch, c.sequence
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.after)), \(meters.map(\.to)))
                as w (place, meter, after, until)
            cross join lateral (
                select at, main_energy_wh, epoch, sequence from reading_conflict
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and at > w.after and at <= w.until and sequence >= 0
                    and not exists (select from reading r
                        where r.tenant_id = \(tenant.value) and r.meter_id = w.meter
                            and r.at = reading_conflict.at
                            and r.flags & \(ReadingFlags.corrected.rawValue) <> 0)
                order by at limit \(Int32(clamping: Limits.samplesPerStretch))) c
            """
        ) {
            lost.append(
                (
                    Int(try row[0] as Int32),
                    MeterSample(
                        main: RegisterSample(
                            at: try row[1],
                            registerWattHours: try row[2],
                            epoch: try row[3],
                            sequence: try row[4] as Int32
                        )
                    )
                )
            )
        }
        return lost
    }

    func stretchList(_ stretches: [DayStretch]) -> SQL {
        """
        unnest(\(stretches.indices.map { Int32(clamping: $0) }), \(stretches.map(\.meter.value)),
            \(stretches.map(\.first)), \(stretches.map(\.last)))
            as w (place, meter, first_day, last_day)
        """
    }
}

let rollUpLock: Int32 = 0x7669_6479
