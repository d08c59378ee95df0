package import Metering
package import Registry
package import Store
import Units

/// Registers that wait for a person: the list, yes with a reason, no with a reason.
package struct DecideReading: Sendable {
    /// Which entries are wanted.
    package struct Query: Sendable {
        package var serviceNumber: String?
        package var state: ManualReadingState?
        package var source: ManualSource?

        package init(
            serviceNumber: String? = nil,
            state: ManualReadingState? = nil,
            source: ManualSource? = nil
        ) {
            self.serviceNumber = serviceNumber
            self.state = state
            self.source = source
        }
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Entries, newest first.
    package func list(
        _ query: Query,
        page: PageRequest,
        by caller: Caller
    ) async throws -> Page<ManualReading> {
        try caller.requireStaff()
        let key = try page.key()
        let entries = try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service = try query.serviceNumber.map {
                try transaction.visibleService($0, caller).id
            }
            return try transaction.manualReadings(
                ManualReadingFilter(
                    service: service,
                    state: query.state,
                    source: query.source
                ),
                before: key,
                limit: page.limit + 1
            )
        }
        return Page(cutting: entries, limit: page.limit) { "\($0.id.value)" }
    }

    /// One entry that the caller may see.
    package func show(_ name: String, by caller: Caller) async throws -> ManualReading {
        let now = clock.now()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            try ReadingDesk(transaction, now: now, caller: caller)
                .hinted(transaction.visibleManualReading(name, caller))
        }
    }

    /// The photo of an entry; consumers see those of their own service and time.
    package func photo(of name: String, by caller: Caller) async throws -> ReadingPhoto {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let reading = try transaction.visibleManualReading(name, caller)
            guard let photo = try transaction.photo(of: reading.id) else {
                let removed = reading.photoRemovedAt.map { "; it was removed at \($0)" } ?? ""
                throw NotFound("photo of reading '\(name)'\(removed)")
            }
            return photo
        }
    }

    /// Says that a held register is right: it becomes a reading of its meter, and is the truth at its
    /// instant whatever the meter itself reported around it.
    ///
    /// Another one that was accepted for the same instant counts no more: the latest decision does.
    ///
    /// It is checked again by what is known now. What speaks against it since it was held is written to
    /// it and told (`findings_changed`); whoever accepts it after that has seen it.
    ///
    /// `forBilling`: also where the meter reports by itself, so that it would only be compared.
    package func accept(
        _ name: String,
        reason: String,
        forBilling: Bool = false,
        by caller: Caller
    ) async throws -> ManualReading {
        try await decide(name, reason: reason, by: caller) { reading, desk in
            let isCounted =
                try reading.state == .accepted && !reading.isComparison
                && desk.transaction.isAcceptedForBilling(reading.meter, at: reading.at)
            guard reading.state == .held || reading.state == .accepted && forBilling,
                let register = reading.register, !isCounted
            else { throw Self.notWaiting(reading) }
            let fresh = try desk.findingsSince(reading, register)
            guard fresh.isEmpty else {
                reading.findings += fresh
                return fresh
            }
            reading.state = .accepted
            reading.isComparison = reading.isComparison && !forBilling
            try desk.storeDecided(reading, reason: reason)
            return []
        }
    }

    /// Says that a held register is not taken.
    package func reject(
        _ name: String,
        reason: String,
        by caller: Caller
    ) async throws -> ManualReading {
        try await decide(name, reason: reason, by: caller) { reading, _ in
            guard reading.state == .held else { throw Self.notWaiting(reading) }
            reading.state = .rejected
            return []
        }
    }

    private func decide(
        _ name: String,
        reason: String,
        by caller: Caller,
        _ change:
            @escaping @Sendable (
                inout ManualReading, ReadingDesk
            ) throws -> [ManualReadingFinding]
    ) async throws -> ManualReading {
        try caller.require(.manager, .engineer)
        guard !reason.isBlank, reason.count <= Limits.reasonCharactersMaximum else {
            throw InvalidInput("reason", "missing", "a reason of 1 to 500 characters")
        }
        let now = clock.now()
        let (decided, fresh) = try await store.withTenant(caller.office) { transaction in
            let service = try transaction.visibleManualReading(name, caller).service
            try transaction.lock(service)
            var reading = try transaction.visibleManualReading(name, caller)
            guard reading.enteredBy != caller.name else {
                throw StateConflict(
                    "maker_is_checker",
                    "\(caller.name) entered this reading; another person must decide about it"
                )
            }
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let fresh = try change(&reading, desk)
            guard fresh.isEmpty else {
                // Kept before it is told: the next who decides sees it.
                try transaction.revise(reading)
                return (reading, fresh)
            }
            let decision = ManualReading.Decision(by: caller.name, at: now, reason: reason)
            reading.decision = decision
            try transaction.decide(
                reading.id,
                state: reading.state,
                isComparison: reading.isComparison,
                decision: decision
            )
            return (try transaction.manualReading(reading.id) ?? reading, fresh)
        }
        guard fresh.isEmpty else {
            throw StateConflict(
                "findings_changed",
                "since it was held: \(fresh.map(\.detail).joined(separator: "; ")); decide again"
            )
        }
        return decided
    }

    private static func notWaiting(_ reading: ManualReading) -> StateConflict {
        StateConflict(
            "reading_not_waiting",
            reading.isComparison && reading.state == .accepted
                ? "the reading is accepted as a comparison; say that it is for billing to bill it"
                : "the reading is \(reading.state.rawValue); only held ones are decided"
        )
    }
}

