import Billing
import Hummingbird
import Metering
import Units
import UseCases
import Web

/// Bills; a consumer sees their own issued ones.
struct BillRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("bills") { request, context in
            var query = QueryFields(request)
            let cycle = query.text("cycle")
            let service = query.text("service")
            let page = try query.page()
            try query.finish()
            let bills = try await useCases.showBills.list(
                page,
                cycle: cycle,
                serviceNumber: service,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(bills) { BillSummaryResponse($0) })
        }
        group.get("bills/{id}") { request, context in
            let bill = try await useCases.showBills.show(
                context.pathParameter("id"),
                by: context.officeCaller()
            )
            // The proof covers every figure; only the state and what comes with it can change.
            let tag = "\(bill.state.rawValue)-\(hexadecimal(bill.content.proofDigest))"
            return try Response.tagged(tag, for: request) { try jsonBytes(BillResponse(bill)) }
        }
    }
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
        var closingAt: String
        var closingRegisterWattHours: Int64
        var energyWattHours: Int64

        init(_ segment: ConsumptionSegment) {
            meter = segment.meter.serial
            multiplier = segment.meter.multiplier
            openingAt = segment.opening.at.description
            openingRegisterWattHours = segment.opening.register.wattHours
            closingAt = segment.closing.at.description
            closingRegisterWattHours = segment.closing.register.wattHours
            energyWattHours = segment.energy.wattHours
        }
    }

    /// A line of the bill, rounded once.
    struct Line: Encodable {
        var id: String
        var label: String
        var working: String
        var amountExact: String
        var amountPaise: Int64
        var slabs: [SlabResponse]

        init(_ line: BillLine) {
            id = line.lineID
            label = line.label
            working = line.working
            amountExact = line.amountExact
            amountPaise = line.amount.paise
            slabs = line.slabs.map { SlabResponse($0) }
        }
    }

    var id: Int32
    var number: String?
    var state: String
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
    var totalPaise: Int64
    /// SHA-256 of everything the figures were computed from.
    var proofDigest: String

    init(_ bill: Bill) {
        let content = bill.content
        id = bill.id.value
        number = bill.number
        state = bill.state.rawValue
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
        totalPaise = content.total.paise
        proofDigest = hexadecimal(content.proofDigest)
    }
}
