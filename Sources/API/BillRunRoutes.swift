import Billing
import Hummingbird
import Registry
import Units
import UseCases
import Web

/// Billing runs: started once under an idempotency key, listed, explained service by service.
struct BillRunRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.post("bill-runs") { request, context in try await start(request, context) }
        group.get("bill-runs") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let runs = try await useCases.showBills.runs(page, by: context.officeCaller())
            return try Response.json(ListResponse(runs) { BillRunResponse($0) })
        }
        group.get("bill-runs/{id}") { _, context in
            let run = try await useCases.showBills.run(
                runID(context),
                by: context.officeCaller()
            )
            return try Response.json(BillRunResponse(run))
        }
        group.get("bill-runs/{id}/outcomes") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let outcomes = try await useCases.showBills.outcomes(
                of: runID(context),
                page,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(outcomes) { OutcomeResponse($0) })
        }
    }

    private func runID(_ context: WebContext) throws -> BillRun.ID {
        let name = try context.pathParameter("id")
        guard let id = Int32(name) else { throw NotFound("bill run '\(name)'") }
        return BillRun.ID(id)
    }

    private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager, .clerk)
        return try await useCases.answers(
            request,
            key: .required,
            status: .created,
            by: caller
        ) { body in
            let input = try RunBilling.Input(body: body)
            return BillRunResponse(try await useCases.runBilling(input, by: caller))
        }
    }
}

extension RunBilling.Input {
    /// What a body asks for, or everything that is wrong with it.
    fileprivate init(body: [UInt8]) throws {
        var fields = try BodyFields(bytes: body)
        self.init(
            cycle: fields.text("cycle"),
            issue: fields.optionalFlag("issue") ?? false,
            group: fields.optionalText("group") ?? "",
            serviceNumber: fields.optionalText("service"),
            provisional: fields.optionalWord("provisional"),
            overrideReason: fields.optionalText("overrideReason")
        )
        if overrideReason != nil, provisional == nil {
            fields.refuse("overrideReason", "only together with provisional")
        }
        try fields.finish()
    }
}

/// A run on the wire.
struct BillRunResponse: Encodable {
    /// First and last day of the cycle.
    struct Period: Encodable {
        var first: String
        var last: String

        init(_ period: BillingPeriod) {
            first = period.first.description
            last = period.last.description
        }
    }

    var id: Int32
    var cycle: String
    var period: Period
    /// Absent for the office's own cycle.
    var group: String?
    /// Whether it issues what nobody has to look at.
    var issues: Bool
    /// Services it set out to bill.
    var services: Int
    var requestedBy: String
    var startedAt: String
    /// Absent while the run goes on, and after one that was killed.
    var finishedAt: String?
    /// Services by outcome: drafted, held, issued, existing, refused, not_connected.
    var counts: [String: Int]

    init(_ run: BillRun) {
        id = run.id.value
        cycle = run.cycle
        period = Period(run.period)
        group = run.group.isEmpty ? nil : run.group
        issues = run.issues
        services = run.services
        requestedBy = run.requestedBy
        startedAt = run.startedAt.description
        finishedAt = run.finishedAt?.description
        counts = Dictionary(
            uniqueKeysWithValues: BillOutcome.allCases.map {
                ($0.rawValue, run.counts[$0] ?? 0)
            }
        )
    }
}

/// What a run did for one service.
struct OutcomeResponse: Encodable {
    var service: String
    var outcome: String
    /// Why there is no bill, or why it waits; absent where there is nothing to say.
    var reason: String?

    init(_ outcome: BillRunOutcome) {
        service = outcome.serviceNumber
        self.outcome = outcome.outcome.rawValue
        reason = outcome.reason.isEmpty ? nil : outcome.reason
    }
}
