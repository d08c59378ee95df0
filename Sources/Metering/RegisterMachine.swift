package import Units

/// The way from one reading that counts to the next, and what it used.
package struct RegisterTransition: Hashable, Sendable {
    package var from: RegisterReading
    package var to: RegisterReading
    package var outcome: RegisterOutcome
    /// Billed energy, the multiplier included; never negative.
    package var energy: Energy
    /// The meter numbered the later reading next after the earlier: it made none between them.
    package var isConsecutive: Bool
    /// It numbered readings between them that are not here.
    package var skipsNumbers: Bool
    /// What two intervals can have used by the power measured around a silence, multiplier and a
    /// rounding included; nil where none was measured, and where there is no silence.
    package var cutOffEnergy: Energy?
    /// Of a register that came back to its path: the last reading before it left it.
    package var leftAt: Instant?

    /// No reading came for longer than the office's tolerance (R16).
    package func isAcrossGap(_ rules: RegisterRules) -> Bool {
        to.at.microsecondsSince1970 - from.at.microsecondsSince1970
            > rules.gapSeconds * 1_000_000
    }
}

/// A reading that is not an ordinary one, named.
package struct SampleVerdict: Hashable, Sendable {
    package var at: Instant
    package var registerWattHours: Int64
    package var outcome: RegisterOutcome

    package init(at: Instant, registerWattHours: Int64, outcome: RegisterOutcome) {
        self.at = at
        self.registerWattHours = registerWattHours
        self.outcome = outcome
    }
}

/// What people decided about single readings; it overrules the machine.
package struct ReadingDecisions: Hashable, Sendable {
    package var accepted: Set<Instant>
    package var rejected: Set<Instant>

    package init(accepted: Set<Instant> = [], rejected: Set<Instant> = []) {
        self.accepted = accepted
        self.rejected = rejected
    }

    package static let none = ReadingDecisions()
}

/// What the readings of one installation came to.
package struct RegisterRun: Hashable, Sendable {
    /// In order of time, each beginning where the one before ends.
    package var transitions: [RegisterTransition] = []
    /// Readings that do not count or are not ordinary, in order of time.
    package var verdicts: [SampleVerdict] = []
    /// All readings in order of time but those with a displaced clock, one an instant.
    package var samples: [RegisterSample] = []
    /// Carries on where this run ended.
    package var state: RegisterState
    /// The newest settled state not after the instant that was asked for.
    package var checkpoint: RegisterState?

    /// The last readings wait for later ones to decide about them.
    package var isPending: Bool { !state.isSettled }

    package var energy: Energy {
        transitions.reduce(.zero) { $0 + $1.energy }
    }
}

