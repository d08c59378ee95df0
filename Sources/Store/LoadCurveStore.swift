package import Metering
import Postgres
import Registry
package import Units

// Load curves that gaps are estimated from: a meter's own, and the usual one of like services.

extension TenantTransaction {
    /// The load curves of each stretch, oldest first.
    package func curves(of stretches: [DayStretch]) throws -> [[BlockCurve]] {
        try findByKeysOnly()
        var curves = [[BlockCurve]](repeating: [], count: stretches.count)
        for row in try connection.query(
            """
            select w.place, b.day, b.block_minutes, b.energy_wh, b.quality, b.received
            from \(fragment: stretchList(stretches))
            cross join lateral (
                select day, block_minutes, energy_wh, quality, received from block_day
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and day between w.first_day and w.last_day
                order by day) b
            """
        ) {
            curves[Int(try row[0] as Int32)].append(try BlockCurve(row: row, from: 1))
        }
        return curves
    }

    /// The tariff family of the service that each meter hangs at, or hung at last.
    package func tariffFamilies(of meters: [Meter.ID]) throws -> [Meter.ID: String] {
        var families: [Meter.ID: String] = [:]
        for row in try connection.query(
            """
            select distinct on (i.meter_id) i.meter_id, s.tariff_family from installation i
            join service s on s.tenant_id = i.tenant_id and s.service_id = i.service_id
            where i.tenant_id = \(tenant.value) and i.meter_id = any(\(meters.map(\.value)))
            order by i.meter_id, i.installed_at desc
            """
        ) {
            families[Meter.ID(try row[0])] = try row[1]
        }
        return families
    }

    /// What like services used on an average day of a month, by block in watt-hours, as it was put
    /// down when the month after was new.
    package func peerProfiles(
        families: [String],
        months: [CivilMonth],
        blockMinutes: Int
    ) throws -> [String: [CivilMonth: [Int64]]] {
        var profiles: [String: [CivilMonth: [Int64]]] = [:]
        for row in try connection.query(
            """
            select tariff_family, month, energy_wh from peer_profile
            where tenant_id = \(tenant.value) and tariff_family = any(\(families))
                and month = any(\(months.map(\.first)))
                and block_minutes = \(Int16(clamping: blockMinutes))
            """
        ) {
            let month: CivilDate = try row[1]
            profiles[try row[0], default: [:]][month.month] = try row[2]
        }
        return profiles
    }

    /// Puts down the profiles of a month for every tariff family with services enough that have whole
    /// measured days; what is there already stays for ever.
    ///
    /// `services`: so many of a family are looked at, in the order of their meters; one with fewer than
    /// `fewest` has no profile, for a curve of one house is nobody else's business.
    package func makePeerProfiles(
        of month: CivilMonth,
        blockMinutes: Int,
        services: Int,
        fewest: Int
    ) throws {
        try connection.execute(
            """
            insert into peer_profile
                (tenant_id, tariff_family, month, block_minutes, services, energy_wh)
            select \(tenant.value), f.tariff_family, \(month.first),
                \(Int16(clamping: blockMinutes)), f.services, f.energy_wh
            from (
                select p.tariff_family, max(p.services)::int4 as services,
                    array_agg(p.energy_wh order by p.slot) as energy_wh
                from (
                    select m.tariff_family, e.slot, count(distinct m.meter_id) as services,
                        round(avg(e.energy_wh))::int8 as energy_wh
                    from (
                        select i.meter_id, s.tariff_family, row_number() over (
                            partition by s.tariff_family order by i.meter_id) as place
                        from installation i
                        join service s on s.tenant_id = i.tenant_id and s.service_id = i.service_id
                        where i.tenant_id = \(tenant.value) and i.removed_at is null
                            and exists (select from block_day x where x.tenant_id = i.tenant_id
                                and x.meter_id = i.meter_id
                                and x.day between \(month.first) and \(month.last))
                    ) m
                    join block_day b on b.tenant_id = \(tenant.value) and b.meter_id = m.meter_id
                        and b.day between \(month.first) and \(month.last)
                        and b.block_minutes = \(Int16(clamping: blockMinutes))
                    join consumption_day d on d.tenant_id = b.tenant_id
                        and d.meter_id = b.meter_id and d.day = b.day and not d.is_pending
                        and d.quality & \(SlotQuality.doubtful.union(.partial).rawValue) = 0
                    cross join lateral unnest(b.energy_wh) with ordinality as e (energy_wh, slot)
                    where m.place <= \(Int32(clamping: services))
                    group by m.tariff_family, e.slot
                ) p
                group by p.tariff_family
            ) f
            where f.services >= \(Int32(clamping: fewest))
            on conflict do nothing
            """
        )
    }

    /// Whether the profiles of a month were put down, or nothing was there to put down.
    package func hasPeerProfiles(of month: CivilMonth) throws -> Bool {
        try !connection.query(
            """
            select from peer_profile where tenant_id = \(tenant.value)
                and month = \(month.first) limit 1
            """
        ).isEmpty
    }
}

extension BlockCurve {
    /// Day, minutes, energies, qualities and readings in consecutive columns.
    init(row: Row, from column: Int) throws {
        let qualities: [Int16] = try row[column + 3]
        self.init(
            day: try row[column],
            blockMinutes: Int(try row[column + 1] as Int16),
            energies: try row[column + 2],
            qualities: qualities.map { SlotQuality(rawValue: $0) },
            counts: try row[column + 4]
        )
    }
}
