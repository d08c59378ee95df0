package import Metering
import Registry
import Store
package import Units

/// Days of a meter that could not be made, and why; their marks stand, so that they are tried again.
package struct UnmadeDays: Error, Hashable, Sendable {
    package var meter: Meter.ID
    package var days: [CivilDate]
    package var reason: String

    /// Why nothing is billed or archived on these days.
    func conflict(_ consequence: String) -> StateConflict {
        StateConflict(
            "days_not_made",
            "the days of a meter could not be made: \(reason); \(consequence)"
        )
    }

    var keys: [MeterDayKey] { days.map { MeterDayKey(meter: meter, day: $0) } }
}

extension DayMaking {
    private typealias Marks = (meter: Meter.ID, days: [CivilDate])

    /// Makes the days that these marks touch, some meters at a time.
    ///
    /// - Returns: what could not be made; whatever is wrong with one meter holds up no other.
    func make(
        _ dirty: [MeterDayKey],
        in transaction: TenantTransaction
    ) throws -> [UnmadeDays] {
        let byMeter = Dictionary(grouping: dirty, by: \.meter).mapValues { $0.map(\.day).sorted() }
        let marks = byMeter.sorted { $0.key < $1.key }.map { Marks($0.key, $0.value) }
        var unmade: [UnmadeDays] = []
        for start in stride(from: 0, to: marks.count, by: Limits.metersPerDayMaking) {
            let end = min(start + Limits.metersPerDayMaking, marks.count)
            unmade += try make(Array(marks[start..<end]), in: transaction)
        }
        return unmade
    }

    /// Together if that goes well, else each meter by itself.
    private func make(
        _ meters: [Marks],
        in transaction: TenantTransaction
    ) throws -> [UnmadeDays] {
        do {
            return try transaction.undoing { try makeTogether(meters, in: transaction) }
        } catch {
            guard Store.isAboutRows(error), let only = meters.first else { throw error }
            if meters.count == 1 {
                return [UnmadeDays(meter: only.meter, days: only.days, reason: "\(error)")]
            }
            return try meters.flatMap { try make([$0], in: transaction) }
        }
    }

    /// Reads and makes as many meters at once as their readings allow.
    private func makeTogether(
        _ meters: [Marks],
        in transaction: TenantTransaction
    ) throws -> [UnmadeDays] {
        let dirty = Dictionary(uniqueKeysWithValues: meters.map { ($0.meter, $0.days) })
        let plans = try plans(
            meters.map { ($0.meter, $0.days.first ?? yesterday) },
            last: yesterday,
            transaction
        )
        let counts = try transaction.readingCounts(
            of: plans.map { ($0.window.meter.id, $0.after, $0.end) }
        )
        var unmade: [UnmadeDays] = []
        var part: [Plan] = []
        var readings = 0
        for (plan, count) in zip(plans, counts) {
            let meter = plan.window.meter.id
            if count > readingsOfMeter {
                unmade.append(
                    UnmadeDays(
                        meter: meter,
                        days: dirty[meter] ?? [],
                        reason: "more than \(readingsOfMeter) readings after \(plan.after), from "
                            + "which its days would be made"
                    )
                )
                continue
            }
            if readings + count > readingsAtOnce, !part.isEmpty {
                try make(part, dirty, transaction)
                (part, readings) = ([], 0)
            }
            part.append(plan)
            readings += count
        }
        try make(part, dirty, transaction)
        return unmade
    }

    private func make(
        _ plans: [Plan],
        _ dirty: [Meter.ID: [CivilDate]],
        _ transaction: TenantTransaction
    ) throws {
        guard !plans.isEmpty else { return }
        var byHand: [MeterDayKey] = []
        var drafts: [DayMaker.Draft] = []
        var emptied: [(stretch: DayStretch, made: [MadeDay])] = []
        for window in try windows(of: plans, transaction) {
            let meter = window.meter.id
            let reporting = window.reporting(in: office.zone)
            var days = Set(dirty[meter] ?? [])
            if let reporting, reporting.firstMade > window.firstMade {
                // A register that was read before the meter reported came late: the days up to it were
                // shared out over a silence that it ends.
                let before = DayStretch(
                    meter: meter,
                    first: window.firstMade,
                    last: reporting.firstMade.adding(days: -1)
                )
                emptied.append((before, []))
                days.formUnion(before.days)
            }
            byHand += days.filter { day in reporting.map { day < $0.firstMade } ?? true }
                .map { MeterDayKey(meter: meter, day: $0) }
            if let reporting { drafts.append(maker.draft(of: reporting)) }
        }
        try addSources(to: &drafts, transaction)
        let made = drafts.map { ($0.window.stretch, maker.days(of: $0)) }
        try transaction.replace(emptied + made)
        try transaction.rebuild(byHand, zone: office.zone)
    }
}

extension MeterWindow {
    /// The days that come out.
    var stretch: DayStretch {
        DayStretch(meter: meter.id, first: firstMade, last: days.upperBound)
    }
}
