package import Logging
package import MQTT

/// The broker that a fleet reports to.
package struct FleetBroker: Sendable {
    package var host: String
    package var port: Int
    package var tls: MQTTTLS?
    package var protocolVersion: MQTTVersion

    package init(
        host: String,
        port: Int,
        tls: MQTTTLS? = nil,
        protocolVersion: MQTTVersion = .v5
    ) {
        self.host = host
        self.port = port
        self.tls = tls
        self.protocolVersion = protocolVersion
    }
}

/// What all meters of a process share: the loop threads, and how many connect at a time.
package struct MQTTFleet: Sendable {
    private let broker: FleetBroker
    private let clients: MQTTClientGroup
    private let gate = ConnectGate(limit: Limits.connecting)
    private let logger: Logger

    package init(_ broker: FleetBroker, threads: Int = 2, logger: Logger) {
        self.broker = broker
        self.clients = MQTTClientGroup(threads: threads)
        self.logger = logger
    }

    /// One meter's own connection, under its own name.
    package func link(_ login: MeterLogin) -> any FleetLink {
        MQTTFleetLink(login, broker: broker, clients: clients, gate: gate, logger: logger)
    }
}

/// A meter's connection to the broker over the contract's topics.
package actor MQTTFleetLink: FleetLink {
    private let login: MeterLogin
    private let broker: FleetBroker
    private let clients: MQTTClientGroup
    private let gate: ConnectGate
    private let logger: Logger
    private var client: MQTTClient?

    init(
        _ login: MeterLogin,
        broker: FleetBroker,
        clients: MQTTClientGroup,
        gate: ConnectGate,
        logger: Logger
    ) {
        self.login = login
        self.broker = broker
        self.clients = clients
        self.gate = gate
        self.logger = logger
    }

    private func topic(_ last: String) -> String { "vidyut/\(login.user)/\(last)" }

    private func status(_ text: String) -> MQTTMessage {
        MQTTMessage(topic: topic("status"), text: text, qualityOfService: 1, retain: true)
    }

    /// The session is kept by the broker, so that commands find a meter that was away.
    private func makeClient() -> MQTTClient {
        clients.makeClient(
            MQTTConfiguration(
                host: broker.host,
                port: broker.port,
                clientIdentifier: login.user,
                username: login.user,
                password: login.password,
                cleanSession: false,
                will: status("offline"),
                protocolVersion: broker.protocolVersion,
                tls: broker.tls
            ),
            logger: logger
        )
    }

    /// Connects, and connects again with growing pauses, until the task is cancelled.
    package func run(_ receive: @escaping @Sendable (FleetEvent) async -> Void) async {
        var pause = Limits.firstConnectPause
        while !Task.isCancelled {
            let client = makeClient()
            if await connect(client) {
                pause = Limits.firstConnectPause
                self.client = client
                await serve(client, receive)
                self.client = nil
                await receive(.disconnected)
            }
            if Task.isCancelled {
                // A good-bye keeps the will unsaid, so say it here.
                try? client.publishWithoutWaiting(status("offline"))
                await client.disconnect()
                return
            }
            await client.abandon()
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Limits.longestConnectPause)
        }
    }

    private func connect(_ client: MQTTClient) async -> Bool {
        await gate.enter()
        defer { gate.leave() }
        do {
            try await client.connect()
            try await client.subscribe([topic("ack"), topic("commands")], qualityOfService: 1)
            try await client.publish(status("online"))
            return true
        } catch {
            logger.debug(
                "a meter could not connect",
                metadata: ["meter.name": "\(login.user)", "reason": "\(error)"]
            )
            return false
        }
    }

    /// Until the client is closed: its own reconnections are passed on as events.
    private func serve(
        _ client: MQTTClient,
        _ receive: @escaping @Sendable (FleetEvent) async -> Void
    ) async {
        let acknowledgements = topic("ack")
        let commands = topic("commands")
        await receive(.connected)
        await withTaskGroup { group in
            group.addTask {
                for await message in client.messages {
                    switch message.topic {
                    case acknowledgements: await receive(.acknowledgement(message.payload))
                    case commands: await receive(.command(message.payload))
                    default: break
                    }
                }
            }
            group.addTask {
                // The first event tells of the connection that `connect` has waited for.
                for await event in client.connectionEvents.dropFirst() {
                    switch event {
                    case .connected: await receive(.connected)
                    case .disconnected: await receive(.disconnected)
                    }
                }
            }
        }
    }

    /// Waits for the broker's acknowledgement, except for live values.
    package func publish(_ message: FleetMessage) async throws(FleetLinkDown) {
        guard let client else { throw FleetLinkDown("not connected") }
        do {
            try await client.publish(
                MQTTMessage(
                    topic: topic(message.kind.rawValue),
                    payload: message.payload,
                    qualityOfService: message.kind == .live ? 0 : 1,
                    retain: message.kind == .status
                )
            )
        } catch {
            throw FleetLinkDown("\(error)")
        }
    }

    /// Breaks the connection without a good-bye: the broker publishes the will.
    package func drop() async {
        await client?.abandon()
    }
}
