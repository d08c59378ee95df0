import Units

/// How a reading lies to the path of the register.
enum RegisterFit {
    case follows
    case dips
    /// Held until later readings decide; what it will be if they go on from it.
    case doubtful(RegisterOutcome)
}

extension RegisterMachine {
    /// How a reading lies to the last one that counts.
    func fit(_ sample: RegisterSample) -> RegisterFit {
        let rise = sample.registerWattHours - run.state.last.registerWattHours
        let possible = possible(from: run.state.last, to: sample)
        return rise >= 0
            ? fit(sample, rise: rise, possible: possible)
            : fit(sample, fall: -rise, possible: possible)
    }

    private func fit(_ sample: RegisterSample, rise: Int64, possible: Int64) -> RegisterFit {
        let state = run.state
        let isBack = state.left.contains {
            state.last.registerWattHours < $0.registerWattHours / 2
                && comesBack(sample, to: $0, isLow: false)
        }
        if isBack { return .doubtful(.resetRecovered) }
        if rise <= possible { return .follows }
        if state.highestWattHours + rules.modulusWattHours - sample.registerWattHours
            <= rules.dipWattHours
        {
            return .dips
        }
        if rise <= possible + releasable { return .follows }
        return .doubtful(leftPath(of: sample) == nil ? .jump : .resetRecovered)
    }

    private func fit(_ sample: RegisterSample, fall: Int64, possible: Int64) -> RegisterFit {
        let state = run.state
        let register = sample.registerWattHours
        if state.highestWattHours - register <= rules.dipWattHours { return .dips }
        if state.left.contains(where: { comesBack(sample, to: $0, isLow: false) }) {
            return .doubtful(.resetRecovered)
        }
        // R14: only near the modulus, and only what the load could have used.
        if state.last.registerWattHours >= rules.modulusWattHours / 10 * 9,
            register + rules.modulusWattHours - state.last.registerWattHours <= possible
        {
            return .doubtful(.rollover)
        }
        if isBelowRead(by: fall) { return .follows }
        // What a clock that was set may hide explains no fall: only the instants count here.
        let inTime = rules.possibleWattHours(
            seconds: seconds(from: state.last.at, to: sample.at),
            measuredMilliwatts: 0
        )
        if register <= inTime, register < fall { return .doubtful(.resetToZero) }
        if fall <= inTime {
            let isBelow = state.last.registerWattHours < state.highestWattHours
            return isBelow ? .follows : .doubtful(.backwardRun)
        }
        return .doubtful(leftPath(of: sample) == nil ? .unexplainedFall : .resetRecovered)
    }

    /// Whether a register lies on a path that was left, as if it had never been.
    ///
    /// `isLow`: it may also lie somewhat below, as after a backward run; what was counted counts.
    private func comesBack(_ sample: RegisterSample, to path: LeftPath, isLow: Bool) -> Bool {
        let rise = sample.registerWattHours - path.registerWattHours
        let step = possible(from: run.state.last, to: sample)
        let lowest = isLow ? min(step, path.registerWattHours / 2) : 0
        return rise >= -max(lowest, rules.dipWattHours) && rise <= path.possibleWattHours + step
    }

    /// Which left path a register has come back to: the newest that it lies on, else one that it lies
    /// somewhat below.
    private func leftPath(of sample: RegisterSample) -> Int? {
        guard !run.state.left.isEmpty else { return nil }
        let left = run.state.left
        return left.lastIndex { comesBack(sample, to: $0, isLow: false) }
            ?? left.lastIndex { comesBack(sample, to: $0, isLow: true) }
    }

    func possible(from earlier: RegisterSample, to later: RegisterSample) -> Int64 {
        rules.possibleWattHours(
            seconds: elapsed(from: earlier, to: later),
            measuredMilliwatts: Int64(
                min(earlier.powerMilliwatts ?? 0, later.powerMilliwatts ?? 0)
            )
        )
    }

    /// The time between two readings: what their instants say, or what the meter counted if that is
    /// more, since a clock may have been set between them.
    private func elapsed(from earlier: RegisterSample, to later: RegisterSample) -> Int64 {
        let time = seconds(from: earlier.at, to: later.at)
        guard earlier.epoch == later.epoch, let first = earlier.sequence, let last = later.sequence
        else { return time }
        return max(time, (Int64(last) - Int64(first)) * rules.intervalSeconds)
    }

    // MARK: Quarantine

    /// Holds a doubtful reading until later ones decide (R15).
    mutating func hold(_ sample: RegisterSample, _ outcome: RegisterOutcome) {
        let held = Quarantine(outcome: outcome, samples: [sample])
        run.state.quarantine = held
        if rules.quarantineReadings <= 0 { confirm(held, isProved: true) }
    }

