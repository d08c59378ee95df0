import Billing
import Metering
import Registry
import Store
import Units

// What a chunk of a billing run writes: bills, numbers, ledger, notes, outcomes.

extension BillingRound {
    enum Plan {
        case nothing(BillOutcome, String)
        /// Stored new, in place of a draft where one stands.
        case store(MadeBill, issue: Bool, replaces: Bill.ID?, note: String)
        case issueStanding(Bill.ID)

        var stores: Bool {
            if case .store = self { true } else { false }
        }

        var issues: Bool {
            switch self {
            case .nothing: false
            case .store(_, let issue, _, _): issue
            case .issueStanding: true
            }
        }

        var replaced: Bill.ID? {
            guard case .store(_, _, let standing, _) = self else { return nil }
            return standing
        }
    }

    private func plan(_ work: Work) -> Plan {
        if work.standing?.state == .issued { return .nothing(.existing, "") }
        switch work.result {
        case nil: return .nothing(.refused, "nothing to bill")
        case .failure(let refusal):
            guard let standing = work.standing, standing.basis == .provisional,
                standing.consumer == work.input.occupancy.consumer,
                standing.period == work.input.period
            else { return .nothing(.refused, refusal.reason) }
            // Still no reading: the estimate stands, whether this run names its method or not.
            if standing.state == .approved, input.issue { return .issueStanding(standing.id) }
            return .nothing(
                standing.state == .held ? .held : .existing,
                "provisional; \(refusal.reason)"
            )
        case .success(let made):
            let needsApproval = !made.holds.isEmpty || office.billing.approval == .all
            // A bill opens with what the one before closed with, so that one comes first.
            let waits = work.input.history.first.flatMap { latest in
                latest.state == .issued
                    ? nil : "the bill of cycle \(latest.cycle) is not issued yet"
            }
            guard let standing = work.standing else {
                return .store(
                    made,
                    issue: input.issue && !needsApproval && waits == nil,
                    replaces: nil,
                    note: input.issue ? waits ?? "" : ""
                )
            }
            // What holds a bill may change while its figures stay: a limit set since it was drafted.
            guard standing.digest == made.content.proofDigest, standing.holds == made.holds else {
                return .store(
                    made,
                    issue: false,
                    replaces: standing.id,
                    note: "made again: its readings, tariff or rules have changed"
                )
            }
            guard input.issue else { return .nothing(.existing, "") }
            if let waits { return .nothing(.held, waits) }
            if standing.state == .approved || standing.state == .draft && !needsApproval {
                return .issueStanding(standing.id)
            }
            let reasons = made.holds.map(\.reason).joined(separator: "; ")
            return .nothing(.held, reasons.isEmpty ? "waits for approval" : reasons)
        }
    }

    /// What a chunk writes.
    struct Harvest {
        var bills: [NewBill] = []
        var issued: [(id: Bill.ID, issue: BillIssue)] = []
        var postings: [Posting] = []
        var trueUps: [(note: Rebooked, bill: Bill.ID, issue: Bool)] = []
    }

    func settle(
        _ works: [Work],
        in transaction: TenantTransaction
    ) throws -> [BillRunOutcome] {
        let plans = works.map(plan)
        try transaction.withdraw(plans.compactMap(\.replaced))
        let now = clock.now()
        let harvest = try gather(works, plans, at: now, in: transaction)
        try transaction.insert(harvest.bills, draftedBy: by)
        try transaction.issue(harvest.issued)
        try transaction.post(harvest.postings)
        let notes = NoteWriter(office: office, by: by, now: now)
        for trueUp in harvest.trueUps {
            let note = try notes.draft(trueUp.note, with: trueUp.bill, in: transaction)
            if trueUp.issue { try notes.issue(note, in: transaction) }
        }
        if !harvest.issued.isEmpty {
            for note in try transaction.draftTrueUps(of: harvest.issued.map(\.id)) {
                try notes.issue(note, in: transaction)
            }
        }
        return zip(works, plans).map { outcome($0, $1) }
    }

