import Billing
import Metering
import Registry
import Store
import Units

/// One cycle being billed: everything that is the same for every service.
struct BillingRound: Sendable {
    let office: Office
    let cycle: CivilMonth
    let period: BillingPeriod
    let months: Int
    let maker: BillMaker
    let input: RunBilling.Input
    /// Who runs it.
    let by: String
    let clock: WallClock

    /// A bill under way: what it is made from, and what is there already.
    private struct Work {
        var input: ServiceToBill
        var standing: StandingBill?
        var result: Result<MadeBill, BillRefusal>?
    }

    /// Bills a chunk of services in one transaction, or says by name why not.
    func bill(
        _ services: [Service],
        in transaction: TenantTransaction
    ) throws -> [BillRunOutcome] {
        var works = try prepared(services, in: transaction)
        try readHistory(&works, in: transaction)
        try readRegisters(&works, in: transaction)
        for index in works.indices {
            if works[index].standing?.state == .issued { continue }
            do throws(BillRefusal) {
                works[index].result = .success(try maker.make(works[index].input))
            } catch {
                works[index].result = .failure(error)
            }
        }
        let outcomes = Dictionary(grouping: try settle(works, in: transaction), by: \.service)
        return services.map { merged($0, outcomes[$0.id] ?? []) }
    }

    // MARK: Reading

    /// One piece of work for each occupant that a service had in the cycle.
    private func prepared(
        _ services: [Service],
        in transaction: TenantTransaction
    ) throws -> [Work] {
        let ids = services.map(\.id)
        let occupancies = try transaction.occupancies(of: ids, during: period)
        let installations = try transaction.installations(of: ids)
        let standing = try transaction.standingBills(of: ids, cycle: cycle)
        var works: [Work] = []
        for service in services {
            let meters = installations[service.id] ?? []
            for occupancy in occupancies[service.id] ?? [] {
                let leaves = occupancy.to.map { $0 <= period.last } ?? false
                let first = max(period.first, occupancy.from, service.connectedOn)
                let last = min(period.last, occupancy.to ?? period.last)
                guard let own = BillingPeriod(first: first, last: last) else { continue }
                let kind =
                    leaves && occupancy.to != period.last || service.closedOn == last
                    ? BillKind.final : .regular
                works.append(
                    Work(
                        input: ServiceToBill(
                            service: service,
                            occupancy: occupancy,
                            kind: kind,
                            cycle: cycle,
                            whole: period,
                            period: own,
                            months: months,
                            installations: meters.map {
                                MeteredInstallation(
                                    installation: $0,
                                    before: nil,
                                    days: [],
                                    after: nil
                                )
                            }
                        ),
                        standing: standing[service.id]?[kind]
                    )
                )
            }
        }
        return works
    }

    /// Earlier bills; a bill that reached into this cycle lets it begin later.
    private func readHistory(_ works: inout [Work], in transaction: TenantTransaction) throws {
        let open = works.indices.filter { works[$0].standing?.state != .issued }
        let histories = try transaction.history(
            of: open.map { (works[$0].input.service.id, works[$0].input.period.last) }
        )
        for (index, history) in zip(open, histories) {
            let own = works[index].standing?.id
            let past = history.filter { $0.id != own && $0.cycle != cycle.description }
            works[index].input.history = past
            guard let latest = past.first, latest.period.last >= works[index].input.period.first,
                let rest = BillingPeriod(
                    first: latest.period.last.adding(days: 1),
                    last: works[index].input.period.last
                )
            else { continue }
            works[index].input.period = rest
        }
    }

