import HTTPTypes
import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    func addReadingPages(to router: Router<WebContext>) {
        router.get("/services/{number}/reading") { request, context in
            try await inOffice(request) { visitor, _ in
                try await ownForm(context.pathParameter("number"), request, visitor)
            }
        }
        router.post("/services/{number}/reading") { request, context in
            try await inOffice(request) { visitor, office in
                try await takeOwn(context.pathParameter("number"), request, visitor, office)
            }
        }
        router.get("/services/{number}/readings") { request, context in
            try await inOffice(request) { visitor, office in
                try await comparison(context.pathParameter("number"), request, visitor, office)
            }
        }
        router.get("/readings/{id}/photo") { request, context in
            try await inOffice(request) { visitor, _ in
                Response.photo(
                    try await useCases.decideReading.photo(
                        of: context.pathParameter("id"),
                        by: visitor.caller
                    )
                )
            }
        }
        router.get("/office/readings") { request, _ in
            try await atDesk(request) { visitor, office in try await held(request, visitor, office)
            }
        }
        router.post("/office/readings/{id}") { request, context in
            try await atDesk(request) { visitor, office in
                try await decide(context.pathParameter("id"), request, visitor, office)
            }
        }
    }

    // MARK: The consumer's own

    private func ownForm(
        _ number: String,
        _ request: Request,
        _ visitor: Visitor,
        message: String? = nil,
        typed: (register: String, day: String, time: String) = ("", "", "")
    ) async throws -> Response {
        let service = try await useCases.registerService.show(number: number, by: visitor.caller)
        let meter = try await currentMeter(of: number, visitor.caller)
        return page(
            .ownReading,
            "Send your reading",
            OwnReadingPage(service, meter: meter, message: message, typed: typed),
            for: visitor,
            at: request,
            status: message == nil ? .ok : .unprocessableContent
        )
    }

    /// The body is read only once it is known whose service it is for.
    private func takeOwn(
        _ number: String,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        try EnterReading.checkMayRead(visitor.caller)
        _ = try await useCases.registerService.show(number: number, by: visitor.caller)
        let form = try await request.multipartForm(upTo: Web.Limits.photoBodyBytes)
        try visitor.formToken.check(form.text("formToken"), request)
        func again(_ message: String) async throws -> Response {
            try await ownForm(
                number,
                request,
                visitor,
                message: message,
                typed: (
                    form.text("register") ?? "", form.text("day") ?? "", form.text("time") ?? ""
                )
            )
        }
        do {
            let entered = try await useCases.enterReading.own(
                try own(number, form, office),
                by: visitor.caller
            )
            let list = "/services/\(pathPiece(number))/readings"
            return .redirect(to: "\(list)?saved=\(entered.reading.id.value)")
        } catch let invalid as InvalidInput {
            let wording = wording(office)
            return try await again(
                invalid.faults.map { wording.readable($0.detail) }.joined(separator: "; ")
            )
        } catch let conflict as StateConflict {
            return try await again(conflict.detail)
        }
    }

    private func own(
        _ number: String,
        _ form: MultipartForm,
        _ office: Office
    ) throws -> EnterReading.OwnReading {
        let text = (form.text("register") ?? "").filter { !$0.isWhitespace && $0 != "," }
        guard let register = Energy(kilowattHours: text) else {
            throw InvalidInput("register", "invalid", "The register is a number such as 1234.")
        }
        let (day, time) = (form.text("day") ?? "", form.text("time") ?? "")
        var at: Instant?
        if !day.isEmpty || !time.isEmpty {
            let date = day.isEmpty ? wording(office).today.description : day
            at = readingInstant(
                time.isEmpty ? date : "\(date) \(time)",
                zone: office.zone,
                now: useCases.clock.now()
            )
            guard at != nil else {
                throw InvalidInput("day", "invalid", "The day is a date such as 2026-11-23.")
            }
        }
        return EnterReading.OwnReading(
            serviceNumber: number,
            at: at,
            register: register,
            photo: form.file("photo")
        )
    }

    private func comparison(
        _ number: String,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let rows = try await useCases.compareSources(serviceNumber: number, by: visitor.caller)
        var note: EnteredNote?
        if let saved = request.query("saved") {
            let reading = try await useCases.decideReading.show(saved, by: visitor.caller)
            note = EnteredNote(reading, wording: wording(office))
        }
        return page(
            .comparison,
            "Readings side by side",
            ComparisonPage(number, rows: rows, note: note, wording: wording(office)),
            for: visitor,
            at: request
        )
    }

    // MARK: What waits

    private func held(
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office,
        message: String? = nil
    ) async throws -> Response {
        let after = request.cursor
        let found = try await useCases.decideReading.list(
            DecideReading.Query(state: .held),
            page: PageRequest(after: after, limit: Limits.heldPerPage),
            by: visitor.caller
        )
        let wording = wording(office)
        let content = HeldPage(
            found.items.map { HeldRow($0, for: visitor.caller, wording: wording) },
            links: PageLinks(path: "/office/readings", after: after, next: found.next),
            message: message
        )
        return page(
            .held,
            "Readings held",
            content,
            for: visitor,
            at: request,
            status: message == nil ? .ok : .unprocessableContent
        )
    }

    private func decide(
        _ id: String,
        _ request: Request,
        _ visitor: Visitor,
        _ office: Office
    ) async throws -> Response {
        let fields = try await fields(of: request)
        try visitor.formToken.check(fields["formToken"], request)
        let reason = fields["reason"] ?? ""
        do {
            if fields["decision"] == "accept" {
                _ = try await useCases.decideReading.accept(
                    id,
                    reason: reason,
                    forBilling: fields["forBilling"] == "yes",
                    by: visitor.caller
                )
            } else {
                _ = try await useCases.decideReading.reject(id, reason: reason, by: visitor.caller)
            }
            return .redirect(to: "/office/readings")
        } catch let invalid as InvalidInput {
            let message = invalid.faults.map(\.detail).joined(separator: "; ")
            return try await held(request, visitor, office, message: message)
        } catch let conflict as StateConflict {
            return try await held(request, visitor, office, message: conflict.detail)
        }
    }
}
