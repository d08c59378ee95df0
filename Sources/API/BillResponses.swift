import Billing
import Metering
import Registry
import Units
import UseCases

extension Caller {
    /// Whether they see who drafted and who approved.
    var isStaff: Bool { role.isStaff || role == .administrator }
}

/// A bill of the list.
struct BillSummaryResponse: Encodable {
    var id: Int32
    var number: String?
    var state: String
    var service: String
    var consumerName: String
    var cycle: String
    var period: BillRunResponse.Period
    var energyWattHours: Int64
    var totalPaise: Int64
    var dueOn: String?
    /// Registers that were read, or an estimate.
    var basis: String
    /// Why it waits, or waited, for a person; absent where nothing was unusual.
    var holds: [HoldResponse]?

    init(_ bill: BillSummary) {
        id = bill.id.value
        number = bill.number
        state = bill.state.rawValue
        service = bill.serviceNumber
        consumerName = bill.consumerName
        cycle = bill.cycle
        period = BillRunResponse.Period(bill.period)
        energyWattHours = bill.energy.wattHours
        totalPaise = bill.total.paise
        dueOn = bill.dueOn?.description
        basis = bill.basis.rawValue
        holds = HoldResponse.list(bill.holds)
    }
}

/// Why a bill waits for a person, or waited.
struct HoldResponse: Encodable {
    var code: String
    var reason: String

    /// Nil when there is none.
    static func list(_ holds: [BillHold]) -> [HoldResponse]? {
        holds.isEmpty
            ? nil : holds.map { HoldResponse(code: $0.code.rawValue, reason: $0.reason) }
    }
}

/// A whole bill.
struct BillResponse: Encodable {
    /// Consumption of one meter within the period.
    struct Segment: Encodable {
        var meter: String
        var multiplier: Int
        var openingAt: String
        var openingRegisterWattHours: Int64
        var openingEstimated: Bool
        var closingAt: String
        var closingRegisterWattHours: Int64
        var closingEstimated: Bool
        var energyWattHours: Int64

        init(_ segment: ConsumptionSegment) {
            meter = segment.meter.serial
            multiplier = segment.meter.multiplier
            openingAt = segment.opening.at.description
            openingRegisterWattHours = segment.opening.register.wattHours
            openingEstimated = segment.opening.isEstimated
            closingAt = segment.closing.at.description
            closingRegisterWattHours = segment.closing.register.wattHours
            closingEstimated = segment.closing.isEstimated
            energyWattHours = segment.energy.wattHours
        }
    }

    /// Who said yes to a bill, when and why.
    struct Approval: Encodable {
        var by: String
        var at: String
        var reason: String

        init(_ approval: Bill.Approval) {
            by = approval.by
            at = approval.at.description
            reason = approval.reason
        }
    }

    /// A line of the bill, rounded once.
    struct Line: Encodable {
        var id: String
        var label: String
        var working: String
        var amountExact: String
        var amountPaise: Int64
        /// The rule that rounded it; absent on bills that do not say.
        var rounding: String?
        var slabs: [SlabResponse]

        init(_ line: BillLine) {
            id = line.lineID
            label = line.label
            working = line.working
            amountExact = line.amountExact
            amountPaise = line.amount.paise
            rounding = line.rounding
            slabs = line.slabs.map { SlabResponse($0) }
        }
    }

    var id: Int32
    var number: String?
    var state: String
    /// One of many, or the last for a consumer who left.
    var kind: String
    /// Registers that were read, or an estimate.
    var basis: String
    var holds: [HoldResponse]?
    /// Who ran it; for staff only, as is who approved it.
    var draftedBy: String?
    var approval: Approval?
    var issuedAt: String?
    var dueOn: String?
    var cycle: String
    var period: BillRunResponse.Period
    var consumer: String
    var consumerName: String
    var service: String
    var address: String
    var category: String
    var tariffs: [String]
    var segments: [Segment]
    var energyWattHours: Int64
    /// Days without a reading, as people write them; empty when there are none.
    var missingDays: String
    var lines: [Line]
    /// What the load curve told, in sentences; absent where the tariff bills nothing by it.
    var loadCurve: [String]?
    var totalPaise: Int64
    /// Where a late reading was billed fairly: what the same units cost as one printed bill.
    var asPrintedPaise: Int64?
    /// Export, and what rounding left, carried to the next bill; absent when there is none.
    var surplusWattHours: Int64?
    var carriedPaise: Int64?
    /// SHA-256 of everything the figures were computed from.
    var proofDigest: String

    init(_ bill: Bill, for caller: Caller) {
        let content = bill.content
        id = bill.id.value
        number = bill.number
        state = bill.state.rawValue
        kind = content.kind.rawValue
        basis = content.basis.rawValue
        holds = HoldResponse.list(bill.holds)
        draftedBy = caller.isStaff ? bill.draftedBy : nil
        approval = caller.isStaff ? bill.approval.map { Approval($0) } : nil
        issuedAt = bill.issuedAt?.description
        dueOn = bill.dueOn?.description
        cycle = content.cycle.description
        period = BillRunResponse.Period(content.period)
        consumer = content.consumerNumber
        consumerName = content.consumerName
        service = content.serviceNumber
        address = content.address
        category = content.category
        tariffs = content.tariffDocuments
        segments = content.segments.map { Segment($0) }
        energyWattHours = content.energy.wattHours
        missingDays = content.missingDays
        lines = content.lines.map { Line($0) }
        loadCurve = content.curve?.sentences
        totalPaise = content.total.paise
        asPrintedPaise = content.asPrinted?.paise
        surplusWattHours = content.surplus == .zero ? nil : content.surplus.wattHours
        carriedPaise = content.carried == .zero ? nil : content.carried.paise
        proofDigest = hexadecimal(content.proofDigest)
    }
}
