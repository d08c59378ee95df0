/// The protocol spoken with the broker; only version 5 tells why it refused a message.
package enum MQTTVersion: Hashable, Sendable {
    case v311
    case v5
}

/// Certificates for a connection over TLS, as paths of PEM files.
package struct MQTTTLS: Hashable, Sendable {
    /// The authorities that may have signed the broker's certificate.
    package var certificateAuthorityPath: String
    /// The client's own certificate, where the broker asks for one.
    package var certificatePath: String?
    package var privateKeyPath: String?
    /// Whether the broker's certificate must name the host; off only for tests.
    package var verifiesHost: Bool

    package init(
        certificateAuthorityPath: String,
        certificatePath: String? = nil,
        privateKeyPath: String? = nil,
        verifiesHost: Bool = true
    ) {
        self.certificateAuthorityPath = certificateAuthorityPath
        self.certificatePath = certificatePath
        self.privateKeyPath = privateKeyPath
        self.verifiesHost = verifiesHost
    }
}

/// Everything a client needs to reach its broker and to be known there.
package struct MQTTConfiguration: Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int
    /// Names the session: the broker ends an older connection of the same name.
    package var clientIdentifier: String
    package var username: String?
    package var password: String?
    /// True: every connection begins without subscriptions and undelivered messages.
    package var cleanSession: Bool
    /// How long the broker keeps the session of an absent client; version 5, unclean sessions.
    package var sessionExpirySeconds: Int
    /// At least 5; a dead connection is noticed after at most twice this time.
    package var keepAliveSeconds: Int
    /// What the broker publishes when this client vanishes without a good-bye.
    package var will: MQTTMessage?
    package var protocolVersion: MQTTVersion
    /// Unacknowledged QoS 1 messages on the wire, in each direction; more wait their turn.
    package var maximumInflight: Int
    package var tls: MQTTTLS?
    /// Received messages waiting for the reader of `messages`; above it the socket is not read.
    package var incomingBufferLimit: Int

    package init(
        host: String,
        port: Int,
        clientIdentifier: String,
        username: String? = nil,
        password: String? = nil,
        cleanSession: Bool = true,
        sessionExpirySeconds: Int = 86_400,
        keepAliveSeconds: Int = 60,
        will: MQTTMessage? = nil,
        protocolVersion: MQTTVersion = .v5,
        maximumInflight: Int = 100,
        tls: MQTTTLS? = nil,
        incomingBufferLimit: Int = 1_000
    ) {
        self.host = host
        self.port = port
        self.clientIdentifier = clientIdentifier
        self.username = username
        self.password = password
        self.cleanSession = cleanSession
        self.sessionExpirySeconds = sessionExpirySeconds
        self.keepAliveSeconds = keepAliveSeconds
        self.will = will
        self.protocolVersion = protocolVersion
        self.maximumInflight = maximumInflight
        self.tls = tls
        self.incomingBufferLimit = incomingBufferLimit
    }

    /// For logs: never the password.
    package var description: String {
        "mqtt\(tls == nil ? "" : "s")://\(host):\(port) as \(clientIdentifier)"
    }

    /// The first thing that cannot work, as a sentence.
    var fault: String? {
        if !(1...65_535).contains(port) { return "The port is 1 to 65535." }
        if clientIdentifier.isEmpty { return "The client identifier is empty." }
        if !(5...65_535).contains(keepAliveSeconds) { return "Keep-alive is 5 to 65535 seconds." }
        if !(1...65_535).contains(maximumInflight) { return "Maximum inflight is 1 to 65535." }
        if incomingBufferLimit < 1 { return "The incoming buffer holds at least one message." }
        if !(0...Int(UInt32.max)).contains(sessionExpirySeconds) {
            return "Session expiry is 0 to 4294967295 seconds."
        }
        return nil
    }
}
