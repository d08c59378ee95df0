package import Units

/// Twelve long-term monthly mean temperatures of a place, January first, in degrees Celsius.
package struct ClimateNormals: Hashable, Sendable, Codable {
    package let monthlyCelsius: [Double]

    /// Nil unless there are twelve plausible values.
    package init?(monthlyCelsius: [Double]) {
        guard monthlyCelsius.count == 12,
            monthlyCelsius.allSatisfy({ $0 >= -60 && $0 <= 60 })
        else { return nil }
        self.monthlyCelsius = monthlyCelsius
    }

    /// No climate at all: every month is mild.
    package static let none = ClimateNormals(mild: 19)

    private init(mild: Double) { monthlyCelsius = Array(repeating: mild, count: 12) }

    /// Whether two places are near enough in climate to be peers: 2 degrees, over the year.
    package func isLike(_ other: ClimateNormals) -> Bool {
        zip(monthlyCelsius, other.monthlyCelsius).map { abs($0 - $1) }.reduce(0, +) < 24
    }

    /// The normal temperature of a day, between the middles of the months.
    package func celsius(on date: CivilDate) -> Double {
        let parts = date.components
        let days = Double(date.month.days)
        let position = (Double(parts.day) - 0.5) / days - 0.5
        let other = position < 0 ? (parts.month + 10) % 12 : parts.month % 12
        let share = position < 0 ? -position : position
        return monthlyCelsius[parts.month - 1] * (1 - share) + monthlyCelsius[other] * share
    }
}

/// What the climate asks of every day of a stretch of days: cooling and heating degrees.
///
/// Made once for an area and used for all its services.
package struct ClimateCalendar: Sendable {
    package let first: CivilDate
    let cool: [Double]
    let heat: [Double]

    /// Covers `days` days from `first` on.
    package init(
        _ normals: ClimateNormals,
        from first: CivilDate,
        days: Int,
        settings: ForecastSettings = .standard
    ) {
        self.first = first
        let lag = settings.coolLagDays
        cool = (0..<max(0, days)).map {
            max(0, normals.celsius(on: first.adding(days: $0 - lag)) - settings.coolFromCelsius)
        }
        heat = (0..<max(0, days)).map {
            max(0, settings.heatBelowCelsius - normals.celsius(on: first.adding(days: $0)))
        }
    }

    /// Covers all that a forecast of this origin looks at.
    package init(
        _ normals: ClimateNormals,
        origin: CivilDate,
        settings: ForecastSettings = .standard
    ) {
        self.init(
            normals,
            from: origin.adding(days: 1 - Limits.windowDays),
            days: Limits.windowDays + Limits.horizonDays,
            settings: settings
        )
    }
}
