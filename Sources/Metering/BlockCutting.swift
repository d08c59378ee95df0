package import Units

/// Cuts what the register machine found into the blocks of consecutive local days.
///
/// The register at a boundary is the reading there, else it lies on the line between the readings
/// around it: interpolated where they are near enough, estimated across a gap (R16) and across zeros
/// that recovered (R15). What no two registers enclose is missing, not zero. The same readings give the
/// same days, to the byte.
///
/// Each of the days is returned, whatever is known of it. The run has to begin at or before the first
/// day's start for that day to be whole.
package func blockDays(
    _ days: ClosedRange<CivilDate>,
    of run: RegisterRun,
    rules: RegisterRules,
    grid: BlockGrid
) -> [BlockDay] {
    var cutting = BlockCutting(days, run: run, rules: rules, grid: grid)
    for step in run.curveSteps(rules) where step.transition.to.at > cutting.start {
        if step.transition.from.at >= cutting.end { break }
        cutting.cut(step)
        cutting.noteRegister(step.transition)
    }
    for sample in run.samples where sample.at > cutting.start {
        if sample.at > cutting.end { break }
        cutting.note(sample)
    }
    cutting.noteVerdicts(of: run)
    return cutting.finished()
}

private struct BlockCutting {
    let start: Instant
    let end: Instant
    private let rules: RegisterRules
    private let grid: BlockGrid
    private let blocksADay: Int
    private let blockMicroseconds: Int64
    private var days: [BlockDay]
    private var energies: [Int64]
    private var qualities: [SlotQuality]
    private var covered: [Int64]
    /// The register at each midnight, the first day's beginning first.
    private var midnights: [RegisterReading?]

    init(
        _ range: ClosedRange<CivilDate>,
        run: RegisterRun,
        rules: RegisterRules,
        grid: BlockGrid
    ) {
        let count = range.upperBound.days(since: range.lowerBound) + 1
        start = grid.zone.start(of: range.lowerBound)
        end = grid.zone.start(of: range.upperBound.adding(days: 1))
        self.rules = rules
        self.grid = grid
        blocksADay = grid.blocksADay
        blockMicroseconds = grid.blockMicroseconds
        days = (0..<count).map {
            BlockDay(day: range.lowerBound.adding(days: $0), grid: grid, rules: rules)
        }
        energies = [Int64](repeating: 0, count: count * blocksADay)
        qualities = [SlotQuality](repeating: [], count: energies.count)
        covered = energies
        midnights = [RegisterReading?](repeating: nil, count: count + 1)
        if run.state.last.at == start { midnights[0] = run.state.last.reading }
    }

    /// Takes a register that counts into its day's first and last; one that was left out, or lies a
    /// rounding below the highest, is no register to bill by.
    mutating func noteRegister(_ transition: RegisterTransition) {
        guard transition.to.at <= end, transition.outcome != .roundingDip,
            transition.outcome != .belowHighest
        else { return }
        let offset = transition.to.at.microsecondsSince1970 - start.microsecondsSince1970 - 1
        let index = Int(offset / blockMicroseconds) / blocksADay
        if days[index].first == nil { days[index].first = transition.to }
        days[index].last = transition.to
    }

    /// Shares a transition's energy among the blocks it lies in, by time.
    mutating func cut(_ step: CurveStep) {
        let transition = step.transition
        let from = transition.from.at.microsecondsSince1970
        let to = transition.to.at.microsecondsSince1970
        let origin = start.microsecondsSince1970
        let energy = UInt64(transition.energy.wattHours)
        let length = UInt64(to - from)
        let isGap = step.isOverZeros || transition.isAcrossGap(rules)
        let flags = quality(of: step, isGap: isGap)
        var slot = from <= origin ? 0 : Int((from - origin) / blockMicroseconds)
        var done: UInt64 = 0
        if from == origin { midnights[0] = transition.from }
        if from < origin {
            done = transition.share(UInt64(origin - from), length)
            noteMidnight(slot, transition, done)
        }
        var begin = max(from, origin)
        while begin < to, slot < energies.count {
            let slotEnd = origin + Int64(slot + 1) * blockMicroseconds
            let upTo = min(slotEnd, to)
            let through = upTo == to ? energy : transition.share(UInt64(upTo - from), length)
            energies[slot] += Int64(through - done)
            covered[slot] += upTo - begin
            qualities[slot].formUnion(flags)
            done = through
            begin = upTo
            if upTo == slotEnd {
                if upTo < to, !isGap { interpolate(at: slot + 1) }
                noteMidnight(slot + 1, transition, done)
            }
            slot += 1
        }
        if from < origin, !isGap { interpolate(at: 0) }
    }

    /// The boundary before this block lies between two readings.
    private mutating func interpolate(at slot: Int) {
        if slot > 0 { qualities[slot - 1].insert(.interpolated) }
        if slot < qualities.count { qualities[slot].insert(.interpolated) }
    }

