import Billing
import Hummingbird
import Registry
import Tariffs
import Units
import UseCases
import Web

/// Dated tariff documents, and what a consumption would cost under one.
struct TariffRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("tariffs") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let tariffs = try await useCases.publishTariff.list(by: context.officeCaller())
            return try Response.json(ListResponse(whole: tariffs.map(TariffResponse.init)))
        }
        group.post("tariffs") { request, context in try await publish(request, context) }
        group.get("tariffs/{id}") { request, context in
            let tariff = try await useCases.publishTariff.show(
                id: context.pathParameter("id"),
                by: context.officeCaller()
            )
            return try Response.tagged(hexadecimal(tariff.digest), for: request) {
                Array(tariff.body.utf8)
            }
        }
        group.post("tariffs/{id}/quote") { request, context in
            let id = try context.pathParameter("id")
            let caller = try context.officeCaller()
            let inputs = try await quoteInputs(request)
            let rating = try await useCases.quoteTariff(document: id, inputs: inputs, by: caller)
            return try Response.json(QuoteResponse(id, rating))
        }
    }

    private func publish(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager)
        guard request.mediaType == nil || request.mediaType == "application/json" else {
            throw Problem(.unsupportedMediaType, detail: "send application/json")
        }
        let bytes = try await request.bytes()
        let examination = TariffExamination(bytes)
        guard examination.faults.isEmpty else { throw Problem(examination.faults) }
        let published = try await useCases.publishTariff(examination.documents, by: caller)
        let items = published.map { PublishedResponse(id: $0.id, isNew: $0.isNew) }
        return try Response.json(
            ListResponse(whole: items),
            status: items.contains { $0.isNew } ? .created : .ok
        )
    }

    private func quoteInputs(_ request: Request) async throws -> RatingInputs {
        var fields = try await BodyFields(request)
        let units = fields.energy("energyWattHours")
        let months = fields.optionalInteger("months")
        let days = fields.optionalInteger("days")
        let from = fields.optionalDate("from")
        let to = fields.optionalDate("to")
        var inputs = RatingInputs(units: units, months: months ?? 1)
        switch (months, days, from, to) {
        case (.some, nil, nil, nil): break
        case (nil, let days?, nil, nil): inputs = RatingInputs(units: units, days: days)
        case (nil, nil, let from?, let to?):
            if let period = BillingPeriod(first: from, last: to) {
                inputs = RatingInputs(units: units, period: period)
            } else {
                fields.refuse("to", "not before from")
            }
        default: fields.refuse("months", "give either months, or days, or from and to")
        }
        inputs.load = fields.optionalInteger("loadWatts").map {
            Power(
                milliwatts: Int64(clamping: $0.multipliedReportingOverflow(by: 1_000).partialValue)
            )
        }
        inputs.linesOn = fields.texts("linesOn")
        inputs.optIn = fields.optionalFlag("optIn") ?? false
        for member in fields.anyMembers("parameters") {
            if let value = Self.parameter(member.value) {
                inputs.parameters[member.name] = value
            } else {
                fields.refuse(
                    "parameters.\(member.name)",
                    "a decimal, a list, a table or windows"
                )
            }
        }
        try fields.finish()
        return inputs
    }

    private static func parameter(_ value: JSONValue) -> ParameterValue? {
        switch value {
        case .string(let text), .number(let text): try? ParameterValue(text: text)
        default: try? ParameterValue(text: String(decoding: value.bytes(), as: UTF8.self))
        }
    }
}

extension Problem {
    /// Everything that keeps a text from being a tariff.
    init(_ errors: [TariffDocumentError]) {
        var faults: [Fault] = []
        for error in errors {
            switch error {
            case .notJSON(let fault):
                self.init(.unreadable, code: "malformed_json", detail: fault.description)
                return
            case .invalid(let path, let reason):
                // `$.lines[2].rate` is `/lines/2/rate` as a JSON pointer.
                var pointer = ""
                for character in path.dropFirst(path.hasPrefix("$") ? 1 : 0) {
                    switch character {
                    case ".", "[": pointer.append("/")
                    case "]": break
                    default: pointer.append(character)
                    }
                }
                faults.append(Fault(pointer: pointer, code: "invalid", detail: reason))
            }
        }
        let rest = errors.count > 1 ? " (and \(errors.count - 1) more)" : ""
        self.init(.invalid, detail: (errors.first?.description ?? "") + rest, faults: faults)
    }
}