/// Turns the readings of one register into energy that was really used (R13 to R16).
///
/// A reading that the load can explain counts at once. Any other is held until later ones decide:
/// if the register comes back to its path the readings between were spikes or a passing zero, and
/// are left out; if it stays where it is, that is its new origin. So energy is never invented and
/// never negative, and where the register is honest none is lost. The result depends on the
/// readings alone, not on the order in which they are handed in.
///
/// A register that a person read among reports of the meter itself is none of its readings
/// (`withoutReadAmongReports`), unless a person said that it is billed.
package struct RegisterMachine: Sendable {
    let rules: RegisterRules
    var run: RegisterRun

    private init(rules: RegisterRules, state: RegisterState) {
        self.rules = rules
        run = RegisterRun(state: state)
    }

    /// Runs the readings of one installation on from a state.
    ///
    /// `samples`: in any order, repeats allowed; those not after the state's last are passed over.
    ///
    /// `state`: the opening of the installation, or what an earlier run left.
    ///
    /// `checkpoint`: the run also keeps the newest settled state not after this instant.
    ///
    /// `decisions`: what people said about single readings.
    package static func run(
        _ samples: [RegisterSample],
        from state: RegisterState,
        rules: RegisterRules,
        checkpoint: Instant? = nil,
        decisions: ReadingDecisions = .none
    ) -> RegisterRun {
        var machine = RegisterMachine(rules: rules, state: state)
        let seen = state.quarantine?.samples.last?.at ?? state.last.at
        let own = machine.withoutReadAmongReports(samples, decisions)
        let isNew = own.allSatisfy { $0.at > seen }
        let ordered = OrderedSamples(
            isNew ? own : own.filter { $0.at > seen },
            previous: state.ordinal,
            weight: Limits.settledOrdinalWeight
        )
        machine.run.transitions.reserveCapacity(ordered.kept.count)
        machine.run.samples = ordered.kept
        for sample in ordered.displaced { machine.name(sample, .clock) }
        let until = checkpoint ?? Instant(microsecondsSince1970: .min)
        if checkpoint != nil, state.isSettled, state.last.at <= until {
            machine.run.checkpoint = state
        }
        let hasDecisions = decisions != .none
        for sample in ordered.kept {
            if hasDecisions {
                machine.take(sample, decisions)
            } else {
                machine.take(sample)
            }
            if sample.at <= until, machine.run.state.isSettled {
                machine.run.checkpoint = machine.run.state
            }
        }
        machine.run.verdicts.sort {
            ($0.at, $0.registerWattHours) < ($1.at, $1.registerWattHours)
        }
        return machine.run
    }

    /// Ends an installation with the register it was taken down with.
    ///
    /// Nothing follows that could confirm a doubtful end, so only a rollover counts there; any
    /// other leaves the last stretch without energy, named.
    package static func close(
        _ run: RegisterRun,
        with closing: RegisterReading,
        rules: RegisterRules
    ) -> RegisterRun {
        var machine = RegisterMachine(rules: rules, state: run.state)
        machine.run = run
        if closing.at > run.state.last.at {
            machine.take(RegisterState(opening: closing).last)
        }
        if let held = machine.run.state.quarantine {
            machine.confirm(held, isProved: false)
        }
        machine.run.verdicts.sort {
            ($0.at, $0.registerWattHours) < ($1.at, $1.registerWattHours)
        }
        return machine.run
    }

    mutating func name(_ sample: RegisterSample, _ outcome: RegisterOutcome) {
        run.verdicts.append(
            SampleVerdict(
                at: sample.at,
                registerWattHours: sample.registerWattHours,
                outcome: outcome
            )
        )
    }

    private mutating func take(_ sample: RegisterSample, _ decisions: ReadingDecisions) {
        if decisions.rejected.contains(sample.at) {
            name(sample, .rejected)
        } else if decisions.accepted.contains(sample.at) {
            accept(sample)
        } else {
            take(sample)
        }
    }

    private mutating func take(_ sample: RegisterSample) {
        if sample.flags.contains(.acceptedForBilling) { return accept(sample) }
        if let ordinal = sample.ordinal { run.state.ordinal = ordinal }
        if run.state.quarantine != nil {
            decide(by: sample)
        } else {
            judge(sample)
        }
    }

    /// Judges a reading against the path when none is held.
    mutating func judge(_ sample: RegisterSample) {
        forgetOldPath(at: sample.at)
        switch fit(sample) {
        case .follows: advance(to: sample, as: nil)
        case .dips: dip(to: sample, as: nil)
        case .doubtful(let outcome): hold(sample, outcome)
        }
    }

    /// A reading that goes on where the last one stood.
    ///
    /// `named`: what the way to it is called instead of normal.
    mutating func advance(to sample: RegisterSample, as named: RegisterOutcome?) {
        let rise = sample.registerWattHours - run.state.last.registerWattHours
        let counted = max(0, sample.registerWattHours - run.state.highestWattHours)
        var outcome = named
        if rise == 0 {
            countUnchanged(until: sample)
            if isStuck(at: sample.at) { outcome = outcome ?? .stuck }
        } else {
            if isReleased(by: rise, at: sample) { outcome = outcome ?? .stuckReleased }
            run.state.unchangedSince = sample.at
            run.state.leastMilliwattSeconds = 0
            run.state.meanMilliwattSeconds = 0
        }
        if rise < 0 {
            outcome = outcome ?? (run.state.last.isReadByPerson ? .belowHighest : .backwardRun)
        }
        if rise > 0, counted == 0 { outcome = outcome ?? .belowHighest }
        let before = run.state.last.registerWattHours
        emit(to: sample, counted: counted, outcome)
        run.state.highestWattHours = max(run.state.highestWattHours, sample.registerWattHours)
        guard !run.state.left.isEmpty else { return }
        // Climbed past where it was left: nothing will come back.
        run.state.left.removeAll {
            before < $0.registerWattHours && sample.registerWattHours >= $0.registerWattHours
        }
    }

    /// A reading within the rounding below the last: the path stays where it stands.
    mutating func dip(to sample: RegisterSample, as named: RegisterOutcome?) {
        let register = run.state.last.registerWattHours
        name(sample, .roundingDip)
        countUnchanged(until: sample)
        emit(to: sample, counted: 0, named ?? .roundingDip)
        run.state.last.registerWattHours = register
    }

    /// Writes down the way to a reading, which becomes the last that counts.
    mutating func emit(
        to sample: RegisterSample,
        counted: Int64,
        _ outcome: RegisterOutcome?,
        leftAt: Instant? = nil
    ) {
        let last = run.state.last
        let isGap =
            sample.at.microsecondsSince1970 - last.at.microsecondsSince1970
            > rules.gapSeconds * 1_000_000
        let (energy, overflow) = counted.multipliedReportingOverflow(by: rules.multiplier)
        precondition(!overflow, "possible energy fits 64 bits")
        if !run.state.left.isEmpty {
            let passed = wentOn(to: sample)
            for index in run.state.left.indices {
                run.state.left[index].countedWattHours += counted
                run.state.left[index].possibleWattHours += passed
            }
        }
        let isConsecutive = last.ordinal.map { sample.ordinal == $0 + 1 } ?? false
        run.transitions.append(
            RegisterTransition(
                from: last.reading,
                to: sample.reading,
                outcome: outcome ?? (isGap ? .gap : .normal),
                energy: Energy(wattHours: energy),
                isConsecutive: isConsecutive,
                skipsNumbers: !isConsecutive && last.epoch == sample.epoch
                    && last.sequence != nil && sample.sequence != nil,
                cutOffEnergy: isGap ? cutOff(from: last, to: sample) : nil,
                leftAt: leftAt
            )
        )
        run.state.last = sample
    }

    /// What can have been used between the reading before an outage and its beginning, and between its
    /// end and the reading after it: two intervals at the measured power.
    private func cutOff(from last: RegisterSample, to sample: RegisterSample) -> Energy? {
        guard let before = last.powerMilliwatts, let after = sample.powerMilliwatts else {
            return nil
        }
        let measured = Int64(max(0, max(before, after))) / 1_000 * rules.multiplier / 4 * 5
        return rules.energyOfTwoIntervals(watts: min(rules.largestPossibleWatts, measured))
    }
}

