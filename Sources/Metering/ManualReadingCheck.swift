package import Units

/// Who read a register without the meter's own report.
package enum ManualSource: String, CaseIterable, Hashable, Sendable {
    case assessor, consumer

    /// What marks such a reading in the ledger.
    package var flag: ReadingFlags {
        switch self {
        case .assessor: .readByAssessor
        case .consumer: .readByConsumer
        }
    }
}

/// Something about a register read by a person that someone has to look at, or that refuses it.
package struct ManualReadingFinding: Hashable, Sendable {
    /// Stable names; programs switch on these, never on the detail.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        // Refused.
        case future
        case tooOld = "too_old"
        case notInstalled = "not_installed"
        case alreadyBilled = "already_billed"
        case outOfRange = "out_of_range"
        // Held for a person.
        case registerFell = "register_fell"
        case aboveLater = "above_later"
        case abovePossible = "above_possible"
        case high, low
        case differsFromStored = "differs_from_stored"
        case noPhoto = "no_photo"
        case onlyOwn = "only_own"
        case meterStuck = "meter_stuck"
        case rejectedBefore = "rejected_before"
    }

    package var code: Code
    /// Names the figures and says what would be right.
    package var detail: String

    package init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// What a service uses a day by its own bills, in milliwatt-hours.
package struct UsualUse: Hashable, Sendable {
    package var lowest: Int64
    package var highest: Int64

    /// The least and the most of some bills; nil where there are too few to tell.
    package init?(bills: [(energy: Energy, days: Int)]) {
        let daily = bills.filter { $0.days > 0 && $0.energy >= .zero }.map { bill in
            let days = Int64(bill.days)
            return bill.energy.wattHours / days * 1_000
                + bill.energy.wattHours % days * 1_000 / days
        }
        guard daily.count >= Limits.usualBillsMinimum, let lowest = daily.min(),
            let highest = daily.max()
        else { return nil }
        self.lowest = lowest
        self.highest = highest
    }

    /// What the register of a meter will show after a time, if the service goes on as it did.
    package func expected(after last: RegisterReading, at instant: Instant, meter: Meter)
        -> ClosedRange<Energy>
    {
        let seconds = Int128(max(0, instant.secondsSince1970 - last.at.secondsSince1970))
        func register(_ daily: Int64) -> Energy {
            let used = Int128(daily) * seconds / 86_400_000 / Int128(max(1, meter.multiplier))
            return last.register + Energy(wattHours: Int64(clamping: used))
        }
        return register(lowest)...register(highest)
    }
}

