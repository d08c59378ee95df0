import Units

/// How the registers of one installation are judged: the meter's own figures and the office's
/// thresholds.
package struct RegisterRules: Hashable, Sendable {
    /// The first energy the register cannot show, before the multiplier (R14).
    package var modulusWattHours: Int64
    /// Billed energy is the register's difference times this.
    package var multiplier: Int64
    /// The most the service can draw: sanctioned load times the office's percentage, in watts.
    package var largestPossibleWatts: Int64
    /// The smallest difference the register shows, before the multiplier.
    package var stepWattHours: Int64 = 1
    /// How many consistent readings after a doubtful one make it the new origin (R15).
    package var quarantineReadings = 3
    /// A consistent reading so long after a doubtful one confirms it too: for sparse readings.
    package var quarantineSeconds: Int64 = 2 * 86_400
    /// How long a left register is remembered, in case it comes back (R15).
    package var recoverySeconds: Int64 = 45 * 86_400
    /// A register so many steps low and back again is a rounding, not a fall.
    package var roundingDipSteps: Int64 = 2
    /// The interval the meter is set to report at.
    package var intervalSeconds: Int64 = 900
    /// No reading for more than so many intervals is a gap (R16).
    package var gapIntervals: Int64 = 2
    /// An unchanged register can be stuck after so long.
    package var stuckSeconds: Int64 = 6 * 3_600
    /// It is stuck if the measured power says that it must have moved by so many steps meanwhile.
    package var stuckSteps: Int64 = 20

    package init(modulusWattHours: Int64, multiplier: Int64, largestPossibleWatts: Int64) {
        self.modulusWattHours = modulusWattHours
        self.multiplier = max(1, multiplier)
        self.largestPossibleWatts = min(
            max(0, largestPossibleWatts),
            Limits.largestPossibleWattsMaximum
        )
    }

    /// The rules of a meter at a service.
    ///
    /// `possiblePercent`: what the office takes a service to draw at most, of its sanctioned load.
    package init(meter: Meter, sanctionedLoadWatts: Int, possiblePercent: Int = 200) {
        let (product, overflow) = Int64(sanctionedLoadWatts)
            .multipliedReportingOverflow(by: Int64(possiblePercent))
        self.init(
            modulusWattHours: meter.registerModulus.wattHours,
            multiplier: Int64(meter.multiplier),
            largestPossibleWatts: overflow ? .max : product / 100
        )
    }

    /// No reading for longer than this is a gap (R16).
    package var gapSeconds: Int64 { intervalSeconds * gapIntervals }

    var dipWattHours: Int64 { stepWattHours * roundingDipSteps }

    /// What two intervals use at a power, a rounding included and the multiplier in it.
    func energyOfTwoIntervals(watts: Int64) -> Energy {
        Energy(wattHours: watts * 2 * intervalSeconds / 3_600 + dipWattHours * multiplier)
    }

    /// What the register can rise by in a time, before the multiplier.
    ///
    /// One interval is granted on top, since a reading may be placed by its age, and one rounding.
    /// `measuredMilliwatts`: what both readings around measured; a load that is above the possible
    /// all the time is real, however unlawful.
    func possibleWattHours(seconds: Int64, measuredMilliwatts: Int64) -> Int64 {
        let measured = measuredMilliwatts / 1_000 * multiplier / 4 * 5
        let watts = min(max(largestPossibleWatts, measured), Limits.largestPossibleWattsMaximum)
        let time = min(max(0, seconds), Limits.countedSecondsMaximum) + intervalSeconds
        return watts * time / 3_600 / multiplier + dipWattHours
    }
}

/// What became of the way from one good reading to the next, or of a reading that does not count.
package enum RegisterOutcome: String, CaseIterable, Hashable, Sendable {
    /// The register rose, or stood, as the load allows.
    case normal
    /// Like normal, over a time without readings: registers decide the energy (R16).
    case gap
    /// Past the modulus, near it before and possible for the load (R14).
    case rollover
    /// Counted anew from zero and went on so: the energy is what the new register shows (R15).
    case resetToZero = "reset_to_zero"
    /// The register was away from its path and came back to it (R15).
    case resetRecovered = "reset_recovered"
    /// Fell by what the load could have turned it back: no energy.
    case backwardRun = "backward_run"
    /// Climbs where it was counted before: no energy until it passes its former highest.
    case belowHighest = "below_highest"
    /// One or a few steps low, within the rounding.
    case roundingDip = "rounding_dip"
    /// Far above or below what is possible, and back: such readings are left out.
    case spike
    /// Rose by more than is possible and stayed: a new origin, no energy.
    case jump
    /// Fell to where neither a rollover, nor zero, nor a backward run explains it: a new origin.
    case unexplainedFall = "unexplained_fall"
    /// Unchanged for long while the measured power says it must have risen.
    case stuck
    /// A stuck register that moved again; what it shows counts.
    case stuckReleased = "stuck_released"
    /// Instant and sequence contradict each other: left out.
    case clock
    /// A person said that the reading is real.
    case accepted
    /// A person said that the reading does not count.
    case rejected
}

extension Limits {
    /// Above any service an office meters; keeps the arithmetic within 64 bits.
    package static let largestPossibleWattsMaximum: Int64 = 2_000_000_000
    /// Longer times possible energy is not reckoned for.
    static let countedSecondsMaximum: Int64 = 20 * 366 * 86_400
    /// How much a settled reading weighs against new ones that contradict its sequence.
    static let settledOrdinalWeight = 3
    /// Paths that a register left and may come back to, the newest ones.
    static let leftPathsMaximum = 3
}
