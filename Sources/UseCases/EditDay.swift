package import Metering
import Registry
package import Store
package import Units

/// Edits a closed day of a meter: each edit is a version with who, why and what it was made on, and
/// an undo is another one.
///
/// Registers decide the energy: between two of them it can be shared out otherwise, and nothing more.
/// A day is final once an issued bill covers it, its readings are in the archive, or a person says so.
package struct EditDay: Sendable {
    /// What is to be done; blocks count from 0 at midnight.
    package enum Change: Hashable, Sendable {
        /// These energies in watt-hours, from a block on.
        case set(first: Int, wattHours: [Int])
        /// Estimated again; nil takes the best method that has something to say.
        case estimate(ClosedRange<Int>, EstimationMethod?)
        /// What stands there, suspect or estimated, is right.
        case accept(ClosedRange<Int>)
        case acceptReading(Instant)
        case rejectReading(Instant)
        case markFinal
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Adds a version and makes the meter's days from there anew, in one transaction.
    ///
    /// `lapsesOthers`: versions of other days that would no longer stand may lapse; without it such an
    /// edit is refused with their days.
    package func callAsFunction(
        serial: String,
        day: CivilDate,
        _ change: Change,
        reason: String,
        lapsesOthers: Bool = false,
        by caller: Caller
    ) async throws -> DayHistory {
        try await edit(serial, day, reason, lapsesOthers, caller) {
            subject,
            window,
            stages,
            transaction in
            if stages.edited.isFinal {
                throw StateConflict(
                    "day_final",
                    "\(day) is marked final: undo that version first"
                )
            }
            return try subject.prepared(change, window, stages, transaction)
        }
    }

    /// Takes a version back, an undo included; everything else of the day stays.
    ///
    /// `lapsesOthers`: as for an edit.
    package func undo(
        serial: String,
        day: CivilDate,
        version: Int64,
        reason: String,
        lapsesOthers: Bool = false,
        by caller: Caller
    ) async throws -> DayHistory {
        try await edit(serial, day, reason, lapsesOthers, caller) { _, window, _, _ in
            if (1...DayVersion.fromReadings).contains(version) {
                throw StateConflict(
                    "nothing_to_undo",
                    "versions 1 to \(DayVersion.fromReadings) are made from the readings"
                )
            }
            let edits = window.edits[day] ?? []
            guard edits.contains(where: { $0.id == version }) else {
                throw NotFound("version \(version) of \(day) of meter '\(serial)'")
            }
            guard !undone(edits).contains(version) else {
                throw StateConflict("nothing_to_undo", "version \(version) is undone already")
            }
            return .undo(version)
        }
    }

    private func edit(
        _ serial: String,
        _ day: CivilDate,
        _ reason: String,
        _ lapsesOthers: Bool,
        _ caller: Caller,
        _ decide:
            @escaping @Sendable (
                DaySubject, MeterWindow, DayStages, TenantTransaction
            ) throws -> DayEdit.Change
    ) async throws -> DayHistory {
        try caller.require(.manager, .engineer)
        guard !reason.isBlank, reason.count <= Limits.reasonCharactersMaximum else {
            throw InvalidInput("reason", "missing", "a reason of 1 to 500 characters")
        }
        let now = clock.now()
        let office = try await FindOffices(store: store)(caller.office)
        let making = try DayMaking(office: office, now: now)
        return try await store.withTenant(caller.office) { transaction in
            // A bill run and this take turns: what is billed is looked for under the services' locks.
            try transaction.lockServices(ofMeter: serial)
            try transaction.lockDayMaking()
            let subject = try DaySubject(serial, day, making, transaction)
            try subject.requireOpen()
            let (standing, before) = try subject.look(through: nil, transaction)
            var window = standing
            let change = try decide(subject, window, before, transaction)
            let edits = window.edits[day] ?? []
            guard edits.count < Limits.versionsPerDay else {
                throw StateConflict(
                    "too_many_versions",
                    "\(day) has \(edits.count) versions: mark it final, or correct the readings"
                )
            }
            let edit = DayEdit(
                id: (edits.last?.id ?? DayVersion.fromReadings) + 1,
                change: change,
                actor: caller.name,
                reason: reason,
                at: now,
                ground: change.reading.map { .reading(window.registers(at: $0)) }
                    ?? before.edited.blocks.ground(of: change)
            )
            window.edits[day] = edits + [edit]
            window = try making.withSources(window, transaction)
            guard let after = making.maker.stages(of: window, on: day) else {
                throw subject.missing
            }
            try subject.check(edit, from: before, to: after)
            let hints = try subject.judge(
                from: standing,
                to: window,
                lapsesOthers: lapsesOthers,
                transaction
            )
            try transaction.insert(edit, of: subject.meter.id, day: day)
            try making.keep(window, in: transaction)
            var history = subject.history(window, after, madeAt: now)
            history.hints = hints + history.hints
            history.methods = try subject.methods(of: window, transaction)
            return history
        }
    }
}

extension DaySubject {
    fileprivate func requireOpen() throws {
        if isArchived {
            throw StateConflict(
                "month_archived",
                "the readings of \(day) are in the archive: the day stays as it is"
            )
        }
        if let bill {
            throw StateConflict(
                "day_final",
                "bill \(bill) covers \(day), and what was billed stays: correct the reading, then "
                    + "write a note on the bill"
            )
        }
    }

    /// The change with everything that it rests on: shapes, blocks, readings.
    fileprivate func prepared(
        _ change: EditDay.Change,
        _ window: MeterWindow,
        _ stages: DayStages,
        _ transaction: TenantTransaction
    ) throws -> DayEdit.Change {
        switch change {
        case .set(let first, let wattHours): return try set(first, wattHours, stages)
        case .estimate(let slots, let method):
            try checkBlocks(slots, stages)
            return try estimate(slots, method, window, transaction)
        case .accept(let slots):
            try checkBlocks(slots, stages)
            return .acceptBlocks(Array(slots))
        case .acceptReading(let instant):
            try checkReading(instant, window)
            try checkPossible(instant, window)
            return .acceptReading(instant)
        case .rejectReading(let instant):
            try checkReading(instant, window)
            return .rejectReading(instant)
        case .markFinal: return .markFinal
        }
    }

    private func checkBlocks(_ slots: ClosedRange<Int>, _ stages: DayStages) throws {
        let all = stages.raw.energies.indices
        var faults = FaultCollector()
        let rule = "the day has blocks 0 to \(all.upperBound - 1)"
        faults.check(all.contains(slots.lowerBound), "firstBlock", "out_of_range", rule)
        faults.check(all.contains(slots.upperBound), "lastBlock", "out_of_range", rule)
        try faults.finish()
    }

    private func set(
        _ first: Int,
        _ wattHours: [Int],
        _ stages: DayStages
    ) throws -> DayEdit.Change {
        guard !wattHours.isEmpty, wattHours.count <= stages.raw.energies.count else {
            throw InvalidInput("energyWattHours", "missing", "the energy of one block or more")
        }
        guard wattHours.allSatisfy({ (0...Int(Int32.max)).contains($0) }) else {
            throw InvalidInput("energyWattHours", "out_of_range", "0 or more watt-hours a block")
        }
        guard (0...stages.raw.energies.count).contains(first) else {
            throw InvalidInput(
                "firstBlock",
                "out_of_range",
                "the day has blocks 0 to \(stages.raw.energies.count - 1)"
            )
        }
        let slots = first...first + wattHours.count - 1
        try checkBlocks(slots, stages)
        return .setBlocks(
            Dictionary(uniqueKeysWithValues: zip(slots, wattHours.map { Int32(clamping: $0) }))
        )
    }

    private func checkReading(_ instant: Instant, _ window: MeterWindow) throws {
        guard making.office.zone.meteringDay(of: instant) == day else {
            throw InvalidInput("at", "out_of_range", "an instant of \(day)")
        }
        guard !window.registers(at: instant).isEmpty else {
            throw NotFound("reading of meter '\(meter.serial)' at \(instant)")
        }
    }

    private func estimate(
        _ slots: ClosedRange<Int>,
        _ method: EstimationMethod?,
        _ window: MeterWindow,
        _ transaction: TenantTransaction
    ) throws -> DayEdit.Change {
        guard method != .sender else {
            throw InvalidInput(
                "method",
                "unknown",
                "one of \(EstimationMethod.chosen.map(\.rawValue).joined(separator: ", "))"
            )
        }
        let sources = try estimationSources(transaction)
        let days = making.maker.editedDays(of: window, around: day)
        guard
            let (chosen, weights) = shape(
                of: slots,
                on: day,
                among: days,
                by: method,
                from: sources
            )
        else {
            throw StateConflict(
                "no_estimate",
                method.map { "\($0.rawValue) has nothing to say of these blocks" }
                    ?? "no method has anything to say of these blocks"
            )
        }
        return .estimate(chosen, weights)
    }

    /// Refuses what registers contradict, what changes nothing, and what pulls the ground away from
    /// under another version.
    fileprivate func check(
        _ edit: DayEdit,
        from before: DayStages,
        to after: DayStages
    ) throws {
        let known = Set(before.edited.lapsed.map(\.id))
        if let lapsed = after.edited.lapsed.first(where: { !known.contains($0.id) }) {
            throw StateConflict(
                "version_stands_on_it",
                lapsed.id < edit.id
                    ? "version \(lapsed.id) would no longer stand: undo that one first"
                    : "this cannot be applied to the day as it stands"
            )
        }
        switch edit.change {
        case .setBlocks: try checkRegisters(before, after, field: "energyWattHours")
        case .estimate: try checkRegisters(before, after, field: "firstBlock")
        case .acceptBlocks: break
        case .acceptReading, .rejectReading, .markFinal, .undo: return
        }
        guard after.edited.blocks != before.edited.blocks else {
            throw StateConflict("nothing_changes", "the blocks stand like this already")
        }
    }

    private func checkRegisters(
        _ before: DayStages,
        _ after: DayStages,
        field: String
    ) throws {
        guard
            let wrong = after.edited.blocks.contradiction(
                to: after.anchors,
                before: before.edited.blocks
            )
        else { return }
        let told = wrong.told.kilowattHoursText
        let made = wrong.made.kilowattHoursText
        throw InvalidInput(
            field,
            "contradicts_register",
            wrong.anchor.map { anchor in
                "the register read at \(anchor.at) tells \(told) kWh since midnight, and these blocks "
                    + "would make it \(made): energy moves only between blocks without a register "
                    + "between them"
            } ?? "registers tell \(told) kWh of the day, and these blocks would make it \(made)"
        )
    }
}
