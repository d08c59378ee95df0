/// Bounds of billing.
package enum Limits {
    /// R10: at most so many provisional bills within a year without an override.
    package static let provisionalBillsAYear = 2
    /// Earlier actual bills that a bill's consumption is compared with, and how few are too few.
    package static let billsCompared = 6
    package static let billsComparedMinimum = 3
    /// Earlier bills a new one is made with.
    package static let billsOfHistory = 8
    /// Blocks of a load curve that must be known, in percent, for a bill by time of day or demand.
    static let curveKnownPercent = 90
    /// Blocks of a day of which nothing is known.
    static let quarterHoursADay = 96
    /// Blocks that differ from the registers by more than so many percent, and so many watt-hours, hold
    /// the bill.
    static let curveDifferencePercent: Int64 = 2
    static let curveDifferenceWattHours: Int64 = 1_000
    /// Steps of a forecast's money axis.
    package static let pricesShown = 20
}
