/// The bounds of this room.
package enum Limits {
    /// Days before the origin that are looked at: two years and some weeks; older ones are not read.
    package static let windowDays = 770
    /// Longest horizon: a two-monthly cycle.
    package static let horizonDays = 62
    /// More kilowatt-hours on one day than any meter of a household or a shop measures: a gap.
    package static let dayKilowattHours = 1_000_000.0
}
