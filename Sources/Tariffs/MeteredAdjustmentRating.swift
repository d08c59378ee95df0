import Units

extension RatingPass {
    /// A percentage of the average rate, or an adder, for the units of each slot of the day.
    func timeOfDay(_ line: TimeOfDayLine) throws(RatingError) -> ExactMoney {
        guard case .table(let table) = try parameter(line.parameter) else {
            throw bad(line.parameter, "units by slot are expected, {\"slot\": units}")
        }
        let known = line.slots.map(\.id)
        if let unknown = table.keys.sorted().first(where: { !known.contains($0) }) {
            throw bad(
                line.parameter,
                "\"\(unknown)\" is no slot; slots: \(known.joined(separator: ", "))"
            )
        }
        let base = line.line.flatMap { rated($0) }.map { rating.lines[$0].exact } ?? .zero
        let metered = try meteredUnits(line)
        var sum = ExactMoney.zero
        var units: Int64 = 0
        for slot in line.slots {
            let inSlot = (table[slot.id] ?? 0) / 1_000
            guard inSlot >= 0, inSlot <= metered - units else {
                throw bad(
                    line.parameter,
                    "the slots hold more units than the bill, or fewer than none"
                )
            }
            units += inSlot
            guard let percent = slot.percent else {
                sum = try exact(
                    sum.plus(slab(0, unbounded, try part(of: inSlot), at: slot.adder))
                )
                continue
            }
            guard inSlot > 0 else { continue }
            let part = try exact(base.times(inSlot, of: metered))
            sum = try exact(sum.plus(try piece(part, percent, nil)))
        }
        guard line.line != nil || units == metered else {
            throw bad(
                line.parameter,
                "\(decimalText(metered - units, places: 3)) of "
                    + "\(decimalText(metered, places: 3)) units are in no slot, and without "
                    + "\"of_line\" nothing else charges them"
            )
        }
        return sum
    }

    /// Slots divide the quantity that their line bills; of units what the meter counted, before
    /// any netting.
    private func meteredUnits(_ line: TimeOfDayLine) throws(RatingError) -> Int64 {
        guard let index = line.line, let quantity = document.quantity(of: index),
            quantity != .units
        else { return inputs.units.wattHours }
        return try whole(quantity)
    }

    /// So many percent for each step below (a penalty) or above (an incentive, negative).
    func powerFactor(_ line: PowerFactorLine) throws(RatingError) -> ExactMoney {
        let factor = try number(line.parameter) / 1_000
        guard factor >= 0, factor <= 1_000 else {
            throw bad(line.parameter, "a power factor from 0 to 1 is expected")
        }
        let penalty = RatingPass.percent(
            line.penalty,
            depth: { max(0, $0 - factor) },
            between: { $0 - $1 },
            line
        )
        let incentive = RatingPass.percent(
            line.incentive,
            depth: { max(0, factor - $0) },
            between: { $1 - $0 },
            line
        )
        return try share(penalty - incentive, of: line.of)
    }

    /// Millionths of a percent: per step inside each range, or all steps at the farthest range
    /// reached.
    private static func percent(
        _ steps: [PowerFactorStep],
        depth: (Int64) -> Int64,
        between: (Int64, Int64) -> Int64,
        _ line: PowerFactorLine
    ) -> Int64 {
        var sum: Int64 = 0
        for (index, step) in steps.enumerated() {
            let reached = depth(step.from)
            guard reached > 0 else { break }
            var distance = reached
            if line.isMarginal, index + 1 < steps.count {
                distance = min(reached, between(step.from, steps[index + 1].from))
            } else if !line.isMarginal {
                distance = depth(steps[0].from)
            }
            let whole = distance / step.step
            let count = line.partCounts && distance % step.step > 0 ? whole + 1 : whole
            sum = line.isMarginal ? sum + count * step.percent : count * step.percent
        }
        return sum
    }
}
