import CMosquitto
import Logging

/// One libmosquitto client on its loop thread: connecting, sending, answering those who wait.
///
/// Not `Sendable`: made, used and destroyed on one thread, so libmosquitto's callbacks, which run
/// inside its calls, may touch it freely.
final class Connection {
    enum Phase {
        /// Never connected, or the first attempt failed.
        case idle
        /// Its turn among the clients of its thread to connect has not come.
        case queued
        /// CONNECT is sent, the answer not yet here.
        case connecting
        case online(since: ContinuousClock.Instant)
        /// Lost; the next attempt comes at this time.
        case waiting(until: ContinuousClock.Instant)
        /// DISCONNECT is sent, or will be when the last messages are acknowledged.
        case closing(until: ContinuousClock.Instant, isSent: Bool)
        case closed
    }

    struct PendingPublish {
        var topic: String
        var payloadBytes: Int
        var qualityOfService: Int
        var waiter: MQTTWaiter?
    }

    struct PendingSubscribe {
        var topics: [String]
        var qualityOfService: Int
        var waiter: MQTTWaiter?
    }

    let configuration: MQTTConfiguration
    let state: ClientState
    let logger: Logger
    /// Nil when it could not be made: `fault` says why.
    let client: OpaquePointer?
    private let fault: MQTTError?
    private(set) var phase = Phase.idle
    /// The broker's reason when it answered CONNECT with no.
    var refusal: String?
    var pendingPublishes: [CInt: PendingPublish] = [:]
    var pendingSubscribes: [CInt: PendingSubscribe] = [:]
    /// Topics granted so far with their quality of service, in the order they were asked for.
    var subscriptions: [(topic: String, qualityOfService: Int)] = []
    /// QoS 1 messages without a waiter that came while the connection was away.
    private var deferred: [MQTTMessage] = []
    private var connectWaiters: [MQTTWaiter] = []
    private var closeWaiters: [MQTTWaiter] = []
    private var wasOnline = false
    private var failures = 0
    /// The reader of the messages has enough: the socket is left unread.
    var isPaused = false
    var isBrokenWhilePaused = false
    var watched: (descriptor: CInt, events: UInt32)?

    init(_ configuration: MQTTConfiguration, state: ClientState, logger: Logger) {
        self.configuration = configuration
        self.state = state
        self.logger = logger
        do throws(MQTTError) {
            client = try Connection.make(configuration)
            fault = nil
        } catch {
            client = nil
            fault = error
        }
        if let client { installCallbacks(client) }
    }

    deinit {
        if let client { mosquitto_destroy(client) }
    }

    var isClosed: Bool {
        if case .closed = phase { true } else { false }
    }

    var isOnline: Bool {
        if case .online = phase { true } else { false }
    }

    var isConnecting: Bool {
        if case .connecting = phase { true } else { false }
    }

    var isQueued: Bool {
        if case .queued = phase { true } else { false }
    }

    var hasDeadline: Bool {
        switch phase {
        case .waiting, .closing: true
        case .idle, .queued, .connecting, .online, .closed: false
        }
    }

    // MARK: What clients ask

    func connect(_ waiter: MQTTWaiter) {
        switch phase {
        case .idle:
            connectWaiters.append(waiter)
            phase = .queued
        case .queued, .connecting, .waiting: connectWaiters.append(waiter)
        case .online: waiter.resume(returning: .success(()))
        case .closing, .closed: waiter.resume(returning: .failure(.closed))
        }
    }

    func subscribe(_ topics: [String], qualityOfService: Int, _ waiter: MQTTWaiter?) {
        guard isOnline, let client else {
            waiter?.resume(returning: .failure(.disconnected))
            return
        }
        var identifier: CInt = 0
        let code = withCStrings(topics) {
            mosquitto_subscribe_multiple(
                client,
                &identifier,
                CInt(topics.count),
                $0,
                CInt(qualityOfService),
                0,
                nil
            )
        }
        guard code == MOSQ_ERR_SUCCESS.code else {
            logger.debug("a subscription was not sent", metadata: ["reason": "\(errorText(code))"])
            waiter?.resume(returning: .failure(.subscriptionRefused(topics: topics)))
            return
        }
        pendingSubscribes[identifier] = PendingSubscribe(
            topics: topics,
            qualityOfService: qualityOfService,
            waiter: waiter
        )
    }

    /// Sends a message that was counted in by `ClientState.reserve`.
    func publish(_ message: MQTTMessage, _ waiter: MQTTWaiter?) {
        guard isOnline, let client else {
            if waiter == nil, message.qualityOfService > 0, hasFuture {
                deferred.append(message)
            } else {
                state.release(payloadBytes: message.payload.count)
                waiter?.resume(returning: .failure(.disconnected))
            }
            return
        }
        var identifier: CInt = 0
        let code = message.payload.withUnsafeBytes { payload in
            mosquitto_publish_v5(
                client,
                &identifier,
                message.topic,
                CInt(payload.count),
                payload.baseAddress,
                CInt(message.qualityOfService),
                message.retain,
                nil
            )
        }
        guard code == MOSQ_ERR_SUCCESS.code else {
            state.release(payloadBytes: message.payload.count)
            waiter?.resume(returning: .failure(publishError(code, message)))
            return
        }
        pendingPublishes[identifier] = PendingPublish(
            topic: message.topic,
            payloadBytes: message.payload.count,
            qualityOfService: message.qualityOfService,
            waiter: waiter
        )
    }

