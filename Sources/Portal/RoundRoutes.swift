import HTTPTypes
import Hummingbird
import Metering
import NIOCore
import Registry
import Units
import UseCases
import Web
import Wire

extension PortalRoutes {
    func addRoundPages(to router: Router<WebContext>) {
        router.get("/office/round") { request, _ in
            try await atDesk(request) { visitor, office in
                try await round(request, visitor, office)
            }
        }
        router.get("/office/round-sheet") { request, _ in
            try await atDesk(request) { visitor, _ in
                let sheet = try await useCases.readingRound.sheet(
                    cycle: request.query("cycle"),
                    group: request.query("group") ?? "",
                    by: visitor.caller
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
        }
        router.post("/office/round-sheet") { request, _ in
            try await atDesk(request) { visitor, office in
                try await takeSheet(request, visitor, office)
            }
        }
        router.get("/office/round/{number}") { request, context in
            try await atDesk(request) { visitor, office in
                try await visitPage(context.pathParameter("number"), request, visitor, office)
            }
        }
        router.post("/office/round/{number}") { request, context in
            try await atDesk(request) { visitor, office in
                try await takeVisit(context.pathParameter("number"), request, visitor, office)
            }
        }
    }

    private func round(
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office,
        message: String? = nil,
        faults: [String] = []
    ) async throws -> Response {
        let caller = visitor.caller
        let state = try await useCases.readingRound.state(
            cycle: request.query("cycle"),
            group: request.query("group") ?? "",
            by: caller
        )
        let cycle = state.cycle.description
        let after = request.cursor
        let stops = try await useCases.readingRound.stops(
            cycle: cycle,
            group: state.group,
            page: PageRequest(after: after, limit: Limits.rowsPerPage),
            by: caller
        )
        let next = try await useCases.readingRound.next(
            after: "",
            cycle: cycle,
            group: state.group,
            by: caller
        )
        let content = RoundPage(
            state,
            stops: stops,
            after: after,
            next: next,
            note: try await savedNote(request, caller, office),
            message: message,
            faults: faults,
            wording: wording(office)
        )
        return page(
            .round,
            "Round of \(content.cycle)",
            content,
            for: visitor,
            at: request,
            status: message == nil || faults.isEmpty ? .ok : .unprocessableContent
        )
    }

    /// What became of the entry that led here.
    private func savedNote(
        _ request: Request,
        _ caller: Caller,
        _ office: Office
    ) async throws -> EnteredNote? {
        guard let saved = request.query("saved") else { return nil }
        let reading = try await useCases.decideReading.show(saved, by: caller)
        return EnteredNote(reading, wording: wording(office))
    }

    private func takeSheet(
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let form = try await request.multipartForm(upTo: Web.Limits.readingsBodyBytes)
        try visitor.formToken.check(form.text("formToken"), request)
        do {
            let report = try await useCases.readingRound.take(
                try rows(of: form),
                cycle: request.query("cycle"),
                group: request.query("group") ?? "",
                by: visitor.caller
            )
            let message =
                "\(counted(report.rows, "row")): \(report.accepted) accepted, \(report.held) held, "
                + "\(report.noted) without a register, \(report.duplicates) were there already, "
                + "\(report.blank) say nothing yet."
                + (report.hints.isEmpty
                    ? ""
                    : " \(counted(report.hints.count, "register")) read before the cycle's end: it stays "
                        + "open until one of then or later.")
            return try await round(request, visitor, office, message: message)
        } catch let invalid as InvalidInput {
            return try await round(
                request,
                visitor,
                office,
                message: "The sheet has faults, and nothing of it is kept.",
                faults: invalid.faults.map { "\($0.field): \($0.detail)" }
            )
        }
    }

    private func rows(of form: MultipartForm) throws -> [ImportRow] {
        guard let bytes = form.file("file") else {
            throw InvalidInput("file", "missing", "choose the filled sheet")
        }
        do throws(ImportFault) {
            return try csvRows(bytes).rows.map { ImportRow(line: $0.line, fields: $0.fields) }
        } catch {
            throw InvalidInput("line \(error.line)", "invalid", error.detail)
        }
    }

    // MARK: One service after another

    private func visitPage(
        _ number: String,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office,
        message: String? = nil,
        typed: [String: String] = [:]
    ) async throws -> Response {
        let caller = visitor.caller
        let group = request.query("group") ?? ""
        let state = try await useCases.readingRound.state(
            cycle: request.query("cycle"),
            group: group,
            by: caller
        )
        let cycle = state.cycle.description
        let content = VisitPage(
            try await useCases.readingRound.stop(number, cycle: cycle, group: group, by: caller),
            state: state,
            next: try await useCases.readingRound.next(
                after: number,
                cycle: cycle,
                group: group,
                by: caller
            ),
            note: message == nil ? try await savedNote(request, caller, office) : nil,
            message: message,
            typed: typed,
            wording: wording(office)
        )
        return page(
            .visit,
            "Visit of \(number)",
            content,
            for: visitor,
            at: request,
            status: message == nil ? .ok : .unprocessableContent
        )
    }

    private func takeVisit(
        _ number: String,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let fields = try await fields(of: request)
        try visitor.formToken.check(fields["formToken"], request)
        let group = request.query("group") ?? ""
        do {
            let entered = try await useCases.enterReading.visit(
                try visit(number, fields, cycle: request.query("cycle"), group: group),
                by: visitor.caller
            )
            let cycle = entered.reading.cycle?.description ?? ""
            let next = try await useCases.readingRound.next(
                after: number,
                cycle: cycle,
                group: group,
                by: visitor.caller
            )
            let address = RoundAddress(cycle: cycle, group: group)
            return .redirect(
                to: (next.map(address.stop) ?? address.list)
                    + "&saved=\(entered.reading.id.value)"
            )
        } catch let invalid as InvalidInput {
            return try await visitPage(
                number,
                request,
                visitor,
                office,
                message: invalid.faults.map(\.detail).joined(separator: "; "),
                typed: fields
            )
        }
    }

    private func visit(
        _ number: String,
        _ fields: [String: String],
        cycle: String?,
        group: String
    ) throws -> EnterReading.Visit {
        let text = (fields["register"] ?? "").filter { !$0.isWhitespace && $0 != "," }
        let register = Energy(kilowattHours: text)
        guard text.isEmpty || register != nil else {
            throw InvalidInput("register", "invalid", "The register is a number such as 1234.")
        }
        return EnterReading.Visit(
            serviceNumber: number,
            cycle: cycle,
            group: group,
            outcome: VisitOutcome(rawValue: fields["outcome"] ?? "") ?? .read,
            register: register,
            note: fields["note"] ?? ""
        )
    }
}
