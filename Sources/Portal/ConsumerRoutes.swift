import Billing
import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    func addConsumerPages(to router: Router<WebContext>) {
        router.get("/home") { request, _ in
            try await inOffice(request) { visitor, office in
                guard visitor.caller.role == .consumer else {
                    return .redirect(to: startAddress(for: visitor.caller.role))
                }
                let content = try await home(visitor.caller, office)
                return page(.home, "Your services", content, for: visitor, at: request)
            }
        }
        router.get("/services/{number}") { request, context in
            try await inOffice(request) { visitor, office in
                let number = try context.pathParameter("number")
                let content = try await service(number, visitor.caller, office)
                return page(
                    .service,
                    "Service \(content.number)",
                    content,
                    for: visitor,
                    at: request
                )
            }
        }
        router.get("/services/{number}/live") { request, context in
            try await inOffice(request) { visitor, office in
                let number = try context.pathParameter("number")
                guard let meter = try await currentMeter(of: number, visitor.caller) else {
                    throw NotFound("meter of service '\(number)'")
                }
                return liveStream(of: meter, visitor.caller, office, for: request)
            }
        }
        router.get("/bills/{name}") { request, context in
            try await inOffice(request) { visitor, office in
                let name = try context.pathParameter("name")
                let bill = try await useCases.showBills.show(name, by: visitor.caller)
                return page(
                    .bill,
                    "Bill \(bill.number ?? "draft")",
                    BillPage(
                        bill,
                        notes: try await useCases.showBills.notes(
                            try PageRequest(),
                            bill: name,
                            by: visitor.caller
                        ).items,
                        wording: wording(office)
                    ),
                    for: visitor,
                    at: request
                )
            }
        }
        router.get("/bills/{name}/file") { request, context in
            try await inOffice(request) { visitor, _ in
                let name = try context.pathParameter("name")
                let file = try await useCases.showBills.file(name, by: visitor.caller)
                var response = Response(
                    status: .ok,
                    body: ResponseBody(byteBuffer: ByteBuffer(string: file))
                )
                response.headers[.contentType] = "application/vnd.vidyut.bill+json"
                response.headers[.contentDisposition] = "attachment; filename=\"bill.vbill\""
                return response
            }
        }
    }

    // MARK: What the pages are made from

    /// The meter that hangs at a service now.
    func currentMeter(of number: String, _ caller: Caller) async throws -> Meter? {
        try await useCases.showMeters.installations(serviceNumber: number, by: caller)
            .last { $0.removedAt == nil }?.meter
    }

    /// The readings of the last hours, oldest first.
    func recentReadings(of meter: Meter, _ caller: Caller) async throws -> [AcceptedReading] {
        let now = useCases.clock.now()
        return try await useCases.showMeters.readings(
            serial: meter.serial,
            from: now.adding(seconds: -Int64(Limits.powerHours) * 3_600),
            to: now,
            limit: Limits.powerReadings,
            by: caller
        )
    }

    private func home(_ caller: Caller, _ office: Office) async throws -> HomePage {
        let consumer = try await useCases.registerConsumer.own(by: caller)
        let services = try await useCases.registerService.list(
            PageRequest(limit: Limits.serviceCards),
            by: caller
        )
        var cards: [HomePage.Card] = []
        for service in services.items {
            cards.append(try await card(service, caller, office))
        }
        return HomePage(consumer, services: cards, hasMore: services.next != nil)
    }

    private func card(
        _ service: Service,
        _ caller: Caller,
        _ office: Office
    ) async throws -> HomePage.Card {
        let wording = wording(office)
        let meter = try await currentMeter(of: service.number, caller)
        var at: Instant?
        if let meter { at = try await feed.newest(serial: meter.serial, by: caller)?.at }
        var running: RunningCycle?
        let cycle = office.cycle.period(named: office.cycle.name(containing: wording.today))
        if let cycle {
            let days = try await useCases.showUsage(
                serviceNumber: service.number,
                by: .day,
                from: cycle.first,
                to: wording.today,
                caller: caller
            )
            running = RunningCycle(
                rule: office.cycle,
                today: wording.today,
                connectedOn: service.connectedOn,
                days: days
            )
        }
        let bills = try await useCases.showBills.list(
            PageRequest(limit: 1),
            serviceNumber: service.number,
            by: caller
        )
        return HomePage.Card(
            service,
            running: running,
            balance: try await useCases.showBills.balance(
                serviceNumber: service.number,
                by: caller
            ),
            lastBill: bills.items.first,
            lastReadingAt: at,
            hasMeter: meter != nil,
            wording: wording
        )
    }

    private func service(
        _ number: String,
        _ caller: Caller,
        _ office: Office
    ) async throws -> ServicePage {
        let wording = wording(office)
        let service = try await useCases.registerService.show(number: number, by: caller)
        let meter = try await currentMeter(of: number, caller)
        var newest: LatestReading?
        var readings: [AcceptedReading] = []
        if let meter {
            newest = try await feed.newest(serial: meter.serial, by: caller)
            readings = try await recentReadings(of: meter, caller)
        }
        let days = try await useCases.showUsage(
            serviceNumber: number,
            by: .day,
            from: wording.today.month.adding(months: 1 - Limits.monthsShown).first,
            to: wording.today,
            caller: caller
        )
        let bills = try await useCases.showBills.list(
            PageRequest(limit: Limits.billsShown),
            serviceNumber: number,
            by: caller
        )
        return ServicePage(
            ServicePage.Facts(
                service: service,
                office: office,
                meter: meter,
                latest: newest,
                days: days,
                readings: readings,
                bills: bills.items,
                balance: try await useCases.showBills.balance(
                    serviceNumber: number,
                    by: caller
                ),
                isStaff: caller.role != .consumer,
                nextBill: try await useCases.showForecast(serviceNumber: number, by: caller)
                    .cycle?.forecast?.bill
            ),
            wording: wording
        )
    }
}
