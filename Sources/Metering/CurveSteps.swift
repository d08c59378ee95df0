package import Units

/// A stretch in which a register showed zero and after which it was back on its path (R15): what it
/// tells of the whole is known, and nothing of what lies between.
package struct ZeroStretch: Hashable, Sendable {
    /// Places of the first and the last of its transitions in their run.
    var places: ClosedRange<Int>
    /// The last reading before it, and the first that was back.
    package var from: RegisterReading
    package var to: RegisterReading
    /// The first reading away from the path.
    package var since: Instant
    package var energy: Energy
    /// Nothing was counted before the register was back: the energy is shared over the whole stretch.
    package var isShared: Bool

    /// Whether a transition of its run is told by the stretch and not by its own outcome.
    func hides(_ place: Int) -> Bool {
        isShared ? places.contains(place) : place == places.lowerBound
    }
}

extension RegisterRun {
    /// The resets to zero from which the register came back to its path within a day, in order.
    ///
    /// One that stayed away for longer is left as the machine names it.
    package var zeroStretches: [ZeroStretch] {
        guard transitions.contains(where: { $0.outcome == .resetToZero }) else { return [] }
        var resets: [Instant: Int] = [:]
        var stretches: [ZeroStretch] = []
        for (place, transition) in transitions.enumerated() {
            if transition.outcome == .resetToZero { resets[transition.from.at] = place }
            guard transition.outcome == .resetRecovered, let left = transition.leftAt,
                let start = resets.removeValue(forKey: left),
                transition.to.at.microsecondsSince1970 - left.microsecondsSince1970
                    <= Limits.zeroStretchSeconds * 1_000_000
            else { continue }
            let way = transitions[start...place]
            stretches.append(
                ZeroStretch(
                    places: start...place,
                    from: transitions[start].from,
                    to: transition.to,
                    since: transitions[start].to.at,
                    energy: way.reduce(.zero) { $0 + $1.energy },
                    isShared: way.dropLast().allSatisfy { $0.energy == .zero }
                )
            )
        }
        return stretches
    }

    /// The ways over which the load curve lies: the transitions, but that each shared stretch of zeros
    /// is one way, and that a silence is called an outage only where everything around agrees.
    func curveSteps(_ rules: RegisterRules) -> [CurveStep] {
        var steps: [CurveStep] = []
        steps.reserveCapacity(transitions.count)
        var rest = transitions.startIndex
        func keep(upTo end: Int) {
            for place in rest..<max(rest, end) {
                steps.append(
                    CurveStep(transition: transitions[place], isOutage: isOutage(place, rules))
                )
            }
        }
        for zeros in zeroStretches where zeros.isShared && zeros.places.lowerBound >= rest {
            keep(upTo: zeros.places.lowerBound)
            var whole = transitions[zeros.places.upperBound]
            whole.from = zeros.from
            whole.energy = zeros.energy
            steps.append(CurveStep(transition: whole, isOverZeros: true))
            rest = zeros.places.upperBound + 1
        }
        keep(upTo: transitions.count)
        return steps
    }

    /// Whether the meter was without supply in a silence (R16).
    ///
    /// No number is missing in it, nor right before or after: where readings are missing nothing is
    /// known, and a late one inside must not make an outage of what is left. Its register
    /// moved by no more than two intervals explain, at the power measured around and at the pace before
    /// and after; where neither is known it stood.
    private func isOutage(_ place: Int, _ rules: RegisterRules) -> Bool {
        let silence = transitions[place]
        guard silence.isConsecutive, silence.isAcrossGap(rules) else { return false }
        var most = silence.cutOffEnergy
        var pace: Energy?
        for beside in [place - 1, place + 1] where transitions.indices.contains(beside) {
            let other = transitions[beside]
            if other.skipsNumbers { return false }
            if other.isAcrossGap(rules) {
                guard other.isConsecutive else { return false }
            } else if other.outcome == .normal {
                let used = rules.energyOfTwoIntervals(watts: other.watts / 4 * 5)
                pace = max(pace ?? used, used)
            }
        }
        if let pace { most = min(most ?? pace, pace) }
        return silence.energy <= most ?? rules.energyOfTwoIntervals(watts: 0)
    }
}

/// One way of the load curve: its energy lies on it by time.
struct CurveStep: Hashable, Sendable {
    var transition: RegisterTransition
    var isOutage = false
    var isOverZeros = false
}

extension RegisterTransition {
    /// The mean power of the way, rounded down.
    fileprivate var watts: Int64 {
        let seconds = (to.at.microsecondsSince1970 - from.at.microsecondsSince1970) / 1_000_000
        let (product, overflow) = energy.wattHours.multipliedReportingOverflow(by: 3_600)
        return min(overflow ? .max : product / max(1, seconds), Limits.largestPossibleWattsMaximum)
    }
}

extension Limits {
    /// So long a register may have shown zero for its energy to be shared over the time.
    static let zeroStretchSeconds: Int64 = 86_400
}
