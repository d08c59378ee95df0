import Fleet
import Logging
import MQTT
import Testing
import Units
import Wire

@Suite(.enabled(if: FleetBrokerProcess.program != nil), .timeLimit(.minutes(2)))
struct MQTTFleetLinkTests {
    private let start = Instant(secondsSince1970: 1_795_305_600)
    private let logger = Logger(label: "fleet-test") { _ in SwiftLogNoOpLogHandler() }

    @Test func `a fleet empties its backlog over a real broker, through broken connections`()
        async throws
    {
        let broker = try FleetBrokerProcess()
        let server = TestServer()
        let receiver = try await connectedServer(broker)
        let logins = (1...25).map {
            MeterLogin(serial: "SM-\($0)", user: "town.SM-\($0)", password: "x")
        }
        let clock = TestClock(at: start)
        let fleet = MQTTFleet(
            FleetBroker(host: "127.0.0.1", port: broker.port),
            threads: 1,
            logger: logger
        )
        let runner = try FleetRunner(
            FleetConfiguration(
                backlogSeconds: 86_400,
                keepsTruth: true,
                reporting: ReportingConfiguration(maximumReadings: 16),
                faults: LinkFaults(duplicatedPermille: 100, disconnectsPermille: 60)
            ),
            logins: logins,
            clock: clock.fleetClock,
            link: fleet.link
        )
        await withTaskGroup { group in
            group.addTask { await runner.run() }
            group.addTask { await self.serve(receiver, server) }
            for await _ in server.progress where server.count() == 25 * 96 { break }
            while await runner.counts.unacknowledged > 0 { await Task.yield() }
            group.cancelAll()
        }
        await receiver.disconnect()

        for (serial, produced) in await runner.produced {
            #expect(server.stored("town.\(serial)") == produced, "\(serial)")
        }
        #expect(server.conflicts == 0)
        #expect(await runner.counts.connections > 25)
    }

    @Test func `a command over the broker is carried out and answered, and status is told`()
        async throws
    {
        let broker = try FleetBrokerProcess()
        let server = TestServer()
        let receiver = try await connectedServer(broker)
        let clock = TestClock(at: start)
        let fleet = MQTTFleet(
            FleetBroker(host: "127.0.0.1", port: broker.port),
            threads: 1,
            logger: logger
        )
        let runner = try FleetRunner(
            FleetConfiguration(),
            logins: [MeterLogin(serial: "SM-1", user: "town.SM-1", password: "x")],
            clock: clock.fleetClock,
            link: fleet.link
        )
        try await withThrowingTaskGroup { group in
            group.addTask { await runner.run() }
            var statuses: [String] = []
            for await message in receiver.messages {
                if message.topic == "vidyut/town.SM-1/status" {
                    statuses.append(message.text)
                    let command = MeterCommand(identifier: 9, channel: .main, action: .off)
                    try receiver.publishWithoutWaiting(
                        MQTTMessage(
                            topic: "vidyut/town.SM-1/commands",
                            payload: command.encoded()
                        )
                    )
                } else if message.topic == "vidyut/town.SM-1/results" {
                    _ = server.take(FleetMessage(.results, message.payload), from: "town.SM-1")
                    break
                }
            }
            #expect(statuses == ["online"])
            group.cancelAll()
        }

        #expect(server.results == [MeterCommandResult(identifier: 9, outcome: .done)])
        #expect(await runner.agent(of: "SM-1")?.isSupplyOn == false)
        for await message in receiver.messages where message.topic.hasSuffix("/status") {
            #expect(message.text == "offline")
            break
        }
        await receiver.disconnect()
    }

    /// Waits for the broker, then listens to all meters.
    private func connectedServer(_ broker: FleetBrokerProcess) async throws -> MQTTClient {
        let client = MQTTClient(
            MQTTConfiguration(host: "127.0.0.1", port: broker.port, clientIdentifier: "server"),
            logger: logger
        )
        while true {
            do throws(MQTTError) {
                try await client.connect()
                break
            } catch .unreachable {
                // The broker needs some milliseconds to open its port.
                await Task.yield()
            }
        }
        try await client.subscribe(["vidyut/+/+"], qualityOfService: 1)
        return client
    }

    private func serve(_ client: MQTTClient, _ server: TestServer) async {
        for await message in client.messages {
            let parts = message.topic.split(separator: "/")
            guard parts.count == 3, let kind = FleetMessage.Kind(rawValue: String(parts[2])),
                let answer = server.take(
                    FleetMessage(kind, message.payload),
                    from: String(parts[1])
                )
            else { continue }
            try? client.publishWithoutWaiting(
                MQTTMessage(topic: "vidyut/\(parts[1])/ack", payload: answer, qualityOfService: 0)
            )
        }
    }
}