    /// Decides about the readings held, or holds this one too.
    mutating func decide(by sample: RegisterSample) {
        guard var held = run.state.quarantine, let first = held.samples.first,
            let last = held.samples.last
        else { return }
        // What rose must be seen to fall back; what fell must climb to where it was.
        let rose = first.registerWattHours > run.state.last.registerWattHours
        let goesOn = goesOn(sample, after: last, as: held.outcome)
        if !(rose && goesOn), comesBack(sample, leaving: held) { return }
        guard goesOn else {
            leaveOut(held)
            return judge(sample)
        }
        held.samples.append(sample)
        run.state.quarantine = held
        if held.samples.count > rules.quarantineReadings
            || seconds(from: first.at, to: sample.at) >= rules.quarantineSeconds
        {
            confirm(held, isProved: true)
        }
    }

    private func goesOn(
        _ sample: RegisterSample,
        after last: RegisterSample,
        as outcome: RegisterOutcome
    ) -> Bool {
        let rise = sample.registerWattHours - last.registerWattHours
        let possible = possible(from: last, to: sample)
        let lowest = outcome == .backwardRun ? -possible : -rules.dipWattHours
        return rise >= lowest && rise <= possible
    }

    /// Takes a reading that is back on the path; what was held is left out.
    private mutating func comesBack(
        _ sample: RegisterSample,
        leaving held: Quarantine
    ) -> Bool {
        let named = Self.passing(held.outcome)
        switch fit(sample) {
        case .follows:
            leaveOut(held)
            advance(to: sample, as: named)
        case .dips:
            leaveOut(held)
            dip(to: sample, as: named)
        case .doubtful: return false
        }
        return true
    }

    mutating func leaveOut(_ held: Quarantine) {
        run.state.quarantine = nil
        for sample in held.samples { name(sample, Self.passing(held.outcome)) }
    }

    /// What a doubtful outcome is called when it has passed.
    private static func passing(_ outcome: RegisterOutcome) -> RegisterOutcome {
        switch outcome {
        case .resetToZero, .rollover: .resetRecovered
        case .backwardRun: .backwardRun
        default: .spike
        }
    }

    /// The register goes on from the readings held: the first is the new origin.
    ///
    /// `isProved`: by readings that followed; without them only a rollover gives energy.
    mutating func confirm(_ held: Quarantine, isProved: Bool) {
        run.state.quarantine = nil
        guard let first = held.samples.first else { return }
        let state = run.state
        let register = first.registerWattHours
        var highest = register
        var counted: Int64 = 0
        var leftAt: Instant?
        var new: LeftPath? = LeftPath(
            registerWattHours: state.highestWattHours,
            at: state.last.at,
            countedWattHours: 0,
            possibleWattHours: wentOn(to: first)
        )
        switch held.outcome {
        case .rollover:
            let unrolled = register + rules.modulusWattHours
            counted = max(0, unrolled - state.highestWattHours)
            highest = max(register, state.highestWattHours - rules.modulusWattHours)
        case .resetToZero:
            counted = isProved ? register : 0
        case .backwardRun:
            highest = state.highestWattHours
        case .resetRecovered:
            guard let index = leftPath(of: first) else { break }
            let known = state.left[index].knownWattHours
            counted = isProved ? max(0, register - known) : 0
            highest = max(register, known)
            leftAt = state.left[index].at
            run.state.left.removeSubrange(index...)
            new = nil
        default: break
        }
        emit(to: first, counted: counted, held.outcome, leftAt: leftAt)
        new?.countedWattHours = counted
        // A path on which nothing was ever counted, such as a row of zeros, is none to come back to.
        let wasPath = state.left.last.map { $0.countedWattHours > 0 } ?? true
        if let new, wasPath { run.state.left.append(new) }
        if run.state.left.count > Limits.leftPathsMaximum { run.state.left.removeFirst() }
        begin(at: first, highest: highest)
        for sample in held.samples.dropFirst() {
            if sample.registerWattHours < run.state.last.registerWattHours,
                run.state.highestWattHours - sample.registerWattHours <= rules.dipWattHours
            {
                dip(to: sample, as: nil)
            } else {
                advance(to: sample, as: nil)
            }
        }
    }

    mutating func begin(at sample: RegisterSample, highest: Int64) {
        run.state.highestWattHours = highest
        run.state.unchangedSince = sample.at
        run.state.leastMilliwattSeconds = 0
        run.state.meanMilliwattSeconds = 0
    }
}
