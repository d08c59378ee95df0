package import Billing
import Registry
package import Store
import Units

/// Says yes to bills that wait, or takes drafts back (R2).
package struct ApproveBills: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Approves a draft or held bill; where the office says so, only by another person than who ran
    /// it.
    ///
    /// `reason`: needed for a bill that an exception holds.
    package func callAsFunction(
        _ name: String,
        reason: String,
        by caller: Caller
    ) async throws -> Bill {
        try caller.require(.manager)
        guard reason.count <= Limits.reasonCharactersMaximum else {
            throw InvalidInput("reason", "out_of_range", "at most 500 characters")
        }
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let bill = try transaction.waitingBill(name)
            if try transaction.office().billing.makerChecker, bill.draftedBy == caller.name {
                throw StateConflict(
                    "maker_is_checker",
                    "\(caller.name) ran this bill; another person must approve it"
                )
            }
            guard bill.holds.isEmpty || !reason.isBlank else {
                throw InvalidInput(
                    "reason",
                    "missing",
                    "the bill is held (\(bill.holds.map(\.reason).joined(separator: "; "))); say "
                        + "why it is right"
                )
            }
            guard
                try transaction.approve(bill.id, by: caller.name, at: now, reason: reason),
                let approved = try transaction.bill(bill.id)
            else { throw StateConflict("bill_not_waiting", "the bill does not wait any more") }
            return approved
        }
    }

    /// Takes a bill back that is not issued; the next run makes it anew.
    package func withdraw(_ name: String, by caller: Caller) async throws {
        try caller.require(.manager, .clerk)
        try await store.withTenant(caller.office) { transaction in
            try transaction.withdraw([transaction.waitingBill(name).id])
        }
    }
}

extension TenantTransaction {
    /// A bill by its key that is not issued.
    fileprivate func waitingBill(_ name: String) throws -> Bill {
        guard let bill = try bill(named: name) else { throw NotFound("bill '\(name)'") }
        guard bill.state != .issued else {
            throw StateConflict(
                "bill_issued",
                "bill \(bill.number ?? name) is issued; write a note instead"
            )
        }
        return bill
    }

    /// A bill by its key or the number printed on it.
    func bill(named name: String) throws -> Bill? {
        if let key = Int32(name), let bill = try bill(Bill.ID(key)) { return bill }
        return try bill(number: name)
    }
}
