package import Forecasting
package import Metering
import Postgres
package import Registry
package import Units

// What a night of forecasts reads and writes: everything for a part in a few statements.

/// A service as a night of forecasts looks at it.
package struct ServiceToForecast: Hashable, Sendable {
    package var service: Service.ID
    package var tariffFamily: String
    /// The transformer it hangs from, by key; 0 for none.
    package var transformer: Int32
    /// The first day of its present occupant.
    package var ownSince: CivilDate
    /// Its billing group; nil for the office's own cycle.
    package var group: String?
}

/// A forecast as it is kept.
package struct KeptForecast: Hashable, Sendable {
    package var service: Service.ID
    package var forecast: PastForecast
    package var knownDays: Int
    package var silentDays: Int
    /// Kilowatt-hours a day of the naive forecast; nil without a known day.
    package var naive: Double?

    package init(
        service: Service.ID,
        forecast: PastForecast,
        knownDays: Int,
        silentDays: Int,
        naive: Double?
    ) {
        self.service = service
        self.forecast = forecast
        self.knownDays = knownDays
        self.silentDays = silentDays
        self.naive = naive
    }
}

extension TenantTransaction {
    /// The services of a range of keys that are connected on a day, in order of their keys.
    package func servicesToForecast(
        _ range: ClosedRange<Int32>,
        on day: CivilDate
    ) throws -> [ServiceToForecast] {
        try findByKeysOnly()
        return try connection.query(
            """
            select s.service_id, s.tariff_family, coalesce(s.transformer_id, 0),
                greatest(s.connected_on, o.from_date), g.code
            from service s
            left join billing_group g on g.tenant_id = s.tenant_id and g.group_id = s.group_id
            left join lateral (
                select from_date from occupancy o
                where o.tenant_id = s.tenant_id and o.service_id = s.service_id
                    and o.from_date <= \(day)
                order by from_date desc limit 1) o on true
            where s.tenant_id = \(tenant.value)
                and s.service_id between \(range.lowerBound) and \(range.upperBound)
                and s.connected_on <= \(day) and (s.closed_on is null or s.closed_on > \(day))
            order by s.service_id
            """
        ).map { row in
            ServiceToForecast(
                service: Service.ID(try row[0]),
                tariffFamily: try row[1],
                transformer: try row[2],
                ownSince: try row[3],
                group: try row[4]
            )
        }
    }

    /// Energy and last register of meters' days between two dates of each, oldest first.
    ///
    /// Read from the key of `consumption_day`, and from the row only where it says that blocks are
    /// missing.
    package func figures(
        of meters: [(meter: Meter.ID, from: CivilDate, to: CivilDate)]
    ) throws -> [[DayFigures]] {
        try findByKeysOnly()
        let (missing, sum) = (SlotQuality.missing.rawValue, SlotQuality.sumOfDays.rawValue)
        var result = [[DayFigures]](repeating: [], count: meters.count)
        for row in try connection.query(
            """
            select w.place, w.first_day, d.day, d.energy, d.register, d.estimated, d.missing,
                d.is_sum
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.from)), \(meters.map(\.to)))
                as w (place, meter, first_day, last_day)
            cross join lateral (
                select array_agg((x.day - w.first_day)::int2) as day,
                    array_agg(x.energy_wh) as energy,
                    array_agg(x.last_register_wh) as register,
                    case when bool_or(x.estimated_blocks > 0)
                        then array_agg(x.estimated_blocks) end as estimated,
                    case when bool_or(x.quality & \(missing) <> 0)
                        then array_agg(case when x.quality & \(missing) <> 0 then (
                            select missing_blocks from consumption_day m
                            where m.tenant_id = \(tenant.value) and m.meter_id = w.meter
                                and m.day = x.day) else 0::int2 end) end as missing,
                    case when bool_or(x.quality & \(sum) <> 0)
                        then array_agg(x.quality & \(sum)) end as is_sum
                from (select day, energy_wh, last_register_wh, estimated_blocks, quality
                    from consumption_day where tenant_id = \(tenant.value) and meter_id = w.meter
                        and day between w.first_day and w.last_day
                    order by day) x
            ) d
            where d.day is not null
            """
        ) {
            let first: CivilDate = try row[1]
            let days: [Int16] = try row[2]
            let energies: [Int64?] = try row[3]
            let registers: [Int64?] = try row[4]
            let estimated: [Int16]? = try row.decode(5)
            let missing: [Int16]? = try row.decode(6)
            let isSum: [Int16]? = try row.decode(7)
            result[Int(try row[0] as Int32)] = days.indices.map { index in
                DayFigures(
                    day: first.adding(days: Int(days[index])),
                    energyWattHours: energies[index],
                    registerWattHours: registers[index],
                    estimatedBlocks: estimated.map { Int($0[index]) } ?? 0,
                    missingBlocks: missing.map { Int($0[index]) } ?? 0,
                    isSumOfDays: isSum.map { $0[index] != 0 } ?? false
                )
            }
        }
        return result
    }

