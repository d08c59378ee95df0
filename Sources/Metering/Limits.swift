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

/// Old meters, through the gateway.
extension Limits {
    /// No energy is counted over a longer silence (R16), and a meter that was silent so long may have
    /// been reset; the slowest of them sends every 13 s.
    package static let oldMeterSilenceSeconds: Int64 = 30
    /// A silence so long is an event; shorter ones show as gaps between readings, and a meter on a bad
    /// line would fill the list with them.
    package static let oldMeterSilenceNotedSeconds: Int64 = 300
    /// One reading of an old meter is kept in so long; its live values and its protection see every
    /// message.
    package static let oldMeterReadingSeconds: Int64 = 60
    /// Above this the supply is switched off, as in the student project.
    package static let oldMeterTripMillivolts: Int32 = 300_000
    /// Below this an over-voltage has ended: what comes after it is another one.
    package static let oldMeterCalmMillivolts: Int32 = 290_000
    /// Below this a supply is shown as off.
    package static let oldMeterOnMillivolts: Int32 = 50_000
    /// More than the noise of the current sensor.
    package static let oldMeterIdleMilliamps: Int32 = 200
    /// A tripped supply that still carries current is told again after so long.
    package static let oldMeterTripPatienceSeconds: Int64 = 120
    package static let oldMeterCurrentMilliampsMaximum: Int64 = 100_000_000
    package static let oldMeterPowerMilliwattsMaximum: Int64 = 2_000_000_000
}

extension Limits {
    /// What a meter that hangs at no service is taken to be able to measure: a small transformer.
    package static let unknownLoadWatts = 100_000
}

extension Limits {
    /// A day with fewer readings has no load curve worth keeping.
    package static let readingsOfCurve = 4
}

extension Limits {
    /// Energy between two registers is shared over its days up to so many: a two-monthly cycle.
    package static let sharedDays = 62
    /// A day of which more than this part is missing, an hour, is no whole day.
    static let missingShareOfDay = 24
}
