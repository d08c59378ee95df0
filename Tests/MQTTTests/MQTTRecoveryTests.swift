import Foundation
import Glibc
import Synchronization
import Testing

@testable import MQTT

@Suite(.enabled(if: brokerIsHere), .timeLimit(.minutes(2)))
struct `What happens when something breaks` {
    @Test(arguments: [MQTTVersion.v5, .v311])
    func `a kept session delivers what came while its client was away`(
        version: MQTTVersion
    ) async throws {
        let broker = try await TestBroker()
        let kept = configuration(broker, "office") {
            $0.cleanSession = false
            $0.protocolVersion = version
        }
        let first = MQTTClient(kept, logger: quiet)
        try await first.connect()
        try await first.subscribe(["readings"], qualityOfService: 1)
        await first.disconnect()

        let meter = MQTTClient(configuration(broker, "meter"), logger: quiet)
        try await meter.connect()
        for number in 0..<50 {
            try await meter.publish(MQTTMessage(topic: "readings", text: "\(number)"))
        }

        let second = MQTTClient(kept, logger: quiet)
        try await second.connect()
        let received = await second.messages.first(50)
        #expect(received.map(\.text) == (0..<50).map { "\($0)" })
    }

    @Test func `a killed broker fails what waits, and after its return everything goes on`()
        async throws
    {
        let broker = try await TestBroker()
        let client = MQTTClient(configuration(broker, "client"), logger: quiet)
        var events = client.connectionEvents.makeAsyncIterator()
        try await client.connect()
        try await client.subscribe(["a/#", "b"], qualityOfService: 1)
        #expect(await events.next() == .connected)

        broker.signal(SIGSTOP)
        let outcomes = await withTaskGroup(of: MQTTError?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    do throws(MQTTError) {
                        try await client.publish(MQTTMessage(topic: "c", text: "\(number)"))
                        return nil
                    } catch {
                        return error
                    }
                }
            }
            group.addTask {
                broker.kill()
                return .disconnected
            }
            var outcomes: [MQTTError?] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        #expect(outcomes == Array(repeating: .disconnected, count: 21))
        guard case .disconnected = await events.next() else {
            Issue.record("the loss was not reported")
            return
        }
        #expect(!client.isConnected)
        #expect(throws: MQTTError.disconnected) {
            try client.publishWithoutWaiting(MQTTMessage(topic: "a", text: "b"))
        }

        try await broker.start()
        while let event = await events.next(), event != .connected {}
        try await client.publish(MQTTMessage(topic: "a/1", text: "back"))
        try await client.publish(MQTTMessage(topic: "b", text: "again"))
        #expect(await client.messages.first(2).map(\.text) == ["back", "again"])
    }

    @Test func `a slow reader makes the broker wait and loses nothing`() async throws {
        let broker = try await TestBroker()
        let reader = MQTTClient(
            configuration(broker, "reader") {
                $0.incomingBufferLimit = 10
                $0.maximumInflight = 20
            },
            logger: quiet
        )
        try await reader.connect()
        try await reader.subscribe(["n"], qualityOfService: 1)
        let writer = MQTTClient(configuration(broker, "writer"), logger: quiet)
        try await writer.connect()

        let count = 3_000
        let padding = String(repeating: "x", count: 1_000)
        async let writing: Void = {
            for number in 0..<count {
                try await writer.publish(MQTTMessage(topic: "n", text: "\(number) \(padding)"))
            }
        }()
        var received: [Int] = []
        for await message in reader.messages {
            received.append(Int(message.text.prefix { $0 != " " }) ?? -1)
            for _ in 0..<5 { await Task.yield() }
            if received.count == count { break }
        }
        try await writing
        #expect(received == Array(0..<count))
    }

    @Test func `the will is published after a power cut and not after a good-bye`() async throws {
        let broker = try await TestBroker()
        let watcher = MQTTClient(configuration(broker, "watcher"), logger: quiet)
        try await watcher.connect()
        try await watcher.subscribe(["status/#"], qualityOfService: 1)
        func meter(_ name: String) async throws -> MQTTClient {
            let client = MQTTClient(
                configuration(broker, name) {
                    $0.will = MQTTMessage(topic: "status/\(name)", text: "offline", retain: true)
                },
                logger: quiet
            )
            try await client.connect()
            return client
        }

        let polite = try await meter("polite")
        await polite.disconnect()
        let broken = try await meter("broken")
        await broken.abandon()
        do {
            // Let go without a word: the same as a power cut.
            _ = try await meter("forgotten")
        }

        let topics = await watcher.messages.first(2).map(\.topic)
        #expect(Set(topics) == ["status/broken", "status/forgotten"])
    }

    @Test func `a second client of the same name ends the first`() async throws {
        let broker = try await TestBroker()
        let first = MQTTClient(configuration(broker, "same"), logger: quiet)
        var events = first.connectionEvents.makeAsyncIterator()
        try await first.connect()
        #expect(await events.next() == .connected)
        let second = MQTTClient(configuration(broker, "same"), logger: quiet)
        try await second.connect()
        guard case .disconnected = await events.next() else {
            Issue.record("the loss was not reported")
            return
        }
        await first.disconnect()
    }

    @Test func `three hundred meters share one thread`() async throws {
        let broker = try await TestBroker()
        let office = MQTTClient(
            configuration(broker, "office") { $0.incomingBufferLimit = 100 },
            logger: quiet
        )
        try await office.connect()
        try await office.subscribe(["vidyut/+/readings"], qualityOfService: 1)
        let threadsBefore = try threadCount()
        let group = MQTTClientGroup(threads: 1)
        let meters = (0..<300).map { number in
            group.makeClient(configuration(broker, "meter-\(number)"), logger: quiet)
        }

        async let received = office.messages.first(900)
        try await withThrowingTaskGroup { tasks in
            for (number, meter) in meters.enumerated() {
                tasks.addTask {
                    try await meter.connect()
                    try await meter.subscribe(["vidyut/m\(number)/ack"], qualityOfService: 1)
                    for reading in 0..<3 {
                        try await meter.publish(
                            MQTTMessage(topic: "vidyut/m\(number)/readings", text: "\(reading)")
                        )
                    }
                }
            }
            try await tasks.waitForAll()
        }
        // Other tests of the process come and go with threads of their own, but not three hundred.
        #expect(try threadCount() <= threadsBefore + 150)
        let counts = Dictionary(grouping: await received, by: \.topic).mapValues(\.count)
        #expect(counts.count == 300)
        #expect(counts.values.allSatisfy { $0 == 3 })

        try await withThrowingTaskGroup { tasks in
            for (number, meter) in meters.enumerated() {
                tasks.addTask {
                    try await office.publish(
                        MQTTMessage(topic: "vidyut/m\(number)/ack", text: "\(number)")
                    )
                    let answer = await meter.messages.first(1)
                    #expect(answer.map(\.text) == ["\(number)"])
                    await meter.disconnect()
                }
            }
            try await tasks.waitForAll()
        }
    }

    private func threadCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
    }
}
