package import Metering
package import Registry
package import Units

/// Where a bill is in its life (R2); an issued one never changes (R1).
package enum BillState: String, CaseIterable, Hashable, Sendable {
    /// Made, and free to be issued where the office asks for no approval.
    case draft
    /// An exception waits for a person.
    case held
    /// A person has said yes.
    case approved
    case issued
}

/// One slab of a line as the consumer sees it; figures are exact decimals, as text.
package struct BillSlab: Hashable, Sendable {
    /// Units (kWh) the slab begins above and ends at, after scaling; nil means without end.
    package var fromUnits: String
    package var toUnits: String?
    package var quantity: String
    package var rate: String
    package var amountExact: String

    package init(
        fromUnits: String,
        toUnits: String?,
        quantity: String,
        rate: String,
        amountExact: String
    ) {
        self.fromUnits = fromUnits
        self.toUnits = toUnits
        self.quantity = quantity
        self.rate = rate
        self.amountExact = amountExact
    }
}

/// A line of a bill, rounded once.
package struct BillLine: Hashable, Sendable {
    package var lineID: String
    package var label: String
    /// How the amount came about, in words and figures.
    package var working: String
    package var amountExact: String
    package var amount: Money
    package var slabs: [BillSlab]
    /// The rule that rounded it, as people read it; nil on bills that do not say.
    package var rounding: String?

    package init(
        lineID: String,
        label: String,
        working: String,
        amountExact: String,
        amount: Money,
        slabs: [BillSlab],
        rounding: String? = nil
    ) {
        self.rounding = rounding
        self.lineID = lineID
        self.label = label
        self.working = working
        self.amountExact = amountExact
        self.amount = amount
        self.slabs = slabs
    }
}

/// Everything on a bill but its number and dates of issue: party, tariff and figures copied in.
package struct BillContent: Hashable, Sendable {
    package var service: Service.ID
    /// Nil on bills older than occupancies.
    package var consumer: Consumer.ID?
    package var kind: BillKind
    package var basis: BillBasis
    /// Name of the cycle, `2026-10`.
    package var cycle: CivilMonth
    package var period: BillingPeriod
    package var consumerNumber: String
    package var consumerName: String
    package var serviceNumber: String
    package var address: String
    package var category: String
    /// Ids of the tariff documents that priced it, in order.
    package var tariffDocuments: [String]
    package var segments: [ConsumptionSegment]
    package var energy: Energy
    package var missingDays: String
    package var lines: [BillLine]
    package var total: Money
    /// Units of export, and what rounding left, carried to the next bill.
    package var surplus: Energy
    package var carried: Money
    /// Where a late reading was billed fairly: what the same units cost as one printed bill.
    package var asPrinted: Money?
    /// What the load curve told, where the tariff bills slots of the day or a demand.
    package var curve: BilledCurve?
    /// JSON of everything the figures were computed from, and its SHA-256.
    package var proof: String
    package var proofDigest: [UInt8]

    package init(
        service: Service.ID,
        consumer: Consumer.ID? = nil,
        kind: BillKind = .regular,
        basis: BillBasis = .actual,
        cycle: CivilMonth,
        period: BillingPeriod,
        consumerNumber: String,
        consumerName: String,
        serviceNumber: String,
        address: String,
        category: String,
        tariffDocuments: [String],
        segments: [ConsumptionSegment],
        energy: Energy? = nil,
        missingDays: String,
        lines: [BillLine],
        total: Money,
        surplus: Energy = .zero,
        carried: Money = .zero,
        asPrinted: Money? = nil,
        curve: BilledCurve? = nil,
        proof: String,
        proofDigest: [UInt8]
    ) {
        self.curve = curve
        self.service = service
        self.consumer = consumer
        self.kind = kind
        self.basis = basis
        self.cycle = cycle
        self.period = period
        self.consumerNumber = consumerNumber
        self.consumerName = consumerName
        self.serviceNumber = serviceNumber
        self.address = address
        self.category = category
        self.tariffDocuments = tariffDocuments
        self.segments = segments
        self.energy = energy ?? segments.reduce(.zero) { $0 + $1.energy }
        self.missingDays = missingDays
        self.lines = lines
        self.total = total
        self.surplus = surplus
        self.carried = carried
        self.asPrinted = asPrinted
        self.proof = proof
        self.proofDigest = proofDigest
    }
}

/// A bill as it is kept.
package struct Bill: Hashable, Sendable {
    package typealias ID = Identifier<Bill>

    package var id: ID
    package var state: BillState
    /// Given at issue, without gaps per office and year (R6).
    package var number: String?
    package var issuedAt: Instant?
    package var dueOn: CivilDate?
    /// Why it waits, or waited.
    package var holds: [BillHold]
    package var draftedBy: String
    package var approval: Approval?
    package var content: BillContent

    /// Who said yes, when and why.
    package struct Approval: Hashable, Sendable {
        package var by: String
        package var at: Instant
        package var reason: String

        package init(by: String, at: Instant, reason: String) {
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    package init(
        id: ID,
        state: BillState,
        number: String?,
        issuedAt: Instant?,
        dueOn: CivilDate?,
        holds: [BillHold] = [],
        draftedBy: String = "",
        approval: Approval? = nil,
        content: BillContent
    ) {
        self.id = id
        self.state = state
        self.number = number
        self.issuedAt = issuedAt
        self.dueOn = dueOn
        self.holds = holds
        self.draftedBy = draftedBy
        self.approval = approval
        self.content = content
    }

    /// Invariant 4: the sum of the lines is the total.
    package var isConsistent: Bool {
        content.lines.reduce(.zero) { $0 + $1.amount } == content.total
    }
}

/// A bill of a list.
package struct BillSummary: Hashable, Sendable {
    package var id: Bill.ID
    package var number: String?
    package var state: BillState
    package var serviceNumber: String
    package var consumerName: String
    package var cycle: String
    package var period: BillingPeriod
    package var energy: Energy
    package var total: Money
    package var dueOn: CivilDate?
    package var basis: BillBasis
    package var holds: [BillHold]

    package init(
        id: Bill.ID,
        number: String?,
        state: BillState,
        serviceNumber: String,
        consumerName: String,
        cycle: String,
        period: BillingPeriod,
        energy: Energy,
        total: Money,
        dueOn: CivilDate?,
        basis: BillBasis = .actual,
        holds: [BillHold] = []
    ) {
        self.id = id
        self.number = number
        self.state = state
        self.serviceNumber = serviceNumber
        self.consumerName = consumerName
        self.cycle = cycle
        self.period = period
        self.energy = energy
        self.total = total
        self.dueOn = dueOn
        self.basis = basis
        self.holds = holds
    }
}
