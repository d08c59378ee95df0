package import Units

/// A closed day of a meter at every stage from its readings to what people made of it.
package struct DayStages: Sendable {
    /// As the registers tell it.
    package var raw: BlockDay
    /// Its gaps shaped by the methods, where they have something to say.
    package var estimated: BlockDay
    package var edited: EditedDay
    /// The registers that were read within the day and count.
    package var anchors: [RegisterAnchor]
    /// What the rules find about the day as it stands.
    package var exceptions: [ReadingException]
}

extension DayMaker {
    /// The stages of one day of the window; nil where registers tell nothing of it.
    package func stages(of window: MeterWindow, on day: CivilDate) -> DayStages? {
        let draft = draft(of: window)
        guard let made = days(of: draft).first(where: { $0.blocks.day == day }) else { return nil }
        let index = day.days(since: window.days.lowerBound)
        let estimated = estimated(draft)
        var anchors: [RegisterAnchor] = []
        var used = Energy.zero
        for stretch in draft.stretches {
            anchors += Metering.anchors(
                of: stretch.run,
                on: day,
                rules: stretch.rules,
                grid: grid,
                after: used
            )
            used += stretch.blocks[index].energy
        }
        return DayStages(
            raw: draft.blocks[index],
            estimated: estimated[index],
            edited: edited([estimated[index]], window)[0],
            anchors: anchors,
            exceptions: made.exceptions
        )
    }

    /// A day of the window with the one before and the one after, as they stand.
    package func editedDays(of window: MeterWindow, around day: CivilDate) -> [BlockDay] {
        edited(estimated(draft(of: window)), window).map(\.blocks)
            .filter { abs($0.day.days(since: day)) <= 1 }
    }

    /// The days of a draft with their gaps shaped.
    func estimated(_ draft: Draft) -> [BlockDay] {
        let window = draft.window
        let own = draft.blocks.filter { $0.day >= window.firstMade }
        var sources = window.sources
        sources.history = (sources.history + own).filter(\.hasCurve)
        sources.ownDays = window.history + own.map { DayRollup($0) }
        return estimating(draft.blocks, from: sources)
    }

    func edited(_ days: [BlockDay], _ window: MeterWindow) -> [EditedDay] {
        days.map { day in
            editing(day, by: window.edits[day.day] ?? [], registers: window.registers(at:))
        }
    }
}

extension MeterWindow {
    /// What is known of an instant, ascending; readings in conflict are both there.
    package func registers(at instant: Instant) -> [Int64] {
        Set(samples.lazy.filter { $0.main.at == instant }.map(\.main.registerWattHours)).sorted()
    }
}

extension BlockDay {
    /// A load curve as it is kept, as a day that others are drawn from.
    package init(_ curve: BlockCurve) {
        day = curve.day
        blockMinutes = Int16(clamping: curve.blockMinutes)
        energies = curve.energies
        qualities = curve.qualities
        counts = curve.counts
        expected = 0
        received = curve.counts.reduce(0) { $0 + Int32($1) }
        isPending = false
    }
}
