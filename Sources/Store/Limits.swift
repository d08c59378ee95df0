/// Bounds of what one query may bring.
package enum Limits {
    /// Readings of one meter in one computation of its days: more than two years of every fifteen
    /// seconds.
    package static let samplesPerStretch = 5_000_000
    /// Open exceptions named on one bill; one is enough to hold it.
    package static let doubtsOfBill = 3
}
