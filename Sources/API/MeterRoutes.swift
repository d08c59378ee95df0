import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

/// Meters: registration, credentials, the list with last reports, raw readings.
struct MeterRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("meters") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let meters = try await useCases.showMeters.list(page, by: context.officeCaller())
            return try Response.json(ListResponse(meters) { MeterSummaryResponse($0) })
        }
        group.post("meters") { request, context in
            request.isCSV
                ? try await registerTable(request, context) : try await register(request, context)
        }
        group.get("meters/{serial}") { _, context in
            let caller = try context.officeCaller()
            let serial = try context.pathParameter("serial")
            let (meter, service) = try await useCases.showMeters.show(serial: serial, by: caller)
            let clock = try await useCases.showMeters.clock(serial: serial, by: caller)
            return try Response.json(
                MeterResponse(meter, service: service?.number, clock: clock)
            )
        }
        group.post("meters/{serial}/credential") { _, context in
            let renewed = try await useCases.registerMeter.renewCredential(
                serial: context.pathParameter("serial"),
                by: context.officeCaller()
            )
            return try Response.json(RegisteredMeterResponse(renewed), status: .created)
        }
        group.post("meters/{serial}/corrections") { request, context in
            try await correct(request, context)
        }
        group.get("meters/{serial}/readings") { request, context in
            try await readings(request, context)
        }
    }

    private func register(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        var fields = try await BodyFields(request)
        let input = RegisterMeter.Input(
            serial: fields.text("serial"),
            registerDigits: fields.optionalInteger("registerDigits"),
            multiplier: fields.optionalInteger("multiplier"),
            channels: fields.optionalInteger("channels"),
            serviceNumber: fields.optionalText("service"),
            installedAt: fields.optionalText("installedAt"),
            openingRegisterWattHours: fields.optionalInteger("openingRegisterWattHours"),
            isOld: fields.optionalFlag("old") ?? false,
            gatewayPort: fields.optionalInteger("gatewayPort")
        )
        try fields.finish()
        let registered = try await useCases.registerMeter(input, by: caller)
        return try Response.created(
            RegisteredMeterResponse(registered),
            at: "/v1/meters/\(pathPart(registered.meter.serial))"
        )
    }

    private func registerTable(
        _ request: Request,
        _ context: WebContext
    ) async throws -> Response {
        let caller = try context.officeCaller()
        let rows = try await request.csvRows()
        guard rows.count <= Limits.meterRows else {
            throw Problem(.tooLarge, detail: "at most \(Limits.meterRows) meters in one table")
        }
        let registered = try await useCases.registerMeter.importRows(rows, by: caller)
        return try Response.json(
            RegisteredMetersResponse(
                registered: registered.count,
                meters: registered.map(RegisteredMeterResponse.init)
            ),
            status: .created
        )
    }

    private func correct(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        let serial = try context.pathParameter("serial")
        var fields = try await BodyFields(request)
        let at = fields.instant("at")
        let register = fields.energy("registerWattHours")
        let reason = fields.text("reason")
        try fields.finish()
        let replaced = try await useCases.correctReading(
            serial: serial,
            at: at,
            register: register,
            reason: reason,
            by: caller
        )
        return try Response.json(
            CorrectionResponse(replacedRegisterWattHours: replaced.wattHours)
        )
    }

    private func readings(_ request: Request, _ context: WebContext) async throws -> Response {
        let serial = try context.pathParameter("serial")
        var query = QueryFields(request)
        let now = useCases.clock.now()
        let to = query.instant("to") ?? now.adding(seconds: 1)
        let from = query.instant("from") ?? to.adding(seconds: -Limits.readingSpanSeconds)
        // The cursor is the instant of the first reading of the next page.
        let after = query.instant("after")
        let limit = query.integer("limit")
        try query.finish()
        let page = try PageRequest(limit: limit)
        let found = try await useCases.showMeters.readings(
            serial: serial,
            from: after ?? from,
            to: to,
            limit: page.limit + 1,
            by: context.officeCaller()
        )
        return try Response.json(
            ListResponse(
                items: found.prefix(page.limit).map { ReadingResponse($0) },
                next: found.count > page.limit ? found[page.limit].at.description : nil
            )
        )
    }
}
