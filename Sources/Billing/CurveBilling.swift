import Metering
import Tariffs
import Units

/// Sums the blocks of a period into what a tariff bills by them.
///
/// Pure. Time is the office's: a block of a day lies where the day's clock says. Slots get whole
/// watt-hours that sum exactly to the registers: the blocks give the shape, the registers the energy.
struct CurveBilling {
    let needs: CurveNeeds
    let period: BillingPeriod
    /// What the registers say was used in the period.
    let energy: Energy
    /// The blocks of each day, meters of the service together.
    private let days: [BlockCurve]

    /// `curves`: of every meter that the service had, in any order; other days are left aside.
    init(needs: CurveNeeds, period: BillingPeriod, energy: Energy, curves: [BlockCurve]) {
        self.needs = needs
        self.period = period
        self.energy = energy
        days = CurveBilling.byDay(curves.filter { period.contains($0.day) })
    }

    /// What the blocks tell.
    ///
    /// Refuses by name where the blocks do not tell enough to bill by them.
    func billed() throws(BillRefusal) -> BilledCurve {
        var curve = try covered()
        curve.slots = slots(in: curve.energy)
        if needs.demand { curve.demand = try demand() }
        return curve
    }

    // MARK: Cover

    private func covered() throws(BillRefusal) -> BilledCurve {
        var curve = BilledCurve(
            blocks: 0,
            estimatedBlocks: 0,
            missingBlocks: 0,
            energy: .zero,
            slots: []
        )
        for day in days {
            curve.blocks += day.energies.count
            curve.estimatedBlocks += day.qualities.count { $0.contains(.estimated) }
            curve.missingBlocks += day.qualities.count { $0.contains(.missing) }
            curve.energy += day.energies.reduce(.zero) { $0 + Energy(wattHours: Int64($1)) }
        }
        let daysWithout = period.days - Set(days.map(\.day)).count
        let blocksADay = days.first?.energies.count ?? Limits.quarterHoursADay
        curve.blocks += daysWithout * blocksADay
        curve.missingBlocks += daysWithout * blocksADay
        let known = (curve.blocks - curve.missingBlocks) * 100
        guard known >= curve.blocks * Limits.curveKnownPercent else {
            throw BillRefusal(
                "the tariff bills by time of day or demand, and the load curve of \(period) is known "
                    + "for \(curve.blocks - curve.missingBlocks) of \(curve.blocks) blocks only"
            )
        }
        guard curve.energy > .zero || energy <= .zero else {
            throw BillRefusal(
                "the tariff bills by time of day or demand, and the load curve of \(period) shows "
                    + "nothing of the \(energy.kilowattHoursText) kWh that the registers do"
            )
        }
        return curve
    }

    /// One curve a day; those of two meters are added, as at an exchange.
    private static func byDay(_ curves: [BlockCurve]) -> [BlockCurve] {
        var days: [CivilDate: BlockCurve] = [:]
        var others: [BlockCurve] = []
        for curve in curves {
            guard let standing = days[curve.day] else {
                days[curve.day] = curve
                continue
            }
            // The length of blocks was changed between the two: each stays as it is.
            guard standing.blockMinutes == curve.blockMinutes else {
                others.append(curve)
                continue
            }
            days[curve.day] = standing.adding(curve)
        }
        return (days.values + others).sorted {
            ($0.day, $0.blockMinutes) < ($1.day, $1.blockMinutes)
        }
    }

    // MARK: Slots of the day

    /// The slots of each parameter, their energies shares of what the registers say.
    private func slots(in whole: Energy) -> [BilledCurve.Slot] {
        var found: [BilledCurve.Slot] = []
        var parameters: [String] = []
        for need in needs.slots where !parameters.contains(need.parameter) {
            parameters.append(need.parameter)
        }
        for parameter in parameters {
            let stretches = needs.slots.filter { $0.parameter == parameter }
            var bins = SlotBins()
            for day in days {
                guard let stretch = stretches.first(where: { $0.period.contains(day.day) }) else {
                    bins.addOutside(day)
                    continue
                }
                bins.add(day, stretch.slots)
            }
            found += bins.slots(of: parameter, energy: energy)
        }
        return found
    }

