/// Bounds of intake over MQTT.
package enum Limits {
    /// Messages being stored at once; the rest wait in the client's bounded buffer, then with the
    /// broker, and at last in the meters.
    package static let messagesUnderWay = 1_024
    /// Attempts at a message while the database is away; after that the meter sends it again.
    package static let storeAttempts = 4
    package static let connectRetrySeconds = 1
}
