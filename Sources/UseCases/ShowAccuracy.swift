package import Forecasting
import Registry
package import Store
package import Units

/// Shows how an office's forecasts went: only what was stored on the evening before counts.
package struct ShowAccuracy: Sendable {
    /// What was scored, and how far.
    package struct Answer: Sendable {
        /// Months and cycles, newest first.
        package var spans: [ScoredSpan]
        /// The last finished night; nil before the first.
        package var lastOrigin: CivilDate?
        /// The first month that a stored forecast can be scored for has this first day at the earliest.
        package var firstOrigin: CivilDate?
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Months and cycles that were scored.
    package func callAsFunction(by caller: Caller) async throws -> Answer {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            Answer(
                spans: try transaction.scoredSpans(limit: Limits.scoredSpansListed),
                lastOrigin: try transaction.lastForecastRun(finished: true)?.origin,
                firstOrigin: try transaction.firstForecastOrigin()
            )
        }
    }
}
