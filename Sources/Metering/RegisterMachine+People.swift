import Units

// What people read at the meter, and what they decided about readings.

extension RegisterMachine {
    /// The readings without those registers that a person read while the meter was reporting.
    ///
    /// People read whole units, at a clock of their own: between two reports of the meter that lie no
    /// further than the gap's threshold before and after it, such a register can only disturb. It stays
    /// stored and is compared. In a silence it counts, and so does one that a person accepted.
    func withoutReadAmongReports(
        _ samples: [RegisterSample],
        _ decisions: ReadingDecisions
    ) -> [RegisterSample] {
        func isDoubtful(_ sample: RegisterSample) -> Bool {
            sample.isReadByPerson && !sample.flags.contains(.acceptedForBilling)
                && !decisions.accepted.contains(sample.at)
        }
        guard samples.contains(where: isDoubtful) else { return samples }
        var reports = samples.filter(\.isReport).map(\.at)
        if run.state.last.isReport { reports.append(run.state.last.at) }
        reports.sort()
        return samples.filter { sample in
            guard isDoubtful(sample) else { return true }
            let next = reports.partitionPoint { $0 >= sample.at }
            let after = next < reports.count ? reports[next] : nil
            let before = after == sample.at ? after : next > 0 ? reports[next - 1] : nil
            guard let before, let after else { return true }
            return seconds(from: before, to: sample.at) > rules.gapSeconds
                || seconds(from: sample.at, to: after) > rules.gapSeconds
        }
    }

    /// Whether a fall only says that the meter stands below what a person read just before: by a
    /// rounding, or, where that was accepted, by what a service can use in a day.
    ///
    /// The meter then counts where it was counted before, until it passes what was read.
    func isBelowRead(by fall: Int64) -> Bool {
        let last = run.state.last
        guard last.isReadByPerson else { return false }
        return last.flags.contains(.acceptedForBilling)
            ? fall <= rules.possibleWattHours(seconds: 86_400, measuredMilliwatts: 0)
            : fall <= Limits.manualStepWattHours
    }

    /// A person says that the reading is real: what it rose by counts, a fall is a new origin.
    ///
    /// A register that a person read and that lies below the path is billed no second time when the
    /// meter goes on from where it was: the former highest stays, unless a day's use cannot explain it.
    mutating func accept(_ sample: RegisterSample) {
        if let ordinal = sample.ordinal { run.state.ordinal = ordinal }
        if let held = run.state.quarantine { leaveOut(held) }
        let highest = run.state.highestWattHours
        var counted = max(0, sample.registerWattHours - highest)
        var isReset = false
        switch fit(sample) {
        case .doubtful(.rollover):
            counted = max(0, sample.registerWattHours + rules.modulusWattHours - highest)
        case .doubtful(.resetToZero): isReset = true
        default: break
        }
        name(sample, .accepted)
        let fall = highest - sample.registerWattHours
        let isBelow =
            sample.flags.contains(.acceptedForBilling) && counted == 0 && fall > 0 && !isReset
            && fall <= rules.possibleWattHours(seconds: 86_400, measuredMilliwatts: 0)
        emit(to: sample, counted: counted, isBelow ? .belowHighest : .accepted)
        run.state.left = []
        begin(at: sample, highest: isBelow ? highest : sample.registerWattHours)
    }
}

extension RegisterSample {
    /// Read by an assessor or a consumer.
    var isReadByPerson: Bool {
        !flags.isDisjoint(with: ReadingFlags.readByPeople.union(.acceptedForBilling))
    }

    /// Sent by the meter itself.
    var isReport: Bool { flags.isDisjoint(with: ReadingFlags.readByPeople.union(.registerOnly)) }
}

extension [Instant] {
    /// The first place, in ascending order, at which the condition begins to hold.
    fileprivate func partitionPoint(_ holds: (Instant) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
