package import Billing
import Registry
package import Store
package import Units

/// Shows bills and runs; a consumer sees their own issued bills only.
package struct ShowBills: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// Bills, newest first.
    package func list(
        _ page: PageRequest,
        cycle: String? = nil,
        serviceNumber: String? = nil,
        state: BillState? = nil,
        hold: BillHold.Code? = nil,
        by caller: Caller
    ) async throws -> Page<BillSummary> {
        if let cycle, CivilMonth(cycle) == nil {
            throw InvalidInput("cycle", "invalid", "a month such as 2026-10")
        }
        let before = try page.key().map { Bill.ID($0) }
        let bills = try await store.withTenant(caller.office, readOnly: true) {
            transaction -> [BillSummary] in
            var filter = BillFilter(cycle: cycle, state: state, hold: hold)
            if let serviceNumber {
                filter.service = try transaction.visibleService(serviceNumber, caller).id
            }
            if caller.role == .consumer {
                guard let consumer = caller.consumer else { throw NotFound("consumer") }
                filter.consumer = consumer
                // What is not issued is not there for them, also when it is asked for.
                if let state, state != .issued { return [] }
                filter.state = .issued
            }
            return try transaction.bills(filter, before: before, limit: page.limit + 1)
        }
        return Page(cutting: bills, limit: page.limit) { String($0.id.value) }
    }

    /// A bill by its number or key, if the caller may see it; its sums are checked on the way.
    package func show(_ name: String, by caller: Caller) async throws -> Bill {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let bill = try transaction.visibleBill(name, caller)
            let booked = try transaction.ledgerAmount(of: bill.id)
            guard bill.isConsistent, booked == nil || booked == bill.content.total else {
                throw InconsistentBill(name: name)
            }
            return bill
        }
    }

    /// The `.vbill` file of an issued bill, for anyone who wants to compute it again.
    package func file(_ name: String, by caller: Caller) async throws -> String {
        let bill = try await show(name, by: caller)
        guard bill.state == .issued else {
            throw StateConflict("bill_not_issued", "only an issued bill has a file")
        }
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            BillFile.text(
                bill,
                office: try transaction.office().code,
                tariffs: try bill.content.tariffDocuments.compactMap {
                    try transaction.tariff($0)
                }
            )
        }
    }

    /// Notes, newest first; of one service or bill where asked.
    ///
    /// A consumer sees their own issued ones.
    package func notes(
        _ page: PageRequest,
        serviceNumber: String? = nil,
        bill name: String? = nil,
        by caller: Caller
    ) async throws -> Page<Note> {
        let before = try page.key().map { Note.ID($0) }
        let notes = try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service = try serviceNumber.map { try transaction.visibleService($0, caller).id }
            var bill: Bill.ID?
            if let name {
                bill = try transaction.visibleBill(name, caller).id
            }
            if caller.role == .consumer, caller.consumer == nil { throw NotFound("consumer") }
            return try transaction.notes(
                service: service,
                bill: bill,
                consumer: caller.role == .consumer ? caller.consumer : nil,
                issuedOnly: caller.role == .consumer,
                before: before,
                limit: page.limit + 1
            )
        }
        return Page(cutting: notes, limit: page.limit) { String($0.id.value) }
    }

    /// A note by its number or key, if the caller may see it.
    package func note(_ name: String, by caller: Caller) async throws -> Note {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let byKey = try Int32(name).flatMap { try transaction.note(Note.ID($0)) }
            guard let note = try byKey ?? transaction.note(number: name) else {
                throw NotFound("note '\(name)'")
            }
            if caller.role == .consumer {
                guard note.state == .issued, let owner = try transaction.consumer(of: note.id)
                else { throw NotFound("note '\(name)'") }
                try caller.requireSight(of: owner, "note '\(name)'")
            }
            return note
        }
    }

    /// A run with its counts so far.
    package func run(_ id: BillRun.ID, by caller: Caller) async throws -> BillRun {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            guard let run = try transaction.run(id) else {
                throw NotFound("bill run '\(id.value)'")
            }
            return run
        }
    }

    /// Runs, newest first.
    package func runs(_ page: PageRequest, by caller: Caller) async throws -> Page<BillRun> {
        try caller.requireStaff()
        let before = try page.key().map { BillRun.ID($0) }
        let runs = try await store.withTenant(caller.office, readOnly: true) {
            try $0.runs(before: before, limit: page.limit + 1)
        }
        return Page(cutting: runs, limit: page.limit) { String($0.id.value) }
    }

    /// What a run did for each service.
    package func outcomes(
        of run: BillRun.ID,
        _ page: PageRequest,
        by caller: Caller
    ) async throws -> Page<BillRunOutcome> {
        try caller.requireStaff()
        let outcomes = try await store.withTenant(caller.office, readOnly: true) { transaction in
            guard try transaction.run(run) != nil else {
                throw NotFound("bill run '\(run.value)'")
            }
            return try transaction.outcomes(of: run, after: page.after, limit: page.limit + 1)
        }
        return Page(cutting: outcomes, limit: page.limit) { $0.serviceNumber }
    }

    /// What the consumer of a service owes for it by the ledger.
    package func balance(serviceNumber: String, by caller: Caller) async throws -> Money {
        try await balances(serviceNumber: serviceNumber, by: caller).own
    }

    /// What the consumer of a service owes for it, and what those owe who had it before; the latter
    /// is the office's business and zero for a consumer.
    package func balances(
        serviceNumber: String,
        by caller: Caller
    ) async throws -> (own: Money, former: Money) {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            let service = try transaction.visibleService(serviceNumber, caller)
            let balance = try transaction.balance(of: service.id, consumer: service.consumer)
            return (balance.own, caller.role == .consumer ? .zero : balance.others)
        }
    }
}

extension TenantTransaction {
    /// A bill that the caller may see: another's, or a consumer's own that is not issued, is not
    /// there.
    fileprivate func visibleBill(_ name: String, _ caller: Caller) throws -> Bill {
        guard let bill = try bill(named: name),
            let service = try service(bill.content.service)
        else { throw NotFound("bill '\(name)'") }
        try caller.requireSight(of: bill.content.consumer ?? service.consumer, "bill '\(name)'")
        if caller.role == .consumer, bill.state != .issued { throw NotFound("bill '\(name)'") }
        return bill
    }
}

/// A bill whose lines, total and ledger entry disagree: somebody changed the database by hand.
package struct InconsistentBill: Error, Sendable, CustomStringConvertible {
    package let name: String

    package var description: String {
        "bill \(name): the sum of its lines, its total and its ledger entry disagree"
    }
}
