package import Metering
import Postgres
import Registry
import Units

/// One reading on its way into the database.
package struct ReadingInsertion: Sendable {
    package var meter: Meter.ID
    package var reading: AcceptedReading

    package init(meter: Meter.ID, reading: AcceptedReading) {
        self.meter = meter
        self.reading = reading
    }
}

/// What became of a reading that was offered.
package enum InsertionOutcome: Sendable, Hashable {
    case stored
    case duplicate
    /// Another value for an instant that has one: both are kept.
    case conflict
}

private struct ReadingKey: Hashable {
    let meter: Int32
    let at: Instant
}

extension TenantTransaction {
    /// Stores a batch of readings of one office; the outcome of each in the same order.
    ///
    /// The recommended path of the platform: one insert from unnested arrays. A reading met
    /// before is once, for ever; a different value for the same instant is kept beside it, and
    /// the higher (epoch, sequence) counts whichever came first (invariant 2).
    package func insert(_ offered: [ReadingInsertion]) throws -> [InsertionOutcome] {
        guard !offered.isEmpty else { return [] }
        let batch = try placed(offered)
        var columns = ReadingColumns(capacity: batch.count)
        for item in batch { columns.append(item) }
        var fresh: Set<ReadingKey> = []
        for row in try connection.query(columns.insertion(tenant: tenant.value)) {
            fresh.insert(ReadingKey(meter: try row[0], at: try row[1]))
        }
        var outcomes: [InsertionOutcome] = []
        outcomes.reserveCapacity(batch.count)
        var contested: [Int] = []
        for (index, item) in batch.enumerated() {
            let isFresh = fresh.remove(ReadingKey(meter: item.meter.value, at: item.reading.at))
            outcomes.append(isFresh == nil ? .duplicate : .stored)
            if isFresh == nil { contested.append(index) }
        }
        try settle(contested, of: batch, into: &outcomes)
        try insertExtras(batch)
        return outcomes
    }

    /// Gives readings without a clock the instant they were given the first time.
    private func placed(_ offered: [ReadingInsertion]) throws -> [ReadingInsertion] {
        var batch = offered
        for (index, item) in offered.enumerated()
        where item.reading.flags.contains(.placedByAge) {
            guard let sequence = item.reading.sequence else { continue }
            let rows = try connection.query(
                """
                insert into reading_placement (tenant_id, meter_id, epoch, sequence, at)
                values (\(tenant.value), \(item.meter.value), \(item.reading.epoch), \(sequence),
                    \(item.reading.at))
                on conflict on constraint reading_placement_pkey
                    do update set sequence = excluded.sequence
                returning at
                """
            )
            batch[index].reading.at = try firstRow(rows, "placement")[0]
        }
        return batch
    }

    /// Compares readings whose instant was taken with what stands there.
    private func settle(
        _ contested: [Int],
        of batch: [ReadingInsertion],
        into outcomes: inout [InsertionOutcome]
    ) throws {
        guard !contested.isEmpty else { return }
        let items = contested.map { batch[$0] }
        var standing = try standingReadings(items)
        let differing = items.filter { item in
            standing[ReadingKey(meter: item.meter.value, at: item.reading.at)]?.content
                != item.reading.content
        }
        if !differing.isEmpty {
            // Two batches that bring values for one instant take turns, and the second sees what
            // the first left.
            for meter in Set(differing.map(\.meter.value)).sorted() {
                try connection.execute(
                    "select pg_advisory_xact_lock(\(tenant.value), \(meter))"
                )
            }
            standing = try standingReadings(items)
        }
        for index in contested {
            let item = batch[index]
            let key = ReadingKey(meter: item.meter.value, at: item.reading.at)
            guard let existing = standing[key] else {
                throw StoreUnavailable(detail: "a reading moved while it was compared")
            }
            if existing.content == item.reading.content { continue }
            // What a person has corrected, no resend or second import undoes.
            let challengerWins =
                !existing.flags.contains(.corrected) && item.reading.rank > existing.rank
            let loser = challengerWins ? existing : item.reading
            let kept = try connection.execute(
                """
                insert into reading_conflict (tenant_id, meter_id, at, epoch, sequence, content,
                    main_energy_wh)
                values (\(tenant.value), \(key.meter), \(key.at), \(loser.epoch),
                    \(loser.sequence ?? -1), \(loser.content), \(loser.main.energyWattHours))
                on conflict do nothing
                """
            )
            if challengerWins {
                try replace(item)
                standing[key] = item.reading
            }
            if kept > 0 || challengerWins { outcomes[index] = .conflict }
        }
    }

