import Billing
import Hummingbird
import Registry
import UseCases
import Web

/// What services, feeders and the office will use, and how such forecasts went.
struct ForecastRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("office/forecast") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let caller = try context.officeCaller()
            try caller.requireStaff()
            let office = try await useCases.findOffices(caller.office)
            return try Response.json(ForecastSettingsResponse(office.forecasting))
        }
        group.patch("office/forecast") { request, context in
            var fields = try await BodyFields(request)
            let input = SetForecasting.Input(
                climate: fields.optionalText("climate"),
                monthlyCelsius: fields.optionalIntegers("monthlyTenthsCelsius")?
                    .map { Double($0) / 10 }
            )
            try fields.finish()
            let office = try await useCases.setForecasting(input, by: context.officeCaller())
            return try Response.json(ForecastSettingsResponse(office.forecasting))
        }
        group.get("services/{number}/forecast") { request, context in
            try await service(request, context)
        }
        group.get("forecasts/feeders") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let found = try await useCases.showFeeders.office(by: context.officeCaller())
            return try Response.json(LoadForecastResponse(found))
        }
        group.get("forecasts/feeders/{code}") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let found = try await useCases.showFeeders.feeder(
                context.pathParameter("code"),
                by: context.officeCaller()
            )
            return try Response.json(LoadForecastResponse(found))
        }
        group.get("forecasts/accuracy") { request, context in
            var query = QueryFields(request)
            try query.finish()
            let found = try await useCases.showAccuracy(by: context.officeCaller())
            return try Response.json(
                ListResponse(whole: found.spans.map { AccuracyResponse($0) })
            )
        }
    }

    private func service(_ request: Request, _ context: WebContext) async throws -> Response {
        let number = try context.pathParameter("number")
        var query = QueryFields(request)
        var whatIf = WhatIf(percent: query.integer("percent") ?? 0, tariff: query.text("tariff"))
        let watts = query.integer("watts")
        let minutes = query.integer("minutesADay")
        let from = query.optionalDate("from")
        if let watts {
            whatIf.appliance = WhatIf.Appliance(
                watts: watts,
                minutesADay: minutes ?? 1_440,
                from: from
            )
        } else if minutes != nil || from != nil {
            query.refuse("watts", "missing", "minutesADay and from are of an appliance's watts")
        }
        try query.finish()
        let answer = try await useCases.showForecast(
            serviceNumber: number,
            whatIf: whatIf,
            withAccuracy: true,
            by: context.officeCaller()
        )
        return try Response.json(ServiceForecastResponse(answer))
    }
}
