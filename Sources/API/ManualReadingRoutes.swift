import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

/// Registers that people read: the consumer's own, what waits for a person, sources side by side.
struct ManualReadingRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.post("services/{number}/self-readings") { request, context in
            try await takeOwn(request, context)
        }
        group.get("services/{number}/manual-readings") { _, context in
            let caller = try context.officeCaller()
            let rows = try await useCases.compareSources(
                serviceNumber: context.pathParameter("number"),
                by: caller
            )
            return try Response.json(
                ListResponse(whole: rows.map { ComparisonResponse($0, for: caller) })
            )
        }
        group.get("manual-readings") { request, context in
            var query = QueryFields(request)
            let wanted = DecideReading.Query(
                serviceNumber: query.text("service"),
                state: query.optionalWord("state"),
                source: query.optionalWord("source")
            )
            let page = try query.page()
            try query.finish()
            let caller = try context.officeCaller()
            let found = try await useCases.decideReading.list(wanted, page: page, by: caller)
            return try Response.json(
                ListResponse(found) { ManualReadingResponse($0, for: caller) }
            )
        }
        group.get("manual-readings/{id}/photo") { _, context in
            let caller = try context.officeCaller()
            return Response.photo(
                try await useCases.decideReading.photo(of: context.pathParameter("id"), by: caller)
            )
        }
        group.post("manual-readings/{id}/acceptance") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager, .engineer)
            var fields = try await BodyFields(request)
            let reason = fields.text("reason")
            let forBilling = fields.optionalFlag("forBilling") ?? false
            try fields.finish()
            let reading = try await useCases.decideReading.accept(
                context.pathParameter("id"),
                reason: reason,
                forBilling: forBilling,
                by: caller
            )
            return try Response.json(ManualReadingResponse(reading, for: caller))
        }
        group.post("manual-readings/{id}/rejection") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager, .engineer)
            var fields = try await BodyFields(request)
            let reason = fields.text("reason")
            try fields.finish()
            let reading = try await useCases.decideReading.reject(
                context.pathParameter("id"),
                reason: reason,
                by: caller
            )
            return try Response.json(ManualReadingResponse(reading, for: caller))
        }
    }

    /// The body is read only once it is known that the asker may send one for this service.
    private func takeOwn(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try EnterReading.checkMayRead(caller)
        let number = try context.pathParameter("number")
        _ = try await useCases.registerService.show(number: number, by: caller)
        let own =
            request.mediaType == "multipart/form-data"
            ? try await form(request, number) : try await document(request, number)
        let entered = try await useCases.enterReading.own(own, by: caller)
        return try Response.json(
            ManualReadingResponse(entered.reading, for: caller),
            status: entered.isNew ? .created : .ok
        )
    }

    private func document(
        _ request: Request,
        _ number: String
    ) async throws -> EnterReading.OwnReading {
        var fields = try await BodyFields(request)
        let register = fields.energy("registerWattHours")
        let at = fields.optionalInstant("at")
        try fields.finish()
        return EnterReading.OwnReading(serviceNumber: number, at: at, register: register)
    }

    private func form(
        _ request: Request,
        _ number: String
    ) async throws -> EnterReading.OwnReading {
        let form = try await request.multipartForm(upTo: Web.Limits.photoBodyBytes)
        var faults: [FieldFault] = []
        for part in form.parts where !["registerWattHours", "at", "photo"].contains(part.name) {
            let known = "unknown field; known here: registerWattHours, at, photo"
            faults.append(FieldFault(part.name, "unknown", known))
        }
        let text = form.text("registerWattHours") ?? ""
        let register = (1...15).contains(text.utf8.count) ? decimalDigits(text.utf8) : nil
        if register == nil {
            faults.append(
                FieldFault("registerWattHours", "invalid", "a whole number of watt-hours")
            )
        }
        let at = form.text("at").flatMap { $0.isEmpty ? nil : $0 }
        let instant = at.flatMap { Instant($0) }
        if at != nil, instant == nil {
            faults.append(
                FieldFault("at", "invalid", "an instant such as 2026-11-23T10:15:00Z")
            )
        }
        guard faults.isEmpty, let register else { throw InvalidInput(faults) }
        return EnterReading.OwnReading(
            serviceNumber: number,
            at: instant,
            register: Energy(wattHours: Int64(register)),
            photo: form.file("photo")
        )
    }
}
