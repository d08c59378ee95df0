import CMosquitto
package import Logging
import Synchronization

/// One connection to a broker that comes back by itself, over libmosquitto.
///
/// Everything that touches libmosquitto runs on one loop thread, which this client owns alone or
/// shares with the others of an `MQTTClientGroup`. A client that is let go without `disconnect()`
/// vanishes as if its power failed.
package final class MQTTClient: Sendable {
    package let configuration: MQTTConfiguration
    private let state: ClientState
    private let loop: MQTTLoop
    private let number: UInt64

    /// A client with a loop thread of its own; nothing is sent before `connect()`.
    package convenience init(_ configuration: MQTTConfiguration, logger: Logger) {
        self.init(configuration, logger: logger, loop: MQTTLoop())
    }

    init(_ configuration: MQTTConfiguration, logger: Logger, loop: MQTTLoop) {
        self.configuration = configuration
        self.loop = loop
        let state = ClientState(incomingLimit: configuration.incomingBufferLimit)
        let number = loop.nextNumber()
        self.state = state
        self.number = number
        state.incoming.onResume { [weak loop] in loop?.post(.resume(number)) }
        loop.post(.open(number, configuration, state, logger))
    }

    deinit {
        loop.post(.abandon(number, nil))
    }

    /// Connects and waits for the broker's answer.
    ///
    /// Throws `refused`, `unreachable` or `invalidConfiguration`, and may then be called again.
    /// After the first success lost connections are made again without end, with growing pauses.
    package func connect() async throws(MQTTError) {
        if let fault = configuration.fault { throw .invalidConfiguration(fault) }
        try await ask { .connect(number, $0) }
    }

    /// Whether the broker has acknowledged the present connection.
    package var isConnected: Bool { state.isOnline }

    /// Messages that were received and wait for the reader of `messages`.
    package var messagesWaiting: Int { state.incoming.count }

    /// Subscribes, waits for the broker's answer, and does it again after each reconnection.
    ///
    /// Patterns may hold `+`, `#` and `$share/group/…`. Throws `subscriptionRefused` with the
    /// topics that were not granted; quality of service 0 or 1.
    package func subscribe(
        _ topics: [String],
        qualityOfService: Int
    ) async throws(MQTTError) {
        precondition((0...1).contains(qualityOfService), "The quality of service is 0 or 1.")
        for topic in topics where mosquitto_sub_topic_check(topic) != MOSQ_ERR_SUCCESS.code {
            throw .invalidTopic(topic)
        }
        if topics.isEmpty { return }
        guard state.isOnline else { throw .disconnected }
        try await ask { .subscribe(number, topics, qualityOfService, $0) }
    }

    /// Sends a message; with quality of service 1 waits for the broker's acknowledgement.
    ///
    /// Do not await this in the task that reads `messages`: while its buffer is full nothing is
    /// read from the socket, acknowledgements included. Use `publishWithoutWaiting` there.
    /// A broker of version 3.1.1 acknowledges also what its access list forbids.
    package func publish(_ message: MQTTMessage) async throws(MQTTError) {
        if message.qualityOfService == 0 { return try publishWithoutWaiting(message) }
        try accept(message)
        try await ask { .publish(number, message, $0) }
    }

    /// Hands a message over and returns at once; with quality of service 1 it is sent again until
    /// acknowledged, also over a new connection, but nobody is told of a refusal.
    package func publishWithoutWaiting(_ message: MQTTMessage) throws(MQTTError) {
        try accept(message)
        if !loop.post(.publish(number, message, nil)) { throw .closed }
    }

    /// The received messages, oldest first, for one reader; none is ever dropped here.
    ///
    /// When `incomingBufferLimit` are waiting, the socket is no longer read until half of them are
    /// taken, so the broker queues (its `max_queued_messages` must fit). A reader that stands still
    /// for twice the keep-alive loses the connection, and what was not read is delivered again
    /// where the session is kept.
    ///
    /// libmosquitto sends the PUBACK of a QoS 1 message *before* this program has seen it: a
    /// message here is not yet stored anywhere, and a sender who must know needs an answer of its
    /// own after the commit.
    package var messages: AsyncStream<MQTTMessage> {
        AsyncStream(unfolding: { [incoming = state.incoming] in await incoming.next() })
    }

    /// Connections made and lost, for one reader; of unread events the newest are kept.
    package var connectionEvents: AsyncStream<MQTTConnectionEvent> { state.events }

    /// Says good-bye, so that no will is published, and ends both streams; the client is done.
    ///
    /// What was handed over before is still written, for at most two seconds.
    package func disconnect() async {
        _ = try? await ask { .disconnect(number, $0) }
    }

    /// Breaks the connection without a good-bye, as a power cut does; the client is done.
    ///
    /// The broker publishes the will.
    package func abandon() async {
        _ = try? await ask { .abandon(number, $0) }
    }

    private func accept(_ message: MQTTMessage) throws(MQTTError) {
        if message.payload.count > Limits.payloadBytes {
            throw .payloadTooLarge(bytes: message.payload.count, limit: Limits.payloadBytes)
        }
        let topic = message.topic
        if topic.isEmpty || mosquitto_pub_topic_check(topic) != MOSQ_ERR_SUCCESS.code {
            throw .invalidTopic(topic)
        }
        try state.reserve(payloadBytes: message.payload.count)
    }

    private func ask(_ command: (MQTTWaiter) -> LoopCommand) async throws(MQTTError) {
        let answer = await withCheckedContinuation { waiter in
            if !loop.post(command(waiter)) { waiter.resume(returning: .failure(.closed)) }
        }
        try answer.get()
    }
}
