import Foundation
import Intake
import MQTT
import Metering
import Passwords
import Registry
import Store
import Synchronization
import TestSupport
import Testing
import Units
import UseCases

@testable import PrivateServices

/// A real broker with a listener for each old meter of an office, and servers that come and go.
struct OldMeterTown: Sendable {
    let office: TestOffice
    let broker: PrivateBroker
    /// In the order they were asked for: OLD-1, OLD-2.
    let meters: [RegisterMeter.Registered]

    /// Runs a body with so many old meters, none hanging anywhere.
    static func run(
        meters count: Int,
        _ body: @escaping @Sendable (OldMeterTown) async throws -> Void
    ) async throws {
        let folder = "/tmp/vidyut-old-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let office = try await TestOffice.make()
        var meters: [RegisterMeter.Registered] = []
        for number in 1...count {
            meters.append(
                try await office.useCases.registerMeter(
                    RegisterMeter.Input(
                        serial: "OLD-\(number)",
                        isOld: true,
                        gatewayPort: try LoopbackPort.free()
                    ),
                    by: office.manager
                )
            )
        }
        let broker = try PrivateBroker(stateDirectory: folder, logger: TestCluster.logger)
        try await broker.start()
        do {
            let town = OldMeterTown(office: office, broker: broker, meters: meters)
            try await town.writeAccess()
            try await body(town)
        } catch {
            try? await broker.stop()
            throw error
        }
        try await broker.stop()
    }

    /// Tells the broker what it must know of this office's meters.
    func writeAccess() async throws {
        let code = office.office.code
        let credentials = try await office.useCases.brokerCredentials()
            .filter { $0.user.hasPrefix("\(code).") }
        let listeners = try await office.useCases.showGateway.listeners()
            .filter { $0.meterName.hasPrefix("\(code).") }
        try await broker.writePasswords(
            credentials,
            listeners: listeners.map { GatewayListener(meterName: $0.meterName, port: $0.port) }
        )
    }

    /// Runs a server of its own, with a memory of its own, while the body runs.
    ///
    /// `useCases` are others than those of the town's own database.
    func withServer<Value: Sendable>(
        _ name: String,
        useCases other: UseCaseSet? = nil,
        _ body: @escaping @Sendable (UseCaseSet) async throws -> Value
    ) async throws -> Value {
        let useCases =
            other
            ?? UseCaseSet(store: office.store, work: BlockingWork(), clock: office.clock.wall)
        let secret = try #require(await broker.credential)
        let client = MQTTClient(
            MQTTConfiguration(
                host: "127.0.0.1",
                port: try #require(await broker.port),
                clientIdentifier: "server-\(name)",
                username: secret.user,
                password: secret.password
            ),
            logger: TestCluster.logger
        )
        let gateway = OldMeterIntake(
            client: client,
            useCases: useCases,
            logger: TestCluster.logger
        )
        let intake = ReadingIntake(
            client: client,
            acceptReadings: useCases.acceptReadings,
            directory: useCases.directory,
            live: useCases.live,
            old: gateway,
            logger: TestCluster.logger
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await useCases.acceptReadings.run() }
            group.addTask { try await intake.run() }
            group.addTask { await gateway.sendCommands() }
            var result: Result<Value, any Error>
            do { result = .success(try await body(useCases)) } catch { result = .failure(error) }
            await client.disconnect()
            await useCases.acceptReadings.close()
            group.cancelAll()
            return try result.get()
        }
    }

    /// What the office remembers of a meter.
    func state(of meter: RegisterMeter.Registered) async throws -> OldMeterState {
        let old = try await office.useCases.showGateway.list(by: office.manager)
        return try #require(old.first { $0.meter.serial == meter.meter.serial }).state
    }

    /// Kinds of what happened, oldest first.
    func events() async throws -> [OldMeterEvent.Kind] {
        try await office.useCases.showGateway.events(
            try PageRequest(limit: 200),
            by: office.manager
        ).items.reversed().map(\.event.kind)
    }

    /// Every reading kept of a meter, in order of time.
    func readings(of meter: RegisterMeter.Registered) async throws -> [AcceptedReading] {
        let end = office.clock.now.adding(seconds: 60)
        return try await office.store.withTenant(office.office.id) { transaction in
            try transaction.readings(
                of: meter.meter.id,
                from: Instant(secondsSince1970: 0),
                to: end,
                limit: 1_000
            )
        }
    }
}

/// The student project's firmware as the broker sees it: MQTT 3.1.1, clean sessions, QoS 0, `esp32/pub`
/// and `esp32/sub`, relays that come up on.
final class SimulatedOldMeter: Sendable {
    private let client: MQTTClient
    private let heardMessages = Mutex<[String]>([])

    init(
        _ meter: RegisterMeter.Registered,
        port: Int? = nil,
        identifier: String = "ESP32"
    ) {
        client = MQTTClient(
            MQTTConfiguration(
                host: "127.0.0.1",
                port: port ?? meter.gatewayPort ?? 0,
                clientIdentifier: identifier,
                username: meter.name,
                password: meter.credential,
                protocolVersion: .v311
            ),
            logger: TestCluster.logger
        )
    }

    /// Payloads of everything it was sent.
    var heard: [String] { heardMessages.withLock { $0 } }

    /// Connects, subscribes, and listens while the body runs; then its power fails.
    func run(_ body: @Sendable (SimulatedOldMeter) async throws -> Void) async throws {
        try await client.connect()
        try await client.subscribe(["esp32/sub"], qualityOfService: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await message in self.client.messages {
                    self.heardMessages.withLock { $0.append(message.text) }
                }
            }
            let result: Result<Void, any Error>
            do { result = .success(try await body(self)) } catch { result = .failure(error) }
            await client.abandon()
            group.cancelAll()
            try result.get()
        }
    }

    /// Publishes as its library does.
    func publish(_ text: String, topic: String = "esp32/pub") async throws {
        try await client.publish(MQTTMessage(topic: topic, text: text, qualityOfService: 0))
    }

    /// One message of main only; dev1 and dev2 are off.
    static func message(volts: String, amperes: String = "5.00", watts: String = "1200.00")
        -> String
    {
        #"{"a":"\#(volts)","b":"\#(amperes)","c":"\#(watts)","d":"0.00","e":"0.00","#
            + #""f":"0.00","g":"0.00","h":"0.00","i":"0.00"}"#
    }
}

/// Waits until something is so; for a test's time limit to end.
func eventually(_ condition: () async throws -> Bool) async throws {
    while try await !condition() { try await Task.sleep(for: .milliseconds(10)) }
}
