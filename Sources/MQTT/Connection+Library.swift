import CMosquitto
import Logging

// The C side of a connection: making the client, its options, and the callbacks, which are global
// functions because libmosquitto calls them without any isolation.

/// `mosquitto_lib_init`, once in the process.
private let libraryIsReady: Bool = mosquitto_lib_init() == MOSQ_ERR_SUCCESS.code

extension mosq_err_t {
    /// The enum's value as libmosquitto's functions return it.
    var code: CInt { CInt(rawValue) }
}

func errorText(_ code: CInt) -> String {
    mosquitto_strerror(code).map { String(cString: $0) } ?? "error \(code)"
}

func reasonText(_ code: CInt) -> String {
    mosquitto_reason_string(code).map { String(cString: $0) } ?? "reason \(code)"
}

func publishError(_ code: CInt, _ message: MQTTMessage) -> MQTTError {
    switch code {
    case MOSQ_ERR_OVERSIZE_PACKET.code:
        .rejected(topic: message.topic, reason: "larger than the broker accepts")
    case MOSQ_ERR_NO_CONN.code, MOSQ_ERR_CONN_LOST.code: .disconnected
    default: .rejected(topic: message.topic, reason: errorText(code))
    }
}

/// Lends an array of C strings for one call.
func withCStrings<Answer>(
    _ texts: [String],
    _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Answer
) -> Answer {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { text in
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        copy.initialize(from: bytes, count: bytes.count)
        return copy
    }
    defer {
        for copy in copies { copy?.deallocate() }
    }
    return copies.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress else {
            preconditionFailure("A list of C strings is never empty.")
        }
        return body(base)
    }
}

extension Connection {
    /// A libmosquitto client with every option set that must stand before connecting.
    ///
    /// Fails rather than connect without something that was asked for, such as TLS.
    static func make(_ configuration: MQTTConfiguration) throws(MQTTError) -> OpaquePointer {
        if let fault = configuration.fault { throw .invalidConfiguration(fault) }
        let identifier = configuration.clientIdentifier
        // Where `mosquitto_new` refuses the identifier itself, it destroys a client that was never
        // set up, and with it closes descriptor 0 of the program.
        guard mosquitto_validate_utf8(identifier, CInt(clamping: identifier.utf8.count)) == 0 else {
            throw .invalidConfiguration("The client identifier holds control characters.")
        }
        guard libraryIsReady,
            let client = mosquitto_new(
                identifier,
                configuration.cleanSession,
                nil
            )
        else {
            throw .invalidConfiguration("No client was made: memory or descriptors are short.")
        }
        do throws(MQTTError) {
            try set(client, configuration)
        } catch {
            mosquitto_destroy(client)
            throw error
        }
        return client
    }

