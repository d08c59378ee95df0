/// The bounds of this room, each with what happens at it.
package enum Limits {
    /// Largest payload in bytes, sent (`payloadTooLarge`) or received (the broker is told, MQTT 5).
    package static let payloadBytes = 1_048_576
    /// Messages of one client handed over and not yet written (QoS 0) or acknowledged (QoS 1);
    /// the next `publish` throws `queueFull`.
    package static let outgoingMessages = 10_000
    /// Payload bytes of the same messages; the next `publish` throws `queueFull`.
    package static let outgoingBytes = 67_108_864
    /// Payload bytes waiting for the reader of `messages`; above it the socket is not read.
    package static let incomingBytes = 67_108_864
    /// Connection events waiting for a reader; older ones give way to newer.
    package static let connectionEvents = 64
    /// First pause before connecting again; it doubles with every failure.
    package static let firstReconnectDelay = Duration.milliseconds(200)
    /// Longest pause before connecting again.
    package static let longestReconnectDelay = Duration.seconds(30)
    /// A connection that lasted this long makes the pauses start from the first again.
    static let steadyConnection = Duration.seconds(10)
    /// How long a closing client waits for its last packets to be written.
    static let closing = Duration.seconds(2)
    /// How often keep-alives are looked at, and how often while something has a deadline.
    static let tick = Duration.seconds(1)
    static let hurriedTick = Duration.milliseconds(100)
    /// Topics in one SUBSCRIBE packet when subscriptions are made again.
    static let topicsPerSubscribe = 100
    /// Clients of one thread that are connecting at a time; the next begin as these are answered.
    ///
    /// A broker's queue of new connections is short (mosquitto's holds 100), and one too many
    /// waits a whole second for the network's next try, with the thread.
    static let connectingAtOnce = 32
    /// Packets read from one client before the others of its thread have their turn.
    static let packetsPerTurn = 64
    /// Sockets reported by one `epoll_wait`.
    static let eventsPerWait = 256
    /// Stack of a loop thread.
    static let threadStackBytes = 524_288
}
