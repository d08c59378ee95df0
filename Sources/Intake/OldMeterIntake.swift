package import Logging
package import MQTT
import Metering
import Metrics
import Synchronization
import Units
package import UseCases
import Wire

/// The gateway for old meters: their messages in, their one command out.
///
/// Their firmware sends without a name, a time, a number or an acknowledgement. The name comes from the
/// mount point of the listener that is theirs alone; the time is that of receipt.
package final class OldMeterIntake: Sendable {
    private let client: MQTTClient
    private let takeOldMessage: TakeOldMessage
    private let acceptReadings: AcceptReadings
    private let sendOldCommands: SendOldCommands
    private let clock: WallClock
    private let logger: Logger
    private let wishes: AsyncStream<Void>
    private let wish: AsyncStream<Void>.Continuation
    private let unrecordedTrips = Mutex<[String: Instant]>([:])

    package init(client: MQTTClient, useCases: UseCaseSet, logger: Logger) {
        self.client = client
        takeOldMessage = useCases.takeOldMessage
        acceptReadings = useCases.acceptReadings
        sendOldCommands = useCases.sendOldCommands
        clock = useCases.clock
        self.logger = logger
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes one message of `esp32/pub`; what it leads to is stored before anything is said.
    func take(_ message: MQTTMessage, from identity: MeterIdentity) async throws {
        let receivedAt = clock.now()
        let decoded: OldMeterMessage
        do throws(WireError) {
            decoded = try OldMeterDecoder.decode(message.payload)
        } catch {
            Counter(label: "vidyut_gateway_unreadable_total").increment()
            return try await acceptReadings.noteUnreadable(ReadingFault(error), from: identity)
        }
        let step = try await takeOldMessage(decoded, from: identity, receivedAt: receivedAt)
        Counter(label: "vidyut_gateway_messages_total").increment()
        guard step?.commands.isEmpty == false else { return }
        Counter(label: "vidyut_gateway_trips_total").increment()
        logger.warning(
            "an old meter's supply is switched off because of over-voltage",
            metadata: ["meter.name": "\(identity.name)"]
        )
        wish.yield()
    }

    /// Sends commands as they come, until the task is cancelled.
    package func sendCommands() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await _ in self.sendOldCommands.wishes() { self.wish.yield() }
            }
            group.addTask {
                while !Task.isCancelled {
                    self.wish.yield()
                    try? await Task.sleep(for: .seconds(Limits.oldCommandPollSeconds))
                }
            }
            for await _ in wishes { await sendWaiting() }
            group.cancelAll()
        }
    }

    private func sendWaiting() async {
        // What waits while the broker is away stays where it is, until it is too old.
        guard client.isConnected else { return }
        do {
            try await sendOldCommands { outgoing in
                try await client.publish(Self.message(outgoing.command, to: outgoing.meterName))
                Counter(label: "vidyut_gateway_commands_total").increment()
            }
        } catch {
            logger.warning(
                "commands of old meters were not sent; they are tried again",
                metadata: ["reason": "\(error)"]
            )
        }
    }

    private static func message(_ command: OldRelayCommand, to name: String) -> MQTTMessage {
        MQTTMessage(
            topic: Topic.oldCommands(to: name),
            payload: OldCommandEncoder.encode(command),
            qualityOfService: 1,
            retain: false
        )
    }

    /// Looks at a message that could not be taken: this firmware sends nothing twice, and a voltage that
    /// destroys cannot wait for the database.
    ///
    /// The name is from the topic, which the broker has let nobody else use.
    func protectUnrecorded(_ message: MQTTMessage, of name: String) {
        let now = clock.now()
        guard let decoded = try? OldMeterDecoder.decode(message.payload),
            decoded.main.voltageMillivolts ?? 0 > Metering.Limits.oldMeterTripMillivolts,
            unrecordedTrips.withLock({ trips in
                let pause = Limits.unrecordedTripSeconds
                if let last = trips[name], now < last.adding(seconds: pause) { return false }
                if trips.count >= Limits.unrecordedTrips { trips.removeAll() }
                trips[name] = now
                return true
            })
        else { return }
        logger.error(
            "over-voltage while the database is away: the supply is switched off unrecorded",
            metadata: ["meter.name": "\(name)"]
        )
        try? client.publishWithoutWaiting(Self.message(.mainOff, to: name))
    }
}
