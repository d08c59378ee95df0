/// Bounds of the simulated fleet.
package enum Limits {
    /// Meters of one runner.
    package static let meters = 20_000
    /// Meters that open their connection at the same time.
    package static let connecting = 64
    /// Readings that one meter's store holds at most.
    package static let storedReadings = 40_000
    /// Readings of one meter that may be under way unacknowledged.
    package static let windowReadings = 400
    /// Wait for an acknowledgement before sending again, doubled up to five times.
    package static let resendSeconds = 30
    /// Bytes of one outgoing frame.
    static let frameBytes = 8_192
    /// Longest time between two looks at the clock by an idle meter.
    static let longestSleepSeconds: Int64 = 3_600
    /// Longest pause between two attempts to connect.
    static let longestConnectPause = Duration.seconds(30)
    static let firstConnectPause = Duration.milliseconds(250)
}
