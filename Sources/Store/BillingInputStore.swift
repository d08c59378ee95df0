package import Billing
package import Metering
import Postgres
package import Registry
package import Units

// What a billing run reads: everything for a chunk of services in a few queries.

extension TenantTransaction {
    /// Claims services that the run has not billed yet, in order of number after the given one;
    /// those that another process is billing are passed over.
    package func claimServices(
        of run: BillRun.ID,
        group: String,
        number: String?,
        after: String,
        limit: Int
    ) throws -> (services: [Service], last: String?) {
        // Tables that a run fills have no statistics yet; everything here is found by its key.
        try connection.execute("set local enable_seqscan = off")
        try connection.execute("set local enable_hashjoin = off")
        try connection.execute("set local enable_mergejoin = off")
        let claimed = try connection.query(
            """
            select service_id, number from service
            where tenant_id = \(tenant.value) and number > \(after)
                and group_id is not distinct from (select group_id from billing_group
                    where tenant_id = \(tenant.value) and code = \(group))
                and (\(number)::text is null or number = \(number))
            order by number limit \(Int32(clamping: limit))
            for no key update skip locked
            """
        )
        guard let last = claimed.last else { return ([], nil) }
        let ids: [Int32] = try claimed.map { try $0[0] }
        // Looked for after the claim: a row whose lock was let go while the claim ran may have been
        // billed by then, and only a statement of its own sees that.
        var billed: Set<Int32> = []
        for row in try connection.query(
            """
            select w.service_id from unnest(\(ids)) as w (service_id)
            cross join lateral (select from bill_run_outcome o
                where o.tenant_id = \(tenant.value) and o.run_id = \(run.value)
                    and o.service_id = w.service_id limit 1) done
            """
        ) {
            billed.insert(try row[0])
        }
        let services = try connection.query(
            """
            \(fragment: selectService)
            where s.tenant_id = \(tenant.value)
                and s.service_id = any(\(ids.filter { !billed.contains($0) }))
            order by s.number
            """
        ).map(Service.init(row:))
        return (services, try last[1])
    }

    /// How many services a run has still to bill, those under way elsewhere included.
    package func servicesLeft(of run: BillRun.ID, group: String, number: String?) throws -> Int {
        let rows = try connection.query(
            """
            select (select count(*) from service
                where tenant_id = \(tenant.value)
                    and group_id is not distinct from (select group_id from billing_group
                        where tenant_id = \(tenant.value) and code = \(group))
                    and (\(number)::text is null or number = \(number)))
                - (select count(*) from bill_run_outcome
                    where tenant_id = \(tenant.value) and run_id = \(run.value)
                        and (\(number)::text is null or service_id = (select service_id
                            from service where tenant_id = \(tenant.value)
                                and number = \(number))))
            """
        )
        return max(0, Int(try firstRow(rows, "services")[0] as Int64))
    }

    /// Who answered for each service on any day of a period, oldest first.
    package func occupancies(
        of services: [Service.ID],
        during period: BillingPeriod
    ) throws -> [Service.ID: [Occupancy]] {
        var result: [Service.ID: [Occupancy]] = [:]
        for row in try connection.query(
            """
            select o.service_id, o.consumer_id, c.number, c.name, o.from_date, o.to_date
            from occupancy o
            join consumer c on c.tenant_id = o.tenant_id and c.consumer_id = o.consumer_id
            where o.tenant_id = \(tenant.value) and o.service_id = any(\(services.map(\.value)))
                and o.from_date <= \(period.last)
                and (o.to_date is null or o.to_date >= \(period.first))
            order by o.service_id, o.from_date
            """
        ) {
            result[Service.ID(try row[0]), default: []].append(try Occupancy(row: row, from: 1))
        }
        return result
    }

    /// Every meter that each service ever had, oldest first.
    package func installations(
        of services: [Service.ID]
    ) throws -> [Service.ID: [Installation]] {
        var result: [Service.ID: [Installation]] = [:]
        for row in try connection.query(
            """
            select m.meter_id, m.serial, m.register_digits, m.multiplier, m.channels,
                i.installed_at, i.opening_register_wh, i.removed_at, i.closing_register_wh,
                i.service_id
            from installation i
            join meter m on m.tenant_id = i.tenant_id and m.meter_id = i.meter_id
            where i.tenant_id = \(tenant.value) and i.service_id = any(\(services.map(\.value)))
            order by i.service_id, i.installed_at
            """
        ) {
            result[Service.ID(try row[9]), default: []].append(try Installation(row: row))
        }
        return result
    }

