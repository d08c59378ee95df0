package import Metering
import Postgres
package import Registry
package import Units

/// Which exceptions are asked for; nil means all.
package struct ExceptionFilter: Sendable {
    package var meter: Meter.ID?
    package var rule: ReadingRule?
    package var leastSeverity: ExceptionSeverity
    package var from: CivilDate?
    package var to: CivilDate?
    /// Open ones only, unless said otherwise.
    package var includesSettled: Bool
    /// Only those that were acknowledged.
    package var onlySettled: Bool
    /// Only those of these keys; empty means all.
    package var keys: [String]

    package init(
        meter: Meter.ID? = nil,
        rule: ReadingRule? = nil,
        leastSeverity: ExceptionSeverity = .information,
        from: CivilDate? = nil,
        to: CivilDate? = nil,
        includesSettled: Bool = false,
        onlySettled: Bool = false,
        keys: [String] = []
    ) {
        self.onlySettled = onlySettled
        self.keys = keys
        self.meter = meter
        self.rule = rule
        self.leastSeverity = leastSeverity
        self.from = from
        self.to = to
        self.includesSettled = includesSettled
    }
}

extension TenantTransaction {
    /// Exceptions, newest day first, after the given place.
    package func exceptions(
        _ filter: ExceptionFilter,
        after place: (day: CivilDate, key: String)?,
        limit: Int
    ) throws -> [ExceptionEntry] {
        try connection.query(
            """
            select m.serial, s.number, e.meter_id, e.day, e.rule, e.severity, e.first_block,
                e.last_block, e.instants, e.detail, e.key, a.action, a.made_by, a.made_at, a.reason
            from reading_exception e
            join meter m on m.tenant_id = e.tenant_id and m.meter_id = e.meter_id
            left join lateral (
                select i.service_id from installation i
                where i.tenant_id = e.tenant_id and i.meter_id = e.meter_id
                order by i.installed_at desc limit 1) i on true
            left join service s on s.tenant_id = e.tenant_id and s.service_id = i.service_id
            \(fragment: lastAction)
            where e.tenant_id = \(tenant.value)
                and \(fragment: condition(filter))
                and (\(place?.day)::date is null or (e.day, e.key) < (\(place?.day), \(place?.key)))
            order by e.day desc, e.key desc limit \(Int32(clamping: limit))
            """
        ).map(ExceptionEntry.init(row:))
    }

    /// How many exceptions fit, by rule and severity, the gravest and most frequent first.
    package func exceptionCounts(_ filter: ExceptionFilter) throws -> [ExceptionCount] {
        try connection.query(
            """
            select e.rule, e.severity, count(*), count(distinct e.meter_id), min(e.day), max(e.day)
            from reading_exception e
            \(fragment: lastAction)
            where e.tenant_id = \(tenant.value) and \(fragment: condition(filter))
            group by e.rule, e.severity
            order by e.severity desc, count(*) desc, e.rule
            """
        ).map { row in
            ExceptionCount(
                rule: try known(ReadingRule.self, try row[0]),
                severity: ExceptionSeverity(rawValue: Int(try row[1] as Int16)) ?? .error,
                count: Int(try row[2] as Int64),
                meters: Int(try row[3] as Int64),
                oldest: try row[4],
                newest: try row[5]
            )
        }
    }

    private func condition(_ filter: ExceptionFilter) -> SQL {
        """
        (\(filter.meter?.value)::int4 is null or e.meter_id = \(filter.meter?.value))
            and (\(filter.rule?.rawValue)::text is null or e.rule = \(filter.rule?.rawValue))
            and e.severity >= \(Int16(clamping: filter.leastSeverity.rawValue))
            and (\(filter.from)::date is null or e.day >= \(filter.from))
            and (\(filter.to)::date is null or e.day <= \(filter.to))
            and (\(filter.includesSettled || filter.onlySettled)
                or a.action is distinct from 'acknowledged')
            and (not \(filter.onlySettled) or a.action = 'acknowledged')
            and (\(filter.keys.isEmpty) or e.key = any(\(filter.keys)))
        """
    }

