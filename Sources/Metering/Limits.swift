/// Bounds of what this room takes as possible.
package enum Limits {
    /// `at` may lie this far ahead of the server's clock (contract).
    package static let futureToleranceSeconds: Int64 = 300
    /// A meter without a clock may hold readings this long.
    package static let ageSecondsMaximum: Int64 = 400 * 86_400
    /// Far above any low- or medium-tension measurement; a higher figure is not a voltage.
    package static let voltageMillivoltsMaximum: Int32 = 100_000_000
}

extension Limits {
    /// A service may be without a meter this long while one is exchanged.
    package static let exchangeSecondsMaximum: Int64 = 86_400
}

extension Limits {
    /// Settled frames remembered beyond a missing one; more are found again by a resend.
    package static let rangesAhead = 32
}

extension Limits {
    /// What a meter that hangs at no service is taken to be able to measure: a small transformer.
    package static let unknownLoadWatts = 100_000
}

extension Limits {
    /// A day with fewer readings has no load curve worth keeping.
    package static let readingsOfCurve = 4
}
