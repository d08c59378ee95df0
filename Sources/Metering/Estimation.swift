package import Units

/// What an estimate may be drawn from, handed in by the caller; empty lists are passed over.
package struct EstimationSources: Sendable {
    /// Own days, in any order: of those before a gap the last like ones are taken, else like ones of
    /// about a year before.
    package var history: [BlockDay]
    /// What like services use on a day of a month, by block; one that is not a day long is passed over.
    package var peers: [CivilMonth: [Int64]]
    /// Own days, in any order: peers are scaled to the median of those before a gap, or without any
    /// taken as they are.
    package var ownDays: [DayRollup]
    /// Days on which people changed something: no others are drawn from them.
    package var editedDays: Set<CivilDate> = []
    /// Days on which this office does not work; they are like Sundays.
    package var holidays: Set<CivilDate>

    package init(
        history: [BlockDay] = [],
        peers: [CivilMonth: [Int64]] = [:],
        ownDays: [DayRollup] = [],
        holidays: Set<CivilDate> = []
    ) {
        self.history = history
        self.peers = peers
        self.ownDays = ownDays
        self.holidays = holidays
    }

    /// Working days are like each other, and Saturdays, Sundays and holidays are.
    package func areAlike(_ left: CivilDate, _ right: CivilDate) -> Bool {
        isRest(left) == isRest(right)
    }

    private func isRest(_ day: CivilDate) -> Bool {
        day.weekday >= 5 || holidays.contains(day)
    }
}

/// How far estimates may reach.
package struct EstimationRules: Hashable, Sendable {
    /// Only so short a gap is drawn from the blocks around it.
    package var neighbourMinutes = 120
    /// So many like days make a profile.
    package var likeDays = 4

    package init() {}
}

/// Gives the blocks of gaps a likely shape.
///
/// Where registers enclose a gap its energy stays theirs to the watt-hour, and the method gives
/// the shape only. Where none ends it the result is an estimate without register: flagged, and
/// never part of `energy`. An outage keeps what the registers say. What people edited stays.
///
/// `days`: consecutive; a gap that crosses midnight is shaped as one if all its days are here.
package func estimating(
    _ days: [BlockDay],
    from sources: EstimationSources,
    rules: EstimationRules = EstimationRules()
) -> [BlockDay] {
    var result = days
    let ordered = Estimator(days: days, sources: sources, rules: rules)
    for gap in ordered.gaps() {
        guard let shape = ordered.shape(of: gap) else { continue }
        result.estimate(gap, shape)
    }
    return result
}

/// The days with a gap that only other days can give a shape to, in order.
package func daysToEstimate(
    _ days: [BlockDay],
    rules: EstimationRules = EstimationRules()
) -> [CivilDate] {
    let ordered = Estimator(days: days, sources: EstimationSources(), rules: rules)
    return ordered.gaps().filter { ordered.neighbours($0) == nil }.flatMap(ordered.days(of:))
}

/// The blocks of one gap as places counted through all the days.
struct EstimationGap: Hashable {
    let places: Range<Int>
    /// No register tells the energy.
    let isOpen: Bool
}

/// Weights in parts of a watt-hour, `unit` of them to one.
struct EstimationShape: Hashable {
    let method: EstimationMethod
    let weights: [Int64]
    let unit: Int64
}

struct Estimator {
    let days: [BlockDay]
    let sources: EstimationSources
    let rules: EstimationRules
    private let blocksADay: Int

    init(days: [BlockDay], sources: EstimationSources, rules: EstimationRules) {
        self.days = days
        self.sources = sources
        self.rules = rules
        blocksADay = max(1, days.first?.energies.count ?? 1)
    }

    func gaps() -> [EstimationGap] {
        var gaps: [EstimationGap] = []
        var start: (place: Int, isOpen: Bool)?
        for place in 0...days.count * blocksADay {
            let kind = place < days.count * blocksADay ? gapKind(at: place) : nil
            // A reading in between tells what was used before it: a gap ends with its block.
            if let begun = start, kind != begun.isOpen || count(place - 1) > 0 {
                gaps.append(EstimationGap(places: begun.place..<place, isOpen: begun.isOpen))
                start = nil
            }
            if start == nil, let kind { start = (place, kind) }
        }
        return gaps
    }

