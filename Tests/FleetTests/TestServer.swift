import Fleet
import Metering
import Synchronization
import Units
import Wire

/// What the real server does with a report, in memory: stores by (epoch, sequence), acknowledges
/// what nothing is missing before, keeps what it was told.
final class TestServer: Sendable {
    fileprivate struct State {
        var stored: [String: [Int64: ProducedReading]] = [:]
        var frontiers: [String: AcknowledgementFrontier] = [:]
        var conflicts = 0
        var unreadable = 0
        var live = 0
        var results: [MeterCommandResult] = []
        var jsonMessages = 0
    }

    private let state = Mutex(State())
    /// One element after every report.
    let progress: AsyncStream<Void>
    private let sink: AsyncStream<Void>.Continuation

    init() {
        (progress, sink) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    var conflicts: Int { state.withLock { $0.conflicts } }
    var unreadable: Int { state.withLock { $0.unreadable } }
    var live: Int { state.withLock { $0.live } }
    var jsonMessages: Int { state.withLock { $0.jsonMessages } }
    var results: [MeterCommandResult] { state.withLock { $0.results } }

    func stored(_ user: String) -> [ProducedReading] {
        state.withLock { $0.stored[user, default: [:]].values.sorted { $0.sequence < $1.sequence } }
    }

    func count() -> Int { state.withLock { $0.stored.values.reduce(0) { $0 + $1.count } } }

    /// Takes a message of a meter; returns the acknowledgement to send back.
    func take(_ message: FleetMessage, from user: String) -> [UInt8]? {
        let acknowledgement = state.withLock { state -> [UInt8]? in
            switch message.kind {
            case .readings: return state.store(message.payload, from: user)
            case .live:
                if (try? ReportDecoder.decodeLive(message.payload)) != nil { state.live += 1 }
            case .results:
                if let result = try? MeterCommandResult(decoding: message.payload) {
                    state.results.append(result)
                }
            case .events, .status: break
            }
            return nil
        }
        sink.yield()
        return acknowledgement
    }
}

extension TestServer.State {
    fileprivate mutating func store(_ payload: [UInt8], from user: String) -> [UInt8]? {
        guard let report = try? ReportDecoder.decode(payload) else {
            unreadable += 1
            return nil
        }
        if payload.first == UInt8(ascii: "{") { jsonMessages += 1 }
        for item in report.items {
            guard let reading = try? item.get(), let sequence = reading.sequence,
                let at = reading.at
            else { continue }
            let registers = [reading.main, reading.dev1, reading.dev2].compactMap {
                $0?.energyWattHours
            }
            let new = ProducedReading(
                epoch: reading.epoch,
                sequence: sequence,
                at: at,
                registerWattHours: registers
            )
            if let old = stored[user]?[sequence], old != new { conflicts += 1 }
            stored[user, default: [:]][sequence] = new
        }
        let settled = frontiers[user, default: AcknowledgementFrontier()].settle(
            epoch: report.epoch,
            first: report.firstSequence,
            last: report.sequence,
            oldest: report.oldestSequence
        )
        return settled.map {
            AcknowledgementEncoder.encode(epoch: report.epoch, acknowledgedSequence: $0)
        }
    }
}

/// A link through memory that answers at once and can be broken.
final class MemoryLink: FleetLink {
    private let user: String
    private let server: TestServer
    private let events: AsyncStream<FleetEvent>
    private let sink: AsyncStream<FleetEvent>.Continuation
    private let isUp = Mutex(true)

    init(_ user: String, _ server: TestServer) {
        self.user = user
        self.server = server
        (events, sink) = AsyncStream.makeStream()
        sink.yield(.connected)
    }

    func run(_ receive: @escaping @Sendable (FleetEvent) async -> Void) async {
        for await event in events { await receive(event) }
    }

    func send(_ command: MeterCommand) { sink.yield(.command(command.encoded())) }

    func publish(_ message: FleetMessage) async throws(FleetLinkDown) {
        if let answer = server.take(message, from: user) { sink.yield(.acknowledgement(answer)) }
    }

    func drop() async {
        sink.yield(.disconnected)
        sink.yield(.connected)
    }
}
