package import Units

/// What an edit was made on: it stands only as long as this is still so.
///
/// Of blocks: everything from the first to the last block that is touched, as it stood just before,
/// earlier edits included. Of a reading: the registers that are known of its instant.
package enum EditGround: Hashable, Sendable {
    case blocks(
        minutes: Int16,
        first: Int,
        energies: [Int32],
        qualities: [SlotQuality],
        counts: [Int16]
    )
    /// Watt-hours before the multiplier, ascending; empty where there is no reading.
    case reading([Int64])
}

/// A day after the edits that still stand on their ground.
package struct EditedDay: Hashable, Sendable {
    package var blocks: BlockDay
    /// Edits that no undo took back, and whose ground has changed: they change nothing.
    package var lapsed: [DayEdit]
    /// A person said that the day is right as it stands.
    package var isFinal: Bool
}

extension BlockDay {
    /// What an edit of this day would be made on; nil where the day has no such blocks.
    package func ground(of change: DayEdit.Change) -> EditGround? {
        guard let span = change.span(of: energies.count),
            energies.indices.contains(span.lowerBound),
            energies.indices.contains(span.upperBound)
        else { return nil }
        return .blocks(
            minutes: blockMinutes,
            first: span.lowerBound,
            energies: Array(energies[span]),
            qualities: Array(qualities[span]),
            counts: Array(counts[span])
        )
    }
}

/// The day after its edits, in the order they were made; one that stood on other ground lapses.
///
/// Pure, so that the day is the same however often it is made: late readings under an edit let it
/// lapse, and so does the undoing of an earlier edit that it was built upon.
///
/// `registers`: what is known of an instant, ascending; nil where readings are not looked at.
package func editing(
    _ day: BlockDay,
    by edits: [DayEdit],
    registers: (Instant) -> [Int64]
) -> EditedDay {
    var edited = EditedDay(blocks: day, lapsed: [], isFinal: false)
    guard !edits.isEmpty else { return edited }
    guard let standing = try? standing(edits) else {
        edited.lapsed = edits
        return edited
    }
    for edit in standing {
        if let instant = edit.change.reading {
            if !edit.stands(on: registers(instant)) { edited.lapsed.append(edit) }
            continue
        }
        var blocks = edited.blocks
        guard edit.ground == nil || edit.ground == blocks.ground(of: edit.change),
            (try? blocks.apply(edit)) != nil
        else {
            edited.lapsed.append(edit)
            continue
        }
        edited.blocks = blocks
        if edit.change == .markFinal { edited.isFinal = true }
    }
    return edited
}

extension DayEdit {
    /// Whether what it decided about is still what was read at that instant.
    fileprivate func stands(on registers: [Int64]) -> Bool {
        guard case .reading(let known)? = ground else { return ground == nil }
        return known == registers && !registers.isEmpty
    }

    /// What was done, in words: `blocks 10 to 17 set`.
    package func words(blocks: Int) -> String {
        let span = change.span(of: blocks).map { span in
            span.count == 1
                ? "block \(span.lowerBound)" : "blocks \(span.lowerBound) to \(span.upperBound)"
        }
        let place = span ?? "no block"
        return switch change {
        case .setBlocks: "\(place) set"
        case .acceptBlocks: "\(place) accepted"
        case .estimate(let method, _): "\(place) estimated by \(method.rawValue)"
        case .acceptReading(let instant): "reading of \(instant) accepted"
        case .rejectReading(let instant): "reading of \(instant) rejected"
        case .markFinal: "marked final"
        case .undo(let earlier): "version \(earlier) undone"
        }
    }
}

/// What people decided about single readings, where what was read there is still the same.
///
/// `edits`: of every day that has a reading among those that are looked at.
package func decisions(
    of edits: [CivilDate: [DayEdit]],
    registers: (Instant) -> [Int64]
) -> ReadingDecisions {
    var decided = ReadingDecisions.none
    for (_, made) in edits {
        guard let standing = try? standing(made) else { continue }
        let reliable = standing.filter { edit in
            edit.change.reading.map { edit.stands(on: registers($0)) } ?? false
        }
        guard let said = try? decisions(of: reliable) else { continue }
        decided.accepted.formUnion(said.accepted)
        decided.rejected.formUnion(said.rejected)
    }
    return decided
}

