package import Billing
import Metering
import Registry
package import Store
package import Units

/// Writes credit and debit notes: an issued bill is corrected by a new document, never changed (R3).
package struct WriteNotes: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Reverses an issued bill and rebooks it from the registers and tariffs as they are known now
    /// (R8, R9): bill plus notes is the recomputed bill.
    package func rebook(_ name: String, reason: String, by caller: Caller) async throws -> Note {
        try caller.require(.manager, .clerk)
        try checkReason(reason)
        let office = try await FindOffices(store: store)(caller.office)
        let made = try await RollUpDays(store: store, clock: clock)(office: office)
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let bill = try transaction.noteable(name)
            try made.requireDays(of: bill)
            let again = try Recomputation(of: bill, office: office, in: transaction)
            guard again.differs else {
                throw StateConflict(
                    "nothing_to_correct",
                    "the registers and tariffs known now give the same bill"
                )
            }
            return try NoteWriter(office: office, by: caller.name, now: now).draft(
                cause: .correction,
                reason: reason,
                service: bill.content.service,
                serviceNumber: bill.content.serviceNumber,
                consumer: bill.content.consumer,
                items: [again.item],
                in: transaction
            )
        }
    }

    /// An amount given (negative) or asked for (positive) on a bill, for a stated reason; a credit
    /// never exceeds what stands on the bill.
    package func adjust(
        _ name: String,
        amount: Money,
        reason: String,
        by caller: Caller
    ) async throws -> Note {
        try caller.require(.manager, .clerk)
        try checkReason(reason)
        guard amount != .zero else {
            throw InvalidInput("amountPaise", "out_of_range", "an amount other than zero")
        }
        guard amount.paise.magnitude <= UInt64(Limits.notePaiseMaximum) else {
            throw InvalidInput(
                "amountPaise",
                "out_of_range",
                "at most \(Money(paise: Limits.notePaiseMaximum).formatted)"
            )
        }
        let office = try await FindOffices(store: store)(caller.office)
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let bill = try transaction.noteable(name)
            let standing = try transaction.standing(bill.id)
            let (rebooked, overflow) = standing.paise.addingReportingOverflow(amount.paise)
            guard !overflow, rebooked >= 0 else {
                throw InvalidInput(
                    "amountPaise",
                    "out_of_range",
                    "bill \(bill.number ?? name) stands at \(standing.formatted): a credit is at "
                        + "most that"
                )
            }
            return try NoteWriter(office: office, by: caller.name, now: now).draft(
                cause: .adjustment,
                reason: reason,
                service: bill.content.service,
                serviceNumber: bill.content.serviceNumber,
                consumer: bill.content.consumer,
                items: [
                    NoteItem(
                        bill: bill.id,
                        billNumber: bill.number ?? "",
                        cycle: bill.content.cycle.description,
                        period: bill.content.period,
                        reversed: standing,
                        rebooked: Money(paise: rebooked),
                        energy: bill.content.energy,
                        content: ""
                    )
                ],
                in: transaction
            )
        }
    }

    /// Issues a draft note: number, ledger and notice in one transaction; where the office says so,
    /// only by another person than who wrote it.
    package func issue(_ id: Note.ID, by caller: Caller) async throws -> Note {
        try caller.require(.manager)
        let office = try await FindOffices(store: store)(caller.office)
        let made = try await RollUpDays(store: store, clock: clock)(office: office)
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let office = try transaction.office()
            guard let note = try transaction.note(id) else { throw NotFound("note '\(id.value)'") }
            guard note.state == .draft else {
                throw StateConflict("note_not_draft", "note \(id.value) is \(note.state.rawValue)")
            }
            guard note.cause != .trueUp else {
                throw StateConflict(
                    "note_of_bill",
                    "a true-up is issued with the actual bill it belongs to"
                )
            }
            if office.billing.makerChecker, note.draftedBy == caller.name {
                throw StateConflict(
                    "maker_is_checker",
                    "\(caller.name) wrote this note; another person must issue it"
                )
            }
            for item in note.items {
                try transaction.lock(item.bill)
                guard try transaction.standing(item.bill) == item.reversed else {
                    throw StateConflict(
                        "bill_changed",
                        "another note on bill \(item.billNumber) was issued since; withdraw this "
                            + "one and write it anew"
                    )
                }
                guard note.cause == .correction, let bill = try transaction.bill(item.bill) else {
                    continue
                }
                try made.requireDays(of: bill)
                // What was drafted is issued only while it is still what the registers say.
                let again = try Recomputation(of: bill, office: office, in: transaction)
                guard again.item.content == item.content else {
                    throw StateConflict(
                        "registers_changed",
                        "registers or tariffs of bill \(item.billNumber) have changed since this "
                            + "note was drafted; withdraw it and write it anew"
                    )
                }
            }
            try NoteWriter(office: office, by: caller.name, now: now).issue(note, in: transaction)
            guard let issued = try transaction.note(id) else { throw NotFound("note") }
            return issued
        }
    }

    /// Takes a draft note back.
    package func withdraw(_ id: Note.ID, by caller: Caller) async throws {
        try caller.require(.manager, .clerk)
        try await store.withTenant(caller.office) { transaction in
            guard let note = try transaction.note(id) else { throw NotFound("note '\(id.value)'") }
            guard note.cause != .trueUp else {
                throw StateConflict("note_of_bill", "withdraw the actual bill it belongs to")
            }
            try transaction.withdraw(id)
        }
    }

    private func checkReason(_ reason: String) throws {
        guard !reason.isBlank, reason.count <= Limits.reasonCharactersMaximum else {
            throw InvalidInput("reason", "missing", "a reason of 1 to 500 characters")
        }
    }
}

extension RollUpDays.Report {
    /// A bill is not computed again from days that could not be made.
    fileprivate func requireDays(of bill: Bill) throws {
        let meters = bill.content.segments.map(\.meter.id)
        guard let own = unmade.first(where: { meters.contains($0.meter) }) else { return }
        throw own.conflict("its bills cannot be computed again")
    }
}

extension TenantTransaction {
    /// An issued bill, locked, that has no draft note.
    fileprivate func noteable(_ name: String) throws -> Bill {
        guard let bill = try bill(named: name) else { throw NotFound("bill '\(name)'") }
        guard bill.state == .issued else {
            throw StateConflict("bill_not_issued", "only an issued bill gets a note")
        }
        try lock(bill.id)
        guard try !hasDraftNote(bill.id) else {
            throw StateConflict(
                "note_waits",
                "bill \(bill.number ?? name) has a note that is not issued; issue or withdraw it"
            )
        }
        return bill
    }
}
