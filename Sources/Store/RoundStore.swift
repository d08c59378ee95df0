import Metering
import Postgres
package import Registry
package import Units

// An assessor's round: the services of a billing group that have a meter in a cycle, with what is
// known of its register and what the last visit found.

extension TenantTransaction {
    /// Services of a round in order of number after the given one, each with its meter's newest
    /// register and the round's last visit; `only` is one of them.
    ///
    /// `stops` come without what is expected; that takes the bills.
    package func roundStops(
        cycle: CivilMonth,
        period: BillingPeriod,
        group: String,
        only number: String? = nil,
        after: String,
        limit: Int
    ) throws -> [RoundStop] {
        let rows = try connection.query(
            """
            \(fragment: selectService)
            where s.tenant_id = \(tenant.value) and s.number > \(after)
                and (\(number)::text is null or s.number = \(number))
                and s.group_id is not distinct from (select group_id from billing_group
                    where tenant_id = \(tenant.value) and code = \(group))
                and s.connected_on <= \(period.last)
                and (s.closed_on is null or s.closed_on >= \(period.first))
                and exists (select from installation i
                    where i.tenant_id = s.tenant_id and i.service_id = s.service_id
                        and i.removed_at is null)
            order by s.number limit \(Int32(clamping: limit))
            """
        )
        let services = try rows.map(Service.init(row:))
        guard !services.isEmpty else { return [] }
        let ids = services.map(\.id)
        let hanging = try installations(of: ids).compactMapValues { meters in
            meters.last { $0.removedAt == nil }
        }
        let registers = try newestRegisters(of: hanging.values.map(\.meter.id))
        let visits = try visits(of: ids, cycle: cycle)
        return services.compactMap { service in
            guard let installation = hanging[service.id] else { return nil }
            let opening = RegisterReading(
                at: installation.installedAt,
                register: installation.openingRegister
            )
            let known = registers[installation.meter.id]
            return RoundStop(
                service: service,
                installation: installation,
                last: known?.register.flatMap { $0.at > opening.at ? $0 : nil } ?? opening,
                reportedAt: known?.reportedAt,
                visit: visits[service.id]
            )
        }
    }

    /// How many services a round has, how many were visited, and how many of those read.
    package func roundCounts(
        cycle: CivilMonth,
        period: BillingPeriod,
        group: String
    ) throws -> (services: Int, visited: Int, read: Int) {
        let rows = try connection.query(
            """
            select count(*), count(v.state), count(*) filter (where v.state <> 'noted')
            from service s
            left join lateral (
                select r.state from manual_reading r
                where r.tenant_id = s.tenant_id and r.service_id = s.service_id
                    and r.source = 'assessor' and r.cycle = \(cycle.description)
                    and r.state <> 'rejected'
                order by r.manual_reading_id desc limit 1) v on true
            where s.tenant_id = \(tenant.value)
                and s.group_id is not distinct from (select group_id from billing_group
                    where tenant_id = \(tenant.value) and code = \(group))
                and s.connected_on <= \(period.last)
                and (s.closed_on is null or s.closed_on >= \(period.first))
                and exists (select from installation i
                    where i.tenant_id = s.tenant_id and i.service_id = s.service_id
                        and i.removed_at is null)
            """
        )
        let row = try firstRow(rows, "round")
        return (
            Int(try row[0] as Int64), Int(try row[1] as Int64), Int(try row[2] as Int64)
        )
    }

    /// The number of the first service after the given one that the round has not visited.
    package func nextUnvisited(
        cycle: CivilMonth,
        period: BillingPeriod,
        group: String,
        after: String
    ) throws -> String? {
        try connection.query(
            """
            select s.number from service s
            where s.tenant_id = \(tenant.value) and s.number > \(after)
                and s.group_id is not distinct from (select group_id from billing_group
                    where tenant_id = \(tenant.value) and code = \(group))
                and s.connected_on <= \(period.last)
                and (s.closed_on is null or s.closed_on >= \(period.first))
                and exists (select from installation i
                    where i.tenant_id = s.tenant_id and i.service_id = s.service_id
                        and i.removed_at is null)
                and not exists (select from manual_reading r
                    where r.tenant_id = s.tenant_id and r.service_id = s.service_id
                        and r.source = 'assessor' and r.cycle = \(cycle.description)
                        and r.state <> 'rejected')
            order by s.number limit 1
            """
        ).first.map { try $0[0] }
    }

    /// The numbers of every service of a round.
    package func roundNumbers(period: BillingPeriod, group: String) throws -> Set<String> {
        Set(
            try connection.query(
                """
                select s.number from service s
                where s.tenant_id = \(tenant.value)
                    and s.group_id is not distinct from (select group_id from billing_group
                        where tenant_id = \(tenant.value) and code = \(group))
                    and s.connected_on <= \(period.last)
                    and (s.closed_on is null or s.closed_on >= \(period.first))
                """
            ).map { row -> String in try row[0] }
        )
    }

    private func visits(
        of services: [Service.ID],
        cycle: CivilMonth
    ) throws -> [Service.ID: ManualReading] {
        var visits: [Service.ID: ManualReading] = [:]
        for row in try connection.query(
            """
            \(fragment: selectManualReading)
            where r.tenant_id = \(tenant.value) and r.service_id = any(\(services.map(\.value)))
                and r.source = 'assessor' and r.cycle = \(cycle.description)
                and r.state <> 'rejected'
            order by r.manual_reading_id
            """
        ) {
            let visit = try ManualReading(row: row)
            visits[visit.service] = visit
        }
        return visits
    }

    /// The newest register of each meter: of its days, and of what came after them.
    private func newestRegisters(
        of meters: [Meter.ID]
    ) throws -> [Meter.ID: (register: RegisterReading?, reportedAt: Instant?)] {
        try findByKeysOnly()
        var result: [Meter.ID: (register: RegisterReading?, reportedAt: Instant?)] = [:]
        for row in try connection.query(
            """
            select w.meter, coalesce(r.at, d.last_at), coalesce(r.main_energy_wh, d.last_register_wh),
                l.at
            from unnest(\(meters.map(\.value))) as w (meter)
            left join lateral (
                select last_at, last_register_wh from consumption_day
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and last_register_wh is not null
                order by day desc limit 1) d on true
            left join lateral (
                select at, main_energy_wh from reading
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and at > coalesce(d.last_at, '-infinity'::timestamptz)
                order by at desc limit 1) r on true
            left join meter_latest l on l.tenant_id = \(tenant.value) and l.meter_id = w.meter
            """
        ) {
            let at: Instant? = try row[1]
            let wattHours: Int64? = try row[2]
            let register = at.flatMap { at in
                wattHours.map { RegisterReading(at: at, register: Energy(wattHours: $0)) }
            }
            result[Meter.ID(try row[0])] = (register, try row[3])
        }
        return result
    }
}
