package import Billing
import Metering
import Registry
package import Store
import Tariffs
import Units

/// Bills a cycle of an office: consumption from registers, priced by the versions in force,
/// drafted or issued.
///
/// A rerun adds nothing (R4), and a run that was killed goes on where it
/// stopped, because a bill is there or not there (R5).
package struct RunBilling: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Runs the cycle of this name, such as `2026-10`.
    ///
    /// `progress`: told how many services are done, and how many there are so far.
    package func callAsFunction(
        cycle name: String,
        issue: Bool,
        by caller: Caller,
        progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> BillRun {
        try caller.require(.manager, .clerk)
        let office = try await FindOffices(store: store)(caller.office)
        let (cycle, period) = try closedCycle(name, office: office)
        try await RollUpDays(store: store, clock: clock)(office: office)
        let published = try await store.withTenant(office.id, readOnly: true) {
            try $0.tariffs()
        }
        let round = BillingRound(
            office: office,
            cycle: cycle,
            period: period,
            tariffs: try TariffShelf(published),
            issue: issue,
            now: clock.now()
        )
        let run = try await store.withTenant(office.id) {
            try $0.insertRun(cycle: cycle, period: period, requestedBy: caller.name)
        }
        var after = ""
        var done = 0
        while true {
            let start = after
            let numbers = try await store.withTenant(office.id) { transaction in
                let services = try transaction.services(
                    after: start,
                    limit: Limits.servicesPerBillingRound
                )
                let outcomes = try services.map { try round.bill($0, in: transaction) }
                try transaction.record(outcomes, run: run)
                return services.map(\.number)
            }
            done += numbers.count
            progress(done, done)
            guard let last = numbers.last, numbers.count == Limits.servicesPerBillingRound else {
                break
            }
            after = last
        }
        return try await store.withTenant(office.id) { transaction in
            try transaction.finishRun(run)
            guard let finished = try transaction.run(run) else { throw NotFound("bill run") }
            return finished
        }
    }

    /// The cycle of a name, which must be over.
    private func closedCycle(
        _ name: String,
        office: Office
    ) throws -> (cycle: CivilMonth, period: BillingPeriod) {
        guard let cycle = CivilMonth(name) else {
            throw InvalidInput("cycle", "invalid", "a month such as 2026-10")
        }
        guard let period = office.cycle.period(named: cycle) else {
            throw InvalidInput(
                "cycle",
                "unknown",
                "office \(office.code) has two-monthly cycles; \(cycle) is not the month of a "
                    + "last day, \(cycle.adding(months: 1)) is"
            )
        }
        let today = office.zone.date(
            of: clock.now().adding(seconds: -Limits.dayClosingGraceSeconds)
        )
        guard period.last < today else {
            throw InvalidInput(
                "cycle",
                "out_of_range",
                "cycle \(cycle) (\(period)) is not over; it can be billed from "
                    + "\(period.last.adding(days: 1))"
            )
        }
        return (cycle, period)
    }
}

/// One cycle being billed: everything that is the same for every service.
struct BillingRound: Sendable {
    let office: Office
    let cycle: CivilMonth
    let period: BillingPeriod
    let tariffs: TariffShelf
    let issue: Bool
    let now: Instant

    /// Bills one service, or says by name why not.
    func bill(_ service: Service, in transaction: TenantTransaction) throws -> BillRunOutcome {
        func outcome(_ outcome: BillOutcome, _ reason: String = "") -> BillRunOutcome {
            BillRunOutcome(
                service: service.id,
                serviceNumber: service.number,
                outcome: outcome,
                reason: reason
            )
        }
        if let standing = try transaction.bill(
            service: service.id,
            cycle: cycle.description
        ) {
            if standing.state == .issued || !issue { return outcome(.existing) }
            try issueBill(standing.id, standing.content, in: transaction)
            return outcome(.issued)
        }
        if service.connectedOn > period.last {
            return outcome(.refused, "connected on \(service.connectedOn), after the cycle")
        }
        let content: BillContent
        do {
            let used = try consumption(of: service, in: transaction)
            content = try tariffs.bill(
                service,
                cycle: cycle,
                period: period,
                cycleMonths: office.cycle.months,
                consumption: used
            )
        } catch let fault as ConsumptionFault {
            return outcome(.refused, fault.reason)
        } catch let refusal as BillRefusal {
            return outcome(.refused, refusal.reason)
        }
        guard let id = try transaction.insert(content) else { return outcome(.existing) }
        if issue { try issueBill(id, content, in: transaction) }
        return outcome(issue ? .issued : .drafted)
    }

    private func consumption(
        of service: Service,
        in transaction: TenantTransaction
    ) throws -> Consumption {
        let start = office.zone.start(of: period.first)
        let end = office.zone.start(of: period.last.adding(days: 1))
        let installations = try transaction.installations(of: service.id).map { installation in
            MeteredInstallation(
                installation: installation,
                // What the bill before closed with opens this one, so that a reading which came
                // late is billed once and at last.
                before: try transaction.lastBilledRegister(
                    of: installation.meter.id,
                    service: service.id,
                    before: period.first
                )
                    ?? transaction.register(of: installation.meter.id, atOrBefore: start),
                days: try transaction.days(
                    of: installation.meter.id,
                    from: period.first,
                    to: period.last
                ),
                atEnd: try transaction.register(of: installation.meter.id, atOrBefore: end),
                isClosed: try transaction.register(
                    of: installation.meter.id,
                    atOrAfter: end
                ) != nil
            )
        }
        return try Metering.consumption(
            of: period,
            zone: office.zone,
            installations: installations,
            sanctionedLoadWatts: service.sanctionedLoadWatts
        )
    }

    private func issueBill(
        _ id: Bill.ID,
        _ content: BillContent,
        in transaction: TenantTransaction
    ) throws {
        let sum = content.lines.reduce(Money.zero) { $0 + $1.amount }
        precondition(sum == content.total, "the lines of a bill must sum to its total")
        let today = office.zone.date(of: now)
        let year = today.components.year
        let number = try transaction.nextBillNumber(year: year)
        try transaction.issue(
            id,
            service: content.service,
            number: "\(office.code.uppercased())-\(year)-\(number.padded(6))",
            total: content.total,
            at: now,
            dueOn: today.adding(days: Limits.dueDays)
        )
    }
}
