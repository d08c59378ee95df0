import Metering
import Registry
import Store
import Units

// What an edit does beyond its own day, and what can never be: refused by name, or said.

extension DaySubject {
    /// Refuses an edit that rewrites billed days, or lets versions of other days lapse unless that is
    /// wanted; tells what it does beside its own day.
    ///
    /// `before` and `after`: the window without and with the edit.
    func judge(
        from before: MeterWindow,
        to after: MeterWindow,
        lapsesOthers: Bool,
        _ transaction: TenantTransaction
    ) throws -> [String] {
        let effects = making.maker.effects(of: day, from: before, to: after)
        try refuseBilled(effects.changed, transaction)
        var hints: [String] = []
        if !effects.lapses.isEmpty {
            let named = Self.named(
                effects.lapses.map { lapse in
                    "version \(lapse.edit.id) of \(lapse.day) by \(lapse.edit.actor)"
                }
            )
            guard lapsesOthers else {
                throw StateConflict(
                    "others_lapse",
                    "\(named) would no longer stand: undo first what is not to stay, or say that "
                        + "others may lapse"
                )
            }
            hints.append("\(named) no longer stands: what was read there is told otherwise now")
        }
        return hints
    }

    /// What was billed stays, as for the edited day itself and for registers that people read.
    private func refuseBilled(_ days: [CivilDate], _ transaction: TenantTransaction) throws {
        let bills = try transaction.issuedBills(covering: days, of: meter.id)
        guard let first = days.first(where: { bills[$0] != nil }), let bill = bills[first] else {
            return
        }
        let covered = Self.named(days.filter { bills[$0] == bill }.map(\.description))
        throw StateConflict(
            "billed_days_change",
            "\(covered), which bill \(bill) covers, would come out otherwise, and what was billed "
                + "stays: correct the reading, then write a note on the bill"
        )
    }

    /// A reading that cannot be real is accepted by nobody.
    func checkPossible(_ instant: Instant, _ window: MeterWindow) throws {
        guard let reason = making.maker.impossibility(of: instant, in: window) else { return }
        throw StateConflict("impossible_reading", "\(reason): it cannot be accepted")
    }

    /// What the standing accepted readings of the day count beyond what the load explains, in words.
    func excesses(_ window: MeterWindow) -> [String] {
        let standing = (try? standing(window.edits[day] ?? [])) ?? []
        return standing.compactMap { edit in
            guard case .acceptReading(let instant) = edit.change,
                let excess = making.maker.excess(at: instant, in: window)
            else { return nil }
            return "the reading of \(instant) that \(edit.actor) accepted counts "
                + "\(excess.told.kilowattHoursText) kWh since \(excess.since); the sanctioned load "
                + "allows \(excess.possible.kilowattHoursText) kWh at most"
        }
    }

    /// The first of a list, and how many more there are.
    private static func named(_ items: [String]) -> String {
        let shown = items.prefix(Limits.daysNamed).joined(separator: ", ")
        let more = items.count - Limits.daysNamed
        return more > 0 ? "\(shown) and \(more) more" : shown
    }
}

// MARK: Estimates

extension DaySubject {
    /// What a person's estimate of the day may be drawn from.
    func estimationSources(_ transaction: TenantTransaction) throws -> EstimationSources {
        let lastYear = day.adding(days: -364)
        let own = try transaction.blocks(
            of: meter.id,
            from: day.adding(days: -Metering.Limits.likeDaysBack),
            to: day.adding(days: -1)
        ).map { BlockDay($0) }
        let before = try transaction.blocks(
            of: meter.id,
            from: lastYear.adding(days: -Metering.Limits.lastYearDays),
            to: lastYear.adding(days: Metering.Limits.lastYearDays)
        ).map { BlockDay($0) }
        let peers = try transaction.peers(of: meter.id, on: day, limit: Limits.peersOfEstimate)
            .map { BlockDay($0) }.filter(\.isMeasured)
        var sources = EstimationSources(history: before + own, ownDays: own.map { DayRollup($0) })
        if let blocks = peers.first?.energies.count {
            sources.peers[day.month] = (0..<blocks).map { slot in
                peers.filter { $0.energies.count == blocks }
                    .reduce(0) { $0 + Int64($1.energies[slot]) } / Int64(peers.count)
            }
        }
        return sources
    }

    /// The methods that have something to say of the day, best first.
    func methods(
        of window: MeterWindow,
        _ transaction: TenantTransaction
    ) throws -> [EstimationMethod] {
        Metering.methods(
            on: day,
            among: making.maker.editedDays(of: window, around: day),
            from: try estimationSources(transaction)
        )
    }
}

extension BlockDay {
    /// Every block was measured.
    fileprivate var isMeasured: Bool {
        qualities.allSatisfy { $0.isDisjoint(with: SlotQuality.doubtful.union(.partial)) }
    }
}
