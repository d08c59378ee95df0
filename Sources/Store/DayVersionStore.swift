package import Metering
import Postgres
package import Registry
package import Units

extension TenantTransaction {
    /// What people decided about the days of some meters, in the order they did, from a day of each on.
    package func edits(
        of meters: [(meter: Meter.ID, from: CivilDate)]
    ) throws -> [[CivilDate: [DayEdit]]] {
        var result = [[CivilDate: [DayEdit]]](repeating: [:], count: meters.count)
        for row in try connection.query(
            """
            select w.place, v.day, v.number, v.kind, v.blocks, v.energy_wh, v.method, v.reading_at,
                v.undoes, v.block_minutes, v.first_block, v.before_wh, v.before_quality,
                v.before_readings, v.before_registers_wh, v.made_by, v.reason, v.made_at
            from unnest(\(meters.indices.map { Int32(clamping: $0) }),
                \(meters.map(\.meter.value)), \(meters.map(\.from))) as w (place, meter, first_day)
            join day_version v on v.tenant_id = \(tenant.value) and v.meter_id = w.meter
                and v.day >= w.first_day
            order by w.place, v.day, v.number
            """
        ) {
            let day: CivilDate = try row[1]
            result[Int(try row[0] as Int32)][day, default: []].append(try DayEdit(row: row))
        }
        return result
    }

    /// Adds a version to a meter's day; its number is one that the day has not.
    package func insert(_ edit: DayEdit, of meter: Meter.ID, day: CivilDate) throws {
        let form = StoredEdit(edit)
        try connection.execute(
            """
            insert into day_version (tenant_id, meter_id, day, number, kind, blocks, energy_wh,
                method, reading_at, undoes, block_minutes, first_block, before_wh, before_quality,
                before_readings, before_registers_wh, made_by, reason, made_at)
            values (\(tenant.value), \(meter.value), \(day), \(edit.id), \(form.kind.rawValue),
                \(form.blocks), \(form.energies), \(form.method?.rawValue), \(edit.change.reading),
                \(form.undoes), \(form.minutes), \(form.first), \(form.before), \(form.qualities),
                \(form.counts), \(form.registers), \(edit.actor), \(edit.reason), \(edit.at))
            """
        )
    }

    /// The issued bill that covers a meter's day, by number; a provisional one decides nothing.
    package func issuedBill(covering day: CivilDate, of meter: Meter.ID) throws -> String? {
        try issuedBills(covering: [day], of: meter)[day]
    }

    /// The issued bills that cover some of a meter's days, by number; days without one are not there.
    package func issuedBills(
        covering days: [CivilDate],
        of meter: Meter.ID
    ) throws -> [CivilDate: String] {
        guard !days.isEmpty else { return [:] }
        var bills: [CivilDate: String] = [:]
        for row in try connection.query(
            """
            select distinct on (w.day) w.day, b.number
            from (select distinct service_id from installation
                where tenant_id = \(tenant.value) and meter_id = \(meter.value)) i
            join bill b on b.tenant_id = \(tenant.value) and b.service_id = i.service_id
                and b.state = 'issued' and b.basis <> 'provisional'
            join unnest(\(days)) as w (day)
                on b.period_first <= w.day and b.period_last >= w.day
            where exists (select from bill_segment s
                where s.tenant_id = \(tenant.value) and s.bill_id = b.bill_id
                    and s.meter_id = \(meter.value))
            order by w.day, b.bill_id
            """
        ) {
            bills[try row[0]] = try row[1]
        }
        return bills
    }

