package import Units

/// The office's rules over readings, by the names people see.
package enum ReadingRule: String, CaseIterable, Hashable, Sendable {
    /// No readings for a time (R16).
    case gap
    /// A reading far from its neighbours that was left out.
    case spike
    /// The register turned back.
    case negative
    /// The register stands although power flows.
    case stuck
    /// No consumption for days where there was some.
    case zero
    /// The sub-circuits used more than the main.
    case subCircuits = "sub_circuits"
    case high
    case low
    /// Instants that contradict the order in which the meter counted.
    case clock
    /// The meter's clock is off, or gets so.
    case drift
    case voltage
    /// More power than the sanctioned load, for some blocks.
    case load
    case rollover
    case reset
    case resetRecovered = "reset_recovered"
    case jump
    case unexplainedFall = "unexplained_fall"
    case roundingDip = "rounding_dip"
    /// A person's edit that no longer stands: what it was made on has changed.
    case edit
}

/// What an exception asks of the office.
package enum ExceptionSeverity: Int, Comparable, CaseIterable, Hashable, Sendable {
    /// For the record.
    case information
    /// Somebody should look.
    case warning
    /// Energy may be lost or wrong: decide before billing.
    case error

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    package var name: String {
        switch self {
        case .information: "information"
        case .warning: "warning"
        case .error: "error"
        }
    }
}

/// Something about a meter's day that a rule found.
package struct ReadingException: Hashable, Sendable {
    package var rule: ReadingRule
    package var severity: ExceptionSeverity
    package var meter: Meter.ID
    package var day: CivilDate
    /// Blocks it concerns; nil when it is about the day or about single readings.
    package var slots: ClosedRange<Int>?
    /// Readings it concerns, oldest first.
    package var instants: [Instant]
    /// The version of the day that it is about.
    package var version: Int64?
    /// Names the figures.
    package var detail: String

    package init(
        rule: ReadingRule,
        severity: ExceptionSeverity,
        meter: Meter.ID,
        day: CivilDate,
        slots: ClosedRange<Int>? = nil,
        instants: [Instant] = [],
        version: Int64? = nil,
        detail: String
    ) {
        self.version = version
        self.rule = rule
        self.severity = severity
        self.meter = meter
        self.day = day
        self.slots = slots
        self.instants = instants
        self.detail = detail
    }

    /// The same for the same finding however often the day is looked at.
    package var key: String {
        var key = "\(rule.rawValue)/\(meter.value)/\(day)"
        if let version {
            key += "/version-\(version)"
        } else if let slots {
            key += "/\(slots.lowerBound)"
        } else if let first = instants.first {
            key += "/\(first)"
        }
        return key
    }
}