    /// Whether a block lies in an open gap; nil when in none.
    private func gapKind(at place: Int) -> Bool? {
        let quality = quality(place)
        guard quality.isDisjoint(with: [.edited, .partial, .powerOutage, .switchedOff]) else {
            return nil
        }
        if quality.contains(.missing) { return true }
        // A reading that tells nothing, such as a passing zero, bounds its block all the same: there is
        // nothing to shape.
        if quality.contains(.suspect), count(place) > 0 { return nil }
        return quality.contains(.estimated) && quality.method == .flat ? false : nil
    }

    /// The best method that has something to say; nil leaves the gap as it is.
    func shape(of gap: EstimationGap) -> EstimationShape? {
        let shape =
            neighbours(gap) ?? likeDays(gap) ?? lastYear(gap) ?? peers(gap)
        guard let shape, gap.isOpen || shape.weights.contains(where: { $0 > 0 }) else {
            return nil
        }
        return shape
    }

    private func count(_ place: Int) -> Int16 {
        days[place / blocksADay].counts[place % blocksADay]
    }

    func likeDays(_ gap: EstimationGap) -> EstimationShape? {
        profile(gap, .likeDays) { day, of in
            day < of && day >= of.adding(days: -Limits.likeDaysBack)
        }
    }

    func lastYear(_ gap: EstimationGap) -> EstimationShape? {
        profile(gap, .lastYear) { day, of in
            abs(day.days(since: of.adding(days: -364))) <= Limits.lastYearDays
        }
    }

    private func quality(_ place: Int) -> SlotQuality {
        days[place / blocksADay].qualities[place % blocksADay]
    }

    func neighbours(_ gap: EstimationGap) -> EstimationShape? {
        let count = gap.places.count
        let before = gap.places.lowerBound - 1
        let after = gap.places.upperBound
        guard count * 1_440 / blocksADay <= rules.neighbourMinutes, before >= 0,
            after < days.count * blocksADay, isMeasured(before), isMeasured(after)
        else { return nil }
        let first = Int64(days[before / blocksADay].energies[before % blocksADay])
        let last = Int64(days[after / blocksADay].energies[after % blocksADay])
        let weights = (1...count).map { first * Int64(count + 1 - $0) + last * Int64($0) }
        return EstimationShape(method: .neighbours, weights: weights, unit: Int64(count + 1))
    }

    private func isMeasured(_ place: Int) -> Bool {
        quality(place).isDisjoint(with: SlotQuality.doubtful.union(.partial))
    }

    /// The average of like days, block by block; nil when a day of the gap has none.
    private func profile(
        _ gap: EstimationGap,
        _ method: EstimationMethod,
        isNear: (CivilDate, CivilDate) -> Bool
    ) -> EstimationShape? {
        let unit: Int64 = 27_720  // Divided by every count of days up to 12.
        var weights: [Int64] = []
        for index in indices(of: gap) {
            let day = days[index].day
            let start = index * blocksADay
            let slots =
                max(gap.places.lowerBound, start) - start..<min(
                    gap.places.upperBound,
                    start + blocksADay
                ) - start
            let like = sources.history.filter { other in
                other.energies.count == blocksADay && !sources.editedDays.contains(other.day)
                    && sources.areAlike(other.day, day)
                    && isNear(other.day, day)
                    && slots.allSatisfy {
                        other.qualities[$0].isDisjoint(with: SlotQuality.doubtful.union(.partial))
                    }
            }.sorted { $0.day > $1.day }.prefix(max(1, min(12, rules.likeDays)))
            guard !like.isEmpty else { return nil }
            for slot in slots {
                let sum = like.reduce(Int64(0)) { $0 + Int64($1.energies[slot]) }
                weights.append(sum * unit / Int64(like.count))
            }
        }
        return EstimationShape(method: method, weights: weights, unit: unit)
    }

