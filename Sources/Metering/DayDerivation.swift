package import Units

/// Days computed from readings, edits applied, and where the next computation may begin.
package struct DerivedDays: Sendable {
    package var days: [BlockDay]
    package var run: RegisterRun
    /// The newest settled state not after the end of the last day: the one after it begins here.
    package var checkpoint: RegisterState?

    /// Whether nothing but new readings of its own time, or a person, can change this day any more.
    ///
    /// A reading that counts lies at or after its end, and the register was settled there.
    package func isDetermined(_ day: CivilDate, zone: OfficeZone) -> Bool {
        run.state.last.at >= zone.start(of: day.adding(days: 1))
    }
}

/// Computes some consecutive days of one register from its readings.
///
/// `samples`: all readings after the state, those after the last day included: at least the
/// quarantine count and one more, better a day of them, so that what follows can decide about a
/// doubtful end and a displaced clock. In any order, repeats allowed.
///
/// `state`: settled and not after the first day's beginning.
///
/// `edits`: what people decided about each day, in the order they did; those of every day that has a
/// reading among the samples, since a reading accepted or rejected changes the days after it too.
package func deriving(
    _ days: ClosedRange<CivilDate>,
    from samples: [RegisterSample],
    after state: RegisterState,
    rules: RegisterRules,
    grid: BlockGrid,
    edits: [CivilDate: [DayEdit]] = [:]
) throws(DayEditFault) -> DerivedDays {
    var decided = ReadingDecisions.none
    for (_, made) in edits {
        let said = try decisions(of: made)
        decided.accepted.formUnion(said.accepted)
        decided.rejected.formUnion(said.rejected)
    }
    let run = RegisterMachine.run(
        samples,
        from: state,
        rules: rules,
        checkpoint: grid.zone.start(of: days.upperBound.adding(days: 1)),
        decisions: decided
    )
    var blocks = blockDays(days, of: run, rules: rules, grid: grid)
    for index in blocks.indices {
        guard let made = edits[blocks[index].day] else { continue }
        blocks[index] = try applying(made, to: blocks[index])
    }
    return DerivedDays(days: blocks, run: run, checkpoint: run.checkpoint)
}

/// The days whose blocks a new reading may change: those of its own time and, where it ends a gap,
/// those of the gap.
///
/// `before`, `after`: the nearest readings around it that count, where there are any.
package func daysChanged(
    by reading: Instant,
    before: Instant?,
    after: Instant?,
    zone: OfficeZone
) -> ClosedRange<CivilDate> {
    let first = zone.date(of: before ?? reading)
    let last = zone.meteringDay(of: after ?? reading)
    return min(first, last)...max(first, last)
}