    /// Bills of services that begin before a day of each, newest first.
    package func history(
        of services: [(service: Service.ID, before: CivilDate)]
    ) throws -> [[PastBill]] {
        var bills = [[PastBill]](repeating: [], count: services.count)
        let rows = try connection.query(
            """
            select w.place, b.bill_id, b.cycle, b.kind, b.state, b.basis, b.period_first,
                b.period_last, b.energy_wh, b.total_paise + n.paise, b.surplus_wh, b.carried_paise,
                b.consumer_id, b.consumer_number, b.consumer_name
            from unnest(\(services.indices.map { Int32(clamping: $0) }),
                \(services.map(\.service.value)), \(services.map(\.before)))
                as w (place, service, before)
            cross join lateral (
                select * from bill where tenant_id = \(tenant.value) and service_id = w.service
                    and period_first < w.before
                order by period_last desc limit \(Int32(clamping: Billing.Limits.billsOfHistory))
            ) b
            cross join lateral (
                select coalesce(sum(i.rebooked_paise - i.reversed_paise), 0)::int8 as paise
                from bill_note_item i join bill_note n
                    on n.tenant_id = i.tenant_id and n.note_id = i.note_id
                where i.tenant_id = \(tenant.value) and i.bill_id = b.bill_id
                    and n.state = 'issued'
            ) n
            order by w.place, b.period_last desc
            """
        )
        guard !rows.isEmpty else { return bills }
        for row in rows {
            bills[Int(try row[0] as Int32)].append(try PastBill(row: row, from: 1))
        }
        try addSegments(to: &bills)
        return bills
    }

    /// What the services of tariff families and categories used a day by their issued actual bills that
    /// ended in these days, in milliwatt-hours: one figure a service with such a bill.
    ///
    /// `services`: so many of each group are looked at, in the order of their keys.
    package func dailyUse(
        of groups: [(tariffFamily: String, category: String)],
        endingFrom first: CivilDate,
        to last: CivilDate,
        services: Int
    ) throws -> [[Int64]] {
        var result = [[Int64]](repeating: [], count: groups.count)
        for row in try connection.query(
            """
            select w.place, p.daily
            from unnest(\(groups.indices.map { Int32(clamping: $0) }),
                \(groups.map(\.tariffFamily)), \(groups.map(\.category)))
                as w (place, tariff_family, category)
            cross join lateral (
                select array_agg(b.daily) as daily
                from (
                    select service_id from service
                    where tenant_id = \(tenant.value) and tariff_family = w.tariff_family
                        and category = w.category
                    order by service_id limit \(Int32(clamping: services))
                ) s
                cross join lateral (
                    select (sum(energy_wh) * 1000 / sum(period_last - period_first + 1))::int8
                        as daily
                    from bill where tenant_id = \(tenant.value) and service_id = s.service_id
                        and period_last between \(first) and \(last)
                        and state = 'issued' and basis = 'actual'
                ) b
                where b.daily is not null
            ) p
            where p.daily is not null
            """
        ) {
            result[Int(try row[0] as Int32)] = try row[1]
        }
        return result
    }

    /// Only the newest bill and provisional ones are asked what they opened and closed with.
    private func addSegments(to bills: inout [[PastBill]]) throws {
        let wanted = bills.flatMap { history in
            history.enumerated().filter { $0.offset == 0 || $0.element.basis == .provisional }
                .map(\.element.id)
        }
        let segments = try segments(of: wanted)
        let months = try monthsRated(
            bills.flatMap { $0 }.filter { $0.basis == .provisional }.map(\.id)
        )
        let corrected = try correctedClosings(of: wanted)
        for place in bills.indices {
            for index in bills[place].indices {
                let id = bills[place][index].id
                bills[place][index].months = months[id]
                guard var own = segments[id] else { continue }
                if let closings = corrected[id] {
                    for position in own.indices {
                        guard let closing = closings[own[position].meter.serial] else { continue }
                        own[position].closing = closing
                    }
                }
                bills[place][index].segments = own
            }
        }
    }

    /// By how many whole months bills were rated; those rated by days are missing.
    private func monthsRated(_ bills: [Bill.ID]) throws -> [Bill.ID: Int] {
        guard !bills.isEmpty else { return [:] }
        var result: [Bill.ID: Int] = [:]
        for row in try connection.query(
            """
            select bill_id, proof from bill
            where tenant_id = \(tenant.value) and bill_id = any(\(bills.map(\.value)))
            """
        ) {
            result[Bill.ID(try row[0])] = StoredProof(try row[1])?.months
        }
        return result
    }

    /// What bills closed with after their last notes, by meter serial.
    private func correctedClosings(
        of bills: [Bill.ID]
    ) throws -> [Bill.ID: [String: RegisterReading]] {
        var result: [Bill.ID: [String: RegisterReading]] = [:]
        for row in try connection.query(
            """
            select distinct on (i.bill_id) i.bill_id, i.content from bill_note_item i
            join bill_note n on n.tenant_id = i.tenant_id and n.note_id = i.note_id
            where i.tenant_id = \(tenant.value) and i.bill_id = any(\(bills.map(\.value)))
                and n.state = 'issued' and i.content <> ''
            order by i.bill_id, n.note_id desc
            """
        ) {
            result[Bill.ID(try row[0])] = StoredProof(try row[1])?.closings
        }
        return result
    }

