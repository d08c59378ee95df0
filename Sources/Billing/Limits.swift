/// Bounds of billing.
package enum Limits {
    /// R10: at most so many provisional bills within a year without an override.
    package static let provisionalBillsAYear = 2
    /// Earlier actual bills that a bill's consumption is compared with, and how few are too few.
    package static let billsCompared = 6
    package static let billsComparedMinimum = 3
    /// Earlier bills a new one is made with.
    package static let billsOfHistory = 8
    /// Steps of a forecast's money axis.
    package static let pricesShown = 20
}