    /// The registers of every meter for the days it is needed for.
    private func readRegisters(_ works: inout [Work], in transaction: TenantTransaction) throws {
        var places: [(work: Int, installation: Int)] = []
        var meters: [(meter: Meter.ID, from: CivilDate, to: CivilDate)] = []
        for index in works.indices where works[index].standing?.state != .issued {
            let input = works[index].input
            let first = input.provisionalChain.first?.period.first ?? input.period.first
            let (start, _) = office.zone.bounds(of: input.period)
            let end = office.zone.bounds(of: input.period).end
            let chainStart = office.zone.start(of: first)
            works[index].input.installations.removeAll {
                $0.installation.installedAt >= end
                    || ($0.installation.removedAt ?? end) <= min(start, chainStart)
            }
            for place in works[index].input.installations.indices {
                places.append((index, place))
                meters.append(
                    (
                        works[index].input.installations[place].installation.meter.id,
                        first,
                        input.period.last
                    )
                )
            }
        }
        let days = try transaction.days(of: meters)
        let around = try transaction.registersAround(meters, zone: office.zone)
        for (position, place) in places.enumerated() {
            let input = works[place.work].input
            let end = office.zone.bounds(of: input.period).end
            var metered = input.installations[place.installation]
            let meter = metered.installation.meter.id
            metered.days = days[position]
            metered.after = around[position].after
            if let last = metered.days.last?.last, last.at == end { metered.after = last }
            if metered.after == nil, metered.installation.removedAt == nil {
                // The day after the cycle may still be running.
                metered.after = try transaction.register(of: meter, atOrAfter: end)
            }
            metered.before = billedBefore(input, meter) ?? around[position].before
            if metered.days.isEmpty, let after = metered.after, after.at > end,
                let opening = metered.opening(atStartOf: input.period, zone: office.zone),
                try transaction.isSumOfDays(of: meter, atOrAfter: end)
            {
                metered.after = RegisterReading(at: end, register: opening.register)
            }
            works[place.work].input.installations[place.installation] = metered
        }
    }

    /// What the last bill closed with opens this one, so that a reading which came late is billed
    /// once and at last; after provisional bills, what the first of them opened with.
    private func billedBefore(_ input: ServiceToBill, _ meter: Meter.ID) -> RegisterReading? {
        if let oldest = input.provisionalChain.first {
            return oldest.segments.first { $0.meter.id == meter }?.opening
        }
        guard let latest = input.history.first,
            latest.period.last == input.period.first.adding(days: -1)
        else { return nil }
        return latest.closing(of: meter)
    }

    // MARK: Writing

    private enum Plan {
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
            guard let standing = work.standing, standing.basis == .provisional else {
                return .nothing(.refused, refusal.reason)
            }
            // Still no reading: the estimate stands, whether this run names its method or not.
            if standing.state == .approved, input.issue { return .issueStanding(standing.id) }
            return .nothing(
                standing.state == .held ? .held : .existing,
                "provisional; \(refusal.reason)"
            )
        case .success(let made):
            let needsApproval = !made.holds.isEmpty || office.billing.approval == .all
            guard let standing = work.standing else {
                return .store(made, issue: input.issue && !needsApproval, replaces: nil, note: "")
            }
            guard standing.digest == made.content.proofDigest else {
                return .store(
                    made,
                    issue: false,
                    replaces: standing.id,
                    note: "made again: its readings, tariff or rules have changed"
                )
            }
            guard input.issue else { return .nothing(.existing, "") }
            if standing.state == .approved || standing.state == .draft && !needsApproval {
                return .issueStanding(standing.id)
            }
            let reasons = made.holds.map(\.reason).joined(separator: "; ")
            return .nothing(.held, reasons.isEmpty ? "waits for approval" : reasons)
        }
    }

    /// What a chunk writes.
    private struct Harvest {
        var bills: [NewBill] = []
        var issued: [(id: Bill.ID, issue: BillIssue)] = []
        var postings: [Posting] = []
        var trueUps: [(note: Rebooked, bill: Bill.ID, issue: Bool)] = []
    }

    private func settle(
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
                if !made.trueUp.isEmpty {
                    harvest.trueUps.append((Rebooked(made), id, issue != nil))
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
    private func merged(
        _ service: Service,
        _ outcomes: [BillRunOutcome]
    ) -> BillRunOutcome {
        let order: [BillOutcome] = [.refused, .held, .drafted, .issued, .existing]
        guard let worst = order.first(where: { kind in outcomes.contains { $0.outcome == kind } })
        else {
            let reason =
                service.connectedOn > period.last
                ? "connected on \(service.connectedOn), after the cycle"
                : service.closedOn.map { "closed on \($0), before the cycle" }
                    ?? "nobody answers for the service in this cycle"
            return BillRunOutcome(
                service: service.id,
                serviceNumber: service.number,
                outcome: .refused,
                reason: reason
            )
        }
        return BillRunOutcome(
            service: service.id,
            serviceNumber: service.number,
            outcome: worst,
            reason: outcomes.map(\.reason).filter { !$0.isEmpty }.joined(separator: "; ")
        )
    }
}

extension Office {
    /// A document's number as it is printed: `TOWN-2026-000042`, `CN-TOWN-2026-000003`.
    func documentNumber(_ series: NumberSeries, year: Int, _ number: Int) -> String {
        "\(series.prefix)\(code.uppercased())-\(year)-\(number.padded(6))"
    }
}
