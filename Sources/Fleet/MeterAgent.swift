import Units
import Wire

/// What the meters of a fleet send.
package enum FleetPayload: String, CaseIterable, Sendable {
    /// The firmware core's compact frame.
    case frame
    case json
}

/// How the meters of a fleet report.
package struct ReportingConfiguration: Sendable {
    package var payload: FleetPayload
    /// Readings in one message; 10 of three channels are about 330 bytes as a frame.
    package var maximumReadings: Int
    /// After a reading each meter waits its own part of this before it sends, as real ones do.
    package var spreadSeconds: Double
    /// A live value after every so many seconds; nil: none.
    package var liveSeconds: Double?

    package init(
        payload: FleetPayload = .frame,
        maximumReadings: Int = 50,
        spreadSeconds: Double = 0,
        liveSeconds: Double? = nil
    ) {
        self.payload = payload
        self.maximumReadings = maximumReadings
        self.spreadSeconds = spreadSeconds
        self.liveSeconds = liveSeconds
    }
}

/// What one meter, or a whole fleet, has done so far.
package struct FleetCounts: Hashable, Sendable {
    package var readings = 0
    package var messages = 0
    package var bytes = 0
    package var failedMessages = 0
    package var acknowledgements = 0
    package var commands = 0
    package var connections = 0
    /// Readings held and not acknowledged now.
    package var unacknowledged = 0
    /// Readings given up because a store was full.
    package var dropped = 0

    package init() {}

    package static func + (left: FleetCounts, right: FleetCounts) -> FleetCounts {
        var sum = left
        sum.readings += right.readings
        sum.messages += right.messages
        sum.bytes += right.bytes
        sum.failedMessages += right.failedMessages
        sum.acknowledgements += right.acknowledgements
        sum.commands += right.commands
        sum.connections += right.connections
        sum.unacknowledged += right.unacknowledged
        sum.dropped += right.dropped
        return sum
    }
}

/// One meter with its link: reads, sends, resends, obeys commands.
package actor MeterAgent {
    private let meter: SimulatedMeter
    private let link: any FleetLink
    private let clock: FleetClock
    private let reporting: ReportingConfiguration
    /// This meter's own part of the spread, from 0 to below 1.
    private let share: Double
    private var isConnected = false
    private var isSending = false
    private var counted = FleetCounts()

    package init(
        _ meter: sending SimulatedMeter,
        link: any FleetLink,
        clock: FleetClock,
        reporting: ReportingConfiguration
    ) {
        share = Noise(seed: meter.configuration.seed, serial: meter.configuration.serial)
            .fraction(.spread)
        self.meter = meter
        self.link = link
        self.clock = clock
        self.reporting = reporting
    }

    package var counts: FleetCounts {
        var counts = counted
        counts.unacknowledged = meter.heldReadings
        counts.dropped = meter.droppedReadings
        return counts
    }

    /// Every reading made, when the meter keeps the truth.
    package var produced: [ProducedReading] { meter.produced }

    package var registers: [Int64] { meter.registers }

    package var isSupplyOn: Bool { meter.isSupplyOn }

    /// What survives a kill of the process.
    package func saved() -> [UInt8] { meter.saved() }

    /// Lives until the task is cancelled.
    package func run() async {
        catchUp()
        await withTaskGroup { group in
            group.addTask { await self.link.run { await self.take($0) } }
            group.addTask { await self.keepReading() }
            if let seconds = reporting.liveSeconds {
                group.addTask { await self.keepShowing(every: seconds) }
            }
        }
    }

    private func catchUp() {
        counted.readings += meter.advance(to: clock.now())
    }

    private func keepReading() async {
        while !Task.isCancelled {
            let now = clock.now()
            let next = meter.nextReading(after: now)
            var wait = Double(next.microsecondsSince1970 - now.microsecondsSince1970) / 1_000_000
            wait += share * reporting.spreadSeconds
            if meter.heldReadings > 0 { wait = min(wait, Double(Limits.resendSeconds)) }
            do {
                try await clock.sleep(min(wait, Double(Limits.longestSleepSeconds)))
            } catch {
                return
            }
            catchUp()
            await send()
        }
    }

    private func keepShowing(every seconds: Double) async {
        var wait = seconds * share
        while true {
            do {
                try await clock.sleep(wait)
            } catch {
                return
            }
            wait = seconds
            catchUp()
            guard isConnected else { continue }
            try? await link.publish(FleetMessage(.live, livePayload()))
        }
    }

    private func livePayload() -> [UInt8] {
        let frame = meter.liveFrame(at: meter.now)
        guard reporting.payload == .json, let reading = try? ReportDecoder.decodeLive(frame)
        else { return frame }
        return ReportEncoder.liveJSON(reading)
    }

    private func take(_ event: FleetEvent) async {
        switch event {
        case .connected:
            isConnected = true
            counted.connections += 1
            catchUp()
            meter.linkRestored(at: clock.now())
            await send()
        case .disconnected: isConnected = false
        case .acknowledgement(let payload):
            if meter.acknowledge(payload, at: clock.now()) { counted.acknowledgements += 1 }
            await send()
        case .command(let payload):
            guard let result = meter.perform(payload, at: clock.now()) else { return }
            counted.commands += 1
            try? await link.publish(FleetMessage(.results, result))
        }
    }

    /// Sends what is due.
    ///
    /// While it waits for the link, acknowledgements may come and ask again:
    /// the one who is sending goes on until nothing is due.
    private func send() async {
        guard isConnected, !isSending else { return }
        isSending = true
        defer { isSending = false }
        while isConnected, !Task.isCancelled,
            let frame = meter.nextFrame(
                maximumReadings: reporting.maximumReadings,
                at: clock.now()
            )
        {
            do {
                let payload = payload(frame)
                try await link.publish(FleetMessage(.readings, payload))
                counted.messages += 1
                counted.bytes += payload.count
            } catch {
                counted.failedMessages += 1
                return
            }
        }
    }

    private func payload(_ frame: [UInt8]) -> [UInt8] {
        guard reporting.payload == .json, let report = try? ReportDecoder.decode(frame),
            let json = ReportEncoder.json(report)
        else { return frame }
        return json
    }
}
