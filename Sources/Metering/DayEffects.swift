package import Units

/// What an edit of one day does to the other days of its window.
package struct DayEffects: Hashable, Sendable {
    /// An edit of another day.
    package struct Lapse: Hashable, Sendable {
        package var day: CivilDate
        package var edit: DayEdit
    }

    /// Edits of other days that stood before and would not stand any more, oldest day first.
    package var lapses: [Lapse]
    /// Other days that would come out otherwise, oldest first.
    package var changed: [CivilDate]
}

extension DayMaker {
    /// What becomes of the other days when the edits of one day become others.
    ///
    /// A reading that counts or not moves every day after it and the gap before it, and an edited day is
    /// no longer one that others are estimated from. Whether a day waits for later readings is passed
    /// over: nothing is kept or billed by it.
    ///
    /// `before` and `after`: the same window with its sources, but for the edits of `day`.
    package func effects(
        of day: CivilDate,
        from before: MeterWindow,
        to after: MeterWindow
    ) -> DayEffects {
        let (old, new) = (madeDays(of: before), madeDays(of: after))
        var effects = DayEffects(lapses: [], changed: [])
        for other in Set(old.keys).union(new.keys).sorted() where other != day {
            let known = Set(old[other]?.lapsed.map(\.id) ?? [])
            effects.lapses += (new[other]?.lapsed ?? []).filter { !known.contains($0.id) }
                .map { DayEffects.Lapse(day: other, edit: $0) }
            if old[other]?.blocks.settled != new[other]?.blocks.settled {
                effects.changed.append(other)
            }
        }
        return effects
    }

    private func madeDays(of window: MeterWindow) -> [CivilDate: EditedDay] {
        let days = edited(estimated(draft(of: window)), window)
        return Dictionary(
            uniqueKeysWithValues: days.lazy.filter { $0.blocks.day >= window.firstMade }
                .map { ($0.blocks.day, $0) }
        )
    }

    // MARK: Readings that cannot be

    /// Why the reading at an instant cannot be real, whoever says so; nil where it can.
    ///
    /// The register must fit the meter's digits (R14), and the meter must have hung somewhere.
    package func impossibility(of instant: Instant, in window: MeterWindow) -> String? {
        let modulus = window.meter.registerModulus
        for wattHours in window.registers(at: instant)
        where wattHours < 0 || wattHours >= modulus.wattHours {
            return "the register of \(window.meter.serial) shows 0 up to "
                + "\((modulus - Energy(wattHours: 1)).kilowattHoursText) kWh, never "
                + "\(Energy(wattHours: wattHours).kilowattHoursText)"
        }
        guard !window.places.isEmpty else { return nil }
        let hangs = window.places.contains { place in
            place.installedAt <= instant && place.removedAt.map { instant <= $0 } ?? true
        }
        return hangs ? nil : "meter \(window.meter.serial) hung at no service at \(instant)"
    }

    /// What a reading that a person accepted counts, where the sanctioned load cannot explain it: what
    /// it tells and what would be possible.
    package func excess(
        at instant: Instant,
        in window: MeterWindow
    ) -> (told: Energy, possible: Energy, since: Instant)? {
        for stretch in draft(of: window).stretches {
            guard let step = stretch.run.transitions.first(where: { $0.to.at == instant }) else {
                continue
            }
            let rules = rules.registerRules(
                meter: window.meter,
                sanctionedLoadWatts: stretch.place.sanctionedLoadWatts,
                intervalSeconds: intervalSeconds
            )
            let possible = rules.possibleWattHours(
                seconds: instant.secondsSince1970 - step.from.at.secondsSince1970,
                measuredMilliwatts: 0
            )
            let most = Energy(wattHours: possible * rules.multiplier)
            guard step.energy > most else { return nil }
            return (step.energy, most, step.from.at)
        }
        return nil
    }
}

extension BlockDay {
    /// The day without whether its end waits for later readings.
    fileprivate var settled: BlockDay {
        var day = self
        day.isPending = false
        return day
    }
}