    private func indices(of gap: EstimationGap) -> ClosedRange<Int> {
        gap.places.lowerBound / blocksADay...(gap.places.upperBound - 1) / blocksADay
    }

    func days(of gap: EstimationGap) -> [CivilDate] { indices(of: gap).map { days[$0].day } }

    func peers(_ gap: EstimationGap) -> EstimationShape? {
        let unit: Int64 = 1_000
        let first = days[gap.places.lowerBound / blocksADay].day
        let level = usualDay(before: first).map { $0 * unit }
        var weights: [Int64] = []
        for index in indices(of: gap) {
            guard let profile = sources.peers[days[index].day.month],
                profile.count == blocksADay, profile.contains(where: { $0 > 0 })
            else { return nil }
            let parts = profile.map { max(0, $0) }
            let scaled = level.map { apportion($0, by: parts) } ?? parts.map { $0 * unit }
            for slot in 0..<blocksADay where gap.places.contains(index * blocksADay + slot) {
                weights.append(scaled[slot])
            }
        }
        return EstimationShape(method: .peers, weights: weights, unit: unit)
    }

    /// The median of what the service used on the days it is known of, in watt-hours.
    private func usualDay(before day: CivilDate) -> Int64? {
        let known = sources.ownDays.filter {
            $0.day < day && $0.day >= day.adding(days: -Limits.ownDaysBack) && $0.isValid
                && !sources.editedDays.contains($0.day)
        }.compactMap { $0.energy?.wattHours }.sorted()
        return known.isEmpty ? nil : known[known.count / 2]
    }
}

extension [BlockDay] {
    /// Gives a gap its shape: registers keep the energy of all its days together.
    fileprivate mutating func estimate(_ gap: EstimationGap, _ shape: EstimationShape) {
        guard let blocksADay = first?.energies.count else { return }
        var energies = shape.weights.map { $0 / shape.unit }
        if !gap.isOpen {
            let total = gap.places.reduce(Int64(0)) {
                $0 + Int64(self[$1 / blocksADay].energies[$1 % blocksADay])
            }
            energies = apportion(total, by: shape.weights)
        }
        for (energy, place) in zip(energies, gap.places) {
            self[place / blocksADay].set(
                place % blocksADay,
                estimate: energy,
                by: shape.method,
                isOpen: gap.isOpen
            )
        }
    }
}

extension BlockDay {
    /// Gives some blocks of the day a shape; what registers tell of them together stays.
    mutating func estimate(
        _ slots: [Int],
        _ method: EstimationMethod,
        _ weights: [Int64],
        unit: Int64
    ) {
        let known = zip(slots, weights).filter { !qualities[$0.0].contains(.missing) }
        let total = known.reduce(Int64(0)) { $0 + Int64(energies[$1.0]) }
        for (energy, slot) in zip(apportion(total, by: known.map(\.1)), known.map(\.0)) {
            set(slot, estimate: energy, by: method, isOpen: false)
        }
        for (slot, weight) in zip(slots, weights) where qualities[slot].contains(.missing) {
            set(slot, estimate: max(0, weight) / unit, by: method, isOpen: true)
        }
    }

    fileprivate mutating func set(
        _ slot: Int,
        estimate energy: Int64,
        by method: EstimationMethod,
        isOpen: Bool
    ) {
        energies[slot] = Int32(clamping: energy)
        qualities[slot].remove(.interpolated)
        qualities[slot].insert(.estimated)
        qualities[slot].method = method
        if isOpen { qualities[slot].insert(.withoutRegister) }
    }
}

extension Limits {
    /// Like days lie at most so far before the day that is estimated.
    package static let likeDaysBack = 60
    /// Days of the year before lie at most so far from the same weekday of it.
    package static let lastYearDays = 10
    /// The own level is that of so many days.
    static let ownDaysBack = 42
}
