package import Metering
package import Units

/// What came of an assessor's visit.
package enum VisitOutcome: String, CaseIterable, Hashable, Sendable {
    case read
    case doorLocked = "door_locked"
    case noAccess = "no_access"
    case meterStuck = "meter_stuck"
    case meterUnreadable = "meter_unreadable"
    case meterMissing = "meter_missing"

    /// The outcome in words.
    package var words: String {
        switch self {
        case .read: "read"
        case .doorLocked: "door locked"
        case .noAccess: "no access"
        case .meterStuck: "meter stuck"
        case .meterUnreadable: "meter cannot be read"
        case .meterMissing: "meter is missing"
        }
    }

    /// Whether a register belongs to it: a stuck meter shows one, too.
    package var mayHaveRegister: Bool { self == .read || self == .meterStuck }
}

/// What has become of a register that a person entered.
package enum ManualReadingState: String, CaseIterable, Hashable, Sendable {
    case accepted, held, rejected
    /// A visit without a register.
    case noted
}

/// A register that an assessor or a consumer read, or why none could be read.
package struct ManualReading: Hashable, Sendable {
    package typealias ID = Identifier<ManualReading>

    /// What a person decided about a held one.
    package struct Decision: Hashable, Sendable {
        package var by: String
        package var at: Instant
        package var reason: String

        package init(by: String, at: Instant, reason: String) {
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    package var id: ID
    package var service: Service.ID
    package var serviceNumber: String
    package var consumerName: String
    package var meter: Meter.ID
    package var meterSerial: String
    package var source: ManualSource
    /// The round it belongs to; nil for a consumer's own.
    package var cycle: CivilMonth?
    package var at: Instant
    package var outcome: VisitOutcome
    package var register: Energy?
    package var note: String
    package var state: ManualReadingState
    package var findings: [ManualReadingFinding]
    /// The meter reports by itself: compared with its register, not billed.
    package var isComparison: Bool
    package var enteredBy: String
    package var enteredAt: Instant
    package var decision: Decision?
    package var hasPhoto: Bool
    /// Its photo has left, some time after the decision.
    package var photoRemovedAt: Instant?
    /// Another register of the same instant counts in its place: of two accepted ones that which was
    /// decided about last.
    package var supersededBy: ID?
    /// What whoever read it should know, in words: that it closes no cycle.
    ///
    /// Told, not kept.
    package var hint: String?

    package init(
        id: ID,
        service: Service.ID,
        serviceNumber: String,
        consumerName: String,
        meter: Meter.ID,
        meterSerial: String,
        source: ManualSource,
        cycle: CivilMonth?,
        at: Instant,
        outcome: VisitOutcome,
        register: Energy?,
        note: String,
        state: ManualReadingState,
        findings: [ManualReadingFinding] = [],
        isComparison: Bool = false,
        enteredBy: String,
        enteredAt: Instant,
        decision: Decision? = nil,
        hasPhoto: Bool = false,
        photoRemovedAt: Instant? = nil,
        supersededBy: ID? = nil
    ) {
        self.id = id
        self.service = service
        self.serviceNumber = serviceNumber
        self.consumerName = consumerName
        self.meter = meter
        self.meterSerial = meterSerial
        self.source = source
        self.cycle = cycle
        self.at = at
        self.outcome = outcome
        self.register = register
        self.note = note
        self.state = state
        self.findings = findings
        self.isComparison = isComparison
        self.enteredBy = enteredBy
        self.enteredAt = enteredAt
        self.decision = decision
        self.hasPhoto = hasPhoto
        self.photoRemovedAt = photoRemovedAt
        self.supersededBy = supersededBy
    }
}

/// A service of an assessor's round.
package struct RoundStop: Hashable, Sendable {
    package var service: Service
    package var installation: Installation
    /// The newest register known of the meter; what it was hung with at least.
    package var last: RegisterReading
    /// When it last reported by itself.
    package var reportedAt: Instant?
    /// What the last visit of this round found.
    package var visit: ManualReading?
    /// What the register will show now, by the service's bills.
    package var expected: ClosedRange<Energy>?

    package init(
        service: Service,
        installation: Installation,
        last: RegisterReading,
        reportedAt: Instant?,
        visit: ManualReading? = nil,
        expected: ClosedRange<Energy>? = nil
    ) {
        self.service = service
        self.installation = installation
        self.last = last
        self.reportedAt = reportedAt
        self.visit = visit
        self.expected = expected
    }
}
