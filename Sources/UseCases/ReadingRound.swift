import Billing
import Metering
package import Registry
package import Store
package import Units

/// An assessor's round: which services are due in a cycle, where to go next, and the sheet that is
/// filled in on the way.
package struct ReadingRound: Sendable {
    /// Which round is meant, and how far it is.
    package struct State: Sendable {
        package var cycle: CivilMonth
        package var period: BillingPeriod
        package var group: String
        package var services: Int
        package var visited: Int
        /// Visited with a register.
        package var read: Int
    }

    /// What a sheet brought.
    package struct SheetReport: Sendable {
        package var rows = 0
        /// Rows that say nothing yet.
        package var blank = 0
        package var accepted = 0
        package var held = 0
        package var noted = 0
        /// Entered already.
        package var duplicates = 0
        /// What waits for a person, by line.
        package var holds: [(line: Int, reading: ManualReading)] = []
        /// What whoever read them should know, by line: registers that close no cycle.
        package var hints: [(line: Int, detail: String)] = []
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// How far a round is; without a cycle the one that is due now.
    package func state(cycle: String?, group: String, by caller: Caller) async throws -> State {
        try caller.requireStaff()
        let now = clock.now()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let (cycle, period) = try desk.round(cycle, group: group)
            let counts = try transaction.roundCounts(cycle: cycle, period: period, group: group)
            return State(
                cycle: cycle,
                period: period,
                group: group,
                services: counts.services,
                visited: counts.visited,
                read: counts.read
            )
        }
    }

    /// Services of a round in order of number.
    package func stops(
        cycle: String?,
        group: String,
        page: PageRequest,
        by caller: Caller
    ) async throws -> Page<RoundStop> {
        try caller.requireStaff()
        let now = clock.now()
        let stops = try await store.withTenant(caller.office, readOnly: true) { transaction in
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let (cycle, period) = try desk.round(cycle, group: group)
            return try desk.stops(
                cycle: cycle,
                period: period,
                group: group,
                after: page.after,
                limit: page.limit + 1
            )
        }
        return Page(cutting: stops, limit: page.limit) { $0.service.number }
    }

    /// One service of a round.
    package func stop(
        _ number: String,
        cycle: String?,
        group: String,
        by caller: Caller
    ) async throws -> RoundStop {
        try caller.requireStaff()
        let now = clock.now()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let (cycle, period) = try desk.round(cycle, group: group)
            let found = try desk.stops(
                cycle: cycle,
                period: period,
                group: group,
                only: number,
                after: "",
                limit: 1
            )
            guard let stop = found.first else {
                throw NotFound("service '\(number)' in the round of \(cycle)")
            }
            return stop
        }
    }

    /// The first service after the given one that was not visited, from the beginning again after the
    /// last; nil when all were.
    package func next(
        after number: String,
        cycle: String?,
        group: String,
        by caller: Caller
    ) async throws -> String? {
        try caller.requireStaff()
        let now = clock.now()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let (cycle, period) = try desk.round(cycle, group: group)
            for start in [number, ""] {
                let next = try transaction.nextUnvisited(
                    cycle: cycle,
                    period: period,
                    group: group,
                    after: start
                )
                if let next { return next }
            }
            return nil
        }
    }
}

extension ReadingDesk {
    /// Services of a round with what their registers are expected to show now.
    func stops(
        cycle: CivilMonth,
        period: BillingPeriod,
        group: String,
        only number: String? = nil,
        after: String,
        limit: Int
    ) throws -> [RoundStop] {
        var stops = try transaction.roundStops(
            cycle: cycle,
            period: period,
            group: group,
            only: number,
            after: after,
            limit: limit
        )
        let later = office.zone.date(of: now).adding(days: 366)
        let bills = try transaction.history(of: stops.map { ($0.service.id, later) })
        for (index, history) in bills.enumerated() {
            stops[index].expected = usual(history.filter { $0.state == .issued })?.expected(
                after: stops[index].last,
                at: now,
                meter: stops[index].installation.meter
            )
        }
        return stops
    }
}