/// Checks a register that a person read against the history of its meter and service, before it is
/// taken.
///
/// Pure.
package struct ManualReadingCheck: Sendable {
    /// What becomes of it.
    package enum Verdict: Hashable, Sendable {
        case accepted
        /// A person has to look, for these reasons.
        case held([ManualReadingFinding])
        case refused(ManualReadingFinding)
    }

    package var installation: Installation
    package var rules: RegisterRules
    /// The last register at or before the instant; the opening one at least.
    package var previous: RegisterReading
    /// The first register after the instant.
    package var next: RegisterReading?
    /// Of a consumer's own reading: the last register that somebody else read, or the meter itself.
    ///
    /// What is usual is told from there: many small steps of one's own tell nothing.
    package var trusted: RegisterReading?
    /// What the last issued actual bill closed with: nothing up to then is added any more.
    package var billedUntil: Instant?
    /// The office keeps nothing older.
    package var oldest: Instant
    package var now: Instant
    package var usual: UsualUse?
    /// What counts where the service's own bills do not tell what is usual.
    package var first: FirstBillRule?
    /// A day above so many percent of the highest bill's is high, below so many of the lowest low.
    package var highPercent: Int64
    package var lowPercent: Int64

    package init(
        installation: Installation,
        rules: RegisterRules,
        previous: RegisterReading,
        next: RegisterReading?,
        billedUntil: Instant?,
        oldest: Instant,
        now: Instant,
        usual: UsualUse?,
        first: FirstBillRule? = nil,
        highPercent: Int64,
        lowPercent: Int64
    ) {
        self.first = first
        self.installation = installation
        self.rules = rules
        // People read whole units: a difference may be one off at each end.
        self.rules.stepWattHours = max(rules.stepWattHours, Limits.manualStepWattHours)
        self.previous = previous
        self.next = next
        self.billedUntil = billedUntil
        self.oldest = oldest
        self.now = now
        self.usual = usual
        self.highPercent = highPercent
        self.lowPercent = lowPercent
    }

    /// What the meter showed when it was hung.
    package var opening: RegisterReading {
        RegisterReading(at: installation.installedAt, register: installation.openingRegister)
    }

    /// Accepts, holds with every reason, or refuses by name.
    package func verdict(on reading: RegisterReading) -> Verdict {
        if let finding = refusal(of: reading) { return .refused(finding) }
        let findings = doubts(about: reading)
        return findings.isEmpty ? .accepted : .held(findings)
    }

    private func refusal(of reading: RegisterReading) -> ManualReadingFinding? {
        let meter = installation.meter
        if reading.register < .zero || reading.register >= meter.registerModulus {
            return ManualReadingFinding(
                .outOfRange,
                "the register of \(meter.serial) shows 0 up to "
                    + "\((meter.registerModulus - Energy(wattHours: 1)).kilowattHoursText) kWh"
            )
        }
        if reading.at > now.adding(seconds: Limits.futureToleranceSeconds) {
            return ManualReadingFinding(.future, "\(reading.at) lies in the future")
        }
        if reading.at < installation.installedAt {
            return ManualReadingFinding(
                .notInstalled,
                "meter \(meter.serial) was hung at \(installation.installedAt), after \(reading.at)"
            )
        }
        if let removedAt = installation.removedAt, reading.at > removedAt {
            return ManualReadingFinding(
                .notInstalled,
                "meter \(meter.serial) was taken off at \(removedAt), before \(reading.at)"
            )
        }
        if reading.at < oldest {
            return ManualReadingFinding(.tooOld, "\(reading.at) is older than the office keeps")
        }
        if let billedUntil, reading.at <= billedUntil {
            return ManualReadingFinding(
                .alreadyBilled,
                "the service is billed up to \(billedUntil); a register of \(reading.at) would "
                    + "change nothing"
            )
        }
        return nil
    }

    private func doubts(about reading: RegisterReading) -> [ManualReadingFinding] {
        var findings: [ManualReadingFinding] = []
        if let trusted,
            reading.at.secondsSince1970 - trusted.at.secondsSince1970
                > Limits.ownReadingsSecondsMaximum
        {
            findings.append(
                ManualReadingFinding(
                    .onlyOwn,
                    "nobody but the consumer has read the meter since \(trusted.at)"
                )
            )
        }
        if reading.at == previous.at {
            if reading.register != previous.register {
                findings.append(
                    ManualReadingFinding(
                        .differsFromStored,
                        "\(previous.register.kilowattHoursText) kWh is stored for this instant"
                    )
                )
            }
        } else if let used = difference(from: previous, to: reading) {
            findings += doubts(about: used, over: reading.at)
        } else {
            findings.append(
                ManualReadingFinding(
                    .registerFell,
                    "\(reading.register.kilowattHoursText) kWh is lower than "
                        + "\(previous.register.kilowattHoursText) kWh of \(previous.at), and the "
                        + "register cannot have rolled over"
                )
            )
        }
        if let next, difference(from: reading, to: next) == nil {
            findings.append(
                ManualReadingFinding(
                    .aboveLater,
                    "\(reading.register.kilowattHoursText) kWh is higher than "
                        + "\(next.register.kilowattHoursText) kWh of \(next.at), which came later"
                )
            )
        }
        return findings
    }

    /// What the register rose by, past the modulus where that can be (R14); nil for a fall.
    private func difference(from earlier: RegisterReading, to later: RegisterReading) -> Int64? {
        let difference = later.register.wattHours - earlier.register.wattHours
        guard difference < 0 else { return difference }
        let rolled = difference + rules.modulusWattHours
        guard earlier.register.wattHours >= rules.modulusWattHours / 10 * 9,
            rolled
                <= rules.possibleWattHours(
                    seconds: later.at.secondsSince1970 - earlier.at.secondsSince1970,
                    measuredMilliwatts: 0
                )
        else { return nil }
        return rolled
    }

    private func doubts(about used: Int64, over instant: Instant) -> [ManualReadingFinding] {
        let seconds = instant.secondsSince1970 - previous.at.secondsSince1970
        let possible = rules.possibleWattHours(seconds: seconds, measuredMilliwatts: 0)
        let text = Energy(wattHours: used).kilowattHoursText
        guard used <= possible else {
            return [
                ManualReadingFinding(
                    .abovePossible,
                    "\(text) kWh more than at \(previous.at); the sanctioned load allows "
                        + "\(Energy(wattHours: possible).kilowattHoursText) kWh at most"
                )
            ]
        }
        return unusual(used, over: instant)
    }

    private func unusual(_ used: Int64, over instant: Instant) -> [ManualReadingFinding] {
        let base = trusted ?? previous
        let seconds = instant.secondsSince1970 - base.at.secondsSince1970
        guard seconds >= Limits.usualSecondsMinimum else { return [] }
        let used = used + max(0, previous.register.wattHours - base.register.wattHours)
        let energy = Int128(used) * Int128(rules.multiplier)
        guard let usual else {
            let energy = Energy(wattHours: Int64(clamping: energy))
            return first?.unusual(energy, seconds: seconds).map { [finding($0)] } ?? []
        }
        let daily = energy * 1_000 * 86_400 / Int128(max(1, seconds))
        let range =
            "the last bills have \(Energy(wattHours: usual.lowest / 1_000).kilowattHoursText) to "
            + "\(Energy(wattHours: usual.highest / 1_000).kilowattHoursText) kWh a day"
        let shown = Energy(wattHours: Int64(clamping: daily / 1_000)).kilowattHoursText
        if daily * 100 > Int128(usual.highest) * Int128(highPercent) {
            return [ManualReadingFinding(.high, "\(shown) kWh a day; \(range)")]
        }
        if daily * 100 < Int128(usual.lowest) * Int128(lowPercent) {
            return [ManualReadingFinding(.low, "\(shown) kWh a day; \(range)")]
        }
        return []
    }

    private func finding(_ doubt: FirstBillRule.Doubt) -> ManualReadingFinding {
        switch doubt {
        case .abovePossible(let words): ManualReadingFinding(.abovePossible, words)
        case .high(let words): ManualReadingFinding(.high, words)
        case .low(let words): ManualReadingFinding(.low, words)
        }
    }
}

extension Limits {
    /// A service's usual is told by so many bills at least.
    package static let usualBillsMinimum = 2
    /// Over a shorter time a register read in whole units says nothing of what is usual.
    package static let usualSecondsMinimum: Int64 = 7 * 86_400
    /// A consumer's own readings follow each other so long at most (two cycles of two months and some
    /// days); then somebody else has to look.
    package static let ownReadingsSecondsMaximum: Int64 = 130 * 86_400
    /// People read whole kilowatt-hours.
    package static let manualStepWattHours: Int64 = 1_000
}
