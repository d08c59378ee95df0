import Billing
import HTTPTypes
import Hummingbird
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    func addRunPages(to router: Router<WebContext>) {
        router.get("/office/runs") { request, _ in
            try await atDesk(request) { visitor, office in
                try await runs(request, visitor, office)
            }
        }
        router.post("/office/runs") { request, _ in
            try await atDesk(request) { visitor, office in
                try await startRun(request, visitor, office)
            }
        }
        router.get("/office/runs/{id}") { request, context in
            try await atDesk(request) { visitor, office in
                let content = try await run(
                    try context.pathParameter("id"),
                    request,
                    visitor.caller,
                    office
                )
                return page(
                    .run,
                    "Run of \(content.run.cycle)",
                    content,
                    for: visitor,
                    at: request
                )
            }
        }
        router.get("/office/bills") { request, _ in
            try await atDesk(request) { visitor, _ in
                let content = try await bills(request, visitor.caller)
                return page(.billList, "Bills", content, for: visitor, at: request)
            }
        }
    }

    private func runs(
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office,
        asked: String? = nil,
        message: String? = nil
    ) async throws -> Response {
        let after = request.cursor
        let found = try await useCases.showBills.runs(
            PageRequest(after: after, limit: Limits.rowsPerPage),
            by: visitor.caller
        )
        let content = RunsPage(
            found.items,
            links: PageLinks(path: "/office/runs", after: after, next: found.next),
            office: office,
            mayRun: visitor.caller.role != .engineer,
            asked: asked,
            message: message,
            wording: wording(office)
        )
        return page(
            .runs,
            "Billing runs",
            content,
            for: visitor,
            at: request,
            status: message == nil ? .ok : .unprocessableContent
        )
    }

    private func startRun(
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let fields = try await fields(of: request)
        try visitor.formToken.check(fields["formToken"], request)
        let cycle = fields["cycle"] ?? ""
        do {
            let run = try await useCases.runBilling(
                cycle: cycle,
                issue: fields["issue"] == "yes",
                by: visitor.caller
            )
            return .redirect(to: "/office/runs/\(run.id.value)")
        } catch let invalid as InvalidInput {
            return try await runs(
                request,
                visitor,
                office,
                asked: cycle,
                message: invalid.faults.map(\.detail).joined(separator: "; ")
            )
        }
    }

    private func run(
        _ name: String,
        _ request: Request,
        _ caller: Caller,
        _ office: Office
    ) async throws -> RunPage {
        guard let id = Int32(name), id > 0, id < .max,
            let run = try await useCases.showBills.runs(
                PageRequest(after: String(id + 1), limit: 1),
                by: caller
            ).items.first, run.id.value == id
        else { throw NotFound("run '\(name)'") }
        let after = request.cursor
        let onlyRefused = request.query("only") == "refused"
        let found: Page<BillRunOutcome>
        if onlyRefused {
            found = try await scan(
                after: after,
                until: { $0.count >= Limits.rowsPerPage },
                keep: { $0.outcome == .refused },
                { try await useCases.showBills.outcomes(of: run.id, $0, by: caller) }
            )
        } else {
            found = try await useCases.showBills.outcomes(
                of: run.id,
                PageRequest(after: after, limit: Limits.rowsPerPage),
                by: caller
            )
        }
        return RunPage(
            run,
            outcomes: found.items,
            links: PageLinks(
                path: "/office/runs/\(id)",
                filters: onlyRefused ? [("only", "refused")] : [],
                after: after,
                next: found.next
            ),
            onlyRefused: onlyRefused,
            wording: wording(office)
        )
    }

    private func bills(_ request: Request, _ caller: Caller) async throws -> ListPage<BillRow> {
        let after = request.cursor
        let cycle = request.query("cycle").flatMap { CivilMonth($0) }
        let found = try await useCases.showBills.list(
            PageRequest(after: after, limit: Limits.rowsPerPage),
            cycle: cycle?.description,
            by: caller
        )
        return ListPage(
            found.items.map(BillRow.init),
            links: PageLinks(
                path: "/office/bills",
                filters: cycle.map { [("cycle", $0.description)] } ?? [],
                after: after,
                next: found.next
            ),
            search: cycle?.text ?? ""
        )
    }
}
