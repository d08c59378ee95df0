import Units

/// A setting of the rules that cannot be.
package struct ValidationRulesFault: Error, Hashable, Sendable {
    package var key: String
    package var detail: String
}

/// An office's thresholds, each with a default and bounds; all whole numbers.
package struct ValidationRules: Hashable, Sendable {
    /// A gap of so many blocks is a warning; a shorter one is for the record (1 to 288, default 4).
    package var gapWarningBlocks: Int64 = 4
    /// Longer than so many intervals without a reading is a gap (1 to 20, default 2).
    package var gapIntervals: Int64 = 2
    /// What a service can draw at most, in percent of its load (100 to 1000, default 200).
    package var possiblePercent: Int64 = 200
    /// Consistent readings that make a doubtful one the origin (1 to 16, default 3).
    package var quarantineReadings: Int64 = 3
    /// A consistent reading so many hours later does so too (1 to 720, default 48).
    package var quarantineHours: Int64 = 48
    /// Days that a left register is remembered (0 to 400, default 45).
    package var recoveryDays: Int64 = 45
    /// Steps of the register that are a rounding (0 to 100, default 2).
    package var roundingDipSteps: Int64 = 2
    /// A register can be stuck after so many hours (1 to 240, default 6).
    package var stuckHours: Int64 = 6
    /// It is stuck if so many steps were missed (1 to 100000, default 20).
    package var stuckSteps: Int64 = 20
    /// Days without consumption (1 to 90, default 3).
    package var zeroDays: Int64 = 3
    /// Sub-circuits may exceed the main by so many percent (0 to 100, default 5).
    package var subCircuitPercent: Int64 = 5
    /// They may exceed it by so many watt-hours on top (0 to 1000000, default 100).
    package var subCircuitWattHours: Int64 = 100
    /// A day above so many percent of the usual is high (110 to 10000, default 250).
    package var highPercent: Int64 = 250
    /// A day below so many percent of the usual is low (0 to 90, default 20).
    package var lowPercent: Int64 = 20
    /// Like days the usual needs (1 to 28, default 4).
    package var usualDays: Int64 = 4
    /// Days that differ by less than so many watt-hours are alike (0 to 10000000, default 2000).
    package var usualWattHours: Int64 = 2_000
    /// A clock that is off by more seconds (5 to 86400, default 120).
    package var driftSeconds: Int64 = 120
    /// A clock that gets slower or faster by more seconds a day (1 to 3600, default 20).
    package var driftSecondsADay: Int64 = 20
    /// The declared voltage (100000 to 1000000 mV, default 230000, IS 12360).
    package var voltageMillivolts: Int64 = 230_000
    /// It may differ by so many percent (1 to 50, default 10).
    package var voltageWarningPercent: Int64 = 10
    /// Beyond so many percent it is an error (1 to 90, default 20).
    package var voltageErrorPercent: Int64 = 20
    /// Power above so many percent of the sanctioned load (50 to 1000, default 100).
    package var loadPercent: Int64 = 100
    /// It lasts so many blocks (1 to 96, default 2).
    package var loadBlocks: Int64 = 2
    /// So many like services with bills tell what is usual for a first bill (3 to 1000, default 10).
    package var firstPeers: Int64 = 10
    /// A first bill above so many percent of what they use is high (100 to 100000, default 300).
    package var firstHighPercent: Int64 = 300
    /// A first bill below so many percent of it is low (0 to 99, default 0: houses stand empty).
    package var firstLowPercent: Int64 = 0
    /// Without them a first bill above this load factor in percent is high (1 to 1000, default 60).
    package var firstLoadFactor: Int64 = 60

    package init() {}

    private typealias Setting = (
        key: String, path: any WritableKeyPath<ValidationRules, Int64> & Sendable,
        bounds: ClosedRange<Int64>
    )

    private static let settings: [Setting] = [
        ("gap_warning_blocks", \.gapWarningBlocks, 1...288),
        ("gap_intervals", \.gapIntervals, 1...20),
        ("possible_percent", \.possiblePercent, 100...1_000),
        ("quarantine_readings", \.quarantineReadings, 1...16),
        ("quarantine_hours", \.quarantineHours, 1...720),
        ("recovery_days", \.recoveryDays, 0...400),
        ("rounding_dip_steps", \.roundingDipSteps, 0...100),
        ("stuck_hours", \.stuckHours, 1...240),
        ("stuck_steps", \.stuckSteps, 1...100_000),
        ("zero_days", \.zeroDays, 1...90),
        ("sub_circuit_percent", \.subCircuitPercent, 0...100),
        ("sub_circuit_watt_hours", \.subCircuitWattHours, 0...1_000_000),
        ("high_percent", \.highPercent, 110...10_000),
        ("low_percent", \.lowPercent, 0...90),
        ("usual_days", \.usualDays, 1...28),
        ("usual_watt_hours", \.usualWattHours, 0...10_000_000),
        ("drift_seconds", \.driftSeconds, 5...86_400),
        ("drift_seconds_a_day", \.driftSecondsADay, 1...3_600),
        ("voltage_millivolts", \.voltageMillivolts, 100_000...1_000_000),
        ("voltage_warning_percent", \.voltageWarningPercent, 1...50),
        ("voltage_error_percent", \.voltageErrorPercent, 1...90),
        ("load_percent", \.loadPercent, 50...1_000),
        ("load_blocks", \.loadBlocks, 1...96),
        ("first_peers", \.firstPeers, 3...1_000),
        ("first_high_percent", \.firstHighPercent, 100...100_000),
        ("first_low_percent", \.firstLowPercent, 0...99),
        ("first_load_factor", \.firstLoadFactor, 1...1_000),
    ]

    /// Every threshold by its key, in the order people read them.
    package var keyValues: [(key: String, value: Int64)] {
        Self.settings.map { ($0.key, self[keyPath: $0.path]) }
    }

    /// What each threshold may be, by its key.
    package static var bounds: [String: ClosedRange<Int64>] {
        Dictionary(uniqueKeysWithValues: settings.map { ($0.key, $0.bounds) })
    }

    /// The defaults with an office's own values in their place.
    ///
    /// Every unknown key, unreadable number and value outside its bounds is named, in order of keys.
    package static func reading(
        _ keyValues: [String: String]
    ) -> (rules: ValidationRules, faults: [ValidationRulesFault]) {
        var rules = ValidationRules()
        var faults: [ValidationRulesFault] = []
        for (key, text) in keyValues.sorted(by: { $0.key < $1.key }) {
            guard let setting = settings.first(where: { $0.key == key }) else {
                faults.append(ValidationRulesFault(key: key, detail: "there is no such threshold"))
                continue
            }
            guard let value = Int64(text), setting.bounds.contains(value) else {
                let bounds = "\(setting.bounds.lowerBound) to \(setting.bounds.upperBound)"
                faults.append(
                    ValidationRulesFault(key: key, detail: "\(text) is not a number of \(bounds)")
                )
                continue
            }
            rules[keyPath: setting.path] = value
        }
        return (rules, faults)
    }

    /// What the register machine goes by at a service of this office.
    package func registerRules(
        meter: Meter,
        sanctionedLoadWatts: Int,
        intervalSeconds: Int64
    ) -> RegisterRules {
        var rules = RegisterRules(
            meter: meter,
            sanctionedLoadWatts: sanctionedLoadWatts,
            possiblePercent: Int(possiblePercent)
        )
        rules.intervalSeconds = max(1, intervalSeconds)
        rules.gapIntervals = gapIntervals
        rules.quarantineReadings = Int(quarantineReadings)
        rules.quarantineSeconds = quarantineHours * 3_600
        rules.recoverySeconds = recoveryDays * 86_400
        rules.roundingDipSteps = roundingDipSteps
        rules.stuckSeconds = stuckHours * 3_600
        rules.stuckSteps = stuckSteps
        return rules
    }
}
