import Forecasting
import Registry
import Store
import Units

/// Which nights' forecasts are kept to be scored, and when what of them falls due.
///
/// Kept are the evenings before a calendar month and before a cycle of the office or of a group. What a
/// night's own days show counts for it alone; `since` is the night before, so that each day, total and
/// span counts once however many nights were missed.
struct ForecastNights: Sendable {
    /// A month or a cycle that is scored on this night.
    struct DueSpan: Hashable, Sendable {
        let kind: ScoredSpan.Kind
        let first: CivilDate
        let last: CivilDate
        /// Whose cycle it is; nil for everybody.
        let groups: Set<String>?

        /// The evening before.
        var origin: CivilDate { first.adding(days: -1) }
        var length: Int { last.days(since: first) + 1 }
    }

    let origin: CivilDate
    let since: CivilDate
    /// Cycle rules by group; the office's own by the empty name.
    let rules: [String: CycleRule]

    init(_ run: ForecastRun, office: Office, groups: [BillingGroup]) {
        origin = run.origin
        since = run.previous ?? run.origin.adding(days: -1)
        var rules = ["": office.cycle]
        for group in groups { rules[group.code] = group.cycle }
        self.rules = rules
    }

    /// The first origin of those whose forecasts are all kept.
    var recent: CivilDate { origin.adding(days: 1 - Limits.forecastNightsKept) }

    /// Older origins whose forecasts are kept.
    var kept: [CivilDate] {
        (1...Limits.forecastDaysKept).map { origin.adding(days: -$0) }
            .filter { $0 < recent && isKept($0) }
    }

    private func isKept(_ night: CivilDate) -> Bool {
        isBeforeMonth(night) || !cycles(after: night).isEmpty
    }

    private func isBeforeMonth(_ night: CivilDate) -> Bool {
        let next = night.adding(days: 1)
        return next == next.month.first
    }

    /// Cycles that begin on the day after a night, with the groups that have them.
    private func cycles(after night: CivilDate) -> [BillingPeriod: Set<String>] {
        let next = night.adding(days: 1)
        var cycles: [BillingPeriod: Set<String>] = [:]
        for (group, rule) in rules {
            guard let period = rule.period(named: rule.name(containing: next)),
                period.first == next
            else { continue }
            cycles[period, default: []].insert(group)
        }
        return cycles
    }

    private var candidates: [CivilDate] {
        (1...Limits.forecastDaysKept).map { origin.adding(days: -$0) }.filter(isKept)
    }

    /// Origins of which a day or a total falls due for the score book.
    var dueOrigins: [CivilDate] {
        candidates.filter { night in
            isBeforeMonth(night)
                && ScoreBook.dueAges.contains { age in
                    let day = night.adding(days: age)
                    return day > since && day <= origin
                }
        }
    }

    /// Months and cycles that are scored tonight.
    var dueSpans: [DueSpan] {
        candidates.flatMap { night -> [DueSpan] in
            let next = night.adding(days: 1)
            var spans = cycles(after: night).map { period, groups in
                DueSpan(kind: .cycle, first: period.first, last: period.last, groups: groups)
            }
            if isBeforeMonth(night) {
                spans.append(
                    DueSpan(kind: .month, first: next, last: next.month.last, groups: nil)
                )
            }
            return spans.filter { span in
                let day = span.last.adding(days: Limits.forecastGraceDays)
                return day > since && day <= origin
                    && span.length <= Forecasting.Limits.horizonDays
            }
        }
    }
}
