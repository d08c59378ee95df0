/// The bounds of this room.
package enum Limits {
    /// Days before the origin that are looked at: two years and some weeks; older ones are not read.
    package static let windowDays = 770
    /// Longest series that is held: a century, against a slip of the pen in a date.
    package static let seriesDays = 36_600
    /// Longest horizon: a two-monthly cycle.
    package static let horizonDays = 62
    /// More kilowatt-hours on one day than any meter of a household or a shop measures: a gap.
    package static let dayKilowattHours = 1_000_000.0
    /// A fleet in memory is forecast for scoring every so many days.
    package static let rehearsalDays = 28
    /// With fewer known days a service is new.
    package static let coldDays = 14
    /// How the errors of any two services of an office correlate (`README.md` says from what).
    package static let errorCorrelation = 0.1
    /// Nights after which what a fleet used is of another season.
    package static let fleetNights = 7
    /// A service silent for longer does not count as a peer.
    package static let peerSilenceDays = 60
    /// Possible totals of an outlook: an odd multiple of five, so that P10, P50 and P90 are among
    /// them.
    package static let outlookSamples = 55
    /// No forecast is surer than this: a thousandth of what is used.
    static let leastScale = 1e-3
}
