import Billing
import Forecasting
import Hummingbird
import Registry
import UseCases
import Web

extension PortalRoutes {
    func addForecastPages(to router: Router<WebContext>) {
        router.get("/services/{number}/next-bill") { request, context in
            try await inOffice(request) { visitor, office in
                let number = try context.pathParameter("number")
                let families = try await useCases.publishTariff.families(by: visitor.caller)
                var form = WhatIfForm(tariffs: families) { name in
                    request.uri.queryParameters.get(name)
                }
                func ask(_ form: WhatIfForm) async throws -> ShowForecast.Answer {
                    try await useCases.showForecast(
                        serviceNumber: number,
                        whatIf: form.whatIf,
                        by: visitor.caller
                    )
                }
                let answer: ShowForecast.Answer
                do {
                    answer = try await ask(form)
                } catch let invalid as InvalidInput {
                    form = form.refused(
                        invalid.faults.map { wording(office).readable($0.detail) }
                    )
                    answer = try await ask(form)
                }
                return page(
                    .forecast,
                    "Next bill of \(answer.service.number)",
                    ForecastPage(ForecastPage.Facts(answer, form: form)),
                    for: visitor,
                    at: request
                )
            }
        }
        router.get("/office/accuracy") { request, _ in
            try await atDesk(request) { visitor, _ in
                let found = try await useCases.showAccuracy(by: visitor.caller)
                return page(
                    .accuracy,
                    "Forecasts",
                    AccuracyPage(found.spans, firstOrigin: found.firstOrigin),
                    for: visitor,
                    at: request
                )
            }
        }
        router.get("/office/feeders") { request, _ in
            try await atDesk(request) { visitor, _ in
                let found = try await useCases.showFeeders.office(by: visitor.caller)
                let content = FeederPage(nil, found)
                return page(.feeders, content.title, content, for: visitor, at: request)
            }
        }
        router.get("/office/feeders/{code}") { request, context in
            try await atDesk(request) { visitor, _ in
                let code = try context.pathParameter("code")
                let found = try await useCases.showFeeders.feeder(code, by: visitor.caller)
                let content = FeederPage(code, found)
                return page(.feeders, content.title, content, for: visitor, at: request)
            }
        }
    }
}

extension ForecastPage.Facts {
    init(_ answer: ShowForecast.Answer, form: WhatIfForm) {
        self.init(
            service: answer.service,
            cycle: answer.cycle.map { cycle in
                ForecastPage.Cycle(
                    period: cycle.period,
                    used: cycle.used,
                    rest: cycle.rest,
                    units: cycle.units,
                    forecast: cycle.forecast
                )
            },
            notes: answer.notes.map { note in
                note.detail.prefix(1).uppercased() + note.detail.dropFirst() + "."
            },
            form: form
        )
    }
}
