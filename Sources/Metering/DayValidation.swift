package import Units

/// A meter's day with what the rules compare it with.
package struct DayUnderValidation: Sendable {
    package var meter: Meter.ID
    package var blocks: BlockDay
    /// The run the blocks were cut from.
    package var run: RegisterRun
    package var sanctionedLoadWatts: Int64
    /// The same day of dev1 and dev2, where the meter measures them.
    package var subCircuits: [BlockDay] = []
    /// Own days before this one, in any order: some weeks of them, and those of a year before.
    package var history: [DayRollup] = []
    /// How the clock stood by the readings that came on the days up to this one.
    package var receipts: [ClockWindow] = []
    package var holidays: Set<CivilDate> = []
    /// Until when a day that still runs is looked at; nil looks at the whole day.
    package var until: Instant?
    /// Since when the meter hangs there, and until when: what lies outside is no gap.
    package var installedAt: Instant?
    package var removedAt: Instant?

    package init(meter: Meter.ID, blocks: BlockDay, run: RegisterRun, sanctionedLoadWatts: Int64) {
        self.meter = meter
        self.blocks = blocks
        self.run = run
        self.sanctionedLoadWatts = sanctionedLoadWatts
    }
}

/// Everything the office's rules find about a day: once each, in order of their keys.
///
/// A pure function of what is handed in, whatever the order of readings, history and receipts.
package func exceptions(
    of day: DayUnderValidation,
    rules: ValidationRules,
    grid: BlockGrid
) -> [ReadingException] {
    var validation = DayValidation(day: day, rules: rules, grid: grid)
    validation.checkOutcomes()
    validation.checkReadings()
    validation.checkGaps()
    validation.checkZero()
    validation.checkSubCircuits()
    validation.checkUsual()
    validation.checkDrift()
    validation.checkVoltage()
    validation.checkLoad()
    var seen: Set<String> = []
    return validation.found.sorted { ($0.key, $0.detail) < ($1.key, $1.detail) }
        .filter { seen.insert($0.key).inserted }
}

struct DayValidation {
    let day: DayUnderValidation
    let rules: ValidationRules
    let grid: BlockGrid
    let start: Instant
    let end: Instant
    let zeros: [ZeroStretch]
    var found: [ReadingException] = []

    init(day: DayUnderValidation, rules: ValidationRules, grid: BlockGrid) {
        self.day = day
        self.rules = rules
        self.grid = grid
        start = grid.zone.start(of: day.blocks.day)
        end = grid.zone.start(of: day.blocks.day.adding(days: 1))
        zeros = day.run.zeroStretches
    }

    mutating func report(
        _ rule: ReadingRule,
        _ severity: ExceptionSeverity,
        slots: ClosedRange<Int>? = nil,
        instants: [Instant] = [],
        _ detail: String
    ) {
        found.append(
            ReadingException(
                rule: rule,
                severity: severity,
                meter: day.meter,
                day: day.blocks.day,
                slots: slots,
                instants: instants,
                detail: detail
            )
        )
    }

    /// A reading at midnight belongs to the day that ends.
    func isInDay(_ instant: Instant) -> Bool { instant > start && instant <= end }

    // MARK: Registers

    mutating func checkOutcomes() {
        var stuckSince: Instant?
        for stretch in zeros { check(stretch) }
        for (place, transition) in day.run.transitions.enumerated()
        where isInDay(transition.to.at) {
            if zeros.contains(where: { $0.hides(place) }) { continue }
            if transition.outcome == .stuck {
                stuckSince = stuckSince ?? transition.to.at
            } else {
                check(transition)
            }
        }
        guard let stuckSince else { return }
        let power = day.blocks.maximumPower.map { "\($0.milliwatts / 1_000)" } ?? "?"
        report(
            .stuck,
            .error,
            instants: [stuckSince],
            "the register stands while up to \(power) W are measured"
        )
    }

