package import Metering
package import Registry
package import Store
package import Units

/// What the office's rules found about readings: staff looks at it, decides, and says why.
package struct ReviewExceptions: Sendable {
    /// Which exceptions are wanted.
    package struct Query: Sendable {
        package var meterSerial: String?
        package var rule: String?
        package var severity: String?
        package var from: CivilDate?
        package var to: CivilDate?
        package var includesSettled: Bool
        /// Only those that were acknowledged.
        package var onlySettled: Bool

        package init(
            meterSerial: String? = nil,
            rule: String? = nil,
            severity: String? = nil,
            from: CivilDate? = nil,
            to: CivilDate? = nil,
            includesSettled: Bool = false,
            onlySettled: Bool = false
        ) {
            self.onlySettled = onlySettled
            self.meterSerial = meterSerial
            self.rule = rule
            self.severity = severity
            self.from = from
            self.to = to
            self.includesSettled = includesSettled
        }
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Exceptions, newest day first; open ones unless settled ones are asked for too.
    package func list(
        _ query: Query,
        page: PageRequest,
        by caller: Caller
    ) async throws -> Page<ExceptionEntry> {
        try caller.requireStaff()
        let place = try Self.place(page.after)
        let entries = try await store.withTenant(caller.office, readOnly: true) { transaction in
            try transaction.exceptions(
                try Self.filter(query, transaction),
                after: place,
                limit: page.limit + 1
            )
        }
        return Page(cutting: entries, limit: page.limit) { "\($0.exception.day) \($0.key)" }
    }

    /// How many exceptions fit, by rule and severity, the gravest and most frequent first.
    package func counts(_ query: Query, by caller: Caller) async throws -> [ExceptionCount] {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            try transaction.exceptionCounts(try Self.filter(query, transaction))
        }
    }

    /// Says of every exception that fits that it was looked at and is right as it is; how many.
    package func acknowledge(
        _ query: Query,
        keys: [String] = [],
        reason: String,
        by caller: Caller
    ) async throws -> Int {
        try await settle(query, keys: keys, action: "acknowledged", reason: reason, by: caller)
    }

    /// Opens settled exceptions again; how many.
    package func reopen(
        _ query: Query,
        keys: [String] = [],
        reason: String,
        by caller: Caller
    ) async throws -> Int {
        var query = query
        query.onlySettled = true
        return try await settle(query, keys: keys, action: "reopened", reason: reason, by: caller)
    }

    private func settle(
        _ query: Query,
        keys: [String],
        action: String,
        reason: String,
        by caller: Caller
    ) async throws -> Int {
        try caller.require(.manager, .engineer)
        guard !reason.isBlank, reason.count <= Limits.reasonCharactersMaximum else {
            throw InvalidInput("reason", "missing", "a reason of 1 to 500 characters")
        }
        guard keys.count <= Limits.exceptionKeysMaximum else {
            throw InvalidInput(
                "keys",
                "out_of_range",
                "at most \(Limits.exceptionKeysMaximum) keys"
            )
        }
        let now = clock.now()
        let settled = query
        return try await store.withTenant(caller.office) { transaction in
            var filter = try Self.filter(settled, transaction)
            filter.keys = keys
            var count = 0
            var place: (day: CivilDate, key: String)?
            while true {
                let entries = try transaction.exceptions(
                    filter,
                    after: place,
                    limit: Limits.exceptionsPerRound
                )
                guard let last = entries.last else { break }
                place = (last.exception.day, last.key)
                count += try transaction.settle(
                    entries.map { ($0.exception.meter, $0.exception.day, $0.key) },
                    action: action,
                    reason: reason,
                    by: caller.name,
                    at: now
                )
                if entries.count < Limits.exceptionsPerRound { break }
            }
            guard count > 0 || keys.isEmpty else { throw NotFound("exception '\(keys[0])'") }
            return count
        }
    }

    private static func filter(
        _ query: Query,
        _ transaction: TenantTransaction
    ) throws -> ExceptionFilter {
        var faults = FaultCollector()
        let rule = query.rule.flatMap(ReadingRule.init(rawValue:))
        faults.check(
            query.rule == nil || rule != nil,
            "rule",
            "unknown",
            "one of \(ReadingRule.allCases.map(\.rawValue).joined(separator: ", "))"
        )
        let severity = ExceptionSeverity.allCases.first { $0.name == query.severity }
        faults.check(
            query.severity == nil || severity != nil,
            "severity",
            "unknown",
            "information, warning or error"
        )
        try faults.finish()
        let meter = try query.meterSerial.map { serial in
            guard let meter = try transaction.meter(serial: serial) else {
                throw NotFound("meter '\(serial)'")
            }
            return meter.id
        }
        return ExceptionFilter(
            meter: meter,
            rule: rule,
            leastSeverity: severity ?? .information,
            from: query.from,
            to: query.to,
            includesSettled: query.includesSettled,
            onlySettled: query.onlySettled
        )
    }

    private static func place(_ text: String) throws -> (day: CivilDate, key: String)? {
        guard !text.isEmpty else { return nil }
        let parts = text.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let day = CivilDate(String(parts[0])) else {
            throw InvalidInput("cursor", "invalid", "a cursor of this list")
        }
        return (day, String(parts[1]))
    }
}