    private static func set(
        _ client: OpaquePointer,
        _ configuration: MQTTConfiguration
    ) throws(MQTTError) {
        func check(_ code: CInt, _ what: String) throws(MQTTError) {
            if code == MOSQ_ERR_SUCCESS.code { return }
            throw .invalidConfiguration("\(what): \(errorText(code))")
        }
        vidyut_silence_wake_pair(client)
        let version =
            configuration.protocolVersion == .v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311
        try check(
            mosquitto_int_option(client, MOSQ_OPT_PROTOCOL_VERSION, version),
            "protocol version"
        )
        try check(mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1), "TCP_NODELAY")
        let inflight = CInt(clamping: configuration.maximumInflight)
        try check(
            mosquitto_int_option(client, MOSQ_OPT_SEND_MAXIMUM, inflight),
            "maximum inflight"
        )
        try check(
            mosquitto_int_option(client, MOSQ_OPT_RECEIVE_MAXIMUM, inflight),
            "maximum inflight"
        )
        // Packets are queued by our calls and written by `flush`, where errors are seen.
        try check(mosquitto_threaded_set(client, true), "threads")
        if configuration.username != nil || configuration.password != nil {
            try check(
                mosquitto_username_pw_set(client, configuration.username, configuration.password),
                "username and password"
            )
        }
        if let will = configuration.will {
            let code = will.payload.withUnsafeBytes { payload in
                mosquitto_will_set(
                    client,
                    will.topic,
                    CInt(clamping: payload.count),
                    payload.baseAddress,
                    CInt(will.qualityOfService),
                    will.retain
                )
            }
            try check(code, "will")
        }
        if let tls = configuration.tls {
            try check(
                mosquitto_tls_set(
                    client,
                    tls.certificateAuthorityPath,
                    nil,
                    tls.certificatePath,
                    tls.privateKeyPath,
                    nil
                ),
                "certificates"
            )
            try check(mosquitto_tls_insecure_set(client, !tls.verifiesHost), "host check")
        }
    }

    /// Opens the TCP connection (this blocks) and queues CONNECT; the answer comes to `onConnect`.
    static func open(_ client: OpaquePointer, _ configuration: MQTTConfiguration) -> CInt {
        var properties: OpaquePointer?
        defer { mosquitto_property_free_all(&properties) }
        if configuration.protocolVersion == .v5 {
            if !configuration.cleanSession {
                mosquitto_property_add_int32(
                    &properties,
                    CInt(MQTT_PROP_SESSION_EXPIRY_INTERVAL.rawValue),
                    UInt32(clamping: configuration.sessionExpirySeconds)
                )
            }
            mosquitto_property_add_int32(
                &properties,
                CInt(MQTT_PROP_MAXIMUM_PACKET_SIZE.rawValue),
                UInt32(Limits.payloadBytes + 65_536)
            )
        }
        return mosquitto_connect_bind_v5(
            client,
            configuration.host,
            CInt(configuration.port),
            CInt(configuration.keepAliveSeconds),
            nil,
            properties
        )
    }

    /// The pointer is not retained: libmosquitto calls back only inside calls that the loop makes
    /// on a connection it holds, and `deinit` destroys the client.
    func installCallbacks(_ client: OpaquePointer) {
        mosquitto_user_data_set(client, Unmanaged.passUnretained(self).toOpaque())
        mosquitto_connect_v5_callback_set(client, onConnect)
        mosquitto_disconnect_v5_callback_set(client, onDisconnect)
        mosquitto_publish_v5_callback_set(client, onPublish)
        mosquitto_subscribe_v5_callback_set(client, onSubscribe)
        mosquitto_message_v5_callback_set(client, onMessage)
    }

    fileprivate func published(_ identifier: CInt, _ reason: CInt) {
        guard let pending = pendingPublishes.removeValue(forKey: identifier) else { return }
        state.release(payloadBytes: pending.payloadBytes)
        switch reason {
        case ..<0x80: pending.waiter?.resume(returning: .success(()))
        case CInt(MQTT_RC_NOT_AUTHORIZED.rawValue):
            pending.waiter?.resume(returning: .failure(.notAuthorized(topic: pending.topic)))
        default:
            pending.waiter?.resume(
                returning: .failure(.rejected(topic: pending.topic, reason: reasonText(reason)))
            )
        }
        if reason >= 0x80, pending.waiter == nil {
            logger.warning(
                "the broker refused a message that nobody waited for",
                metadata: ["topic": "\(pending.topic)", "reason": "\(reasonText(reason))"]
            )
        }
    }

    fileprivate func subscribed(_ identifier: CInt, _ granted: UnsafeBufferPointer<CInt>) {
        guard let pending = pendingSubscribes.removeValue(forKey: identifier) else { return }
        var refused: [String] = []
        for (index, topic) in pending.topics.enumerated() {
            if index < granted.count, granted[index] < 0x80 {
                subscriptions.removeAll { $0.topic == topic }
                subscriptions.append((topic, pending.qualityOfService))
            } else {
                refused.append(topic)
            }
        }
        if refused.isEmpty {
            pending.waiter?.resume(returning: .success(()))
        } else if let waiter = pending.waiter {
            waiter.resume(returning: .failure(.subscriptionRefused(topics: refused)))
        } else {
            logger.error(
                "the broker refused topics that it granted before",
                metadata: ["topics": "\(refused)"]
            )
        }
    }
}

private func connection(_ context: UnsafeMutableRawPointer?) -> Connection? {
    context.map { Unmanaged<Connection>.fromOpaque($0).takeUnretainedValue() }
}

private func onConnect(
    _ client: OpaquePointer?,
    _ context: UnsafeMutableRawPointer?,
    _ reason: CInt,
    _ flags: CInt,
    _ properties: OpaquePointer?
) {
    guard let connection = connection(context) else { return }
    if reason == 0 {
        connection.becameOnline()
    } else if connection.configuration.protocolVersion == .v5 {
        connection.refusal = reasonText(reason)
    } else {
        connection.refusal = mosquitto_connack_string(reason).map { String(cString: $0) }
    }
}

private func onDisconnect(
    _ client: OpaquePointer?,
    _ context: UnsafeMutableRawPointer?,
    _ code: CInt,
    _ properties: OpaquePointer?
) {
    connection(context)?.becameOffline(code)
}

private func onPublish(
    _ client: OpaquePointer?,
    _ context: UnsafeMutableRawPointer?,
    _ identifier: CInt,
    _ reason: CInt,
    _ properties: OpaquePointer?
) {
    connection(context)?.published(identifier, reason)
}

private func onSubscribe(
    _ client: OpaquePointer?,
    _ context: UnsafeMutableRawPointer?,
    _ identifier: CInt,
    _ count: CInt,
    _ granted: UnsafePointer<CInt>?,
    _ properties: OpaquePointer?
) {
    connection(context)?.subscribed(
        identifier,
        UnsafeBufferPointer(start: granted, count: Int(count))
    )
}

private func onMessage(
    _ client: OpaquePointer?,
    _ context: UnsafeMutableRawPointer?,
    _ message: UnsafePointer<mosquitto_message>?,
    _ properties: OpaquePointer?
) {
    guard let connection = connection(context), let message = message?.pointee else { return }
    let payload = UnsafeRawBufferPointer(start: message.payload, count: Int(message.payloadlen))
    let isFull = connection.state.incoming.push(
        MQTTMessage(
            topic: String(cString: message.topic),
            payload: Array(payload),
            qualityOfService: min(1, Int(message.qos)),
            retain: message.retain
        )
    )
    if isFull { connection.isPaused = true }
}
