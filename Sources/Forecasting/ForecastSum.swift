package import Units

/// Forecasts of several services added up: of a transformer, a feeder or an office.
///
/// Means add up exactly. Bounds do not: errors of neighbours go together (weather, holidays) and yet
/// differ. They follow the rule of equal correlation: any two services' errors correlate by
/// `Limits.errorCorrelation`, so a sum's error is that of everybody erring alike times
/// `sqrt(rho + (1 - rho) * sum of squares / square of the sum)`.
package struct ForecastSum: Hashable, Sendable {
    /// Days of a total that the scales are weighted by.
    private static let weightDays = 30

    package private(set) var services: Int
    /// Kilowatt-hours of each of the 62 days after the origin.
    package private(set) var means: [Double]
    /// Sums of a month's totals; of these times the scale of days, times that of totals, and of the
    /// squares of the latter.
    package private(set) var spreads: [Double]

    package init() {
        services = 0
        means = Array(repeating: 0, count: Limits.horizonDays)
        spreads = [0, 0, 0, 0]
    }

    /// Takes what was kept; nil when it is not as long as it must be.
    package init?(services: Int, means: [Double], spreads: [Double]) {
        guard means.count == Limits.horizonDays, spreads.count == 4 else { return nil }
        self.services = services
        self.means = means
        self.spreads = spreads
    }

    /// Adds a service's forecast of the whole horizon.
    package mutating func add(_ forecast: PastForecast) {
        precondition(forecast.means.count == means.count, "Sums are of whole horizons.")
        services += 1
        for day in means.indices { means[day] += forecast.means[day] }
        let month = forecast.means[..<ForecastSum.weightDays].reduce(0, +)
        let error = month * forecast.totalScale
        spreads[0] += month
        spreads[1] += month * forecast.dayScale
        spreads[2] += error
        spreads[3] += error * error
    }

    /// Adds another part.
    package mutating func add(_ other: ForecastSum) {
        services += other.services
        for day in means.indices { means[day] += other.means[day] }
        for index in spreads.indices { spreads[index] += other.spreads[index] }
    }

    /// The sum as a forecast, with bounds; `fleet`: whose quantiles they take.
    package func forecast(
        origin: CivilDate,
        fleet: FleetState,
        settings: ForecastSettings = .standard
    ) -> SeriesForecast {
        let rho = Limits.errorCorrelation
        let alike = spreads[2] > 0 ? spreads[3] / (spreads[2] * spreads[2]) : 1
        let share = (rho + (1 - rho) * alike).squareRoot()
        func scale(_ sum: Double) -> Double {
            max(1e-6, spreads[0] > 0 ? share * sum / spreads[0] : settings.volatilityPrior)
        }
        return SeriesForecast(
            origin: origin,
            means: means,
            dayScale: scale(spreads[1]),
            totalScale: scale(spreads[2]),
            floor: settings.floor * Double(max(1, services)),
            curves: fleet.curves,
            services: max(1, services)
        )
    }
}
