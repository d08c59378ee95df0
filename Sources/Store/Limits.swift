/// Bounds of what one query may bring.
package enum Limits {
    /// Readings of one meter in one computation of its days: more than two years of every fifteen
    /// seconds.
    package static let samplesPerStretch = 5_000_000
    /// Open exceptions named on one bill; one is enough to hold it.
    package static let doubtsOfBill = 3
    /// Sums of a night's parts that are in memory at once, and transformers of one statement.
    static let forecastSumsPerRead = 2_000
    static let forecastSumsPerWrite = 500
}
