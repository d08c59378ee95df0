package import Billing
import Metering
import Registry
package import Store
import Tariffs
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
        try await RollUpDays(store: store, clock: clock)(office: office)
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let bill = try transaction.noteable(name)
            guard let service = try transaction.service(bill.content.service) else {
                throw NotFound("service of bill '\(name)'")
            }
            let shelf = try TariffShelf(
                try transaction.tariffs(),
                parameters: try ParameterWindowRow.series(transaction.parameterWindows())
            )
            let items = try transaction.notes(bill: bill.id, before: nil, limit: 50)
                .filter { $0.state == .issued }.flatMap(\.items).filter { $0.bill == bill.id }
            let known = items.first { !$0.content.isEmpty }
            // What was given or asked for other reasons stays.
            let adjustments = items.filter(\.content.isEmpty)
                .reduce(Money.zero) { $0 + $1.rebooked - $1.reversed }
            let again = Rebilling(
                office: office,
                bill: bill,
                known: known.flatMap { StoredProof($0.content) },
                service: service,
                shelf: shelf
            )
            let content = try again.content(in: transaction)
            let standing = try transaction.standing(bill.id)
            let rebooked = content.total + adjustments
            guard
                rebooked != standing
                    || content.energy != known?.energy ?? bill.content.energy
                    || StoredProof(content.proof)?.closings
                        != StoredProof(known?.content ?? bill.content.proof)?.closings
            else {
                throw StateConflict(
                    "nothing_to_correct",
                    "the registers and tariffs known now give the same bill"
                )
            }
            return try NoteWriter(office: office, by: caller.name, now: now).draft(
                cause: .correction,
                reason: reason,
                service: service.id,
                serviceNumber: service.number,
                consumer: bill.content.consumer,
                items: [
                    NoteItem(
                        bill: bill.id,
                        billNumber: bill.number ?? "",
                        cycle: content.cycle.description,
                        period: content.period,
                        reversed: standing,
                        rebooked: rebooked,
                        energy: content.energy,
                        content: content.proof
                    )
                ],
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
        guard (1...Limits.reasonCharactersMaximum).contains(reason.count) else {
            throw InvalidInput("reason", "missing", "a reason of 1 to 500 characters")
        }
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

/// An issued bill computed again over the same days and meters, with the registers as they are now.
struct Rebilling {
    let office: Office
    let bill: Bill
    /// The last recomputation of this bill that was issued.
    let known: StoredProof?
    let service: Service
    let shelf: TariffShelf

    func content(in transaction: TenantTransaction) throws -> BillContent {
        let old = bill.content
        var segments: [ConsumptionSegment] = []
        for (index, segment) in old.segments.enumerated() {
            var latest = segment
            latest.opening = known?.openings[segment.meter.serial] ?? segment.opening
            latest.closing = known?.closings[segment.meter.serial] ?? segment.closing
            let isLast = index == old.segments.count - 1
            segments.append(
                try renewed(
                    latest,
                    // What came after the issue, up to the end of the period, counts too (R8).
                    upTo: isLast
                        ? max(latest.closing.at, office.zone.bounds(of: old.period).end)
                        : latest.closing.at,
                    in: transaction
                )
            )
        }
        let occupancy = Occupancy(
            consumer: old.consumer ?? service.consumer,
            consumerNumber: old.consumerNumber,
            consumerName: old.consumerName,
            from: old.period.first,
            to: old.period.last
        )
        let months = StoredProof(old.proof)?.months
        let history = try transaction.history(of: [(service.id, old.period.first)])[0]
        let input = ServiceToBill(
            service: service,
            occupancy: occupancy,
            kind: old.kind,
            cycle: old.cycle,
            whole: old.period,
            period: old.period,
            months: months ?? office.cycle.months,
            history: history
        )
        let used = Consumption(segments: segments, missingDays: [])
        do throws(BillRefusal) {
            return try shelf.rebill(input, used, wholeMonths: months)
        } catch {
            throw StateConflict("not_rebillable", error.reason)
        }
    }

    /// The same span of a meter's register, read again.
    private func renewed(
        _ segment: ConsumptionSegment,
        upTo end: Instant,
        in transaction: TenantTransaction
    ) throws -> ConsumptionSegment {
        func now(_ reading: RegisterReading, upTo end: Instant) throws -> RegisterReading {
            guard !reading.isEstimated,
                let found = try transaction.register(of: segment.meter.id, atOrBefore: end),
                found.at >= reading.at
            else { return reading }
            return found
        }
        let removed = try transaction.installations(of: service.id)
            .last { $0.meter.id == segment.meter.id }?.removedAt
        let opening = try now(segment.opening, upTo: segment.opening.at)
        // The register at a removal was read by hand and stands in no reading.
        let closing =
            removed.map { $0 <= end } ?? false
            ? segment.closing : try now(segment.closing, upTo: end)
        do {
            return ConsumptionSegment(
                meter: segment.meter,
                opening: opening,
                closing: closing,
                energy: try registerDifference(
                    meter: segment.meter,
                    opening: opening,
                    closing: closing,
                    sanctionedLoadWatts: service.sanctionedLoadWatts
                )
            )
        } catch {
            throw StateConflict("not_rebillable", error.reason)
        }
    }
}
