import Postgres
package import Registry
package import Units

extension TenantTransaction {
    /// Adds a service; feeder and transformer are made when they are new.
    ///
    /// Ids are ignored.
    package func insert(_ service: Service) throws -> Service.ID {
        let transformer = try transformerID(service.transformer, feeder: service.feeder)
        let rows = try connection.query(
            """
            insert into service (tenant_id, number, consumer_id, category, tariff_family,
                sanctioned_load_watts, phases, transformer_id, address, connected_on, closed_on,
                group_id, opt_in, optional_lines)
            values (\(tenant.value), \(service.number), \(service.consumer.value),
                \(service.category), \(service.tariffFamily),
                \(Int32(clamping: service.sanctionedLoadWatts)),
                \(Int16(clamping: service.phases)), \(transformer), \(service.address),
                \(service.connectedOn), \(service.closedOn), \(try groupID(service.group)),
                \(service.optIn), \(service.optionalLines.joined(separator: ",")))
            returning service_id
            """
        )
        let id = Service.ID(try firstRow(rows, "service")[0])
        try connection.execute(
            """
            insert into occupancy (tenant_id, service_id, from_date, to_date, consumer_id)
            values (\(tenant.value), \(id.value), \(service.connectedOn), \(service.closedOn),
                \(service.consumer.value))
            """
        )
        return id
    }

    private func groupID(_ code: String?) throws -> Int32? {
        guard let code, !code.isEmpty else { return nil }
        let rows = try connection.query(
            """
            select group_id from billing_group
            where tenant_id = \(tenant.value) and code = \(code)
            """
        )
        guard let row = rows.first else {
            throw InvalidInput("group", "unknown", "no billing group '\(code)'")
        }
        return try row[0]
    }

    /// The occupant leaves; with a successor the service goes on, without one it is closed.
    package func endOccupancy(
        of service: Service.ID,
        lastDay: CivilDate,
        successor: Consumer.ID?
    ) throws {
        let changed = try connection.execute(
            """
            update occupancy set to_date = \(lastDay)
            where tenant_id = \(tenant.value) and service_id = \(service.value)
                and to_date is null and from_date <= \(lastDay)
            """
        )
        guard changed == 1 else {
            throw StateConflict(
                "service_without_occupant",
                "nobody answers for the service on \(lastDay), or it is closed already"
            )
        }
        guard let successor else {
            try connection.execute(
                """
                update service set closed_on = \(lastDay)
                where tenant_id = \(tenant.value) and service_id = \(service.value)
                """
            )
            return
        }
        try connection.execute(
            """
            insert into occupancy (tenant_id, service_id, from_date, consumer_id)
            values (\(tenant.value), \(service.value), \(lastDay.adding(days: 1)),
                \(successor.value))
            """
        )
        try connection.execute(
            """
            update service set consumer_id = \(successor.value)
            where tenant_id = \(tenant.value) and service_id = \(service.value)
            """
        )
    }

    /// A service hangs from another transformer, or from none; what is new is made.
    package func hang(_ service: Service.ID, from transformer: String?, feeder: String?) throws {
        let id = try transformerID(transformer, feeder: feeder)
        try connection.execute(
            """
            update service set transformer_id = \(id)
            where tenant_id = \(tenant.value) and service_id = \(service.value)
            """
        )
    }

    /// Locks a service for the rest of the transaction, as a billing run does.
    package func lock(_ service: Service.ID) throws {
        _ = try connection.query(
            """
            select from service where tenant_id = \(tenant.value)
                and service_id = \(service.value) for no key update
            """
        )
    }

    /// Locks every service that a meter hung at, as a billing run does; in the order of its claims.
    package func lockServices(ofMeter serial: String) throws {
        _ = try connection.query(
            """
            select from service where tenant_id = \(tenant.value)
                and service_id in (select i.service_id from meter m
                    join installation i on i.tenant_id = m.tenant_id and i.meter_id = m.meter_id
                    where m.tenant_id = \(tenant.value) and m.serial = \(serial))
            order by number for no key update
            """
        )
    }

    /// The last day that a service has an issued bill for.
    package func lastBilledDay(of service: Service.ID) throws -> CivilDate? {
        try connection.query(
            """
            select max(period_last) from bill where tenant_id = \(tenant.value)
                and service_id = \(service.value) and state = 'issued'
            """
        ).first?[0]
    }