    /// What stands against billing the days of each meter: open exceptions that want a decision, and
    /// days whose end is not decided yet.
    package func doubts(
        about meters: [(meter: Meter.ID, from: CivilDate, to: CivilDate)]
    ) throws -> [[String]] {
        var doubts = [[String]](repeating: [], count: meters.count)
        for row in try connection.query(
            """
            select w.place, x.what
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.from)), \(meters.map(\.to)))
                as w (place, meter, first_day, last_day)
            cross join lateral (
                (select e.day, e.rule || ' on ' || e.day || ': ' || e.detail as what
                from reading_exception e
                where e.tenant_id = \(tenant.value) and e.meter_id = w.meter
                    and e.day between w.first_day and w.last_day
                    and e.severity = \(Int16(clamping: ExceptionSeverity.error.rawValue))
                    and coalesce((select a.action from reading_exception_action a
                        where a.tenant_id = e.tenant_id and a.meter_id = e.meter_id
                            and a.day = e.day and a.key = e.key
                        order by a.action_id desc limit 1), '') <> 'acknowledged'
                order by e.day limit \(Int32(clamping: Limits.doubtsOfBill)))
                union all
                (select d.day, 'the last readings of ' || d.day || ' wait for later ones'
                from consumption_day d
                where d.tenant_id = \(tenant.value) and d.meter_id = w.meter
                    and d.day between w.first_day and w.last_day and d.is_pending
                order by d.day limit 1)) x
            order by w.place, x.day
            """
        ) {
            doubts[Int(try row[0] as Int32)].append(try row[1])
        }
        return doubts
    }

    /// Writes down what a person did about exceptions; how many of them are there.
    package func settle(
        _ keys: [(meter: Meter.ID, day: CivilDate, key: String)],
        action: String,
        reason: String,
        by name: String,
        at: Instant
    ) throws -> Int {
        try connection.execute(
            """
            insert into reading_exception_action (tenant_id, meter_id, day, key, action, reason,
                made_by, made_at)
            select e.tenant_id, e.meter_id, e.day, e.key, \(action), \(reason), \(name), \(at)
            from unnest(\(keys.map(\.meter.value)), \(keys.map(\.day)), \(keys.map(\.key)))
                as k (meter, day, key)
            join reading_exception e on e.tenant_id = \(tenant.value) and e.meter_id = k.meter
                and e.day = k.day and e.key = k.key
            """
        )
    }
}

/// What was done about an exception last.
private let lastAction: SQL = """
    left join lateral (
        select action, made_by, made_at, reason from reading_exception_action a
        where a.tenant_id = e.tenant_id and a.meter_id = e.meter_id and a.day = e.day
            and a.key = e.key
        order by a.action_id desc limit 1) a on true
    """

extension ExceptionEntry {
    init(row: Row) throws {
        let first: Int16? = try row[6]
        let last: Int16? = try row[7]
        let severity = Int(try row[5] as Int16)
        var slots: ClosedRange<Int>?
        if let first, let last, first <= last { slots = Int(first)...Int(last) }
        var settled: Settlement?
        if try row[11] as String? == "acknowledged", let by: String = try row[12],
            let at: Instant = try row[13]
        {
            settled = Settlement(by: by, at: at, reason: try row[14])
        }
        self.init(
            meterSerial: try row[0],
            serviceNumber: try row[1],
            exception: ReadingException(
                rule: try known(ReadingRule.self, try row[4]),
                severity: ExceptionSeverity(rawValue: severity) ?? .error,
                meter: Meter.ID(try row[2]),
                day: try row[3],
                slots: slots,
                instants: try row[8],
                detail: try row[9]
            ),
            key: try row[10],
            settled: settled
        )
    }
}