extension RegisterMachine {
    // MARK: Stuck registers

    /// Adds what the measured power made while the register stood still.
    private mutating func countUnchanged(until sample: RegisterSample) {
        guard let before = run.state.last.powerMilliwatts, let now = sample.powerMilliwatts
        else { return }
        let seconds = self.seconds(from: run.state.last.at, to: sample.at)
        guard seconds <= rules.gapSeconds else { return }
        let least = Int64(max(0, min(before, now))) * seconds
        let mean = (Int64(max(0, before)) + Int64(max(0, now))) * seconds / 2
        let most = Int64.max / 4
        run.state.leastMilliwattSeconds = min(run.state.leastMilliwattSeconds + least, most)
        run.state.meanMilliwattSeconds = min(run.state.meanMilliwattSeconds + mean, most)
    }

    /// Whether the register has stood so long, and so much power went by, that it cannot be right.
    func isStuck(at instant: Instant) -> Bool {
        let made = run.state.leastMilliwattSeconds / 3_600_000
        return made >= rules.stuckSteps * rules.stepWattHours
            && seconds(from: run.state.unchangedSince, to: instant) >= rules.stuckSeconds
    }

    /// What a register that stood may have to catch up with, by the power measured meanwhile.
    var releasable: Int64 {
        guard run.state.leastMilliwattSeconds / 3_600_000 >= rules.stuckSteps * rules.stepWattHours
        else { return 0 }
        return run.state.meanMilliwattSeconds / 3_600_000 / 4 * 5
    }

    private func isReleased(by rise: Int64, at sample: RegisterSample) -> Bool {
        guard run.state.leastMilliwattSeconds > 0, rise > 0 else { return false }
        return isStuck(at: run.state.last.at)
            || releasable > 0 && rise > possible(from: run.state.last, to: sample)
    }

    func seconds(from start: Instant, to end: Instant) -> Int64 {
        (end.microsecondsSince1970 - start.microsecondsSince1970) / 1_000_000
    }

    /// What a left path can have gone on by from the last reading to this one, at most.
    ///
    /// A power of nothing is no measurement here: a meter that shows zeros shows them everywhere.
    func wentOn(to sample: RegisterSample) -> Int64 {
        let last = run.state.last
        let time = seconds(from: last.at, to: sample.at)
        let possible = rules.possibleWattHours(
            seconds: time - rules.intervalSeconds,
            measuredMilliwatts: 0
        )
        guard let before = last.powerMilliwatts, let now = sample.powerMilliwatts, before > 0,
            now > 0, time <= rules.gapSeconds
        else { return possible }
        return min(possible, (Int64(before) + Int64(now)) * time / 2 / 3_600_000 / 4 * 5 + 1)
    }

    /// Lets a left path go when it has not come back for the office's time.
    private mutating func forgetOldPath(at instant: Instant) {
        guard let oldest = run.state.left.first,
            seconds(from: oldest.at, to: instant) > rules.recoverySeconds
        else { return }
        let remembered = instant.adding(seconds: -rules.recoverySeconds)
        run.state.left.removeAll { $0.at < remembered }
    }
}
