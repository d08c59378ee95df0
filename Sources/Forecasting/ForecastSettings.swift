/// The constants of the method, tuned on the public half of the evaluation and on nothing else.
///
/// `README.md` beside this file says how, and what each is worth.
package struct ForecastSettings: Sendable {
    // MARK: Climate

    /// Kilowatt-hours a day that stand for nothing at all inside a logarithm.
    package var floor = 0.3
    /// Cooling begins above, heating below.
    package var coolFromCelsius = 21.0
    package var heatBelowCelsius = 17.0
    /// Use follows the heat of a normal year by so many days: the wet months after the hottest.
    package var coolLagDays = 10
    /// Change of log use a degree for a household without two weeks of past.
    package var coolSlope = 0.07
    package var heatSlope = 0.032
    /// Where the ridge of a household's own slopes pulls to, and how strongly.
    package var ridgeCool = 0.1
    package var ridgeHeat = 0.032
    package var ridgeWeeks = 40.0
    /// Degrees of deviation that a week of the ridge stands for.
    package var ridgeDegrees = 4.0
    /// Share of the present cooling by which use goes on growing while it stays hot.
    package var summerGrowth = 0.04
    package var summerGrowthDays = 10.0

    // MARK: Level

    /// Half-lives of the candidates for the level, in known days, short ones first.
    package var halfLives = SIMD8<Double>(2, 4, 7, 14, 28, 56, 112, 224)
    /// How far the longer half-lives may stay, as a log, from that of 7 days, when an occupant or
    /// a machine is new.
    package var levelReach = 0.4
    /// A candidate's weight is its past error to the power of minus this.
    package var weightPower = 8.0
    /// Weeks after which a past error counts half.
    package var errorHalfLifeWeeks = 23.0
    /// Past origins at which a household's own errors count as much as the fleet's.
    package var ownErrorOrigins = 20.0
    /// Known days at which the own level weighs as much as the peers'.
    package var peerLevelDays = 0.65
    /// How far the first day follows the shortest half-life, and how soon that is forgotten.
    package var fastShare = 0.3
    package var fastDays = 10.0
    /// Share by which a deviation of the whole fleet (weather, a holiday, a lockdown) goes away.
    package var fleetReversion = 0.4
    package var fleetHalfLifeWeeks = 39.0

    // MARK: Last year

    package var lastYearOwn = 0.3
    package var lastYearPeers = 0.3
    package var lastYearClip = 0.7
    /// Share by which a change of level against last year goes away.
    package var yearReversion = 0.1
    package var yearReversionDays = 10.0

    // MARK: Weekdays and scales

    package var weekdayDays = 20.0
    package var volatilityDays = 120
    package var volatilityPseudoDays = 10.0
    package var volatilityPrior = 0.25
    /// Usual ratio of the error of a month's total to the volatility, without a fleet.
    package var errorRatio = 0.8
    /// Past origins at which a household's own errors of totals count as much as the ratio.
    package var ownScaleOrigins = 15.0
    /// Share of the error of totals that is added to the volatility for the scale of days.
    package var totalInDayScale = 0.25
    /// Past origins at which learned quantiles count as much as those of the public half.
    package var priorOrigins = 18.0

    package init() {}

    package static let standard = ForecastSettings()
}
