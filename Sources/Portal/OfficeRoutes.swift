import Billing
import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    func addOfficePages(to router: Router<WebContext>) {
        router.get("/office") { request, _ in
            try await atDesk(request) { visitor, office in
                let content = try await overview(visitor.caller, office)
                return page(.overview, "Overview", content, for: visitor, at: request)
            }
        }
        router.get("/office/consumers") { request, _ in
            try await atDesk(request) { visitor, _ in
                let content = try await consumers(request, visitor.caller)
                return page(.consumers, "Consumers", content, for: visitor, at: request)
            }
        }
        router.get("/office/consumers/{number}") { request, context in
            try await atDesk(request) { visitor, _ in
                let (consumer, services) = try await useCases.registerConsumer.show(
                    number: try context.pathParameter("number"),
                    by: visitor.caller
                )
                return page(
                    .consumer,
                    consumer.name,
                    ConsumerPage(consumer, services: services),
                    for: visitor,
                    at: request
                )
            }
        }
        router.get("/office/rejections") { request, _ in
            try await atDesk(request) { visitor, office in
                let wording = wording(office)
                let rejections = try await useCases.showMeters.rejections(by: visitor.caller)
                let content = RejectionsPage(
                    rejections.map { RejectionRow($0, wording: wording) }
                )
                return page(.rejectionList, "Readings refused", content, for: visitor, at: request)
            }
        }
        addServiceAndMeterPages(to: router)
    }

    private func addServiceAndMeterPages(to router: Router<WebContext>) {
        router.get("/office/services") { request, _ in
            try await atDesk(request) { visitor, _ in
                let after = request.cursor
                let found = try await useCases.registerService.list(
                    PageRequest(after: after, limit: Limits.rowsPerPage),
                    by: visitor.caller
                )
                let content = ServicesPage(
                    found.items.map(ServiceRow.init),
                    links: PageLinks(path: "/office/services", after: after, next: found.next)
                )
                return page(.serviceList, "Services", content, for: visitor, at: request)
            }
        }
        router.get("/office/meters") { request, _ in
            try await atDesk(request) { visitor, office in
                let content = try await meters(request, visitor.caller, office)
                return page(.meters, "Meters", content, for: visitor, at: request)
            }
        }
        router.get("/office/meters/{serial}") { request, context in
            try await atDesk(request) { visitor, office in
                let (meter, service) = try await useCases.showMeters.show(
                    serial: try context.pathParameter("serial"),
                    by: visitor.caller
                )
                let newest = try await feed.newest(serial: meter.serial, by: visitor.caller)
                let content = MeterPage(
                    meter,
                    service: service,
                    latest: newest,
                    readings: try await recentReadings(of: meter, visitor.caller),
                    clock: try await useCases.showMeters.clock(
                        serial: meter.serial,
                        by: visitor.caller
                    ),
                    wording: wording(office)
                )
                return page(.meter, "Meter \(meter.serial)", content, for: visitor, at: request)
            }
        }
        router.get("/office/meters/{serial}/live") { request, context in
            try await atDesk(request) { visitor, office in
                let (meter, _) = try await useCases.showMeters.show(
                    serial: try context.pathParameter("serial"),
                    by: visitor.caller
                )
                return liveStream(of: meter, visitor.caller, office, for: request)
            }
        }
    }

    // MARK: What the pages are made from

    private func overview(_ caller: Caller, _ office: Office) async throws -> OverviewPage {
        let meters = try await scan(
            after: nil,
            until: { _ in false },
            keep: { _ in true },
            { try await useCases.showMeters.list($0, by: caller) }
        )
        return OverviewPage(
            office,
            meters: meters.items,
            hasMoreMeters: meters.next != nil,
            rejections: try await useCases.showMeters.rejections(by: caller),
            lastRun: try await useCases.showBills.runs(PageRequest(limit: 1), by: caller)
                .items.first,
            wording: wording(office)
        )
    }

    private func consumers(
        _ request: Request,
        _ caller: Caller
    ) async throws -> ListPage<ConsumerRow> {
        let prefix = request.query("number") ?? ""
        let after = request.cursor
        var found: Page<Consumer>
        if prefix.isEmpty {
            found = try await useCases.registerConsumer.list(
                PageRequest(after: after, limit: Limits.rowsPerPage),
                by: caller
            )
        } else {
            // Every number that begins so comes after the prefix itself, but for the prefix.
            found = try await scan(
                after: after ?? prefix,
                until: { $0.count >= Limits.rowsPerPage },
                keep: { $0.number.hasPrefix(prefix) },
                { try await useCases.registerConsumer.list($0, by: caller) }
            )
            if after == nil, let exact = try await consumer(prefix, caller) {
                found.items.insert(exact, at: 0)
            }
        }
        return ListPage(
            found.items.map(ConsumerRow.init),
            links: PageLinks(
                path: "/office/consumers",
                filters: prefix.isEmpty ? [] : [("number", prefix)],
                after: after,
                next: found.next
            ),
            search: prefix
        )
    }

    private func consumer(_ number: String, _ caller: Caller) async throws -> Consumer? {
        do {
            return try await useCases.registerConsumer.show(number: number, by: caller).consumer
        } catch is NotFound {
            return nil
        }
    }

    private func meters(
        _ request: Request,
        _ caller: Caller,
        _ office: Office
    ) async throws -> ListPage<MeterRow> {
        let wording = wording(office)
        let after = request.cursor
        let onlySilent = request.query("only") == "silent"
        let found: Page<MeterSummary>
        if onlySilent {
            found = try await scan(
                after: after,
                until: { $0.count >= Limits.rowsPerPage },
                keep: { wording.isSilent(since: $0.latest?.at) },
                { try await useCases.showMeters.list($0, by: caller) }
            )
        } else {
            found = try await useCases.showMeters.list(
                PageRequest(after: after, limit: Limits.rowsPerPage),
                by: caller
            )
        }
        return ListPage(
            found.items.map { MeterRow($0, wording: wording) },
            links: PageLinks(
                path: "/office/meters",
                filters: onlySilent ? [("only", "silent")] : [],
                after: after,
                next: found.next
            ),
            search: onlySilent ? "silent" : ""
        )
    }

    /// Looks through a list for rows that fit, page by page, up to the limit of one look; the rest
    /// begins at the answer's `next`.
    func scan<Row: Sendable>(
        after: String?,
        until isEnough: ([Row]) -> Bool,
        keep: (Row) -> Bool,
        _ fetch: (PageRequest) async throws -> Page<Row>
    ) async throws -> Page<Row> {
        var kept: [Row] = []
        var cursor = after
        for _ in 0..<(Limits.rowsScanned / Limits.rowsPerScan) {
            let found = try await fetch(PageRequest(after: cursor, limit: Limits.rowsPerScan))
            kept += found.items.filter(keep)
            cursor = found.next
            if cursor == nil || isEnough(kept) { break }
        }
        return Page(items: kept, next: cursor)
    }
}

extension Request {
    /// An item of the query, unescaped; nil when missing or empty.
    func query(_ name: String) -> String? {
        uri.queryParameters.get(name).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where a list goes on.
    var cursor: String? { query("after") }
}
