import Metering
import Registry
package import Store
package import Units

/// What the page of the student project shows, from real months and real energy.
package struct ShowOldPage: Sendable {
    /// Whose figures they are; the old page never said.
    package struct Subject: Sendable {
        let caller: Caller
        /// Number of the service; nil where a meter asks that hangs at none.
        package let service: String?
        let meter: String?

        /// The meter that hangs at the service, as its caller may see it.
        package func hangingMeter() throws -> (serial: String, caller: Caller) {
            guard let meter else { throw NotFound("meter at the service") }
            return (meter, caller)
        }
    }

    let store: Store
    let usage: ShowUsage
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
        usage = ShowUsage(store: store, clock: clock)
    }

    /// A person's own service, or the one they name: consumers need no name while they have one.
    package func subject(service wanted: String?, by caller: Caller) async throws -> Subject {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service: Service
            if let wanted {
                service = try transaction.visibleService(wanted, caller)
            } else {
                guard caller.role == .consumer, let consumer = caller.consumer else {
                    throw InvalidInput("service", "missing", "name the service: ?service=NUMBER")
                }
                let open = try transaction.services(
                    after: "",
                    consumer: consumer,
                    limit: Limits.pageMaximum
                ).filter { $0.closedOn == nil }
                guard let first = open.first else { throw NotFound("service of yours") }
                guard open.count == 1 else {
                    throw InvalidInput(
                        "service",
                        "missing",
                        "you have several; name one: ?service=\(first.number)"
                    )
                }
                service = first
            }
            let hanging = try transaction.installations(of: service.id)
                .last { $0.removedAt == nil }
            return Subject(
                caller: caller,
                service: service.number,
                meter: hanging?.meter.serial
            )
        }
    }

    /// The meter whose own token asks, and the service it hangs at now.
    package func subject(of identity: MeterIdentity) async throws -> Subject {
        let caller = Caller(office: identity.office.id, name: identity.name, role: .meter)
        return try await store.withTenant(identity.office.id, readOnly: true) { transaction in
            let service = try transaction.service(of: identity.meter.id).flatMap { id in
                try transaction.installations(of: id).contains {
                    $0.meter.id == identity.meter.id && $0.removedAt == nil
                } ? try transaction.service(id) : nil
            }
            return Subject(
                caller: caller,
                service: service?.number,
                meter: identity.meter.serial
            )
        }
    }

    /// Energy of the days of the running month, whole kilowatt-hours, the first day first: 31 figures.
    package func month(of subject: Subject) async throws -> [Int64] {
        let today = try await today(of: subject)
        let first = today.adding(days: 1 - today.components.day)
        var values = [Int64](repeating: 0, count: 31)
        for value in try await days(of: subject, from: first, to: today) {
            guard let energy = value.energy else { continue }
            values[value.first.components.day - 1] = (energy.wattHours + 500) / 1_000
        }
        return values
    }

    /// Energy of the months of the running year, January first: 12 figures.
    package func year(of subject: Subject) async throws -> [Energy] {
        let today = try await today(of: subject)
        var values = [Energy](repeating: .zero, count: 12)
        guard let first = CivilDate(year: today.components.year, month: 1, day: 1) else {
            return values
        }
        for value in try await days(of: subject, from: first, to: today) {
            guard let energy = value.energy else { continue }
            let month = value.first.components.month - 1
            values[month] = values[month] + energy
        }
        return values
    }

    /// Every whole day whose energy is known, oldest first: what the old page forecast from.
    package func history(of subject: Subject) async throws -> [(day: CivilDate, energy: Energy)] {
        let yesterday = try await today(of: subject).adding(days: -1)
        let first = yesterday.adding(days: 1 - Limits.usageDaysMaximum)
        return try await days(of: subject, from: first, to: yesterday).compactMap { value in
            value.energy.map { (value.first, $0) }
        }
    }

    private func days(
        of subject: Subject,
        from first: CivilDate,
        to last: CivilDate
    ) async throws -> [UsageValue] {
        guard let service = subject.service else { throw NotFound("service of this meter") }
        return try await usage(
            serviceNumber: service,
            by: .day,
            from: first,
            to: last,
            caller: subject.caller
        )
    }

    private func today(of subject: Subject) async throws -> CivilDate {
        let now = clock.now()
        return try await store.withTenant(subject.caller.office, readOnly: true) {
            try $0.office().zone.date(of: now)
        }
    }
}