    // MARK: Demand

    /// The largest of the measured blocks; the first of several.
    private func demand() throws(BillRefusal) -> BilledCurve.Demand {
        var largest: BilledCurve.Demand?
        var leftOut = 0
        for day in days {
            for (index, quality) in day.qualities.enumerated() {
                guard quality.isDisjoint(with: .notRecorded) else {
                    leftOut += 1
                    continue
                }
                let demand = BilledCurve.Demand(
                    day: day.day,
                    minute: index * day.blockMinutes,
                    minutes: day.blockMinutes,
                    energy: Energy(wattHours: Int64(day.energies[index])),
                    leftOut: 0,
                    isApparent: needs.apparentDemand
                )
                if demand.watts > largest?.watts ?? -1 { largest = demand }
            }
        }
        guard var largest else {
            throw BillRefusal(
                "the tariff bills the recorded demand, and no block of \(period) was measured"
            )
        }
        largest.leftOut = leftOut
        return largest
    }
}

/// The energy of the slots of a day, summed over days.
private struct SlotBins {
    private var ids: [String] = []
    private var energies: [Int64] = []
    private var estimated: [Int] = []
    /// In no slot.
    private var outside: Int64 = 0

    /// Adds the blocks of a day where the clock puts them; a block across a boundary is shared by
    /// minutes.
    mutating func add(_ day: BlockCurve, _ slots: [TimeOfDaySlot]) {
        let places = slots.map { place(of: $0.id) }
        for (index, energy) in day.energies.enumerated() {
            let first = index * day.blockMinutes
            var minutes = [Int64](repeating: 0, count: slots.count + 1)
            for minute in first..<first + day.blockMinutes {
                minutes[slots.firstIndex { $0.contains(minute: minute) } ?? slots.count] += 1
            }
            let shares = apportion(max(0, Int64(energy)), by: minutes)
            for (slot, share) in shares.enumerated() {
                guard slot < slots.count else {
                    outside += share
                    continue
                }
                energies[places[slot]] += share
                if minutes[slot] > 0, day.qualities[index].contains(.estimated) {
                    estimated[places[slot]] += 1
                }
            }
        }
    }

    mutating func addOutside(_ day: BlockCurve) {
        outside += day.energies.reduce(0) { $0 + max(0, Int64($1)) }
    }

    private mutating func place(of id: String) -> Int {
        if let place = ids.firstIndex(of: id) { return place }
        ids.append(id)
        energies.append(0)
        estimated.append(0)
        return ids.count - 1
    }

    /// The slots, with the energy of registers shared out as the blocks say.
    func slots(of parameter: String, energy: Energy) -> [BilledCurve.Slot] {
        let shares = apportion(energy.wattHours, by: energies + [outside])
        return ids.indices.map { index in
            BilledCurve.Slot(
                parameter: parameter,
                id: ids[index],
                energy: Energy(wattHours: shares[index]),
                estimatedBlocks: estimated[index]
            )
        }
    }
}

extension SlotQuality {
    /// What no register of a meter recorded: no demand is taken from it.
    fileprivate static let notRecorded: SlotQuality = [
        .estimated, .missing, .suspect, .partial, .withoutRegister,
    ]
}

extension BlockCurve {
    /// Both together, block by block: what one does not know the other tells.
    fileprivate func adding(_ other: BlockCurve) -> BlockCurve {
        var sum = self
        for index in energies.indices where other.energies.indices.contains(index) {
            sum.energies[index] += other.energies[index]
            let (left, right) = (qualities[index], other.qualities[index])
            switch (left.contains(.missing), right.contains(.missing)) {
            case (true, _): sum.qualities[index] = right
            case (_, true): sum.qualities[index] = left
            default:
                sum.qualities[index] = left.union(right)
                // The rest of the block is the other meter's.
                if left.contains(.partial), right.contains(.partial) {
                    sum.qualities[index].remove(.partial)
                }
            }
        }
        return sum
    }
}