/// Versions that no longer stand, as staff is told of them.
func exceptions(of edited: EditedDay, meter: Meter.ID) -> [ReadingException] {
    let day = edited.blocks
    return edited.lapsed.map { edit in
        let reading = edit.change.reading
        let inside = edit.change.span(of: day.energies.count).flatMap { span in
            day.energies.indices.contains(span.upperBound) ? span : nil
        }
        return ReadingException(
            rule: .edit,
            // Without a decision about a reading, registers may tell another energy.
            severity: reading == nil ? .warning : .error,
            meter: meter,
            day: day.day,
            slots: inside,
            instants: reading.map { [$0] } ?? [],
            version: edit.id,
            detail:
                "version \(edit.id) of \(edit.actor), \(edit.words(blocks: day.energies.count)), "
                + "no longer stands: what was read there has changed since; undo it, or decide anew"
        )
    }
}

// MARK: Registers

/// A register that counts, read within a day: what was used from midnight up to it.
package struct RegisterAnchor: Hashable, Sendable {
    package var at: Instant
    /// The block that it closes, or lies in.
    package var slot: Int
    /// It was read at the end of its block.
    package var isAtEnd: Bool
    package var energy: Energy

    package init(at: Instant, slot: Int, isAtEnd: Bool, energy: Energy) {
        self.at = at
        self.slot = slot
        self.isAtEnd = isAtEnd
        self.energy = energy
    }
}

/// The registers of a run that were read within a day, with what was used up to each.
///
/// `used`: on the same day, before the run began.
func anchors(
    of run: RegisterRun,
    on day: CivilDate,
    rules: RegisterRules,
    grid: BlockGrid,
    after used: Energy = .zero
) -> [RegisterAnchor] {
    let start = grid.zone.start(of: day)
    let end = grid.zone.start(of: day.adding(days: 1))
    var sum = used
    var anchors: [RegisterAnchor] = []
    for step in run.curveSteps(rules)
    where step.transition.to.at > start && step.transition.to.at <= end {
        let transition = step.transition
        sum += transition.energy
        if transition.from.at < start { sum = sum - transition.energy(until: start) }
        guard !transition.to.isEstimated,
            let slot = grid.slot(closedAt: transition.to.at, on: day)
        else { continue }
        anchors.append(
            RegisterAnchor(
                at: transition.to.at,
                slot: slot,
                isAtEnd: grid.bounds(of: slot, on: day).end == transition.to.at,
                energy: sum
            )
        )
    }
    return anchors
}

/// Why blocks cannot have these energies: registers say otherwise.
package struct RegisterContradiction: Error, Hashable, Sendable {
    /// Nil where the whole day is meant.
    package var anchor: RegisterAnchor?
    /// What the registers tell up to there, and what the blocks would make it.
    package var told: Energy
    package var made: Energy
}

extension BlockDay {
    /// The first register that an edited day contradicts; nil where it keeps to all of them.
    ///
    /// Energy may move between blocks only where no register was read between them: what was used
    /// from midnight up to each register stays, and so does the day. Blocks of which no register
    /// tells anything are free. A register that the day before the edit missed already is passed over.
    package func contradiction(
        to anchors: [RegisterAnchor],
        before: BlockDay
    ) -> RegisterContradiction? {
        let (made, known) = (sums, before.sums)
        func miss(_ sums: [Int64], _ anchor: RegisterAnchor) -> Int64? {
            let told = anchor.energy.wattHours
            if sums[anchor.slot + 1] < told { return sums[anchor.slot + 1] }
            let most = anchor.isAtEnd ? sums[anchor.slot + 1] : sums[anchor.slot]
            return most > told ? most : nil
        }
        for anchor in anchors where miss(known, anchor) == nil {
            guard let wrong = miss(made, anchor) else { continue }
            return RegisterContradiction(
                anchor: anchor,
                told: anchor.energy,
                made: Energy(wattHours: wrong)
            )
        }
        guard energy != before.energy else { return nil }
        return RegisterContradiction(anchor: nil, told: before.energy, made: energy)
    }

    /// What registers tell up to the beginning of each block, and to the end of the day.
    private var sums: [Int64] {
        var sums: [Int64] = [0]
        sums.reserveCapacity(energies.count + 1)
        for (energy, quality) in zip(energies, qualities) {
            let counts = quality.isDisjoint(with: [.missing, .withoutRegister])
            sums.append(sums[sums.count - 1] + (counts ? Int64(energy) : 0))
        }
        return sums
    }
}