extension ReadingDesk {
    /// What is found about an entry now and was not when it was held; what can never be is refused also
    /// when a person says yes: it may have been billed meanwhile.
    fileprivate func findingsSince(
        _ reading: ManualReading,
        _ register: Energy
    ) throws -> [ManualReadingFinding] {
        let (service, installation) = try place(of: reading)
        let read = RegisterReading(at: reading.at, register: register)
        switch try verdict(on: read, reading, service, installation) {
        case .accepted: return []
        case .held(let findings):
            let known = Set(reading.findings.map(\.code))
            // A photo that left after its time was there when it was looked at.
            return findings.filter { !known.contains($0.code) && $0.code != .noPhoto }
        case .refused(let finding): throw StateConflict(finding.code.rawValue, finding.detail)
        }
    }

    /// As any accepted one; in place of another register of the same instant it is a correction.
    fileprivate func storeDecided(_ reading: ManualReading, reason: String) throws {
        guard let register = reading.register, !reading.isComparison else { return }
        let standing = try transaction.register(of: reading.meter, atOrBefore: reading.at)
        if let standing, standing.at == reading.at, standing.register != register {
            _ = try transaction.correct(
                reading.meter,
                at: reading.at,
                register: register,
                reason: reason,
                by: caller.name,
                madeAt: now
            )
        }
        try store(reading)
        try transaction.acceptForBilling(reading.meter, at: reading.at)
    }
}

extension TenantTransaction {
    /// An entry by its key; a consumer sees those of their service since they answer for it.
    func visibleManualReading(_ name: String, _ caller: Caller) throws -> ManualReading {
        let missing = NotFound("reading '\(name)'")
        guard let key = Int32(name), let reading = try manualReading(ManualReading.ID(key)),
            let service = try service(reading.service)
        else { throw missing }
        if caller.role == .consumer {
            try caller.requireSight(of: service.consumer, "reading '\(name)'")
            guard try ownSince(service).map({ reading.at >= $0 }) ?? true else { throw missing }
        }
        return reading
    }

    /// When the present consumer of a service began to answer for it.
    func ownSince(_ service: Service) throws -> Instant? {
        let zone = try office().zone
        return try firstOwnDay(of: service).map { zone.start(of: $0) }
    }
}