    private func replace(_ item: ReadingInsertion) throws {
        try connection.execute(
            """
            delete from reading where tenant_id = \(tenant.value)
                and meter_id = \(item.meter.value) and at = \(item.reading.at)
            """
        )
        var columns = ReadingColumns(capacity: 1)
        columns.append(item)
        _ = try connection.query(columns.insertion(tenant: tenant.value))
    }

    private func standingReadings(
        _ items: [ReadingInsertion]
    ) throws -> [ReadingKey: AcceptedReading] {
        let rows = try connection.query(
            """
            \(fragment: selectReading)
            join unnest(\(items.map(\.meter.value))::int4[], \(items.map(\.reading.at))::timestamptz[])
                as wanted (meter_id, at) on wanted.meter_id = r.meter_id and wanted.at = r.at
            where r.tenant_id = \(tenant.value)
            """
        )
        var standing: [ReadingKey: AcceptedReading] = [:]
        for row in rows {
            let reading = try AcceptedReading(row: row)
            standing[ReadingKey(meter: try row[0], at: reading.at)] = reading
        }
        return standing
    }

    private func insertExtras(_ batch: [ReadingInsertion]) throws {
        for item in batch where !item.reading.extras.isEmpty {
            for (channel, extra) in item.reading.extras where !extra.isEmpty {
                try connection.execute(
                    """
                    insert into reading_extra (tenant_id, meter_id, at, channel, export_wh,
                        reactive_varh, apparent_vah, maximum_demand_watts)
                    values (\(tenant.value), \(item.meter.value), \(item.reading.at),
                        \(Int16(channel.rawValue)), \(extra.exportWattHours),
                        \(extra.reactiveVarHours), \(extra.apparentVoltAmpereHours),
                        \(extra.maximumDemandWatts))
                    on conflict do nothing
                    """
                )
            }
        }
    }
}

/// The columns of a batch, ready to be sent as binary arrays.
struct ReadingColumns {
    private var meters: [Int32] = []
    private var instants: [Instant] = []
    private var sequences: [Int32?] = []
    private var epochs: [Int16] = []
    private var flags: [Int16] = []
    private var main = ChannelColumns()
    private var dev1 = ChannelColumns()
    private var dev2 = ChannelColumns()

    init(capacity: Int) {
        meters.reserveCapacity(capacity)
        instants.reserveCapacity(capacity)
    }

    mutating func append(_ item: ReadingInsertion) {
        let reading = item.reading
        meters.append(item.meter.value)
        instants.append(reading.at)
        sequences.append(reading.sequence)
        epochs.append(reading.epoch)
        flags.append(reading.flags.rawValue)
        main.append(reading.main)
        dev1.append(reading.dev1)
        dev2.append(reading.dev2)
    }

    func insertion(tenant: Int32, into table: SQL = "reading") -> SQL {
        """
        insert into \(fragment: table) (at, main_energy_wh, dev1_energy_wh, dev2_energy_wh, tenant_id,
            meter_id, sequence, main_power_mw, main_voltage_mv, main_current_ma, dev1_power_mw,
            dev1_voltage_mv, dev1_current_ma, dev2_power_mw, dev2_voltage_mv, dev2_current_ma,
            main_power_factor_permille, dev1_power_factor_permille, dev2_power_factor_permille,
            epoch, flags)
        select b.at, b.e0, b.e1, b.e2, \(tenant), b.meter, b.sequence, b.p0, b.v0, b.c0, b.p1,
            b.v1, b.c1, b.p2, b.v2, b.c2, b.f0, b.f1, b.f2, b.epoch, b.flags
        from unnest(\(instants), \(main.energies), \(dev1.energies), \(dev2.energies), \(meters),
            \(sequences), \(main.powers), \(main.voltages), \(main.currents), \(dev1.powers),
            \(dev1.voltages), \(dev1.currents), \(dev2.powers), \(dev2.voltages),
            \(dev2.currents), \(main.factors), \(dev1.factors), \(dev2.factors), \(epochs),
            \(flags))
            as b (at, e0, e1, e2, meter, sequence, p0, v0, c0, p1, v1, c1, p2, v2, c2, f0, f1,
                f2, epoch, flags)
        on conflict do nothing
        returning meter_id, at
        """
    }
}

private struct ChannelColumns {
    var energies: [Int64?] = []
    var powers: [Int32?] = []
    var voltages: [Int32?] = []
    var currents: [Int32?] = []
    var factors: [Int16?] = []

    mutating func append(_ channel: ChannelReading?) {
        energies.append(channel?.energyWattHours)
        powers.append(channel?.powerMilliwatts)
        voltages.append(channel?.voltageMillivolts)
        currents.append(channel?.currentMilliamps)
        factors.append(channel?.powerFactorPermille)
    }
}
