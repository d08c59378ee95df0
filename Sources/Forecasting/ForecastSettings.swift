/// The constants of the method, tuned on the public half of the evaluation and nothing else.
package struct ForecastSettings: Sendable {
    /// Kilowatt-hours a day that stand for nothing at all inside a logarithm.
    package var floor = 0.3
    /// Cooling begins above, heating below.
    package var coolFromCelsius = 21.0
    package var heatBelowCelsius = 17.0
    /// Change of log use a degree, before anything is known of a household.
    package var coolSlope = 0.08
    package var heatSlope = 0.035
    /// Where the ridge of a household's own slopes pulls to, and how strongly, in weeks.
    package var ridgeCool = 0.07
    package var ridgeHeat = 0.03
    package var ridgeWeeks = 40.0
    package var ridgeDegrees = 4.0
    /// How far the slopes go from the fleet's to the household's own.
    package var ownSlopeShare = 0.5
    /// Half-lives of the candidates for the level, in known days.
    package var halfLives = SIMD8<Double>(2, 4, 7, 14, 28, 56, 112, 224)
    package var candidates = 5
    package var weightPower = 12.0
    /// Past origins at which a household's own errors count as much as the fleet's.
    package var ownErrorOrigins = 20.0
    /// Known days at which the own level weighs as much as the peers'.
    package var peerLevelDays = 0.5
    package var lastYearOwn = 0.3
    package var lastYearPeers = 0.3
    package var lastYearClip = 1.5
    package var weekdayDays = 20.0
    package var volatilityDays = 120
    package var volatilityPseudo = 10.0
    package var volatilityPrior = 0.3
    package var totalScale = 0.76
    package var totalOwnOrigins = 20.0
    package var x1 = 0.0
    package var x2 = 0.0
    package var x3 = 0.0
    package var x4 = 0.0
    package var x5 = 0.0
    package var x6 = 0.0

    package init() {}

    package static let standard = ForecastSettings()
}
