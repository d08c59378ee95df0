import HTTPTypes
import Hummingbird
import Metering
import NIOCore
import Registry
import Units
import UseCases
import Web
import Wire

/// The assessor's round: who is due, visits one by one, and the sheet.
struct RoundRoutes: Sendable {
    let useCases: UseCaseSet

    /// What a sheet brought.
    struct SheetResponse: Encodable {
        struct Hold: Encodable {
            var line: Int
            var reading: ManualReadingResponse
        }

        struct Hint: Encodable {
            var line: Int
            var detail: String
        }

        var rows: Int
        var blank: Int
        var accepted: Int
        var held: Int
        var noted: Int
        var duplicates: Int
        var holds: [Hold]
        var hints: [Hint]

        init(_ report: ReadingRound.SheetReport, for caller: Caller) {
            rows = report.rows
            blank = report.blank
            accepted = report.accepted
            held = report.held
            noted = report.noted
            duplicates = report.duplicates
            holds = report.holds.map {
                Hold(line: $0.line, reading: ManualReadingResponse($0.reading, for: caller))
            }
            hints = report.hints.map { Hint(line: $0.line, detail: $0.detail) }
        }
    }

    func add(to group: RouterGroup<WebContext>) {
        group.get("reading-round") { request, context in
            var query = QueryFields(request)
            let (cycle, billingGroup) = (query.text("cycle"), query.text("group") ?? "")
            let page = try query.page()
            try query.finish()
            let caller = try context.officeCaller()
            let found = try await useCases.readingRound.stops(
                cycle: cycle,
                group: billingGroup,
                page: page,
                by: caller
            )
            return try Response.json(ListResponse(found) { RoundStopResponse($0, for: caller) })
        }
        group.get("reading-round/sheet") { request, context in
            var query = QueryFields(request)
            let (cycle, billingGroup) = (query.text("cycle"), query.text("group") ?? "")
            try query.finish()
            let sheet = try await useCases.readingRound.sheet(
                cycle: cycle,
                group: billingGroup,
                by: context.officeCaller()
            )
            let lines = [ReadingRound.columns] + sheet.rows
            return Response(
                status: .ok,
                headers: [
                    .contentType: "text/csv; charset=utf-8",
                    .contentDisposition: "attachment; filename=\"round-\(sheet.cycle).csv\"",
                ],
                body: ResponseBody(byteBuffer: ByteBuffer(string: lines.map(csvLine).joined()))
            )
        }
        group.post("reading-round/sheet") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager, .clerk, .engineer)
            var query = QueryFields(request)
            let (cycle, billingGroup) = (query.text("cycle"), query.text("group") ?? "")
            try query.finish()
            guard request.isCSV else {
                throw Problem(.unsupportedMediaType, detail: "send text/csv")
            }
            let report = try await useCases.readingRound.take(
                try await request.csvRows(),
                cycle: cycle,
                group: billingGroup,
                by: caller
            )
            return try Response.json(SheetResponse(report, for: caller))
        }
        group.post("services/{number}/visits") { request, context in
            try await visit(request, context)
        }
    }

    private func visit(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager, .clerk, .engineer)
        var fields = try await BodyFields(request)
        let visit = EnterReading.Visit(
            serviceNumber: try context.pathParameter("number"),
            cycle: fields.optionalText("cycle"),
            group: fields.optionalText("group") ?? "",
            at: fields.optionalInstant("at"),
            outcome: fields.optionalWord("outcome") ?? .read,
            register: fields.optionalEnergy("registerWattHours"),
            note: fields.optionalText("note") ?? ""
        )
        try fields.finish()
        let entered = try await useCases.enterReading.visit(visit, by: caller)
        return try Response.json(
            ManualReadingResponse(entered.reading, for: caller),
            status: entered.isNew ? .created : .ok
        )
    }
}
