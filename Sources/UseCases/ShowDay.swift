package import Metering
import Registry
package import Store
package import Units

/// A meter's closed day with everything that was made of it, from the readings to the end.
package struct DayHistory: Sendable {
    package var meterSerial: String
    package var day: CivilDate
    package var stage: DayStage
    /// As it stands.
    package var blocks: BlockDay
    /// Oldest first; of a day whose readings are in the archive those of people only.
    package var versions: [DayVersion]
    /// The issued bill that makes the day final.
    package var bill: String?
    /// The readings are in the archive: nothing is changed any more.
    package var isArchived: Bool
    /// When versions 1 to 3, and what the later ones come to, were made from the readings: now; nil of
    /// a day that is shown as it was kept.
    package var madeAt: Instant?
    /// What people should know of the edits, in words: what the last one did beside its own day, and
    /// accepted readings that the sanctioned load cannot explain.
    package var hints: [String] = []
    /// The methods by which a person may estimate blocks of it, best first; empty where none may edit.
    package var methods: [EstimationMethod] = []

    package init(
        meterSerial: String,
        day: CivilDate,
        stage: DayStage,
        blocks: BlockDay,
        versions: [DayVersion],
        bill: String?,
        isArchived: Bool,
        madeAt: Instant? = nil
    ) {
        self.meterSerial = meterSerial
        self.day = day
        self.stage = stage
        self.blocks = blocks
        self.versions = versions
        self.bill = bill
        self.isArchived = isArchived
        self.madeAt = madeAt
    }

    /// Whether a person may still do something to it.
    package var isOpen: Bool { bill == nil && !isArchived }

    /// Versions that a person may take back.
    package var undoable: Set<Int64> {
        guard isOpen else { return [] }
        return Set(
            versions.filter { $0.number > DayVersion.fromReadings && !$0.isUndone }.map(\.number)
        )
    }
}

/// Shows a meter's closed day, block by block, and its versions.
package struct ShowDay: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The day with its versions; `NotFound` where no register tells anything of it.
    package func callAsFunction(
        serial: String,
        day: CivilDate,
        by caller: Caller
    ) async throws -> DayHistory {
        try caller.requireStaff()
        let office = try await FindOffices(store: store)(caller.office)
        let now = clock.now()
        let making = try DayMaking(office: office, now: now)
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            let subject = try DaySubject(serial, day, making, transaction)
            if subject.isArchived { return try subject.archived(transaction) }
            let (window, stages) = try subject.look(through: Limits.daysAfterLooked, transaction)
            var history = subject.history(window, stages, madeAt: now)
            if history.isOpen { history.methods = try subject.methods(of: window, transaction) }
            return history
        }
    }
}

/// A meter's day that somebody looks at or edits.
struct DaySubject {
    let meter: Meter
    let day: CivilDate
    let making: DayMaking
    let bill: String?
    let isArchived: Bool

    init(
        _ serial: String,
        _ day: CivilDate,
        _ making: DayMaking,
        _ transaction: TenantTransaction
    ) throws {
        guard let meter = try transaction.meter(serial: serial) else {
            throw NotFound("meter '\(serial)'")
        }
        guard day <= making.yesterday else {
            throw StateConflict(
                "day_not_closed",
                "\(day) is not closed yet: the last closed day is \(making.yesterday)"
            )
        }
        self.meter = meter
        self.day = day
        self.making = making
        bill = try transaction.issuedBill(covering: day, of: meter.id)
        isArchived = try making.isArchived(day, in: transaction)
    }

    var missing: NotFound {
        NotFound("day \(day) of meter '\(meter.serial)': its own readings tell nothing of it")
    }

    /// The day at every stage, as it would be made now.
    func look(
        through: Int?,
        _ transaction: TenantTransaction
    ) throws -> (window: MeterWindow, stages: DayStages) {
        guard
            let window = try making.window(
                of: meter.id,
                around: day,
                through: through,
                in: transaction
            ),
            let stages = making.maker.stages(of: window, on: day)
        else { throw missing }
        return (window, stages)
    }

    func history(
        _ window: MeterWindow,
        _ stages: DayStages,
        madeAt: Instant
    ) -> DayHistory {
        let blocks = stages.edited.blocks
        let isFinal = bill != nil || stages.edited.isFinal
        var history = DayHistory(
            meterSerial: meter.serial,
            day: day,
            stage: isFinal
                ? .final
                : blocks != stages.estimated
                    ? .edited : blocks.estimated > 0 ? .estimated : .validated,
            blocks: blocks,
            versions: stages.versions(
                window.edits[day] ?? [],
                registers: window.registers(at:)
            ),
            bill: bill,
            isArchived: false,
            madeAt: madeAt
        )
        history.hints = excesses(window)
        return history
    }

    /// What is kept of a day whose readings have left.
    func archived(_ transaction: TenantTransaction) throws -> DayHistory {
        guard let curve = try transaction.blocks(of: meter.id, from: day, to: day).first else {
            throw missing
        }
        let blocks = BlockDay(curve)
        let edits = try transaction.edits(of: [(meter.id, day)])[0][day] ?? []
        return DayHistory(
            meterSerial: meter.serial,
            day: day,
            stage: .final,
            blocks: blocks,
            versions: edits.map {
                DayVersion($0, stage: .edited, blocks: blocks, among: edits)
            },
            bill: bill,
            isArchived: true
        )
    }
}
