import Hummingbird
import Registry
import Units
import UseCases
import Web

/// Service connections, what they used and which meters they had.
struct ServiceRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("services") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let services = try await useCases.registerService.list(
                page,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(services) { ServiceResponse($0) })
        }
        group.post("services") { request, context in try await register(request, context) }
        group.get("services/{number}") { _, context in
            let caller = try context.officeCaller()
            let number = try context.pathParameter("number")
            let service = try await useCases.registerService.show(number: number, by: caller)
            let balance = try await useCases.showBills.balance(serviceNumber: number, by: caller)
            return try Response.json(ServiceResponse(service, balance: balance))
        }
        group.get("services/{number}/usage") { request, context in
            try await usage(request, context)
        }
        group.get("services/{number}/installations") { _, context in
            try await installations(
                of: context.pathParameter("number"),
                by: context.officeCaller()
            )
        }
        group.post("services/{number}/meter-exchange") { request, context in
            try await exchange(request, context)
        }
        group.post("services/{number}/transfer") { request, context in
            try await transfer(request, context)
        }
        group.put("services/{number}/transformer") { request, context in
            try await hang(request, context)
        }
        group.post("services/{number}/closure") { request, context in
            try await close(request, context)
        }
    }

    private func register(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        if request.isCSV {
            let count = try await useCases.registerService.importRows(
                try await request.csvRows(),
                by: caller
            )
            return try Response.json(ImportResponse(registered: count), status: .created)
        }
        var fields = try await BodyFields(request)
        let input = RegisterService.Input(
            number: fields.text("number"),
            consumerNumber: fields.text("consumer"),
            category: fields.text("category"),
            tariffFamily: fields.text("tariff"),
            sanctionedLoadWatts: fields.integer("sanctionedLoadWatts"),
            phases: fields.optionalInteger("phases"),
            feeder: fields.optionalText("feeder"),
            transformer: fields.optionalText("transformer"),
            address: fields.optionalText("address"),
            connectedOn: fields.text("connectedOn"),
            group: fields.optionalText("group"),
            optIn: fields.optionalFlag("optIn") ?? false,
            optionalLines: fields.texts("optionalLines")
        )
        try fields.finish()
        let service = try await useCases.registerService(input, by: caller)
        return try Response.created(
            ServiceResponse(service),
            at: "/v1/services/\(pathPart(service.number))"
        )
    }

    private func usage(_ request: Request, _ context: WebContext) async throws -> Response {
        let number = try context.pathParameter("number")
        var query = QueryFields(request)
        let step = query.word("by", default: ShowUsage.Step.day)
        let from = query.date("from")
        let to = query.date("to")
        try query.finish()
        let values = try await useCases.showUsage(
            serviceNumber: number,
            by: step,
            from: from,
            to: to,
            caller: context.officeCaller()
        )
        return try Response.json(
            UsageResponse(service: number, by: step, from: from, to: to, values: values)
        )
    }

    private func installations(of number: String, by caller: Caller) async throws -> Response {
        let installations = try await useCases.showMeters.installations(
            serviceNumber: number,
            by: caller
        )
        return try Response.json(
            ListResponse(whole: installations.map(InstallationResponse.init))
        )
    }

    private func transfer(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        let number = try context.pathParameter("number")
        var fields = try await BodyFields(request)
        let consumer = fields.text("consumer")
        let lastDay = fields.date("lastDay")
        try fields.finish()
        let service = try await useCases.moveOccupant.transfer(
            number,
            to: consumer,
            lastDay: lastDay,
            by: caller
        )
        return try Response.json(ServiceResponse(service))
    }

    private func hang(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        let number = try context.pathParameter("number")
        var fields = try await BodyFields(request)
        let input = HangService.Input(
            serviceNumber: number,
            transformer: fields.optionalText("transformer"),
            feeder: fields.optionalText("feeder")
        )
        try fields.finish()
        return try Response.json(ServiceResponse(try await useCases.hangService(input, by: caller)))
    }

    private func close(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        let number = try context.pathParameter("number")
        var fields = try await BodyFields(request)
        let lastDay = fields.date("lastDay")
        let closingRegister = fields.optionalEnergy("closingRegisterWattHours")
        try fields.finish()
        let service = try await useCases.moveOccupant.close(
            number,
            lastDay: lastDay,
            closingRegister: closingRegister,
            by: caller
        )
        return try Response.json(ServiceResponse(service))
    }

    private func exchange(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        let number = try context.pathParameter("number")
        var fields = try await BodyFields(request)
        let input = ReplaceMeter.Input(
            serviceNumber: number,
            newSerial: fields.text("newSerial"),
            at: fields.instant("at"),
            closingRegister: fields.energy("closingRegisterWattHours"),
            openingRegister: fields.energy("openingRegisterWattHours")
        )
        if input.at > useCases.clock.now() { fields.refuse("at", "not in the future") }
        try fields.finish()
        try await useCases.replaceMeter(input, by: caller)
        return try await installations(of: number, by: caller)
    }
}
