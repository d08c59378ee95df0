import Billing
import HTTPTypes
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
        group.get("bill-runs/{id}/outcomes") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let name = try context.pathParameter("id")
            guard let id = Int32(name) else { throw NotFound("bill run '\(name)'") }
            let outcomes = try await useCases.showBills.outcomes(
                of: BillRun.ID(id),
                page,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(outcomes) { OutcomeResponse($0) })
        }
    }

    private func start(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager, .clerk)
        guard let key = request.headers[.idempotencyKey] else {
            throw InvalidInput(
                "Idempotency-Key",
                "missing",
                "a key of your own, new for every run you ask for"
            )
        }
        guard request.mediaType == nil || request.mediaType == "application/json" else {
            throw Problem(.unsupportedMediaType, detail: "send application/json")
        }
        let body = try await request.bytes()
        // The key stands for this path and this body.
        let identity = Array("POST /v1/bill-runs\n".utf8) + body
        if let known = try await useCases.answers.replay(key: key, request: identity, by: caller) {
            return Response.json(
                bytes: Array(known.body.utf8),
                status: HTTPResponse.Status(code: known.status)
            )
        }
        var fields = try BodyFields(bytes: body)
        let cycle = fields.text("cycle")
        let issue = fields.optionalFlag("issue") ?? false
        try fields.finish()
        let run = try await useCases.runBilling(cycle: cycle, issue: issue, by: caller)
        let answer = try jsonBytes(BillRunResponse(run))
        try await useCases.answers.record(
            key: key,
            request: identity,
            status: HTTPResponse.Status.created.code,
            body: String(decoding: answer, as: UTF8.self),
            by: caller
        )
        return Response.json(bytes: answer, status: .created)
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
    var requestedBy: String
    var startedAt: String
    /// Absent while the run goes on, and after one that was killed.
    var finishedAt: String?
    /// Services by outcome: drafted, issued, existing, refused.
    var counts: [String: Int]

    init(_ run: BillRun) {
        id = run.id.value
        cycle = run.cycle
        period = Period(run.period)
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
    /// Why there is no bill; absent where there is one.
    var reason: String?

    init(_ outcome: BillRunOutcome) {
        service = outcome.serviceNumber
        self.outcome = outcome.outcome.rawValue
        reason = outcome.reason.isEmpty ? nil : outcome.reason
    }
}
