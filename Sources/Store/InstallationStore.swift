package import Metering
import Postgres
package import Registry
package import Units

extension TenantTransaction {
    /// Hangs a meter at a service.
    package func install(
        meter: Meter.ID,
        service: Service.ID,
        at: Instant,
        openingRegister: Energy
    ) throws {
        try connection.execute(
            """
            insert into installation (tenant_id, meter_id, service_id, installed_at,
                opening_register_wh)
            values (\(tenant.value), \(meter.value), \(service.value), \(at),
                \(openingRegister.wattHours))
            """
        )
        try markDirty([MeterDayKey(meter: meter, day: office().zone.meteringDay(of: at))])
    }

    /// Takes the meter off that hangs at a service now; nil when none does.
    package func removeMeter(
        from service: Service.ID,
        at: Instant,
        closingRegister: Energy
    ) throws -> Meter.ID? {
        let removed = try connection.query(
            """
            update installation
            set removed_at = \(at), closing_register_wh = \(closingRegister.wattHours)
            where tenant_id = \(tenant.value) and service_id = \(service.value)
                and removed_at is null
            returning meter_id
            """
        ).first.map { Meter.ID(try $0[0]) }
        // The closing register ends the silence before it, too.
        if let removed {
            try markDirty([MeterDayKey(meter: removed, day: office().zone.meteringDay(of: at))])
        }
        return removed
    }

    /// Every meter a service ever had, oldest first.
    package func installations(of service: Service.ID) throws -> [Installation] {
        try connection.query(
            """
            select m.meter_id, m.serial, m.register_digits, m.multiplier, m.channels,
                i.installed_at, i.opening_register_wh, i.removed_at, i.closing_register_wh
            from installation i
            join meter m on m.tenant_id = i.tenant_id and m.meter_id = i.meter_id
            where i.tenant_id = \(tenant.value) and i.service_id = \(service.value)
            order by i.installed_at
            """
        ).map(Installation.init(row:))
    }

    /// The service a meter hangs at now, or hung at last.
    package func service(of meter: Meter.ID) throws -> Service.ID? {
        try connection.query(
            """
            select service_id from installation
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
            order by installed_at desc limit 1
            """
        ).first.map { Service.ID(try $0[0]) }
    }

    /// Meters in order of serial, after the given one, each with its newest reading.
    package func meters(after serial: String, limit: Int) throws -> [MeterSummary] {
        try connection.query(
            """
            select m.meter_id, m.serial, m.register_digits, m.multiplier, m.channels,
                s.number, c.name, l.at, l.received_at, l.main_energy_wh, l.main_power_mw,
                l.main_voltage_mv, l.main_current_ma, l.main_power_factor_permille
            from meter m
            left join installation i on i.tenant_id = m.tenant_id and i.meter_id = m.meter_id
                and i.removed_at is null
            left join service s on s.tenant_id = i.tenant_id and s.service_id = i.service_id
            left join consumer c on c.tenant_id = s.tenant_id and c.consumer_id = s.consumer_id
            left join meter_latest l on l.tenant_id = m.tenant_id and l.meter_id = m.meter_id
            where m.tenant_id = \(tenant.value) and m.serial > \(serial)
            order by m.serial limit \(Int32(clamping: limit))
            """
        ).map { row in
            let meter = try Meter(row: row)
            let at: Instant? = try row[7]
            return MeterSummary(
                meter: meter,
                serviceNumber: try row[5],
                consumerName: try row[6],
                latest: try at.map { at in
                    LatestReading(
                        meter: meter.id,
                        at: at,
                        receivedAt: try row[8],
                        main: try ChannelReading(latest: row, from: 9)
                    )
                }
            )
        }
    }
}

extension Installation {
    /// The meter's columns, then when and between which registers it hung.
    init(row: Row) throws {
        let closing: Int64? = try row[8]
        self.init(
            meter: try Meter(row: row),
            installedAt: try row[5],
            openingRegister: Energy(wattHours: try row[6]),
            removedAt: try row[7],
            closingRegister: closing.map { Energy(wattHours: $0) }
        )
    }
}

extension ChannelReading {
    /// Energy, power, voltage, current and power factor in consecutive columns.
    init(latest row: Row, from column: Int) throws {
        self.init(
            energyWattHours: try row[column],
            powerMilliwatts: try row[column + 1],
            voltageMillivolts: try row[column + 2],
            currentMilliamps: try row[column + 3],
            powerFactorPermille: try row[column + 4]
        )
    }
}

extension TenantTransaction {
    /// Where a meter's register stood when it was first installed; zero for one that never was.
    package func openingRegister(of meter: Meter.ID) throws -> Energy {
        let value: Int64? = try connection.query(
            """
            select opening_register_wh from installation
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
            order by installed_at limit 1
            """
        ).first?[0]
        return Energy(wattHours: value ?? 0)
    }
}

extension TenantTransaction {
    /// Puts the register right that was read when a meter was hung or taken off at this instant, and
    /// keeps the wrong one; the register that stood there, nil when the meter was not exchanged then.
    package func correctExchange(
        of meter: Meter.ID,
        at instant: Instant,
        register: Energy,
        reason: String,
        by name: String,
        madeAt: Instant
    ) throws -> Energy? {
        let rows = try connection.query(
            """
            select case when installed_at = \(instant) then opening_register_wh
                else closing_register_wh end
            from installation where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and (installed_at = \(instant) or removed_at = \(instant)) for update
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
            update installation set
                opening_register_wh = case when installed_at = \(instant)
                    then \(register.wattHours) else opening_register_wh end,
                closing_register_wh = case when removed_at = \(instant)
                    then \(register.wattHours) else closing_register_wh end
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and (installed_at = \(instant) or removed_at = \(instant))
            """
        )
        return Energy(wattHours: old)
    }
}
