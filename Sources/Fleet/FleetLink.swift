package import Units

/// A message of a meter, by the last part of its topic.
package struct FleetMessage: Hashable, Sendable {
    /// The topics that a meter writes to.
    package enum Kind: String, CaseIterable, Sendable {
        case readings, live, events, results, status
    }

    package var kind: Kind
    package var payload: [UInt8]

    package init(_ kind: Kind, _ payload: [UInt8]) {
        self.kind = kind
        self.payload = payload
    }
}

/// What comes to a meter over its link, in order.
package enum FleetEvent: Hashable, Sendable {
    /// Usable, with its subscriptions made; also after each reconnection.
    case connected
    case disconnected
    case acknowledgement([UInt8])
    case command([UInt8])
}

/// The link could not take a message; the meter keeps its readings.
package struct FleetLinkDown: Error, Hashable, Sendable {
    package var reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// A meter's way to the server: MQTT in the fleet, memory in tests.
package protocol FleetLink: Sendable {
    /// Keeps the link up until the task is cancelled and gives every event to `receive`.
    func run(_ receive: @escaping @Sendable (FleetEvent) async -> Void) async

    /// Returns when the other side has the message as far as the link can know.
    func publish(_ message: FleetMessage) async throws(FleetLinkDown)

    /// Breaks the link as a power cut would; it comes back by itself.
    func drop() async
}

/// The fleet's view of time: real, or as fast as the caller likes.
package struct FleetClock: Sendable {
    package var now: @Sendable () -> Instant
    /// Returns after so many seconds of this clock, or throws when the task is cancelled.
    package var sleep: @Sendable (_ seconds: Double) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Instant,
        sleep: @escaping @Sendable (_ seconds: Double) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }
}