    /// A register that came back lost nothing: what stood open about its fall is for the record.
    private mutating func check(_ stretch: ZeroStretch) {
        let way = "\(text(stretch.from)) to \(text(stretch.to))"
        let energy = "\(stretch.energy.kilowattHoursText) kWh"
        if isInDay(stretch.to.at) {
            guard stretch.isShared else { return }
            report(
                .resetRecovered,
                .warning,
                instants: [stretch.to.at],
                "zero since \(stretch.since) and back, \(way): \(energy), shared over the time"
            )
        } else if isInDay(stretch.since) {
            report(
                .resetRecovered,
                .information,
                instants: [stretch.since],
                "zero, and back later, \(way): \(energy)"
            )
        }
    }

    private mutating func check(_ transition: RegisterTransition) {
        let way = "\(text(transition.from)) to \(text(transition.to))"
        let energy = "\(transition.energy.kilowattHoursText) kWh"
        let at = [transition.to.at]
        switch transition.outcome {
        case .rollover:
            report(.rollover, .information, instants: at, "past the modulus, \(way): \(energy)")
        case .resetToZero:
            report(.reset, .error, instants: at, "counted anew from zero, \(way): \(energy)")
        case .backwardRun:
            report(.negative, .error, instants: at, "the register turned back, \(way)")
        case .jump:
            report(.jump, .error, instants: at, "rose by more than is possible and stayed, \(way)")
        case .unexplainedFall:
            report(.unexplainedFall, .error, instants: at, "fell and stayed, \(way)")
        case .resetRecovered:
            report(
                .resetRecovered,
                .warning,
                instants: at,
                "away from its path and back, \(way): \(energy)"
            )
        case .stuckReleased:
            report(
                .stuck,
                .warning,
                instants: at,
                "a register that stood moved again, \(way): \(energy)"
            )
        case .normal, .gap, .belowHighest, .roundingDip, .spike, .stuck, .clock, .accepted,
            .rejected:
            break
        }
    }

    private func text(_ reading: RegisterReading) -> String {
        "\(reading.register.kilowattHoursText) kWh (\(reading.at))"
    }

    mutating func checkReadings() {
        let verdicts = day.run.verdicts.filter { isInDay($0.at) }
        let named: [(RegisterOutcome, ReadingRule, ExceptionSeverity, String)] = [
            (.spike, .spike, .warning, "far from what is possible and left out"),
            (.clock, .clock, .warning, "counted in another order than their instants say"),
            (.roundingDip, .roundingDip, .information, "a step or two low and back"),
        ]
        for (outcome, rule, severity, words) in named {
            let those = verdicts.filter { $0.outcome == outcome }
            guard let first = those.first else { continue }
            let register = Energy(wattHours: first.registerWattHours).kilowattHoursText
            report(
                rule,
                severity,
                instants: those.map(\.at),
                "\(those.count) reading(s) \(words), the first \(register) kWh (\(first.at))"
            )
        }
    }

    // MARK: Blocks

    mutating func checkLoad() {
        let limit = day.sanctionedLoadWatts * rules.loadPercent / 100
        guard limit > 0 else { return }
        var begun: Int?
        var highest: Int64 = 0
        for slot in 0...day.blocks.energies.count {
            var watts: Int64 = 0
            if slot < day.blocks.energies.count,
                day.blocks.qualities[slot].isDisjoint(with: .doubtful)
            {
                watts = Int64(day.blocks.energies[slot]) * 3_600 / grid.blockSeconds
            }
            if watts > limit {
                begun = begun ?? slot
                highest = max(highest, watts)
            } else if let first = begun {
                if slot - first >= Int(rules.loadBlocks) {
                    report(
                        .load,
                        .warning,
                        slots: first...slot - 1,
                        "up to \(highest) W over \(slot - first) blocks; the sanctioned load is "
                            + "\(day.sanctionedLoadWatts) W"
                    )
                }
                begun = nil
                highest = 0
            }
        }
    }
}
