package import Metering
import Postgres
import Registry
package import Units

/// A command that is to be sent now.
package struct ClaimedCommand: Sendable, Hashable {
    package let id: Int64
    package let meterSerial: String
    package let command: OldRelayCommand
}

extension TenantTransaction {
    /// Makes a registered meter an old one; its main register begins where it is said to stand.
    ///
    /// Without a port it gets the first free one of the range.
    package func makeOld(
        _ meter: Meter.ID,
        port: Int?,
        freePorts: ClosedRange<Int>,
        register: Energy
    ) throws -> Int {
        let chosen = try port.map { Int32(clamping: $0) } ?? freePort(in: freePorts)
        guard let chosen else {
            throw StateConflict(
                "no_free_port",
                "every port from \(freePorts.lowerBound) to \(freePorts.upperBound) is another "
                    + "old meter's; choose one, or widen gateway.ports"
            )
        }
        try connection.execute(
            """
            insert into old_meter (tenant_id, meter_id, port, main_register_wh)
            values (\(tenant.value), \(meter.value), \(chosen), \(register.wattHours))
            """
        )
        try announceChange()
        return Int(chosen)
    }

    private func freePort(in range: ClosedRange<Int>) throws -> Int32? {
        try connection.query(
            """
            select old_meter_free_port(\(Int32(clamping: range.lowerBound)),
                \(Int32(clamping: range.upperBound)))
            """
        ).first?[0]
    }

    /// What is remembered of an old meter, locked until the transaction ends; nil for any other meter.
    package func lockOldMeter(_ meter: Meter.ID) throws -> OldMeterState? {
        try connection.query(
            """
            select \(fragment: oldMeterColumns) from old_meter o
            where o.tenant_id = \(tenant.value) and o.meter_id = \(meter.value) for update
            """
        ).first.map { try OldMeterState(row: $0) }
    }

    /// Writes down what is remembered of an old meter.
    package func update(_ meter: Meter.ID, _ state: OldMeterState) throws {
        let protection = state.protection
        try connection.execute(
            """
            update old_meter set last_at = \(state.lastAt), reading_at = \(state.readingAt),
                main_register_wh = \(state.main.wattHours),
                main_remainder = \(state.main.remainder), main_at = \(state.main.at),
                main_power_mw = \(state.main.powerMilliwatts),
                dev1_register_wh = \(state.dev1.wattHours),
                dev1_remainder = \(state.dev1.remainder), dev1_at = \(state.dev1.at),
                dev1_power_mw = \(state.dev1.powerMilliwatts),
                dev2_register_wh = \(state.dev2.wattHours),
                dev2_remainder = \(state.dev2.remainder), dev2_at = \(state.dev2.at),
                dev2_power_mw = \(state.dev2.powerMilliwatts),
                is_over_voltage = \(protection.isOver), tripped_at = \(protection.trippedAt),
                told_at = \(protection.toldAt), has_gone_off = \(protection.hasGoneOff)
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
            """
        )
    }

    /// The old meters of the office by serial.
    package func oldMeters() throws -> [OldMeter] {
        try connection.query(
            """
            select \(fragment: oldMeterColumns), o.port, m.meter_id, m.serial, m.register_digits,
                m.multiplier, m.channels
            from old_meter o
            join meter m on m.tenant_id = o.tenant_id and m.meter_id = o.meter_id
            where o.tenant_id = \(tenant.value) order by m.serial
            """
        ).map { row in
            OldMeter(
                meter: try Meter(row: row, from: 19),
                port: Int(try row[18] as Int32),
                state: try OldMeterState(row: row)
            )
        }
    }

    /// Which meters of the office are old ones.
    package func oldMeterIDs() throws -> Set<Meter.ID> {
        Set(
            try connection.query(
                "select meter_id from old_meter where tenant_id = \(tenant.value)"
            ).map { Meter.ID(try $0[0]) }
        )
    }

    /// The port of an old meter; nil for any other.
    package func oldMeterPort(_ meter: Meter.ID) throws -> Int? {
        let port: Int32? = try connection.query(
            """
            select port from old_meter
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
            """
        ).first?[0]
        return port.map { Int($0) }
    }
}

extension TenantTransaction {
    /// Keeps what happened to an old meter.
    package func insert(_ events: [OldMeterEvent], of meter: Meter.ID, at now: Instant) throws {
        for event in events {
            try connection.execute(
                """
                insert into gateway_event (tenant_id, meter_id, at, kind, detail)
                values (\(tenant.value), \(meter.value), \(now), \(event.kind.rawValue),
                    \(event.detail))
                """
            )
        }
    }

    /// What happened to the office's old meters, newest first; `before` is the last id of the page
    /// before this one.
    package func gatewayEvents(before: Int64?, limit: Int) throws -> [RecordedGatewayEvent] {
        try connection.query(
            """
            select e.event_id, m.serial, e.at, e.kind, e.detail from gateway_event e
            join meter m on m.tenant_id = e.tenant_id and m.meter_id = e.meter_id
            where e.tenant_id = \(tenant.value) and e.event_id < \(before ?? Int64.max)
            order by e.event_id desc limit \(Int32(clamping: limit))
            """
        ).map { row in
            RecordedGatewayEvent(
                id: try row[0],
                meterSerial: try row[1],
                at: try row[2],
                event: OldMeterEvent(try known(OldMeterEvent.Kind.self, try row[3]), try row[4])
            )
        }
    }

