import Forecasting
import Registry
import Store
import Units

/// Which nights' forecasts are kept to be scored, and when what of them falls due.
///
/// Of every service: the last seven nights, and the evenings before a calendar month. Of each service
/// besides: the evenings before the cycles of its own group, so that groups that begin on other days do
/// not add up. Older ones are forgotten after a hundred days: a service stands with 7 rows, 3 or 4 of
/// months and, where its cycle does not begin with a month, 1 to 4 of cycles, at most 15, however many
/// groups and years there are. A year leaves 12 evenings of months and 6 or 12 of cycles to be scored.
///
/// What a night's own days show counts for it alone; `since` is the night before, so that each day,
/// total and span counts once however many nights were missed.
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
    /// Evenings before a month or somebody's cycle, newest first, with the cycles.
    private let evenings: [(night: CivilDate, cycles: [BillingPeriod: Set<String>])]
    /// Older evenings before a cycle that no month begins with, by group: kept of its services.
    let cycleEvenings: [String: [CivilDate]]

    init(_ run: ForecastRun, office: Office, groups: [BillingGroup]) {
        origin = run.origin
        since = run.previous ?? run.origin.adding(days: -1)
        var rules = ["": office.cycle]
        for group in groups { rules[group.code] = group.cycle }
        self.rules = rules
        var evenings: [(night: CivilDate, cycles: [BillingPeriod: Set<String>])] = []
        var cycleEvenings: [String: [CivilDate]] = [:]
        for age in 1...Limits.forecastDaysKept {
            let night = origin.adding(days: -age)
            let cycles = Self.cycles(after: night, rules)
            let isBeforeMonth = Self.isBeforeMonth(night)
            if isBeforeMonth || !cycles.isEmpty { evenings.append((night, cycles)) }
            guard age >= Limits.forecastNightsKept, !isBeforeMonth else { continue }
            for group in Set(cycles.values.joined()) {
                cycleEvenings[group, default: []].append(night)
            }
        }
        self.evenings = evenings
        self.cycleEvenings = cycleEvenings
    }

    /// The first origin of those whose forecasts are all kept.
    var recent: CivilDate { origin.adding(days: 1 - Limits.forecastNightsKept) }

    /// Older origins of which there are forecasts of anybody.
    var kept: [CivilDate] { evenings.map(\.night).filter { $0 < recent } }

    /// Older evenings before a month: kept of every service.
    var monthEvenings: [CivilDate] { kept.filter(Self.isBeforeMonth) }

    private static func isBeforeMonth(_ night: CivilDate) -> Bool {
        let next = night.adding(days: 1)
        return next == next.month.first
    }

    /// Cycles that begin on the day after a night, with the groups that have them.
    private static func cycles(
        after night: CivilDate,
        _ rules: [String: CycleRule]
    ) -> [BillingPeriod: Set<String>] {
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

    /// Origins of which a day or a total falls due for the score book.
    var dueOrigins: [CivilDate] {
        evenings.map(\.night).filter { night in
            Self.isBeforeMonth(night)
                && ScoreBook.dueAges.contains { age in
                    let day = night.adding(days: age)
                    return day > since && day <= origin
                }
        }
    }

    /// Months and cycles that are scored tonight.
    var dueSpans: [DueSpan] {
        evenings.flatMap { night, cycles -> [DueSpan] in
            let next = night.adding(days: 1)
            var spans = cycles.map { period, groups in
                DueSpan(kind: .cycle, first: period.first, last: period.last, groups: groups)
            }
            if Self.isBeforeMonth(night) {
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
