package import Logging
package import MQTT
import Metering
import Metrics
package import UseCases
import Wire

/// Takes readings from the broker: topic → bytes → report → stored → acknowledged.
///
/// The client library confirms a message to the broker before this code has seen it, so nothing
/// rests on that: the meter keeps a reading until the acknowledgement sent here, after the commit.
package struct ReadingIntake: Sendable {
    private let client: MQTTClient
    private let acceptReadings: AcceptReadings
    private let directory: MeterDirectory
    private let live: LiveReadings
    private let old: OldMeterIntake?
    private let logger: Logger

    /// `old` takes the messages of old meters; without it they are passed over.
    package init(
        client: MQTTClient,
        acceptReadings: AcceptReadings,
        directory: MeterDirectory,
        live: LiveReadings,
        old: OldMeterIntake? = nil,
        logger: Logger
    ) {
        self.client = client
        self.acceptReadings = acceptReadings
        self.directory = directory
        self.live = live
        self.old = old
        self.logger = logger
    }

    /// Works until the task is cancelled or the client is disconnected; a broker that is away is
    /// waited for.
    package func run() async throws {
        try await connect()
        await withDiscardingTaskGroup { group in
            let gate = Gate(limit: Limits.messagesUnderWay)
            let waiting = Gauge(label: "vidyut_intake_messages_waiting")
            for await message in client.messages {
                waiting.record(client.messagesWaiting)
                await gate.enter()
                group.addTask {
                    await self.take(message)
                    await gate.leave()
                }
            }
        }
    }

    private func connect() async throws {
        while true {
            do throws(MQTTError) {
                try await client.connect()
                try await client.subscribe(Topic.subscriptions, qualityOfService: 1)
                return
            } catch {
                // The office is closing.
                if error == .closed { throw CancellationError() }
                logger.warning("the broker does not answer", metadata: ["reason": "\(error)"])
                try await Task.sleep(for: .seconds(Limits.connectRetrySeconds))
            }
        }
    }

    private func take(_ message: MQTTMessage) async {
        guard let topic = Topic(message.topic) else { return }
        do {
            guard let identity = try await directory.meter(named: topic.user) else {
                Counter(label: "vidyut_intake_unknown_meter_total").increment()
                return
            }
            switch topic.kind {
            case .readings: try await store(message, from: identity)
            case .live: show(message, from: identity)
            case .old: try await old?.take(message, from: identity)
            default: break
            }
        } catch {
            // Not acknowledged: the meter keeps these readings and sends them again. An old one does
            // not; what it sends in seconds carries its register on.
            Counter(label: "vidyut_intake_failed_total").increment()
            if topic.kind == .old { old?.protectUnrecorded(message, of: topic.user) }
            logger.warning(
                topic.kind == .old
                    ? "a message of an old meter could not be stored"
                    : "a message could not be stored; its meter will send it again",
                metadata: ["meter.name": "\(topic.user)", "reason": "\(error)"]
            )
        }
    }

    private func store(_ message: MQTTMessage, from identity: MeterIdentity) async throws {
        let report: MeterReport
        do throws(WireError) {
            report = try ReportDecoder.decode(message.payload)
        } catch {
            Counter(label: "vidyut_intake_unreadable_total").increment()
            try await acceptReadings.noteUnreadable(ReadingFault(error), from: identity)
            return
        }
        let result = try await accept(report, from: identity)
        Counter(label: "vidyut_intake_readings_total").increment(
            by: result.stored + result.duplicates
        )
        guard let sequence = result.acknowledgedSequence else { return }
        let acknowledgement = MQTTMessage(
            topic: Topic.acknowledgement(to: identity.name),
            payload: AcknowledgementEncoder.encode(
                epoch: result.epoch,
                acknowledgedSequence: sequence
            ),
            qualityOfService: 0,
            retain: false
        )
        try client.publishWithoutWaiting(acknowledgement)
    }

    /// Waits while the database is away or the queue is full; the sender waits for its
    /// acknowledgement meanwhile.
    private func accept(
        _ report: MeterReport,
        from identity: MeterIdentity
    ) async throws -> AcceptanceResult {
        for _ in 1..<Limits.storeAttempts {
            do {
                return try await acceptReadings(report, from: identity)
            } catch let overload as Overloaded {
                try await Task.sleep(for: .seconds(overload.retryAfterSeconds))
            }
        }
        return try await acceptReadings(report, from: identity)
    }

    private func show(_ message: MQTTMessage, from identity: MeterIdentity) {
        guard let reading = try? ReportDecoder.decodeLive(message.payload) else { return }
        acceptReadings.noteLive(reading, from: identity)
    }
}

/// Lets a bounded number in at once; the rest wait in order.
private actor Gate {
    private let limit: Int
    private var free: Int {
        didSet { gauge.record(limit - free) }
    }
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let gauge = Gauge(label: "vidyut_intake_messages_under_way")

    init(limit: Int) {
        self.limit = limit
        free = limit
    }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
