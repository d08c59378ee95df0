import Billing
import Registry
import Store
import Units

/// The cycle whose bill is the next one of a service: the running one, or the one before as long as
/// it waits for its bill.
struct ForecastCycle {
    let name: CivilMonth
    let whole: BillingPeriod
    let isOver: Bool
    /// Bills that count for it, newest first.
    let history: [PastBill]
}

extension TenantTransaction {
    /// The cycle to show a service's forecast for, by its rule; nil where the rule has none.
    ///
    /// `ownSince`: the first day of the present occupant; `origin`: the last day that is known.
    /// A closed cycle is shown until its bill is issued; a draft is none. A service that never had a
    /// bill shows it for two weeks only: its office may bill elsewhere.
    func nextCycle(
        of service: Service.ID,
        _ rule: CycleRule,
        ownSince: CivilDate,
        origin: CivilDate
    ) throws -> ForecastCycle? {
        let name = rule.name(containing: origin.adding(days: 1))
        guard let running = rule.period(named: name),
            let history = try history(of: [(service, running.last.adding(days: 1))]).first
        else { return nil }
        let issued = history.filter { $0.state == .issued }
        let eve = running.first.adding(days: -1)
        let closedName = rule.name(containing: eve)
        if let closed = rule.period(named: closedName), ownSince <= closed.last,
            issued.allSatisfy({ $0.period.last < closed.last }),
            !issued.isEmpty || origin.days(since: closed.last) < Limits.unbilledCycleDays
        {
            return ForecastCycle(name: closedName, whole: closed, isOver: true, history: issued)
        }
        return ForecastCycle(name: name, whole: running, isOver: false, history: history)
    }
}
