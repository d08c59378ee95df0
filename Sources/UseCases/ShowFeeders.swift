package import Forecasting
import Registry
package import Store
package import Units

/// Shows what transformers, feeders and the whole office will use: their services' forecasts added up.
package struct ShowFeeders: Sendable {
    /// A feeder or a transformer, or the office, with its forecast.
    package struct Load: Sendable {
        /// Nil for services that hang from none.
        package var code: String?
        package var services: Int
        package var forecast: SeriesForecast
        /// The day of the horizon on which most is used, by the means; 1 is the day after the origin.
        package var peakDay: Int
    }

    /// All of an office on one night.
    package struct Answer: Sendable {
        /// The last day that was known.
        package var origin: CivilDate
        package var whole: Load
        /// Its feeders, or of one feeder its transformers; what hangs from none last.
        package var parts: [Load]
        /// Whether services hang elsewhere now than the sums have them.
        package var isOutdated = false

        /// What to say where services hang elsewhere by now; nil where they do not.
        package var note: String? {
            guard isOutdated else { return nil }
            return "services were hung elsewhere, or registered, since the night of \(origin): "
                + "these sums count them from the next night on"
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// The office by feeders; nil before its first night.
    package func office(by caller: Caller) async throws -> Answer? {
        try await answer(nil, caller)
    }

    /// A feeder by transformers; nil before the office's first night.
    package func feeder(_ code: String, by caller: Caller) async throws -> Answer? {
        try await answer(code, caller)
    }

    private func answer(_ feeder: String?, _ caller: Caller) async throws -> Answer? {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            if let feeder, try !transaction.hasFeeder(feeder) {
                throw NotFound("feeder '\(feeder)'")
            }
            guard let run = try transaction.lastForecastRun(finished: true) else { return nil }
            let states = try transaction.decodedStates(of: run.stateOrigin)
            // The bounds of a sum over several families are those that hold before any is known.
            let fleet =
                states.count == 1
                ? states.first?.value : FleetState(FleetSummary(origin: run.origin))
            guard let fleet else { return nil }
            let sums = try transaction.forecastSums(of: run.origin, feeder: feeder)
            var whole = ForecastSum()
            var parts: [(code: String?, sum: ForecastSum)] = []
            for entry in sums {
                whole.add(entry.sum)
                let code = feeder == nil ? entry.feeder : entry.transformer
                if let last = parts.indices.last, parts[last].code == code {
                    parts[last].sum.add(entry.sum)
                } else {
                    parts.append((code, entry.sum))
                }
            }
            let hanging = try transaction.servicesHanging(from: feeder, on: run.origin)
            let summed = parts.reduce(into: [:]) { $0[$1.code] = $1.sum.services }
            return Answer(
                origin: run.origin,
                whole: Load(feeder, whole, run.origin, fleet),
                parts: parts.map { Load($0.code, $0.sum, run.origin, fleet) },
                isOutdated: hanging != summed
            )
        }
    }
}

extension ShowFeeders.Load {
    fileprivate init(_ code: String?, _ sum: ForecastSum, _ origin: CivilDate, _ fleet: FleetState)
    {
        self.init(
            code: code,
            services: sum.services,
            forecast: sum.forecast(origin: origin, fleet: fleet),
            peakDay: (sum.means.indices.max { sum.means[$0] < sum.means[$1] } ?? 0) + 1
        )
    }
}
