/// Bounds of intake over MQTT.
package enum Limits {
    /// Messages being stored at once; the rest wait in the client's bounded buffer, then with the
    /// broker, and at last in the meters.
    package static let messagesUnderWay = 1_024
    /// Attempts at a message while the database is away; after that the meter sends it again.
    package static let storeAttempts = 4
    package static let connectRetrySeconds = 1
    /// Commands for old meters are looked for this often, besides each time there is a new one.
    package static let oldCommandPollSeconds = 5
    /// While the database is away a meter is told to trip at most this often, unrecorded.
    package static let unrecordedTripSeconds: Int64 = 30
    /// Meters remembered for that.
    static let unrecordedTrips = 10_000
}
