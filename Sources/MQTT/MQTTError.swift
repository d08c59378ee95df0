/// Why the broker, the network or a limit did not let something through.
package enum MQTTError: Error, Hashable, Sendable {
    /// The broker answered the connection with no: wrong password, unknown client, wrong version.
    case refused(reason: String)
    /// No broker could be reached at the address.
    case unreachable(reason: String)
    /// There is no connection, or it broke before the acknowledgement came. The broker may or may
    /// not have the message; one of QoS 1 is sent again after the next connection.
    case disconnected
    /// The broker's access list forbids this client the topic (version 5 only).
    case notAuthorized(topic: String)
    /// The broker did not accept the message for another reason (version 5 only).
    case rejected(topic: String, reason: String)
    /// The broker granted none of these topics; the others of the same call are subscribed.
    case subscriptionRefused(topics: [String])
    /// Not a topic to publish to, or not a pattern to subscribe to.
    case invalidTopic(String)
    case payloadTooLarge(bytes: Int, limit: Int)
    /// So many messages are on their way already: wait before sending more.
    case queueFull(limit: Int)
    case invalidConfiguration(String)
    /// `disconnect()` was called; make a new client.
    case closed

    /// The broker's or the system's words, where there are any.
    var reason: String {
        switch self {
        case .refused(let reason), .unreachable(let reason), .rejected(_, let reason),
            .invalidConfiguration(let reason):
            reason
        case .disconnected, .notAuthorized, .subscriptionRefused, .invalidTopic,
            .payloadTooLarge, .queueFull, .closed:
            "\(self)"
        }
    }
}

/// What happened to the connection, in order.
package enum MQTTConnectionEvent: Hashable, Sendable {
    /// Acknowledged by the broker; earlier subscriptions are being made again.
    case connected
    /// Lost, or an attempt to get it back failed; the next attempt follows by itself.
    case disconnected(reason: String)
}
