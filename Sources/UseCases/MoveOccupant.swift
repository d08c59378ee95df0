import Metering
package import Registry
package import Store
package import Units

/// Ends who answers for a service: somebody moves out and another in, or the service is closed.
///
/// The next run makes the final bill of the one and the first of the other.
package struct MoveOccupant: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Hands a service over; the consumer in place is billed up to `lastDay`, the other from the
    /// next.
    package func transfer(
        _ number: String,
        to consumerNumber: String,
        lastDay: CivilDate,
        by caller: Caller
    ) async throws -> Service {
        try caller.require(.manager, .clerk)
        return try await store.withTenant(caller.office) { transaction in
            let service = try transaction.visibleService(number, caller)
            guard let consumer = try transaction.consumer(number: consumerNumber) else {
                throw InvalidInput("consumer", "unknown", "no consumer '\(consumerNumber)'")
            }
            guard consumer.id != service.consumer else {
                throw InvalidInput("consumer", "invalid", "the consumer has this service already")
            }
            try checkLastDay(service, lastDay, in: transaction)
            try transaction.endOccupancy(
                of: service.id,
                lastDay: lastDay,
                successor: consumer.id
            )
            return try transaction.visibleService(number, caller)
        }
    }

    /// Closes a service; a meter that hangs there is taken off with its last register.
    ///
    /// `closingRegister`: needed where a meter hangs.
    package func close(
        _ number: String,
        lastDay: CivilDate,
        closingRegister: Energy?,
        by caller: Caller
    ) async throws -> Service {
        try caller.require(.manager, .clerk)
        return try await store.withTenant(caller.office) { transaction in
            let office = try transaction.office()
            let service = try transaction.visibleService(number, caller)
            try checkLastDay(service, lastDay, in: transaction)
            try transaction.endOccupancy(of: service.id, lastDay: lastDay, successor: nil)
            let hanging = try transaction.installations(of: service.id).last {
                $0.removedAt == nil
            }
            if let hanging {
                guard let closingRegister else {
                    throw InvalidInput(
                        "closingRegisterWattHours",
                        "missing",
                        "meter \(hanging.meter.serial) hangs there: what does its register show?"
                    )
                }
                guard closingRegister >= .zero, closingRegister < hanging.meter.registerModulus
                else {
                    throw InvalidInput(
                        "closingRegisterWattHours",
                        "out_of_range",
                        "0 or more, and below what the meter's register can show"
                    )
                }
                let end = office.zone.bounds(of: BillingPeriod(day: lastDay)).end
                try transaction.checkClosing(closingRegister, of: hanging, at: end)
                _ = try transaction.removeMeter(
                    from: service.id,
                    at: end,
                    closingRegister: closingRegister
                )
            }
            return try transaction.visibleService(number, caller)
        }
    }

    /// Who answers now changes at once, so the day must have come, and no issued bill may reach
    /// beyond it.
    private func checkLastDay(
        _ service: Service,
        _ lastDay: CivilDate,
        in transaction: TenantTransaction
    ) throws {
        // A run that bills this service now ends first, and what it issued is seen here.
        try transaction.lock(service.id)
        let office = try transaction.office()
        let today = office.zone.date(of: clock.now())
        guard lastDay <= today else {
            throw InvalidInput("lastDay", "out_of_range", "not after today, \(today)")
        }
        if let billed = try transaction.lastBilledDay(of: service.id), billed > lastDay {
            throw StateConflict(
                "billed_already",
                "an issued bill of service \(service.number) reaches to \(billed)"
            )
        }
        var rule = office.cycle
        if let code = service.group {
            let group = try transaction.billingGroups().first { $0.code == code }
            rule = group?.cycle ?? rule
        }
        // Each cycle has room for one final bill.
        guard let cycle = rule.period(named: rule.name(containing: lastDay)) else { return }
        let before = try transaction.occupancies(of: [service.id], during: cycle)[service.id] ?? []
        if let earlier = before.first(where: { $0.to != nil }), let to = earlier.to {
            throw StateConflict(
                "moved_already",
                "\(earlier.consumerName) left service \(service.number) on \(to), in the same "
                    + "cycle (\(cycle)); choose a last day after it"
            )
        }
    }
}

extension TenantTransaction {
    /// Refuses a closing register below what the meter showed already, unless it is about to roll over.
    func checkClosing(
        _ register: Energy,
        of hanging: Installation,
        at end: Instant
    ) throws {
        guard let last = try self.register(of: hanging.meter.id, atOrBefore: end),
            last.at > hanging.installedAt, last.register > register,
            last.register.wattHours < hanging.meter.registerModulus.wattHours / 10 * 9
        else { return }
        throw InvalidInput(
            "closingRegisterWattHours",
            "out_of_range",
            "the register showed \(last.register.kilowattHoursText) kWh at \(last.at) already"
        )
    }
}