    /// Forecasts of a range of services from these origins, by service and origin.
    package func forecasts(
        of range: ClosedRange<Int32>,
        origins: [CivilDate]
    ) throws -> [KeptForecast] {
        guard !origins.isEmpty else { return [] }
        return try connection.query(
            """
            \(fragment: selectForecast)
            where tenant_id = \(tenant.value)
                and service_id between \(range.lowerBound) and \(range.upperBound)
                and origin = any(\(origins))
            order by service_id, origin
            """
        ).map(KeptForecast.init(row:))
    }

    /// The newest forecast of a service.
    package func newestForecast(of service: Service.ID) throws -> KeptForecast? {
        try connection.query(
            """
            \(fragment: selectForecast)
            where tenant_id = \(tenant.value) and service_id = \(service.value)
            order by origin desc limit 1
            """
        ).first.map(KeptForecast.init(row:))
    }

    /// Puts a night's forecasts of a range of services in place, and forgets older ones.
    ///
    /// Of those before `recent` there stay the ones of `evenings`, of every service, and of each
    /// service's own `cycleEvenings`.
    package func keep(
        _ forecasts: [KeptForecast],
        of range: ClosedRange<Int32>,
        origin: CivilDate,
        recent: CivilDate,
        evenings: [CivilDate],
        cycleEvenings: [(service: Service.ID, origin: CivilDate)]
    ) throws {
        try connection.execute(
            """
            delete from forecast where tenant_id = \(tenant.value)
                and service_id between \(range.lowerBound) and \(range.upperBound)
                and (origin = \(origin) or origin < \(recent) and origin <> all(\(evenings))
                    and (service_id, origin) not in (
                        select k.service_id, k.origin
                        from unnest(\(cycleEvenings.map(\.service.value)),
                            \(cycleEvenings.map(\.origin))) as k (service_id, origin)))
            """
        )
        guard let days = forecasts.first?.forecast.means.count else { return }
        let length = Int32(clamping: days)
        try connection.execute(
            """
            insert into forecast (tenant_id, service_id, origin, known_days, silent_days,
                naive_kwh, day_scale, total_scale, means)
            select \(tenant.value), f.service, \(origin), f.known, f.silent, f.naive, f.day_scale,
                f.total_scale,
                (\(forecasts.flatMap { $0.forecast.means.map { Float($0) } }))
                    [f.place * \(length) + 1 : (f.place + 1) * \(length)]
            from unnest(\(forecasts.indices.map { Int32(clamping: $0) }),
                \(forecasts.map(\.service.value)),
                \(forecasts.map { Int16(clamping: $0.knownDays) }),
                \(forecasts.map { Int16(clamping: $0.silentDays) }),
                \(forecasts.map { $0.naive.map { Float($0) } }),
                \(forecasts.map(\.forecast.dayScale)), \(forecasts.map(\.forecast.totalScale)))
                as f (place, service, known, silent, naive, day_scale, total_scale)
            """
        )
    }
}

private let selectForecast: SQL = """
    select service_id, origin, known_days, silent_days, naive_kwh, day_scale, total_scale, means
    from forecast
    """

extension KeptForecast {
    init(row: Row) throws {
        let naive: Float? = try row[4]
        let means: [Float] = try row[7]
        self.init(
            service: Service.ID(try row[0]),
            forecast: PastForecast(
                origin: try row[1],
                means: means.map { Double($0) },
                dayScale: try row[5],
                totalScale: try row[6]
            ),
            knownDays: Int(try row[2] as Int16),
            silentDays: Int(try row[3] as Int16),
            naive: naive.map { Double($0) }
        )
    }
}

extension KeptForecast {
    /// Whether it was made from the days of the occupant since this day alone: a move that is entered
    /// afterwards leaves forecasts behind that know more days than the occupant has had.
    package func isOwn(since day: CivilDate) -> Bool {
        forecast.origin >= day && knownDays <= forecast.origin.days(since: day) + 1
    }
}