    /// Puts commands on their way; the servers are told when this commits.
    package func insert(
        _ commands: [OldRelayCommand],
        to meter: Meter.ID,
        at now: Instant
    ) throws {
        guard !commands.isEmpty else { return }
        for command in commands {
            try connection.execute(
                """
                insert into gateway_command (tenant_id, meter_id, command, requested_at)
                values (\(tenant.value), \(meter.value), \(command.rawValue), \(now))
                """
            )
        }
        _ = try connection.query("select pg_notify(\(Store.commandChannel), '')")
    }

    /// How many commands for a meter were asked for since then.
    package func commandCount(to meter: Meter.ID, since: Instant) throws -> Int {
        let rows = try connection.query(
            """
            select count(*)::int4 from gateway_command
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and requested_at > \(since)
            """
        )
        return Int(try firstRow(rows, "count")[0] as Int32)
    }

    /// Takes waiting commands, oldest first, for this process to send.
    ///
    /// One that another process took and did not send in time is taken again; until then those after
    /// it for the same meter wait, so that `mainon` never overtakes `mainoff`.
    package func claimCommands(
        at now: Instant,
        abandonedBefore: Instant,
        limit: Int
    ) throws -> [ClaimedCommand] {
        try connection.execute(
            "select pg_advisory_xact_lock(\(commandLock), \(tenant.value))"
        )
        return try connection.query(
            """
            with claimed as (
                update gateway_command set claimed_at = \(now)
                where tenant_id = \(tenant.value) and command_id in (
                    select w.command_id from gateway_command w
                    where w.tenant_id = \(tenant.value) and w.sent_at is null
                        and w.expired_at is null
                        and (w.claimed_at is null or w.claimed_at < \(abandonedBefore))
                        and not exists (select from gateway_command e
                            where e.tenant_id = w.tenant_id and e.meter_id = w.meter_id
                                and e.command_id < w.command_id and e.sent_at is null
                                and e.expired_at is null and e.claimed_at >= \(abandonedBefore))
                    order by w.command_id limit \(Int32(clamping: limit)))
                returning command_id, meter_id, command)
            select c.command_id, m.serial, c.command from claimed c
            join meter m on m.tenant_id = \(tenant.value) and m.meter_id = c.meter_id
            order by c.command_id
            """
        ).map { row in
            ClaimedCommand(
                id: try row[0],
                meterSerial: try row[1],
                command: try known(OldRelayCommand.self, try row[2])
            )
        }
    }

    /// The broker has these.
    package func markSent(_ commands: [Int64], at now: Instant) throws {
        try connection.execute(
            """
            update gateway_command set sent_at = \(now)
            where tenant_id = \(tenant.value) and command_id = any(\(commands))
            """
        )
    }

    /// Whether a claimed command may still be sent: nobody else took it over meanwhile, and it has not
    /// become too old; the claim begins anew.
    package func renewClaim(
        of command: Int64,
        claimedAt: Instant,
        requestedAfter: Instant,
        at now: Instant
    ) throws -> Bool {
        try connection.execute(
            """
            update gateway_command set claimed_at = \(now)
            where tenant_id = \(tenant.value) and command_id = \(command)
                and claimed_at = \(claimedAt) and sent_at is null and expired_at is null
                and requested_at > \(requestedAfter)
            """
        ) == 1
    }

    /// Gives up commands that waited too long, and says so; how many.
    package func expireCommands(requestedBefore: Instant, at now: Instant) throws -> Int {
        let rows = try connection.query(
            """
            update gateway_command set expired_at = \(now)
            where tenant_id = \(tenant.value) and sent_at is null and expired_at is null
                and requested_at < \(requestedBefore)
            returning meter_id, command, requested_at
            """
        )
        for row in rows {
            let asked: Instant = try row[2]
            let command: String = try row[1]
            try insert(
                [OldMeterEvent(.commandExpired, "\(command) of \(asked) was never sent")],
                of: Meter.ID(try row[0]),
                at: now
            )
        }
        return rows.count
    }
}

extension Store {
    static let commandChannel = "vidyut_gateway"

    /// Notifications that something is to be said to an old meter somewhere.
    package func gatewayCommands() -> any AsyncSequence<Void, Never> & Sendable {
        pool.listen(Store.commandChannel).map { _ in () }
    }
}

private let commandLock: Int32 = 0x7669_6763

private let oldMeterColumns: SQL = """
    o.last_at, o.reading_at, o.main_register_wh, o.main_remainder, o.main_at, o.main_power_mw,
    o.dev1_register_wh, o.dev1_remainder, o.dev1_at, o.dev1_power_mw, o.dev2_register_wh,
    o.dev2_remainder, o.dev2_at, o.dev2_power_mw, o.is_over_voltage, o.tripped_at, o.told_at,
    o.has_gone_off
    """

extension OldMeterState {
    /// A row of `oldMeterColumns`.
    fileprivate init(row: Row) throws {
        self.init(
            main: try DerivedRegister(row: row, from: 2),
            dev1: try DerivedRegister(row: row, from: 6),
            dev2: try DerivedRegister(row: row, from: 10),
            lastAt: try row[0],
            readingAt: try row[1],
            protection: OldMeterProtection(
                isOver: try row[14],
                trippedAt: try row[15],
                toldAt: try row[16],
                hasGoneOff: try row[17]
            )
        )
    }
}

extension DerivedRegister {
    fileprivate init(row: Row, from column: Int) throws {
        self.init(
            wattHours: try row[column],
            remainder: try row[column + 1],
            at: try row[column + 2],
            powerMilliwatts: try row[column + 3]
        )
    }
}
