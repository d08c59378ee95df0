package import Registry
package import Units

/// What a run did for one service.
package enum BillOutcome: String, CaseIterable, Hashable, Sendable {
    /// A draft was made, or made again because something has changed.
    case drafted
    /// A draft was made that waits for approval; the reasons say why.
    case held
    /// A bill was made, or a draft found, and issued.
    case issued
    /// The bill was there already; a rerun adds nothing (R4).
    case existing
    /// No bill: the reason says why, by name.
    case refused
    /// No bill, and none is wanted: not connected yet in this cycle, or no more.
    case notConnected = "not_connected"
}

/// A billing run of one cycle of an office.
package struct BillRun: Hashable, Sendable {
    package typealias ID = Identifier<BillRun>

    package var id: ID
    package var cycle: String
    package var period: BillingPeriod
    /// The billing group; empty for the office's own cycle.
    package var group: String
    package var issues: Bool
    package var requestedBy: String
    package var startedAt: Instant
    package var finishedAt: Instant?
    /// Services it set out to bill.
    package var services: Int
    package var counts: [BillOutcome: Int]

    package init(
        id: ID,
        cycle: String,
        period: BillingPeriod,
        group: String = "",
        issues: Bool = false,
        requestedBy: String,
        startedAt: Instant,
        finishedAt: Instant?,
        services: Int = 0,
        counts: [BillOutcome: Int]
    ) {
        self.id = id
        self.cycle = cycle
        self.period = period
        self.group = group
        self.issues = issues
        self.services = services
        self.requestedBy = requestedBy
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.counts = counts
    }
}

/// The outcome of a run for one service, with the reason where it refused.
package struct BillRunOutcome: Hashable, Sendable {
    package var service: Service.ID
    package var serviceNumber: String
    package var outcome: BillOutcome
    package var reason: String

    package init(
        service: Service.ID,
        serviceNumber: String,
        outcome: BillOutcome,
        reason: String
    ) {
        self.service = service
        self.serviceNumber = serviceNumber
        self.outcome = outcome
        self.reason = reason
    }
}

/// A published, dated version of a tariff as an office keeps it.
package struct PublishedTariff: Hashable, Sendable {
    package var id: String
    package var family: String
    package var effectiveFrom: CivilDate
    package var effectiveTo: CivilDate?
    package var digest: [UInt8]
    package var body: String

    package init(
        id: String,
        family: String,
        effectiveFrom: CivilDate,
        effectiveTo: CivilDate?,
        digest: [UInt8],
        body: String
    ) {
        self.id = id
        self.family = family
        self.effectiveFrom = effectiveFrom
        self.effectiveTo = effectiveTo
        self.digest = digest
        self.body = body
    }
}
