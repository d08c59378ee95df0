import Metering
import Postgres
import Registry
import Units

// Rows of a closed day as they stand in the tables, so that what is made again can be compared with
// what stands there.

/// A row, or the rows, of one day of a meter in one table.
protocol KeptRow: Hashable {
    var meter: Int32 { get }
    var day: CivilDate { get }
}

/// A row of `consumption_day`.
struct DayRow: KeptRow {
    let meter: Int32
    let day: CivilDate
    let readings: Int32
    let expected: Int32?
    let energy: Int64?
    let estimated: Int16
    let missing: Int16
    let suspect: Int16
    let quality: Int16
    let isPending: Bool
    let firstAt: Instant?
    let firstRegister: Int64?
    let lastAt: Instant?
    let lastRegister: Int64?
    let dev1: Int64?
    let dev2: Int64?
    let maximumPower: Int32?
    let minimumVoltage: Int32?
    let maximumVoltage: Int32?
    let state: [Int64]?

    init(meter: Int32, _ made: MadeDay) {
        let rollup = made.rollup
        self.meter = meter
        day = rollup.day
        readings = Int32(clamping: rollup.received)
        expected = Int32(clamping: rollup.expected)
        energy = rollup.energy?.wattHours
        estimated = Int16(clamping: rollup.estimated)
        missing = Int16(clamping: rollup.missing)
        suspect = Int16(clamping: rollup.suspect)
        quality = rollup.quality.rawValue
        isPending = rollup.isPending
        firstAt = rollup.first?.at
        firstRegister = rollup.first?.register.wattHours
        lastAt = rollup.last?.at
        lastRegister = rollup.last?.register.wattHours
        dev1 = made.dev1Last
        dev2 = made.dev2Last
        maximumPower = rollup.maximumPower.map { Int32(clamping: $0.milliwatts) }
        minimumVoltage = rollup.minimumVoltage.map { Int32(clamping: $0.millivolts) }
        maximumVoltage = rollup.maximumVoltage.map { Int32(clamping: $0.millivolts) }
        state = made.state?.integers
    }

    init(row: Row) throws {
        meter = try row[0]
        day = try row[1]
        readings = try row[2]
        expected = try row[3]
        energy = try row[4]
        estimated = try row[5]
        missing = try row[6]
        suspect = try row[7]
        quality = try row[8]
        isPending = try row[9]
        firstAt = try row[10]
        firstRegister = try row[11]
        lastAt = try row[12]
        lastRegister = try row[13]
        dev1 = try row[14]
        dev2 = try row[15]
        maximumPower = try row[16]
        minimumVoltage = try row[17]
        maximumVoltage = try row[18]
        state = try row[19]
    }
}

/// A row of `block_day`.
struct BlockRow: KeptRow {
    let meter: Int32
    let day: CivilDate
    let minutes: Int16
    let energies: [Int32]
    let qualities: [Int16]
    let counts: [Int16]

    init(meter: Int32, _ blocks: BlockDay) {
        self.meter = meter
        day = blocks.day
        minutes = blocks.blockMinutes
        energies = blocks.energies
        qualities = blocks.qualities.map(\.rawValue)
        counts = blocks.counts
    }

    init(row: Row) throws {
        meter = try row[0]
        day = try row[1]
        minutes = try row[2]
        energies = try row[3]
        qualities = try row[4]
        counts = try row[5]
    }
}

/// The rows of `reading_exception` of a day, in order of their keys.
struct ExceptionRow: KeptRow {
    struct Found: Hashable {
        let key: String
        let rule: String
        let severity: Int16
        let firstBlock: Int16?
        let lastBlock: Int16?
        let instants: [Instant]
        let detail: String
    }

    let meter: Int32
    let day: CivilDate
    let found: [Found]

    init(meter: Int32, day: CivilDate, found: [Found]) {
        self.meter = meter
        self.day = day
        self.found = found.sorted { $0.key < $1.key }
    }

    init(meter: Int32, day: CivilDate, _ exceptions: [ReadingException]) {
        self.init(
            meter: meter,
            day: day,
            found: exceptions.map { exception in
                Found(
                    key: exception.key,
                    rule: exception.rule.rawValue,
                    severity: Int16(clamping: exception.severity.rawValue),
                    firstBlock: exception.slots.map { Int16(clamping: $0.lowerBound) },
                    lastBlock: exception.slots.map { Int16(clamping: $0.upperBound) },
                    instants: exception.instants,
                    detail: exception.detail
                )
            }
        )
    }
}

extension TenantTransaction {
    /// What stands in the stretches' days.
    func dayRows(of stretches: [DayStretch]) throws -> [DayRow] {
        try connection.query(
            """
            select d.meter_id, d.day, d.readings, d.expected_readings, d.energy_wh,
                d.estimated_blocks, d.missing_blocks, d.suspect_blocks, d.quality, d.is_pending,
                d.first_at, d.first_register_wh, d.last_at, d.last_register_wh,
                d.dev1_last_register_wh, d.dev2_last_register_wh, d.maximum_power_mw,
                d.minimum_voltage_mv, d.maximum_voltage_mv, d.register_state
            from \(fragment: stretchList(stretches))
            join consumption_day d on d.tenant_id = \(tenant.value) and d.meter_id = w.meter
                and d.day between w.first_day and w.last_day
            """
        ).map(DayRow.init(row:))
    }

    /// The load curves that stand in the stretches' days.
    func blockRows(of stretches: [DayStretch]) throws -> [BlockRow] {
        try connection.query(
            """
            select b.meter_id, b.day, b.block_minutes, b.energy_wh, b.quality, b.received
            from \(fragment: stretchList(stretches))
            join block_day b on b.tenant_id = \(tenant.value) and b.meter_id = w.meter
                and b.day between w.first_day and w.last_day
            """
        ).map(BlockRow.init(row:))
    }

    /// The exceptions that stand in the stretches' days, a row a day.
    func exceptionRows(of stretches: [DayStretch]) throws -> [ExceptionRow] {
        var found: [MeterDayKey: [ExceptionRow.Found]] = [:]
        for row in try connection.query(
            """
            select e.meter_id, e.day, e.key, e.rule, e.severity, e.first_block, e.last_block,
                e.instants, e.detail
            from \(fragment: stretchList(stretches))
            join reading_exception e on e.tenant_id = \(tenant.value) and e.meter_id = w.meter
                and e.day between w.first_day and w.last_day
            """
        ) {
            let key = MeterDayKey(meter: Meter.ID(try row[0]), day: try row[1])
            found[key, default: []].append(
                ExceptionRow.Found(
                    key: try row[2],
                    rule: try row[3],
                    severity: try row[4],
                    firstBlock: try row[5],
                    lastBlock: try row[6],
                    instants: try row[7],
                    detail: try row[8]
                )
            )
        }
        return found.map { ExceptionRow(meter: $0.meter.value, day: $0.day, found: $1) }
    }
}