    func disconnect(_ waiter: MQTTWaiter) {
        closeWaiters.append(waiter)
        switch phase {
        case .online: phase = .closing(until: .now + Limits.closing, isSent: false)
        case .closing: break
        case .idle, .queued, .connecting, .waiting, .closed: finish()
        }
    }

    /// Ends everything at once, without a good-bye, and answers everyone who waits.
    func finish() {
        phase = .closed
        failPending()
        state.close()
        for waiter in connectWaiters { waiter.resume(returning: .failure(.closed)) }
        for waiter in closeWaiters { waiter.resume(returning: .success(())) }
        connectWaiters = []
        closeWaiters = []
        deferred = []
    }

    // MARK: The life of a connection

    private var hasFuture: Bool {
        switch phase {
        case .idle, .queued, .connecting, .waiting, .online: true
        case .closing, .closed: false
        }
    }

    /// Its turn has come: opens the connection.
    func attempt() {
        guard let client else {
            return attemptFailed(fault ?? .invalidConfiguration("The client was not made."))
        }
        refusal = nil
        isBrokenWhilePaused = false
        watched = nil
        phase = .connecting
        let code = Connection.open(client, configuration)
        if code != MOSQ_ERR_SUCCESS.code { becameOffline(code) }
    }

    private func attemptFailed(_ error: MQTTError) {
        let waiters = connectWaiters
        connectWaiters = []
        if wasOnline {
            logger.debug("the broker could not be reached", metadata: ["reason": "\(error)"])
            waitForNextAttempt()
            state.disconnected(reason: error.reason)
        } else {
            phase = .idle
        }
        for waiter in waiters { waiter.resume(returning: .failure(error)) }
    }

    /// Waits twice as long after each failure, and up to half as long again.
    ///
    /// The chance in it keeps a town of meters from coming back in one instant.
    private func waitForNextAttempt() {
        let doubled = Limits.firstReconnectDelay * (1 << min(failures, 16))
        let pause = min(doubled, Limits.longestReconnectDelay)
        failures += 1
        phase = .waiting(until: .now + pause * Double.random(in: 1..<1.5))
    }

    /// The broker acknowledged: subscribe again, send what waited, tell everyone.
    func becameOnline() {
        guard isConnecting else { return }
        phase = .online(since: .now)
        wasOnline = true
        state.connected()
        logger.debug("connected to the broker", metadata: ["broker": "\(configuration)"])
        for quality in 0...1 {
            let topics = subscriptions.filter { $0.qualityOfService == quality }.map(\.topic)
            for start in stride(from: 0, to: topics.count, by: Limits.topicsPerSubscribe) {
                let end = min(start + Limits.topicsPerSubscribe, topics.count)
                subscribe(Array(topics[start..<end]), qualityOfService: quality, nil)
            }
        }
        let messages = deferred
        deferred = []
        for message in messages { publish(message, nil) }
        for waiter in connectWaiters { waiter.resume(returning: .success(())) }
        connectWaiters = []
    }

    /// The connection is gone, or the attempt to make it has failed; a second call changes nothing.
    func becameOffline(_ code: CInt) {
        switch phase {
        case .connecting:
            let reason = errorText(code)
            attemptFailed(refusal.map { .refused(reason: $0) } ?? .unreachable(reason: reason))
        case .online(let since):
            if ContinuousClock.now - since >= Limits.steadyConnection { failures = 0 }
            let reason = code >= 0x80 ? reasonText(code) : errorText(code)
            logger.debug("the connection was lost", metadata: ["reason": "\(reason)"])
            waitForNextAttempt()
            state.disconnected(reason: reason)
            failPending()
        case .closing: finish()
        case .idle, .queued, .waiting, .closed: break
        }
    }

    /// Tells whoever waits for an answer of a broken connection.
    ///
    /// QoS 1 messages stay with libmosquitto, which sends them again, so they keep their place in
    /// the count.
    private func failPending() {
        for (identifier, pending) in pendingPublishes {
            pending.waiter?.resume(returning: .failure(.disconnected))
            if pending.qualityOfService == 0 {
                pendingPublishes[identifier] = nil
                state.release(payloadBytes: pending.payloadBytes)
            } else {
                pendingPublishes[identifier]?.waiter = nil
            }
        }
        for pending in pendingSubscribes.values {
            pending.waiter?.resume(returning: .failure(.disconnected))
        }
        pendingSubscribes = [:]
    }

    func tick(_ now: ContinuousClock.Instant) {
        switch phase {
        case .connecting, .online:
            guard let client else { return }
            let code = mosquitto_loop_misc(client)
            if code != MOSQ_ERR_SUCCESS.code { becameOffline(code) }
        case .waiting(let time):
            if now >= time { phase = .queued }
        case .closing(let time, let isSent):
            guard now >= time else { return }
            if !isSent { sendGoodbye() }
            finish()
        case .idle, .queued, .closed: break
        }
    }

    /// Sends DISCONNECT once nothing waits for an acknowledgement.
    func closeWhenDrained() {
        guard case .closing(_, isSent: false) = phase, pendingPublishes.isEmpty else { return }
        sendGoodbye()
    }

    private func sendGoodbye() {
        guard case .closing(let time, _) = phase, let client else { return }
        phase = .closing(until: time, isSent: true)
        mosquitto_disconnect_v5(client, 0, nil)
        flush()
    }
}