    private func gather(
        _ works: [Work],
        _ plans: [Plan],
        at now: Instant,
        in transaction: TenantTransaction
    ) throws -> Harvest {
        var ids = try transaction.nextBillIDs(plans.count { $0.stores })[...]
        let today = office.zone.date(of: now)
        let year = today.components.year
        let issuing = plans.count { $0.issues }
        var number =
            issuing == 0
            ? 0 : try transaction.takeNumbers(.bill, year: year, count: issuing)
        var harvest = Harvest()
        for (work, plan) in zip(works, plans) {
            var issue: BillIssue?
            if plan.issues {
                issue = BillIssue(
                    number: office.documentNumber(.bill, year: year, number),
                    at: now,
                    dueOn: today.adding(days: Limits.dueDays)
                )
                number += 1
            }
            var posted: (id: Bill.ID, total: Money)?
            switch plan {
            case .nothing: continue
            case .store(let made, _, _, _):
                guard let id = ids.popFirst() else { throw NotFound("bill key") }
                try requireConsistent(made.content)
                harvest.bills.append(
                    NewBill(
                        id: id,
                        content: made.content,
                        holds: made.holds,
                        state: issue == nil ? made.state : .issued,
                        issue: issue
                    )
                )
                for rebooked in Rebooked.byConsumer(made) {
                    harvest.trueUps.append((rebooked, id, issue != nil))
                }
                posted = (id, made.content.total)
            case .issueStanding(let id):
                if let issue { harvest.issued.append((id, issue)) }
                posted = (id, work.standing?.total ?? .zero)
            }
            guard issue != nil, let posted else { continue }
            harvest.postings.append(
                Posting(
                    service: work.input.service.id,
                    consumer: work.input.occupancy.consumer,
                    bill: posted.id,
                    note: nil,
                    amount: posted.total
                )
            )
        }
        return harvest
    }

    /// Invariant 4, before anything is written.
    private func requireConsistent(_ content: BillContent) throws {
        let sum = content.lines.reduce(Money.zero) { $0 + $1.amount }
        guard sum == content.total else {
            throw InconsistentBill(name: "\(content.serviceNumber), cycle \(content.cycle)")
        }
    }

    private func outcome(_ work: Work, _ plan: Plan) -> BillRunOutcome {
        let service = work.input.service
        func outcome(_ outcome: BillOutcome, _ reason: String) -> BillRunOutcome {
            BillRunOutcome(
                service: service.id,
                serviceNumber: service.number,
                outcome: outcome,
                reason: reason
            )
        }
        switch plan {
        case .nothing(let result, let reason): return outcome(result, reason)
        case .issueStanding: return outcome(.issued, "")
        case .store(let made, let issue, _, let note):
            if issue { return outcome(.issued, "") }
            let reasons = ([note] + made.holds.map(\.reason)).filter { !$0.isEmpty }
            return outcome(made.holds.isEmpty ? .drafted : .held, reasons.joined(separator: "; "))
        }
    }

    /// One outcome a service: what hinders most, with every reason.
    func merged(
        _ service: Service,
        _ outcomes: [BillRunOutcome]
    ) -> BillRunOutcome {
        let order: [BillOutcome] = [.refused, .held, .drafted, .issued, .existing]
        guard let worst = order.first(where: { kind in outcomes.contains { $0.outcome == kind } })
        else {
            return unbilled(service)
        }
        return BillRunOutcome(
            service: service.id,
            serviceNumber: service.number,
            outcome: worst,
            reason: outcomes.map(\.reason).filter { !$0.isEmpty }.joined(separator: "; ")
        )
    }

    /// The outcome of a service that nobody had in the cycle.
    private func unbilled(_ service: Service) -> BillRunOutcome {
        func outcome(_ outcome: BillOutcome, _ reason: String) -> BillRunOutcome {
            BillRunOutcome(
                service: service.id,
                serviceNumber: service.number,
                outcome: outcome,
                reason: reason
            )
        }
        if service.connectedOn > period.last {
            return outcome(
                .notConnected,
                "not yet connected: connected on \(service.connectedOn), after the cycle"
            )
        }
        if let closedOn = service.closedOn, closedOn < period.first {
            return outcome(.notConnected, "closed on \(closedOn), before the cycle")
        }
        return outcome(.refused, "nobody answers for the service in this cycle")
    }
}

extension Office {
    /// A document's number as it is printed: `TOWN-2026-000042`, `CN-TOWN-2026-000003`.
    func documentNumber(_ series: NumberSeries, year: Int, _ number: Int) -> String {
        "\(series.prefix)\(code.uppercased())-\(year)-\(number.padded(6))"
    }
}
