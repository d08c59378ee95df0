package import Metering
package import Registry
package import Store
package import Units

/// Shows meters: the list with last reports, one meter, its newest reading, its raw readings.
package struct ShowMeters: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// Meters of the office in order of serial, each with its last report.
    package func list(_ page: PageRequest, by caller: Caller) async throws -> Page<MeterSummary> {
        try caller.requireStaff()
        let meters = try await store.withTenant(caller.office, readOnly: true) {
            try $0.meters(after: page.after, limit: page.limit + 1)
        }
        return Page(cutting: meters, limit: page.limit) { $0.meter.serial }
    }

    /// A meter by serial, if the caller may see it, with the service it hangs at.
    package func show(
        serial: String,
        by caller: Caller
    ) async throws -> (meter: Meter, service: Service?) {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            try transaction.visibleMeter(serial, caller)
        }
    }

    /// The newest reading of a meter; nil before its first.
    package func latest(serial: String, by caller: Caller) async throws -> LatestReading? {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let (meter, _) = try transaction.visibleMeter(serial, caller)
            return try transaction.latest(of: meter.id)
        }
    }

    /// How far the clock of a meter is off; nil when it did not report on three quarters of a day of the
    /// last four.
    package func clock(serial: String, by caller: Caller) async throws -> ClockDrift? {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let (meter, _) = try transaction.visibleMeter(serial, caller)
            guard let latest = try transaction.latest(of: meter.id) else { return nil }
            let days = ClockWindow.days(until: latest.receivedAt)
            return ClockDrift(
                try transaction.clocks(of: [meter.id], receivedOn: days)[meter.id] ?? []
            )
        }
    }

    /// Raw readings of a meter: `from` included, `to` excluded, at most a page.
    package func readings(
        serial: String,
        from: Instant,
        to: Instant,
        limit: Int,
        by caller: Caller
    ) async throws -> [AcceptedReading] {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let (meter, service) = try transaction.visibleMeter(serial, caller)
            var first = from
            if caller.role == .consumer, let service {
                // What the meter said at another house, or to who lived here before, is another's.
                let own = try transaction.installations(of: service.id)
                    .filter { $0.meter.id == meter.id }.map(\.installedAt).min()
                let since = try transaction.occupied(service, since: transaction.office().zone)
                first = max(from, own ?? to, since)
            }
            return try transaction.readings(of: meter.id, from: first, to: to, limit: limit)
        }
    }

    /// The load curves of a meter's closed days; of a consumer's meter only those of their own time.
    package func blocks(
        serial: String,
        from: CivilDate,
        to: CivilDate,
        by caller: Caller
    ) async throws -> [BlockCurve] {
        guard from <= to, to.days(since: from) < Limits.blockDaysMaximum else {
            throw InvalidInput(
                "to",
                "out_of_range",
                "from \(from), and at most \(Limits.blockDaysMaximum) days"
            )
        }
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            let (meter, service) = try transaction.visibleMeter(serial, caller)
            var first = from
            if caller.role == .consumer, let service {
                // At another house the meter was another's; the day it was hung is of both.
                let hung = try transaction.installations(of: service.id)
                    .filter { $0.meter.id == meter.id }.map(\.installedAt).min()
                let zone = try transaction.office().zone
                first = max(
                    from,
                    try transaction.firstOwnDay(of: service) ?? from,
                    hung.map { zone.date(of: $0.adding(seconds: 86_399)) } ?? from
                )
                guard first <= to else { return [] }
            }
            return try transaction.blocks(of: meter.id, from: first, to: to)
        }
    }

    /// The meters that hang, or hung, at a service, oldest first.
    package func installations(
        serviceNumber: String,
        by caller: Caller
    ) async throws -> [Installation] {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service = try transaction.visibleService(serviceNumber, caller)
            return try transaction.installations(of: service.id)
        }
    }

    /// Readings that were refused, newest first.
    package func rejections(by caller: Caller) async throws -> [RejectedReading] {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) {
            try $0.rejections(limit: Limits.pageMaximum)
        }
    }
}

extension TenantTransaction {
    /// When the consumer of a service began to answer for it; what was before is another's.
    fileprivate func occupied(_ service: Service, since zone: OfficeZone) throws -> Instant {
        let day = try firstOwnDay(of: service)
        return day.map { zone.start(of: $0) } ?? Instant(microsecondsSince1970: .min)
    }

    /// A meter the caller may see; a consumer sees only one that hangs at their service.
    func visibleMeter(
        _ serial: String,
        _ caller: Caller
    ) throws -> (meter: Meter, service: Service?) {
        guard let meter = try meter(serial: serial) else { throw NotFound("meter '\(serial)'") }
        let service = try self.service(of: meter.id).flatMap { try self.service($0) }
        if caller.role == .consumer {
            guard let service else { throw NotFound("meter '\(serial)'") }
            try caller.requireSight(of: service.consumer, "meter '\(serial)'")
        }
        return (meter, service)
    }
}
