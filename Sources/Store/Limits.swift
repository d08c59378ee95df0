/// Bounds of what one query may bring.
package enum Limits {
    /// Readings of one meter in one computation of its days: a year of every fifteen seconds.
    package static let samplesPerStretch = 2_200_000
}