    private func transformerID(_ code: String?, feeder: String?) throws -> Int32? {
        guard let code, !code.isEmpty else { return nil }
        guard let feeder, !feeder.isEmpty else {
            throw InvalidInput("feeder", "missing", "a transformer needs its feeder")
        }
        let feederRows = try connection.query(
            """
            insert into feeder (tenant_id, code) values (\(tenant.value), \(feeder))
            on conflict on constraint feeder_code_unique do update set code = excluded.code
            returning feeder_id
            """
        )
        let feederID: Int32 = try firstRow(feederRows, "feeder")[0]
        let rows = try connection.query(
            """
            insert into transformer (tenant_id, code, feeder_id)
            values (\(tenant.value), \(code), \(feederID))
            on conflict on constraint transformer_code_unique do update set code = excluded.code
            returning transformer_id, feeder_id
            """
        )
        let row = try firstRow(rows, "transformer")
        guard try row[1] == feederID else {
            throw InvalidInput(
                "transformer",
                "invalid",
                "transformer \(code) hangs on another feeder"
            )
        }
        return try row[0]
    }

    /// A service by the number people know.
    package func service(number: String) throws -> Service? {
        try connection.query(
            "\(fragment: selectService) where s.tenant_id = \(tenant.value) and s.number = \(number)"
        ).first.map(Service.init(row:))
    }

    /// A service by key.
    package func service(_ id: Service.ID) throws -> Service? {
        try connection.query(
            "\(fragment: selectService) where s.tenant_id = \(tenant.value) and s.service_id = \(id.value)"
        ).first.map(Service.init(row:))
    }

    /// Services by their keys.
    package func services(_ ids: [Service.ID]) throws -> [Service.ID: Service] {
        var result: [Service.ID: Service] = [:]
        for row in try connection.query(
            """
            \(fragment: selectService)
            where s.tenant_id = \(tenant.value) and s.service_id = any(\(ids.map(\.value)))
            """
        ) {
            let service = try Service(row: row)
            result[service.id] = service
        }
        return result
    }

    /// Services in order of number after the given one; of one consumer where asked.
    package func services(
        after number: String,
        consumer: Consumer.ID? = nil,
        limit: Int
    ) throws -> [Service] {
        try connection.query(
            """
            \(fragment: selectService)
            where s.tenant_id = \(tenant.value) and s.number > \(number)
                and (\(consumer?.value)::int4 is null or s.consumer_id = \(consumer?.value))
            order by s.number limit \(Int32(clamping: limit))
            """
        ).map(Service.init(row:))
    }
}

let selectService: SQL = """
    select s.service_id, s.number, s.consumer_id, c.number, c.name, s.category, s.tariff_family,
        s.sanctioned_load_watts, s.phases, f.code, t.code, s.address, s.connected_on, s.closed_on,
        g.code, s.opt_in, s.optional_lines
    from service s
    join consumer c on c.tenant_id = s.tenant_id and c.consumer_id = s.consumer_id
    left join billing_group g on g.tenant_id = s.tenant_id and g.group_id = s.group_id
    left join transformer t
        on t.tenant_id = s.tenant_id and t.transformer_id = s.transformer_id
    left join feeder f on f.tenant_id = t.tenant_id and f.feeder_id = t.feeder_id
    """

extension Service {
    init(row: Row) throws {
        self.init(
            id: ID(try row[0]),
            number: try row[1],
            consumer: Consumer.ID(try row[2]),
            consumerNumber: try row[3],
            consumerName: try row[4],
            category: try row[5],
            tariffFamily: try row[6],
            sanctionedLoadWatts: Int(try row[7] as Int32),
            phases: Int(try row[8] as Int16),
            feeder: try row[9],
            transformer: try row[10],
            address: try row[11],
            connectedOn: try row[12],
            closedOn: try row[13],
            group: try row[14],
            optIn: try row[15],
            optionalLines: (try row[16] as String).split(separator: ",").map(String.init)
        )
    }
}

extension TenantTransaction {
    /// The first day on which the present consumer of a service answered for it without a break; nil
    /// when nobody moved in ever.
    package func firstOwnDay(of service: Service) throws -> CivilDate? {
        try connection.query(
            """
            select from_date from occupancy
            where tenant_id = \(tenant.value) and service_id = \(service.id.value)
                and consumer_id = \(service.consumer.value)
            order by from_date desc limit 1
            """
        ).first.map { try $0[0] }
    }
}
