import Foundation
import Glibc
import Logging
import Testing

@testable import MQTT

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
let brokerIsHere = TestBroker.program != nil

func configuration(
    _ broker: TestBroker,
    _ name: String,
    _ change: (inout MQTTConfiguration) -> Void = { _ in }
) -> MQTTConfiguration {
    var configuration = MQTTConfiguration(
        host: "127.0.0.1",
        port: broker.port,
        clientIdentifier: name
    )
    change(&configuration)
    return configuration
}

extension AsyncStream where Element: Sendable {
    /// The next so many elements.
    func first(_ count: Int) async -> [Element] {
        var elements: [Element] = []
        guard count > 0 else { return [] }
        for await element in self {
            elements.append(element)
            if elements.count == count { break }
        }
        return elements
    }
}

@Suite(.enabled(if: brokerIsHere), .timeLimit(.minutes(1)))
struct `A client and a broker` {
    @Test(arguments: [MQTTVersion.v5, .v311], [0, 1])
    func `what is published is received`(version: MQTTVersion, quality: Int) async throws {
        let broker = try await TestBroker()
        let receiver = MQTTClient(
            configuration(broker, "receiver") { $0.protocolVersion = version },
            logger: quiet
        )
        let sender = MQTTClient(
            configuration(broker, "sender") { $0.protocolVersion = version },
            logger: quiet
        )
        try await receiver.connect()
        try await receiver.subscribe(["town/+/readings"], qualityOfService: 1)
        try await sender.connect()

        let payloads: [[UInt8]] = [
            [], [0], Array("வணக்கம்".utf8), (0..<100_000).map { UInt8($0 & 255) },
        ]
        for payload in payloads {
            try await sender.publish(
                MQTTMessage(topic: "town/7/readings", payload: payload, qualityOfService: quality)
            )
        }

        let received = await receiver.messages.first(payloads.count)
        #expect(received.map(\.payload) == payloads)
        #expect(received.allSatisfy { $0.topic == "town/7/readings" && !$0.retain })
        #expect(received.allSatisfy { $0.qualityOfService == quality })
        await sender.disconnect()
        await receiver.disconnect()
    }

    @Test func `a retained message is given to who comes later`() async throws {
        let broker = try await TestBroker()
        let sender = MQTTClient(configuration(broker, "sender"), logger: quiet)
        try await sender.connect()
        try await sender.publish(MQTTMessage(topic: "status", text: "online", retain: true))

        let receiver = MQTTClient(configuration(broker, "receiver"), logger: quiet)
        try await receiver.connect()
        try await receiver.subscribe(["status"], qualityOfService: 1)

        let received = await receiver.messages.first(1)
        #expect(received == [MQTTMessage(topic: "status", text: "online", retain: true)])
    }

    @Test func `an ended client ends its streams and refuses more`() async throws {
        let broker = try await TestBroker()
        let client = MQTTClient(configuration(broker, "client"), logger: quiet)
        try await client.connect()
        #expect(client.isConnected)
        await client.disconnect()
        #expect(!client.isConnected)
        #expect(await client.messages.first(1).isEmpty)
        #expect(await client.connectionEvents.first(9) == [.connected])
        await #expect(throws: MQTTError.closed) { try await client.connect() }
        await #expect(throws: MQTTError.closed) {
            try await client.publish(MQTTMessage(topic: "a", text: ""))
        }
        await client.disconnect()
    }

    @Test func `good-bye waits for what was handed over`() async throws {
        let broker = try await TestBroker()
        let receiver = MQTTClient(configuration(broker, "receiver"), logger: quiet)
        try await receiver.connect()
        try await receiver.subscribe(["#"], qualityOfService: 1)
        let sender = MQTTClient(
            configuration(broker, "sender") { $0.maximumInflight = 5 },
            logger: quiet
        )
        try await sender.connect()
        for number in 0..<500 {
            try sender.publishWithoutWaiting(MQTTMessage(topic: "n", text: "\(number)"))
        }
        await sender.disconnect()
        let received = await receiver.messages.first(500)
        #expect(received.map(\.text) == (0..<500).map { "\($0)" })
    }

    @Test func `nobody listening is unreachable, and trying again is allowed`() async throws {
        let port = try TestBroker.freePort()
        let client = MQTTClient(
            MQTTConfiguration(host: "127.0.0.1", port: port, clientIdentifier: "c"),
            logger: quiet
        )
        await #expect(throws: MQTTError.unreachable(reason: "Connection refused")) {
            try await client.connect()
        }
        await #expect(throws: MQTTError.disconnected) {
            try await client.publish(MQTTMessage(topic: "a", text: "b"))
        }
        await #expect(throws: MQTTError.disconnected) {
            try await client.subscribe(["a"], qualityOfService: 1)
        }
        await #expect(throws: MQTTError.unreachable(reason: "Connection refused")) {
            try await client.connect()
        }
    }

    @Test func `what cannot work is said before it is sent`() async throws {
        let broker = try await TestBroker()
        let client = MQTTClient(configuration(broker, "client"), logger: quiet)
        try await client.connect()
        await #expect(throws: MQTTError.invalidTopic("a/#")) {
            try await client.publish(MQTTMessage(topic: "a/#", text: ""))
        }
        await #expect(throws: MQTTError.invalidTopic("a#")) {
            try await client.subscribe(["a", "a#"], qualityOfService: 0)
        }
        let large = [UInt8](repeating: 0, count: Limits.payloadBytes + 1)
        await #expect(
            throws: MQTTError.payloadTooLarge(bytes: large.count, limit: Limits.payloadBytes)
        ) {
            try await client.publish(MQTTMessage(topic: "a", payload: large))
        }
        let wrong: [(inout MQTTConfiguration) -> Void] = [
            { $0.port = 0 }, { $0.clientIdentifier = "" }, { $0.clientIdentifier = "a\u{1}b" },
            { $0.keepAliveSeconds = 4 },
            { $0.maximumInflight = 0 }, { $0.incomingBufferLimit = 0 },
            { $0.tls = MQTTTLS(certificateAuthorityPath: "/nowhere/ca.pem") },
            { $0.will = MQTTMessage(topic: "a/+", text: "") },
        ]
        // libmosquitto closes descriptor 0 of the program with a client that it could not make.
        let input = openFile(0)
        defer { #expect(openFile(0) == input) }
        for change in wrong {
            let client = MQTTClient(configuration(broker, "wrong", change), logger: quiet)
            await #expect {
                try await client.connect()
            } throws: { error in
                if case .invalidConfiguration = error as? MQTTError { true } else { false }
            }
        }
    }

    @Test func `more messages than the limit are told to wait`() async throws {
        let broker = try await TestBroker()
        let client = MQTTClient(configuration(broker, "client"), logger: quiet)
        try await client.connect()
        broker.signal(SIGSTOP)
        for _ in 0..<Limits.outgoingMessages {
            try client.publishWithoutWaiting(MQTTMessage(topic: "a", text: "b"))
        }
        #expect(throws: MQTTError.queueFull(limit: Limits.outgoingMessages)) {
            try client.publishWithoutWaiting(MQTTMessage(topic: "a", text: "b"))
        }
        broker.signal(SIGCONT)
    }
}

/// Device and number of what a descriptor stands for; nil where it is closed.
private func openFile(_ descriptor: Int32) -> [UInt64]? {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
}
