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
        if let path = state.left, state.last.registerWattHours < path.registerWattHours / 2,
            comesBack(sample, to: path)
        {
            return .doubtful(.resetRecovered)
        }
        if rise <= possible { return .follows }
        if state.highestWattHours + rules.modulusWattHours - sample.registerWattHours
            <= rules.dipWattHours
        {
            return .dips
        }
        if isStuck(at: state.last.at) {
            let made = state.meanMilliwattSeconds / 3_600_000 / 4 * 5
            if rise <= made + possible { return .follows }
        }
        if let path = state.left, comesBack(sample, to: path) {
            return .doubtful(.resetRecovered)
        }
        return .doubtful(.jump)
    }

    private func fit(_ sample: RegisterSample, fall: Int64, possible: Int64) -> RegisterFit {
        let state = run.state
        let register = sample.registerWattHours
        if state.highestWattHours - register <= rules.dipWattHours { return .dips }
        if let path = state.left, comesBack(sample, to: path) {
            return .doubtful(.resetRecovered)
        }
        // R14: only near the modulus, and only what the load could have used.
        if state.last.registerWattHours >= rules.modulusWattHours / 10 * 9,
            register + rules.modulusWattHours - state.last.registerWattHours <= possible
        {
            return .doubtful(.rollover)
        }
        let fitsZero = register <= possible && register < fall
        if fitsZero { return .doubtful(.resetToZero) }
        guard fall <= possible else { return .doubtful(.unexplainedFall) }
        let isBelow = state.last.registerWattHours < state.highestWattHours
        return isBelow ? .follows : .doubtful(.backwardRun)
    }

    /// Whether a register lies on a path that was left, as if it had never been.
    private func comesBack(_ sample: RegisterSample, to path: LeftPath) -> Bool {
        let rise = sample.registerWattHours - path.registerWattHours
        let possible =
            path.possibleWattHours + self.possible(from: run.state.last, to: sample)
        return rise >= -rules.dipWattHours && rise <= possible
    }

    private func possible(from earlier: RegisterSample, to later: RegisterSample) -> Int64 {
        rules.possibleWattHours(
            seconds: seconds(from: earlier.at, to: later.at),
            measuredMilliwatts: Int64(
                min(earlier.powerMilliwatts ?? 0, later.powerMilliwatts ?? 0)
            )
        )
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

    private mutating func leaveOut(_ held: Quarantine) {
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
        var left: LeftPath? = LeftPath(
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
            if let path = state.left {
                let known = path.registerWattHours + path.countedWattHours
                counted = isProved ? max(0, register - known) : 0
                highest = max(register, known)
                left = nil
            }
        default: break
        }
        emit(to: first, counted: counted, held.outcome)
        left?.countedWattHours = counted
        run.state.left = left
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

    private mutating func begin(at sample: RegisterSample, highest: Int64) {
        run.state.highestWattHours = highest
        run.state.unchangedSince = sample.at
        run.state.leastMilliwattSeconds = 0
        run.state.meanMilliwattSeconds = 0
    }

    /// A person says that the reading is real: what it rose by counts, a fall is a new origin.
    mutating func accept(_ sample: RegisterSample) {
        if let ordinal = sample.ordinal { run.state.ordinal = ordinal }
        if let held = run.state.quarantine { leaveOut(held) }
        var counted = max(0, sample.registerWattHours - run.state.highestWattHours)
        if case .doubtful(.rollover) = fit(sample) {
            counted = max(
                0,
                sample.registerWattHours + rules.modulusWattHours - run.state.highestWattHours
            )
        }
        name(sample, .accepted)
        emit(to: sample, counted: counted, .accepted)
        run.state.left = nil
        begin(at: sample, highest: sample.registerWattHours)
    }
}
