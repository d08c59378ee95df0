import Foundation
import Intake
import MQTT
import Metering
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases
import Wire

/// From a meter's message through a real broker into rows, and the acknowledgement back.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && PrivateBroker.isInstalled,
        "PostgreSQL or Mosquitto is not installed"
    )
)
struct ReadingIntakeTests {
    /// A broker, an office with one meter and a running intake, for the length of a body.
    private func withIntake(
        _ body: @escaping @Sendable (TestOffice, RegisterMeter.Registered, Int) async throws -> Void
    ) async throws {
        let folder = "/tmp/vidyut-intake-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let office = try await TestOffice.make()
        let (_, meter) = try await office.connect("mqtt")
        let (_, probe) = try await office.connect("probe")
        let broker = try PrivateBroker(stateDirectory: folder, logger: TestCluster.logger)
        try await broker.start()
        let credentials = try await office.useCases.brokerCredentials()
        try await broker.writePasswords(credentials)
        let port = try #require(await broker.port)
        let secret = try #require(await broker.credential)
        let server = MQTTClient(
            MQTTConfiguration(
                host: "127.0.0.1",
                port: port,
                clientIdentifier: "server",
                username: secret.user,
                password: secret.password,
                cleanSession: false
            ),
            logger: TestCluster.logger
        )
        let intake = ReadingIntake(
            client: server,
            acceptReadings: office.useCases.acceptReadings,
            directory: office.useCases.directory,
            live: office.useCases.live,
            logger: TestCluster.logger
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await office.useCases.acceptReadings.run() }
                group.addTask { try await intake.run() }
                defer { group.cancelAll() }
                do {
                    try await awaitSubscription(office, probe, port)
                    try await body(office, meter, port)
                } catch {
                    await server.disconnect()
                    await office.useCases.acceptReadings.close()
                    throw error
                }
                await server.disconnect()
                await office.useCases.acceptReadings.close()
                try await group.waitForAll()
            }
        } catch {
            try? await broker.stop()
            throw error
        }
        try await broker.stop()
    }

    /// Returns when the server hears the meters: the broker drops what nobody has subscribed to yet,
    /// and a real meter would send it again.
    private func awaitSubscription(
        _ office: TestOffice,
        _ probe: RegisterMeter.Registered,
        _ port: Int
    ) async throws {
        let client = client(of: probe, port: port)
        try await client.connect()
        try await client.subscribe(["vidyut/\(probe.name)/ack"], qualityOfService: 1)
        let payload = ReportEncoder.json(
            readings(1, before: office.clock.now),
            epoch: 0,
            sequence: 1
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await client.publish(
                        MQTTMessage(topic: "vidyut/\(probe.name)/readings", payload: payload)
                    )
                    try await Task.sleep(for: .milliseconds(200))
                }
            }
            var answers = client.messages.makeAsyncIterator()
            _ = await answers.next()
            group.cancelAll()
        }
        await client.disconnect()
    }

    private func client(of meter: RegisterMeter.Registered, port: Int) -> MQTTClient {
        MQTTClient(
            MQTTConfiguration(
                host: "127.0.0.1",
                port: port,
                clientIdentifier: meter.name,
                username: meter.name,
                password: meter.credential
            ),
            logger: TestCluster.logger
        )
    }

    private func readings(_ count: Int64, before now: Instant) -> [ReportedReading] {
        (1...count).map { number in
            ReportedReading(
                at: now.adding(seconds: (number - count) * 60),
                sequence: number,
                main: ChannelReading(energyWattHours: number, voltageMillivolts: 230_000)
            )
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a report is stored, acknowledged after the commit, and shown live`() async throws {
        try await withIntake { office, meter, port in
            let client = client(of: meter, port: port)
            try await client.connect()
            try await client.subscribe(["vidyut/\(meter.name)/ack"], qualityOfService: 1)
            let payload = ReportEncoder.json(
                readings(10, before: office.clock.now),
                epoch: 0,
                sequence: 10
            )

            for _ in 0..<2 {
                try await client.publish(
                    MQTTMessage(topic: "vidyut/\(meter.name)/readings", payload: payload)
                )
                var answers = client.messages.makeAsyncIterator()
                let answer = try #require(await answers.next())
                let decoded = try AcknowledgementEncoder.decode(answer.payload)
                #expect(decoded.acknowledgedSequence == 10)
                let rows = try await office.store.withTenant(office.office.id) { transaction in
                    try transaction.readings(
                        of: meter.meter.id,
                        from: Instant(secondsSince1970: 0),
                        to: office.clock.now.adding(seconds: 60),
                        limit: 100
                    )
                }
                #expect(rows.count == 10)
            }
            let latest = office.useCases.live.latest(
                of: meter.meter.id,
                office: office.office.id
            )
            #expect(latest?.main.energyWattHours == 10)
            await client.disconnect()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a message that cannot be read is listed and not acknowledged, and the next is taken`()
        async throws
    {
        try await withIntake { office, meter, port in
            let client = client(of: meter, port: port)
            try await client.connect()
            try await client.subscribe(["vidyut/\(meter.name)/ack"], qualityOfService: 1)
            let topic = "vidyut/\(meter.name)/readings"
            for bad in ["{", "", "{\"sequence\":1,\"readings\":[]}", "\u{0}\u{1}garbage"] {
                try await client.publish(MQTTMessage(topic: topic, payload: Array(bad.utf8)))
            }
            try await client.publish(
                MQTTMessage(
                    topic: topic,
                    payload: ReportEncoder.json(
                        readings(3, before: office.clock.now),
                        epoch: 0,
                        sequence: 3
                    )
                )
            )

            var answers = client.messages.makeAsyncIterator()
            let answer = try #require(await answers.next())
            #expect(try AcknowledgementEncoder.decode(answer.payload).acknowledgedSequence == 3)
            let listed = try await office.useCases.showMeters.rejections(by: office.manager)
            #expect(listed.map(\.sequence) == [-1])
            #expect((listed.first?.occurrences ?? 0) >= 1)
            await client.disconnect()
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a meter may write under its own name only, and nobody without its credential`()
        async throws
    {
        try await withIntake { office, meter, port in
            let client = client(of: meter, port: port)
            try await client.connect()
            await #expect(throws: MQTTError.self) {
                try await client.publish(
                    MQTTMessage(
                        topic: "vidyut/\(office.office.code).other/readings",
                        payload: [1]
                    )
                )
            }
            await client.disconnect()
            let intruder = MQTTClient(
                MQTTConfiguration(
                    host: "127.0.0.1",
                    port: port,
                    clientIdentifier: "intruder",
                    username: meter.name,
                    password: "guess"
                ),
                logger: TestCluster.logger
            )
            await #expect(throws: MQTTError.self) { try await intruder.connect() }
            await intruder.disconnect()
        }
    }
}