    /// The days of meters with a reading, between two dates of each, oldest first.
    package func days(
        of meters: [(meter: Meter.ID, from: CivilDate, to: CivilDate)]
    ) throws -> [[DayRegisters]] {
        var result = [[DayRegisters]](repeating: [], count: meters.count)
        for row in try connection.query(
            """
            select w.place, d.day, d.first_at, d.first_wh, d.last_at, d.last_wh
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.from)), \(meters.map(\.to)))
                as w (place, meter, first_day, last_day)
            cross join lateral (
                select array_agg(x.day) as day, array_agg(x.first_at) as first_at,
                    array_agg(x.first_register_wh) as first_wh, array_agg(x.last_at) as last_at,
                    array_agg(x.last_register_wh) as last_wh
                from (select day, first_at, first_register_wh, last_at, last_register_wh
                    from consumption_day where tenant_id = \(tenant.value) and meter_id = w.meter
                        and day between w.first_day and w.last_day
                        and first_register_wh is not null
                    order by day) x
            ) d
            where d.day is not null
            """
        ) {
            let days: [CivilDate] = try row[1]
            let firstAt: [Instant] = try row[2]
            let first: [Int64] = try row[3]
            let lastAt: [Instant] = try row[4]
            let last: [Int64] = try row[5]
            result[Int(try row[0] as Int32)] = days.indices.map { index in
                DayRegisters(
                    day: days[index],
                    first: RegisterReading(
                        at: firstAt[index],
                        register: Energy(wattHours: first[index])
                    ),
                    last: RegisterReading(
                        at: lastAt[index],
                        register: Energy(wattHours: last[index])
                    )
                )
            }
        }
        return result
    }

    /// The registers around the days of each meter: the last before the first day, and the first
    /// after the last.
    package func registersAround(
        _ meters: [(meter: Meter.ID, from: CivilDate, to: CivilDate)],
        zone: OfficeZone
    ) throws -> [(before: RegisterReading?, after: RegisterReading?)] {
        var result = [(before: RegisterReading?, after: RegisterReading?)](
            repeating: (nil, nil),
            count: meters.count
        )
        for row in try connection.query(
            """
            select w.place, b.last_at, b.last_register_wh, a.first_at, a.first_register_wh
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.from)), \(meters.map(\.to)))
                as w (place, meter, first_day, last_day)
            left join lateral (
                select last_at, last_register_wh from consumption_day
                where tenant_id = \(tenant.value) and meter_id = w.meter and day < w.first_day
                    and last_register_wh is not null
                order by day desc limit 1) b on true
            left join lateral (
                select first_at, first_register_wh from consumption_day
                where tenant_id = \(tenant.value) and meter_id = w.meter and day > w.last_day
                    and first_register_wh is not null
                order by day limit 1) a on true
            """
        ) {
            let place = Int(try row[0] as Int32)
            if let at: Instant = try row[1] {
                result[place].before = RegisterReading(
                    at: at,
                    register: Energy(wattHours: try row[2])
                )
            }
            if let at: Instant = try row[3] {
                result[place].after = RegisterReading(
                    at: at,
                    register: Energy(wattHours: try row[4])
                )
            }
        }
        return result
    }
}

extension Occupancy {
    /// Consumer, its number and name, first and last day in consecutive columns.
    init(row: Row, from column: Int) throws {
        self.init(
            consumer: Consumer.ID(try row[column]),
            consumerNumber: try row[column + 1],
            consumerName: try row[column + 2],
            from: try row[column + 3],
            to: try row[column + 4]
        )
    }
}

extension PastBill {
    init(row: Row, from column: Int) throws {
        let id = Bill.ID(try row[column])
        guard let period = BillingPeriod(first: try row[column + 5], last: try row[column + 6])
        else { throw DamagedBill(id: id) }
        self.init(
            id: id,
            cycle: try row[column + 1],
            kind: try known(BillKind.self, try row[column + 2]),
            state: try known(BillState.self, try row[column + 3]),
            basis: try known(BillBasis.self, try row[column + 4]),
            period: period,
            energy: Energy(wattHours: try row[column + 7]),
            standing: Money(paise: try row[column + 8]),
            surplus: Energy(wattHours: try row[column + 9]),
            carried: Money(paise: try row[column + 10]),
            consumer: (try row[column + 11] as Int32?).map { Consumer.ID($0) },
            consumerNumber: try row[column + 12],
            consumerName: try row[column + 13]
        )
    }
}