    /// Load curves of the same day of other meters, at services like those a meter hung at last: the
    /// same category, and between half and twice its sanctioned load.
    package func peers(of meter: Meter.ID, on day: CivilDate, limit: Int) throws -> [BlockCurve] {
        try connection.query(
            """
            select b.day, b.block_minutes, b.energy_wh, b.quality, b.received
            from (select s.category, s.sanctioned_load_watts as watts, s.service_id
                from installation i join service s
                    on s.tenant_id = i.tenant_id and s.service_id = i.service_id
                where i.tenant_id = \(tenant.value) and i.meter_id = \(meter.value)
                order by i.installed_at desc limit 1) own
            join service s on s.tenant_id = \(tenant.value) and s.category = own.category
                and s.service_id <> own.service_id
                and s.sanctioned_load_watts between own.watts / 2 and own.watts * 2
            join installation i on i.tenant_id = s.tenant_id and i.service_id = s.service_id
            join block_day b on b.tenant_id = i.tenant_id and b.meter_id = i.meter_id
                and b.day = \(day)
            where i.meter_id <> \(meter.value)
            order by s.number, i.installed_at limit \(Int32(clamping: limit))
            """
        ).map { try BlockCurve(row: $0, from: 0) }
    }
}

/// The words that stand for what was done.
private enum EditKind: String {
    case set, accept, estimate, final, undo
    case acceptReading = "accept_reading"
    case rejectReading = "reject_reading"
}

/// An edit as the columns of its row.
private struct StoredEdit {
    var kind: EditKind
    var blocks: [Int16]?
    var energies: [Int64]?
    var method: EstimationMethod?
    var undoes: Int64?
    var minutes: Int16?
    var first: Int16?
    var before: [Int32]?
    var qualities: [Int16]?
    var counts: [Int16]?
    var registers: [Int64]?

    init(_ edit: DayEdit) {
        switch edit.change {
        case .setBlocks(let values):
            kind = .set
            let slots = values.keys.sorted()
            blocks = slots.map { Int16(clamping: $0) }
            energies = slots.map { Int64(values[$0] ?? 0) }
        case .acceptBlocks(let slots):
            kind = .accept
            blocks = slots.map { Int16(clamping: $0) }
        case .estimate(let chosen, let shape):
            kind = .estimate
            method = chosen
            let slots = shape.keys.sorted()
            blocks = slots.map { Int16(clamping: $0) }
            energies = slots.map { shape[$0] ?? 0 }
        case .acceptReading: kind = .acceptReading
        case .rejectReading: kind = .rejectReading
        case .markFinal: kind = .final
        case .undo(let number):
            kind = .undo
            undoes = number
        }
        switch edit.ground {
        case .blocks(let minutes, let first, let energies, let qualities, let counts)?:
            self.minutes = minutes
            self.first = Int16(clamping: first)
            before = energies
            self.qualities = qualities.map(\.rawValue)
            self.counts = counts
        case .reading(let registers)?: self.registers = registers
        case nil: break
        }
    }
}

extension DayEdit {
    fileprivate init(row: Row) throws {
        let blocks: [Int16]? = try row[4]
        let energies: [Int64]? = try row[5]
        let values = zip(blocks ?? [], energies ?? []).map { (Int($0), $1) }
        let change: Change
        switch try known(EditKind.self, try row[3]) {
        case .set:
            change = .setBlocks(
                Dictionary(
                    values.map { ($0, Int32(clamping: $1)) },
                    uniquingKeysWith: { $1 }
                )
            )
        case .accept: change = .acceptBlocks((blocks ?? []).map { Int($0) })
        case .estimate:
            change = .estimate(
                try known(EstimationMethod.self, try row[6]),
                Dictionary(values, uniquingKeysWith: { $1 })
            )
        case .acceptReading: change = .acceptReading(try row[7])
        case .rejectReading: change = .rejectReading(try row[7])
        case .final: change = .markFinal
        case .undo: change = .undo(try row[8])
        }
        self.init(
            id: try row[2],
            change: change,
            actor: try row[15],
            reason: try row[16],
            at: try row[17],
            ground: try EditGround(row: row)
        )
    }
}

extension EditGround {
    fileprivate init?(row: Row) throws {
        if let registers: [Int64] = try row[14] {
            self = .reading(registers)
        } else if let minutes: Int16 = try row[9], let first: Int16 = try row[10],
            let qualities: [Int16] = try row[12]
        {
            self = .blocks(
                minutes: minutes,
                first: Int(first),
                energies: try row[11],
                qualities: qualities.map { SlotQuality(rawValue: $0) },
                counts: try row[13]
            )
        } else {
            return nil
        }
    }
}
