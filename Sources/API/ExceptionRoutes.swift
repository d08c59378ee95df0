import Hummingbird
import Metering
import Registry
import Units
import UseCases
import Web

/// What the office's rules found about readings, what staff did about it, and the load curves behind.
struct ExceptionRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("reading-exceptions") { request, context in
            var query = QueryFields(request)
            let wanted = wanted(&query)
            let page = try query.page()
            try query.finish()
            let found = try await useCases.reviewExceptions.list(
                wanted,
                page: page,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(found) { ExceptionResponse($0) })
        }
        group.get("reading-exceptions/summary") { request, context in
            var query = QueryFields(request)
            let wanted = wanted(&query)
            try query.finish()
            let counts = try await useCases.reviewExceptions.counts(
                wanted,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(whole: counts.map(ExceptionCountResponse.init)))
        }
        group.post("reading-exceptions/acknowledgement") { request, context in
            try await settle(request, context) { query, keys, reason, caller in
                try await useCases.reviewExceptions.acknowledge(
                    query,
                    keys: keys,
                    reason: reason,
                    by: caller
                )
            }
        }
        group.post("reading-exceptions/reopening") { request, context in
            try await settle(request, context) { query, keys, reason, caller in
                try await useCases.reviewExceptions.reopen(
                    query,
                    keys: keys,
                    reason: reason,
                    by: caller
                )
            }
        }
        group.get("meters/{serial}/blocks") { request, context in
            var query = QueryFields(request)
            let from = query.date("from")
            let to = query.date("to")
            try query.finish()
            let curves = try await useCases.showMeters.blocks(
                serial: context.pathParameter("serial"),
                from: from,
                to: to,
                by: context.officeCaller()
            )
            return try Response.json(ListResponse(whole: curves.map(BlockDayResponse.init)))
        }
    }

    private func wanted(_ query: inout QueryFields) -> ReviewExceptions.Query {
        ReviewExceptions.Query(
            meterSerial: query.text("meter"),
            rule: query.text("rule"),
            severity: query.text("severity"),
            from: query.optionalDate("from"),
            to: query.optionalDate("to"),
            includesSettled: query.text("state") == "all",
            onlySettled: query.text("state") == "acknowledged"
        )
    }

    /// How many exceptions a decision was about.
    private struct Settled: Encodable {
        var settled: Int
    }

    private func settle(
        _ request: Request,
        _ context: WebContext,
        _ body: (ReviewExceptions.Query, [String], String, Caller) async throws -> Int
    ) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager, .engineer)
        var fields = try await BodyFields(request)
        let keys = fields.texts("keys")
        let query = ReviewExceptions.Query(
            meterSerial: fields.optionalText("meter"),
            rule: fields.optionalText("rule"),
            severity: fields.optionalText("severity"),
            from: fields.optionalDate("from"),
            to: fields.optionalDate("to")
        )
        let reason = fields.text("reason")
        if keys.isEmpty, query.meterSerial == nil, query.rule == nil {
            fields.refuse("keys", "keys, a meter or a rule: never everything by accident")
        }
        try fields.finish()
        return try Response.json(Settled(settled: try await body(query, keys, reason, caller)))
    }
}

/// An exception, with what was done about it.
struct ExceptionResponse: Encodable {
    struct Settlement: Encodable {
        var by: String
        var at: String
        var reason: String
    }

    var key: String
    var rule: String
    var severity: String
    var meter: String
    var service: String?
    var day: String
    var firstBlock: Int?
    var lastBlock: Int?
    var instants: [String]
    var detail: String
    var acknowledged: Settlement?

    init(_ entry: ExceptionEntry) {
        key = entry.key
        rule = entry.exception.rule.rawValue
        severity = entry.exception.severity.name
        meter = entry.meterSerial
        service = entry.serviceNumber
        day = entry.exception.day.description
        firstBlock = entry.exception.slots?.lowerBound
        lastBlock = entry.exception.slots?.upperBound
        instants = entry.exception.instants.map(\.description)
        detail = entry.exception.detail
        acknowledged = entry.settled.map {
            Settlement(by: $0.by, at: $0.at.description, reason: $0.reason)
        }
    }
}

/// How many exceptions of a rule and severity there are.
struct ExceptionCountResponse: Encodable {
    var rule: String
    var severity: String
    var count: Int
    var meters: Int
    var oldest: String
    var newest: String

    init(_ count: ExceptionCount) {
        rule = count.rule.rawValue
        severity = count.severity.name
        self.count = count.count
        meters = count.meters
        oldest = count.oldest.description
        newest = count.newest.description
    }
}

/// The load curve of a closed day.
struct BlockDayResponse: Encodable {
    var day: String
    var blockMinutes: Int
    /// Null where nothing is known, and nobody estimated or said it.
    var energyWattHours: [Int32?]
    var quality: [String]
    var readings: [Int]

    init(_ curve: BlockCurve) {
        day = curve.day.description
        blockMinutes = curve.blockMinutes
        energyWattHours = zip(curve.energies, curve.qualities).map { energy, quality in
            quality.contains(.missing) && !quality.contains(.withoutRegister) ? nil : energy
        }
        quality = curve.qualities.map(\.word)
        readings = curve.counts.map { Int($0) }
    }
}
