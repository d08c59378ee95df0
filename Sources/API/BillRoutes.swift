import Billing
import HTTPTypes
import Hummingbird
import Registry
import UseCases
import Web

/// Bills: a consumer sees their own issued ones; staff look at the others, approve them or take them
/// back.
struct BillRoutes: Sendable {
    let useCases: UseCaseSet

    /// The file of a bill, for anyone who wants to compute it again.
    private static let fileType = "application/vnd.vidyut.bill+json"
    private static let fileSuffix = ".vbill"

    func add(to group: RouterGroup<WebContext>) {
        group.get("bills") { request, context in try await list(request, context) }
        group.get("bills/{id}") { request, context in
            let name = try context.pathParameter("id")
            let caller = try context.officeCaller()
            if request.accepts(Self.fileType) { return try await file(name, by: caller) }
            let bill = try await useCases.showBills.show(name, by: caller)
            let bytes = try jsonBytes(BillResponse(bill, for: caller))
            var answer = try Response.tagged(hexadecimal(sha256(bytes)), for: request) { bytes }
            answer.headers[.vary] = "Accept"
            return answer
        }
        group.get("bills/{id}.vbill") { _, context in
            try await file(context.pathParameter("id"), by: context.officeCaller())
        }
        group.post("bills/{id}/approval") { request, context in
            try await approve(request, context)
        }
        group.delete("bills/{id}") { _, context in
            try await useCases.approveBills.withdraw(
                context.pathParameter("id"),
                by: context.officeCaller()
            )
            return Response(status: .noContent)
        }
    }

    private func list(_ request: Request, _ context: WebContext) async throws -> Response {
        var query = QueryFields(request)
        let cycle = query.text("cycle")
        let service = query.text("service")
        let state: BillState? = query.optionalWord("state")
        let hold: BillHold.Code? = query.optionalWord("hold")
        let page = try query.page()
        try query.finish()
        let bills = try await useCases.showBills.list(
            page,
            cycle: cycle,
            serviceNumber: service,
            state: state,
            hold: hold,
            by: context.officeCaller()
        )
        return try Response.json(ListResponse(bills) { BillSummaryResponse($0) })
    }

    private func file(_ name: String, by caller: Caller) async throws -> Response {
        let text = try await useCases.showBills.file(name, by: caller)
        // A name that stands for a bill has nothing in it that would end the quotes.
        return Response(
            status: .ok,
            headers: [
                .contentType: Self.fileType,
                .contentDisposition: "attachment; filename=\"\(name)\(Self.fileSuffix)\"",
                .vary: "Accept",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    private func approve(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager)
        let name = try context.pathParameter("id")
        return try await useCases.answers(
            request,
            key: .optional,
            status: .ok,
            by: caller
        ) { body in
            var fields = try BodyFields(bytes: body)
            let reason = fields.optionalText("reason") ?? ""
            try fields.finish()
            let bill = try await useCases.approveBills(name, reason: reason, by: caller)
            return BillResponse(bill, for: caller)
        }
    }
}

extension Request {
    /// Whether the asker names this media type among those they take.
    fileprivate func accepts(_ mediaType: String) -> Bool {
        let accepted = headers[values: .accept].flatMap { $0.lowercased().split(separator: ",") }
        return accepted.contains { choice in
            let name = choice.prefix { $0 != ";" }
            return name.filter { !$0.isWhitespace } == mediaType
        }
    }
}
