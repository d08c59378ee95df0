import Foundation
import Synchronization

/// How the readings of a load travel.
enum LoadKind: Sendable {
    /// POST, so many readings a request, over so many connections.
    case http(readingsPerRequest: Int, connections: Int, port: Int)
    /// Frames of so many readings, so many frames of one meter at once.
    case mqtt(readingsPerFrame: Int, window: Int, port: Int)
    /// The same bodies to a route that does nothing with them.
    case bareRoute(connections: Int, port: Int)
    /// The same frames through the broker to one subscriber who does nothing with them.
    case brokerAlone(window: Int, port: Int, user: String, password: String)

    var port: Int {
        switch self {
        case .http(_, _, let port), .mqtt(_, _, let port), .bareRoute(_, let port),
            .brokerAlone(_, let port, _, _):
            port
        }
    }
}

/// Everything a load needs to know.
struct LoadPlan: Sendable {
    let kind: LoadKind
    let meters: [BenchmarkMeter]
    let source: ReadingSource
    /// The first number of each meter that was not sent yet.
    let nextNumbers: [Int64]

    func conversations() -> [any Conversation] {
        switch kind {
        case .http(let readingsPerRequest, let connections, _):
            (0..<connections).map { first in
                HTTPConversation(
                    source: source,
                    meters: meters,
                    turns: Array(stride(from: first, to: meters.count, by: connections)),
                    readingsPerRequest: readingsPerRequest
                )
            }
        case .bareRoute(let connections, _):
            (0..<connections).map { first in
                HTTPConversation(
                    source: source,
                    meters: meters,
                    turns: Array(stride(from: first, to: meters.count, by: connections)),
                    readingsPerRequest: 1,
                    isStored: false
                )
            }
        case .brokerAlone(let window, _, let user, let password):
            [BrokerSubscriber(user: user, password: password)]
                + meters.enumerated().map { place, meter in
                    BrokerPublisher(source: source, meter: meter, place: place, window: window)
                }
        case .mqtt(let readingsPerFrame, let window, _):
            meters.enumerated().map { place, meter in
                MQTTConversation(
                    source: source,
                    meter: meter,
                    place: place,
                    acknowledged: nextNumbers[place] - 1,
                    readingsPerFrame: readingsPerFrame,
                    window: window
                )
            }
        }
    }
}

/// A thread that sends readings as fast as they are acknowledged, until it is told to stop.
final class Load: Sendable {
    enum Phase: Int {
        case connecting, sending, draining, stopped
    }

    private enum Event {
        case ready
        case finished(LoadTally)
    }

    private let phaseNumber = Atomic<Int>(Phase.connecting.rawValue)
    private let measured = Atomic<Bool>(false)
    private let count = Atomic<Int64>(0)
    private let sentCount = Atomic<Int64>(0)
    private let repeatedCount = Atomic<Int64>(0)
    private let events: AsyncThrowingStream<Event, any Error>
    private let sink: AsyncThrowingStream<Event, any Error>.Continuation

    convenience init(_ plan: LoadPlan) {
        self.init { try LoadLoop(plan, $0).run() }
    }

    /// A fleet that reports at its own pace.
    convenience init(_ plan: FleetPlan) {
        self.init { try FleetLoop(plan, $0).run() }
    }

    private init(_ body: @escaping @Sendable (Load) throws -> LoadTally) {
        (events, sink) = AsyncThrowingStream.makeStream()
        let thread = Thread { [self] in
            do {
                let tally = try body(self)
                sink.yield(.finished(tally))
                sink.finish()
            } catch {
                sink.finish(throwing: error)
            }
        }
        thread.name = "load"
        thread.stackSize = Limits.threadStackBytes
        thread.start()
    }

    var phase: Phase {
        get { Phase(rawValue: phaseNumber.load(ordering: .relaxed)) ?? .stopped }
        set { phaseNumber.store(newValue.rawValue, ordering: .relaxed) }
    }

    /// Whether latencies are kept.
    var isMeasured: Bool {
        get { measured.load(ordering: .relaxed) }
        set { measured.store(newValue, ordering: .relaxed) }
    }

    /// Readings acknowledged until now.
    var acknowledged: Int64 {
        get { count.load(ordering: .relaxed) }
        set { count.store(newValue, ordering: .relaxed) }
    }

    /// Readings sent until now, each counted once, and messages sent again.
    var sent: Int64 {
        get { sentCount.load(ordering: .relaxed) }
        set { sentCount.store(newValue, ordering: .relaxed) }
    }
    var repeated: Int64 {
        get { repeatedCount.load(ordering: .relaxed) }
        set { repeatedCount.store(newValue, ordering: .relaxed) }
    }

    /// The thread's own word that every connection may send.
    func announceReady() { sink.yield(.ready) }

    /// Waits until every connection may send.
    func untilReady() async throws {
        for try await event in events {
            if case .ready = event { return }
        }
        throw CancellationError()
    }

    /// Sends nothing more, and waits until everything sent was answered.
    func drain() async throws -> LoadTally {
        phase = .draining
        for try await event in events {
            if case .finished(let tally) = event { return tally }
        }
        throw CancellationError()
    }
}
