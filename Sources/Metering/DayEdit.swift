package import Units

/// What a person decided about a day; edits are added and undone, never changed.
package struct DayEdit: Hashable, Sendable {
    /// What is decided.
    package enum Change: Hashable, Sendable {
        /// These blocks have these energies, in watt-hours.
        case setBlocks([Int: Int32])
        /// What stands in these suspect blocks is real.
        case acceptBlocks([Int])
        /// The reading at this instant is real: the register machine has to count it.
        case acceptReading(Instant)
        /// The reading at this instant does not count.
        case rejectReading(Instant)
        /// These blocks have this shape; registers keep the energy wherever they tell it.
        case estimate(EstimationMethod, [Int: Int64])
        /// The day is right as it stands: nothing more is edited.
        case markFinal
        /// The earlier edit of this number is as if it had never been.
        case undo(Int64)
    }

    /// The number of the version that the edit makes, counted through the day.
    package var id: Int64
    package var change: Change
    package var actor: String
    package var reason: String
    package var at: Instant
    /// What the edit was made on; nil where nothing is held to it.
    package var ground: EditGround?

    package init(
        id: Int64,
        change: Change,
        actor: String,
        reason: String,
        at: Instant,
        ground: EditGround? = nil
    ) {
        self.id = id
        self.change = change
        self.actor = actor
        self.reason = reason
        self.at = at
        self.ground = ground
    }
}

extension DayEdit.Change {
    /// From the first to the last block that is touched, of a day of so many; nil where none is.
    package func span(of blocks: Int) -> ClosedRange<Int>? {
        let slots: [Int]
        switch self {
        case .setBlocks(let values): slots = Array(values.keys)
        case .acceptBlocks(let accepted): slots = accepted
        case .estimate(_, let shape): slots = Array(shape.keys)
        case .markFinal: slots = [0, blocks - 1]
        case .acceptReading, .rejectReading, .undo: return nil
        }
        guard let first = slots.min(), let last = slots.max() else { return nil }
        return first...last
    }

    /// The reading it decides about.
    package var reading: Instant? {
        switch self {
        case .acceptReading(let instant), .rejectReading(let instant): instant
        case .setBlocks, .acceptBlocks, .estimate, .markFinal, .undo: nil
        }
    }
}

/// Why an edit cannot be applied.
package enum DayEditFault: Error, Hashable, Sendable {
    case unknownBlock(edit: Int64, slot: Int)
    case negativeEnergy(edit: Int64, slot: Int)
    /// An edit can only undo one that stands before it.
    case nothingToUndo(edit: Int64, undone: Int64)
    case repeatedIdentity(edit: Int64)

    package var reason: String {
        switch self {
        case .unknownBlock(let edit, let slot): "edit \(edit): the day has no block \(slot)"
        case .negativeEnergy(let edit, let slot):
            "edit \(edit): the energy of block \(slot) is negative"
        case .nothingToUndo(let edit, let undone):
            "edit \(edit): there is no edit \(undone) before it to undo"
        case .repeatedIdentity(let edit): "there are two edits \(edit)"
        }
    }
}

/// The edits that count: those that no later one undid, an undone undo counting for nothing.
///
/// `edits`: in the order they were made.
package func standing(_ edits: [DayEdit]) throws(DayEditFault) -> [DayEdit] {
    var seen: Set<Int64> = []
    for edit in edits {
        if case .undo(let undone) = edit.change, !seen.contains(undone) {
            throw .nothingToUndo(edit: edit.id, undone: undone)
        }
        guard seen.insert(edit.id).inserted else { throw .repeatedIdentity(edit: edit.id) }
    }
    let undone = undone(edits)
    return edits.filter { edit in
        if case .undo = edit.change { return false }
        return !undone.contains(edit.id)
    }
}

/// The numbers of edits and undos that a later undo took back, where that was not taken back itself.
package func undone(_ edits: [DayEdit]) -> Set<Int64> {
    var undone: Set<Int64> = []
    for edit in edits.reversed() where !undone.contains(edit.id) {
        if case .undo(let earlier) = edit.change { undone.insert(earlier) }
    }
    return undone
}

/// What standing edits say about single readings, for the register machine; a later one counts.
package func decisions(of edits: [DayEdit]) throws(DayEditFault) -> ReadingDecisions {
    var decisions = ReadingDecisions.none
    for edit in try standing(edits) {
        switch edit.change {
        case .acceptReading(let instant):
            decisions.accepted.insert(instant)
            decisions.rejected.remove(instant)
        case .rejectReading(let instant):
            decisions.rejected.insert(instant)
            decisions.accepted.remove(instant)
        case .setBlocks, .acceptBlocks, .estimate, .markFinal, .undo: continue
        }
    }
    return decisions
}

/// The day after its edits, in the order they were made.
///
/// The day must have been computed with the `decisions(of:)` the same edits: readings that were
/// accepted or rejected there change nothing here.
package func applying(
    _ edits: [DayEdit],
    to day: BlockDay
) throws(DayEditFault) -> BlockDay {
    var edited = day
    for edit in try standing(edits) { try edited.apply(edit) }
    return edited
}

extension BlockDay {
    /// What stays true of a block whoever says what its energy is.
    private static let lasting: SlotQuality = [.derived, .switchedOff, .powerOutage]

    mutating func apply(_ edit: DayEdit) throws(DayEditFault) {
        switch edit.change {
        case .setBlocks(let values):
            for (slot, value) in values.sorted(by: { $0.key < $1.key }) {
                try check(slot, edit)
                guard value >= 0 else {
                    throw .negativeEnergy(edit: edit.id, slot: slot)
                }
                energies[slot] = value
                // Where no register tells the energy, what a person says never becomes a register's.
                let isOpen = !qualities[slot].isDisjoint(with: [.missing, .withoutRegister])
                qualities[slot] = qualities[slot].intersection(Self.lasting).union(.edited)
                if isOpen { qualities[slot].formUnion([.missing, .withoutRegister]) }
            }
        case .acceptBlocks(let slots):
            for slot in slots {
                try check(slot, edit)
                qualities[slot].remove(.suspect)
                qualities[slot].insert(.edited)
            }
        case .estimate(let method, let shape):
            let slots = shape.keys.sorted()
            for slot in slots { try check(slot, edit) }
            estimate(slots, method, slots.map { shape[$0] ?? 0 }, unit: 1)
            for slot in slots { qualities[slot].insert(.edited) }
        case .acceptReading, .rejectReading, .markFinal, .undo: return
        }
    }

    private func check(_ slot: Int, _ edit: DayEdit) throws(DayEditFault) {
        guard energies.indices.contains(slot) else {
            throw .unknownBlock(edit: edit.id, slot: slot)
        }
    }
}
