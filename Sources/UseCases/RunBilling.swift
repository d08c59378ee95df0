package import Billing
import Metering
import Registry
package import Store
import Tariffs
import Units

/// Bills a cycle of an office: consumption from registers, priced by the versions in force,
/// drafted, held or issued.
///
/// A rerun adds nothing (R4) and makes drafts again whose readings or tariff have changed (R8). A run
/// that was killed goes on where it stopped (R5), and several processes may work on one run: each
/// claims services that no other has.
package struct RunBilling: Sendable {
    /// What is billed, and how.
    package struct Input: Sendable {
        /// Name of the cycle, such as `2026-10`.
        package var cycle: String
        package var issue: Bool
        /// A billing group; empty for services on the office's own cycle.
        package var group: String
        /// Only this service.
        package var serviceNumber: String?
        /// How services without a closing reading are estimated; nil refuses them by name.
        package var provisional: ProvisionalMethod?
        /// Why a third provisional bill within a year is made all the same.
        package var overrideReason: String?

        package init(
            cycle: String,
            issue: Bool = false,
            group: String = "",
            serviceNumber: String? = nil,
            provisional: ProvisionalMethod? = nil,
            overrideReason: String? = nil
        ) {
            self.cycle = cycle
            self.issue = issue
            self.group = group
            self.serviceNumber = serviceNumber
            self.provisional = provisional
            self.overrideReason = overrideReason
        }
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Runs a cycle of the whole office.
    package func callAsFunction(
        cycle: String,
        issue: Bool,
        by caller: Caller,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> BillRun {
        try await self(Input(cycle: cycle, issue: issue), by: caller, progress: progress)
    }

    /// Runs a cycle, or goes on with a run of it that was not finished.
    ///
    /// `progress`: told how many services are done, and of how many.
    package func callAsFunction(
        _ input: Input,
        by caller: Caller,
        progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> BillRun {
        try caller.require(.manager, .clerk)
        let office = try await FindOffices(store: store)(caller.office)
        if let reason = input.overrideReason {
            guard !reason.isBlank, reason.count <= Limits.reasonCharactersMaximum else {
                throw InvalidInput("overrideReason", "invalid", "a reason of 1 to 500 characters")
            }
        }
        let (cycle, period, months) = try await closedCycle(input, office: office)
        let made = try await RollUpDays(store: store, clock: clock)(office: office)
        var rules = BillingRules(office)
        rules.provisional = input.provisional
        rules.overrideReason = input.overrideReason
        let settled = rules
        let round = try await store.withTenant(office.id, readOnly: true) { transaction in
            if let number = input.serviceNumber {
                _ = try transaction.visibleService(number, caller)
            }
            let shelf = try TariffShelf(
                try transaction.tariffs(),
                parameters: try ParameterWindowRow.series(transaction.parameterWindows())
            )
            return BillingRound(
                office: office,
                cycle: cycle,
                period: period,
                months: months,
                maker: BillMaker(rules: settled, shelf: shelf),
                input: input,
                by: caller.name,
                clock: clock,
                unmade: made.unmade
            )
        }
        let run = try await open(round)
        try await work(round, run: run, progress: progress)
        let finishedAt = clock.now()
        return try await store.withTenant(office.id) { transaction in
            try transaction.finishRun(run, at: finishedAt)
            guard let finished = try transaction.run(run) else { throw NotFound("bill run") }
            return finished
        }
    }

    private func open(_ round: BillingRound) async throws -> BillRun.ID {
        let now = clock.now()
        return try await store.withTenant(round.office.id) { transaction in
            let run = try transaction.openRun(
                BillRun(
                    id: BillRun.ID(0),
                    cycle: round.cycle.description,
                    period: round.period,
                    group: round.input.group,
                    issues: round.input.issue,
                    requestedBy: round.by,
                    startedAt: now,
                    finishedAt: nil,
                    counts: [:]
                ),
                provisional: round.input.provisional?.rawValue ?? ""
            )
            let left = try transaction.servicesLeft(
                of: run,
                group: round.input.group,
                number: round.input.serviceNumber
            )
            try transaction.setServices(left, of: run)
            return run
        }
    }

    /// Chunk after chunk until no service is left; what other processes have claimed is waited for,
    /// and taken over when they die.
    private func work(
        _ round: BillingRound,
        run: BillRun.ID,
        progress: @escaping @Sendable (Int, Int) -> Void
    ) async throws {
        let office = round.office.id
        let total = try await store.withTenant(office, readOnly: true) { transaction in
            try transaction.servicesLeft(
                of: run,
                group: round.input.group,
                number: round.input.serviceNumber
            )
        }
        let done = Progress(total: total, report: progress)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<Limits.billingWorkers {
                group.addTask { try await workThrough(round, run: run, done: done) }
            }
            try await group.waitForAll()
        }
    }

    private func workThrough(
        _ round: BillingRound,
        run: BillRun.ID,
        done: Progress
    ) async throws {
        let office = round.office.id
        var after = ""
        while true {
            try Task.checkCancellation()
            let start = after
            let last = try await store.withTenant(office) { transaction -> (String, Int)? in
                let (services, last) = try transaction.claimServices(
                    of: run,
                    group: round.input.group,
                    number: round.input.serviceNumber,
                    after: start,
                    limit: Limits.servicesPerBillingRound
                )
                guard let last else { return nil }
                if !services.isEmpty {
                    let outcomes = try round.bill(services, in: transaction)
                    try transaction.record(outcomes, run: run)
                }
                return (last, services.count)
            }
            if let last {
                after = last.0
                await done.add(last.1)
                continue
            }
            let left = try await store.withTenant(office, readOnly: true) { transaction in
                try transaction.servicesLeft(
                    of: run,
                    group: round.input.group,
                    number: round.input.serviceNumber
                )
            }
            if left == 0 { return }
            // Another worker has the rest; should it die, its services are free again.
            if after.isEmpty { try await Task.sleep(for: .milliseconds(50)) }
            after = ""
        }
    }

    /// The cycle of a name, which must be over.
    private func closedCycle(
        _ input: Input,
        office: Office
    ) async throws -> (cycle: CivilMonth, period: BillingPeriod, months: Int) {
        let (cycle, period, months) = try await store.withTenant(office.id, readOnly: true) {
            try $0.billingCycle(input.cycle, group: input.group, of: office)
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
        return (cycle, period, months)
    }
}

/// How far the workers of a run are together.
private actor Progress {
    private var done = 0
    private let total: Int
    private let report: @Sendable (Int, Int) -> Void

    init(total: Int, report: @escaping @Sendable (Int, Int) -> Void) {
        self.total = total
        self.report = report
    }

    func add(_ count: Int) {
        done += count
        report(done, max(done, total))
    }
}