    private func quality(of step: CurveStep, isGap: Bool) -> SlotQuality {
        let transition = step.transition
        var quality: SlotQuality = []
        if isGap {
            quality = .estimated(.flat)
            if step.isOutage { quality.insert(.powerOutage) }
            if step.isOverZeros { quality.insert(.suspect) }
        } else if transition.from.isEstimated || transition.to.isEstimated {
            quality = .estimated(.sender)
        }
        switch transition.outcome {
        case .resetToZero, .backwardRun, .belowHighest, .jump, .unexplainedFall, .stuck,
            .stuckReleased:
            quality.insert(.suspect)
        default: break
        }
        return quality
    }

    private mutating func noteMidnight(
        _ slot: Int,
        _ transition: RegisterTransition,
        _ done: UInt64
    ) {
        guard slot % blocksADay == 0 else { return }
        let boundary = Instant(
            microsecondsSince1970: start.microsecondsSince1970 + Int64(slot) * blockMicroseconds
        )
        if boundary == transition.to.at {
            midnights[slot / blocksADay] = transition.to
            return
        }
        let register =
            (transition.from.register.wattHours + Int64(done) / rules.multiplier)
            % rules.modulusWattHours
        midnights[slot / blocksADay] = RegisterReading(
            at: boundary,
            register: Energy(wattHours: register),
            isEstimated: true
        )
    }

    /// Counts a reading and takes what it measured into its day.
    mutating func note(_ sample: RegisterSample) {
        let offset = sample.at.microsecondsSince1970 - start.microsecondsSince1970 - 1
        let slot = Int(offset / blockMicroseconds)
        let index = slot / blocksADay
        days[index].counts[slot % blocksADay] &+= 1
        days[index].received += 1
        if let milliwatts = sample.powerMilliwatts {
            let power = Power(milliwatts: Int64(milliwatts))
            days[index].maximumPower = max(days[index].maximumPower ?? power, power)
        }
        if let millivolts = sample.voltageMillivolts {
            let voltage = Voltage(millivolts: Int64(millivolts))
            days[index].minimumVoltage = min(days[index].minimumVoltage ?? voltage, voltage)
            days[index].maximumVoltage = max(days[index].maximumVoltage ?? voltage, voltage)
            if millivolts == 0 { qualities[slot].insert(.powerOutage) }
        }
        if sample.flags.isDisjoint(with: [.derived, .switchedOff, .tripped]) { return }
        if sample.flags.contains(.derived) { qualities[slot].insert(.derived) }
        if sample.flags.contains(.switchedOff) { qualities[slot].insert(.switchedOff) }
        if sample.flags.contains(.tripped) { qualities[slot].insert(.powerOutage) }
    }

    /// Marks the blocks in which a reading was left out or is still held.
    mutating func noteVerdicts(of run: RegisterRun) {
        for verdict in run.verdicts {
            switch verdict.outcome {
            case .spike, .resetRecovered, .backwardRun: suspect(from: verdict.at)
            default: break
            }
        }
        guard let held = run.state.quarantine, let first = held.samples.first,
            let last = held.samples.last
        else { return }
        suspect(from: first.at, through: last.at)
        for index in days.indices {
            let dayEnd = grid.zone.start(of: days[index].day.adding(days: 1))
            days[index].isPending = run.state.last.at < dayEnd
        }
    }

    private mutating func suspect(from first: Instant, through last: Instant? = nil) {
        let origin = start.microsecondsSince1970 + 1
        let from = first.microsecondsSince1970 - origin
        let to = (last ?? first).microsecondsSince1970 - origin
        guard to >= 0, from < Int64(qualities.count) * blockMicroseconds else { return }
        let lower = Int(max(0, from) / blockMicroseconds)
        let upper = min(qualities.count - 1, Int(to / blockMicroseconds))
        for slot in lower...upper { qualities[slot].insert(.suspect) }
    }

    func finished() -> [BlockDay] {
        var result = days
        for index in result.indices {
            for slot in 0..<blocksADay {
                let place = index * blocksADay + slot
                var quality = qualities[place]
                if covered[place] == 0 {
                    quality.insert(.missing)
                } else if covered[place] < blockMicroseconds {
                    quality.insert(.partial)
                }
                result[index].energies[slot] = Int32(clamping: energies[place])
                result[index].qualities[slot] = quality
            }
            result[index].opening = midnights[index]
            result[index].closing = midnights[index + 1]
        }
        return result
    }
}

extension RegisterTransition {
    /// What the first part of the way used, by time; whole watt-hours, rounded down.
    fileprivate func share(_ part: UInt64, _ whole: UInt64) -> UInt64 {
        let energy = UInt64(energy.wattHours)
        guard energy > 0 else { return 0 }
        let product = energy.multipliedFullWidth(by: part)
        return whole.dividingFullWidth(product).quotient
    }

    /// What was used on the way up to an instant that lies within it.
    func energy(until instant: Instant) -> Energy {
        let begin = from.at.microsecondsSince1970
        let part = UInt64(instant.microsecondsSince1970 - begin)
        let whole = UInt64(to.at.microsecondsSince1970 - begin)
        return Energy(wattHours: Int64(share(part, whole)))
    }
}
