import Foundation
import Glibc

/// A fleet that reports as real meters do: each one reading every so many seconds, at its own time.
struct FleetPlan: Sendable {
    let meters: [BenchmarkMeter]
    let source: ReadingSource
    let intervalSeconds: Int
    let port: Int
}

/// The body of a fleet's thread: one `poll` over the connections of all meters, a hundred
/// times a second: a look at ten thousand costs about a millisecond that the server should have.
///
/// It and its conversations never leave their thread.
final class FleetLoop {
    private final class Line {
        let descriptor: Int32
        let conversation: MQTTConversation
        var input: [UInt8] = []
        var output: [UInt8] = []

        init(_ descriptor: Int32, _ conversation: MQTTConversation) {
            self.descriptor = descriptor
            self.conversation = conversation
        }

        deinit { close(descriptor) }
    }

    private let plan: FleetPlan
    private let load: Load
    private var lines: [Line] = []
    private var watched: [pollfd] = []
    private var tally: LoadTally
    private var readyCount = 0
    private var buffer = [UInt8](repeating: 0, count: Limits.receiveBytes)

    init(_ plan: FleetPlan, _ load: Load) {
        self.plan = plan
        self.load = load
        tally = LoadTally(nextNumbers: [Int64](repeating: 1, count: plan.meters.count))
    }

    /// Connects every meter, reports until told to drain, and waits for what was not answered.
    func run() throws -> LoadTally {
        try connect()
        load.announceReady()
        // Until it is told to begin, the meters only keep their connections.
        while load.phase == .connecting { try turn() }
        try report()
        let end = Stopwatch.seconds + Limits.drainSeconds
        while load.phase != .stopped, Stopwatch.seconds < end {
            try turn()
            try repeatOverdue()
            if lines.allSatisfy(\.conversation.isIdle) { break }
        }
        return tally
    }

    private func connect() throws {
        for (place, meter) in plan.meters.enumerated() {
            let conversation = MQTTConversation(
                source: plan.source,
                meter: meter,
                place: place,
                acknowledged: 0,
                readingsPerFrame: 1,
                window: Limits.fleetWindow
            )
            let line = Line(try LoopbackSocket.connected(to: plan.port), conversation)
            lines.append(line)
            watched.append(pollfd(fd: line.descriptor, events: Int16(POLLIN), revents: 0))
            conversation.begin(&line.output)
            try flush(place)
            // A broker's queue of new connections is short.
            let deadline = Stopwatch.seconds + Limits.drainSeconds
            while lines.count - readyCount >= Limits.fleetConnecting {
                try turn()
                guard load.phase != .stopped else { return }
                guard Stopwatch.seconds < deadline else {
                    throw BenchmarkError("the broker does not answer new connections")
                }
            }
        }
        while readyCount < lines.count, load.phase != .stopped { try turn() }
    }

    /// Each meter in its turn, spread evenly over the interval.
    private func report() throws {
        let start = Stopwatch.seconds
        let pause = Double(plan.intervalSeconds) / Double(lines.count)
        var sent = 0
        var nextCheck = start
        while load.phase == .sending {
            let due = Int((Stopwatch.seconds - start) / pause)
            while sent < due {
                let place = sent % lines.count
                try lines[place].conversation.report(&lines[place].output, &tally)
                try flush(place)
                sent += 1
            }
            try turn()
            guard Stopwatch.seconds > nextCheck else { continue }
            nextCheck = Stopwatch.seconds + 1
            try repeatOverdue()
        }
    }

    private func repeatOverdue() throws {
        for place in lines.indices {
            try lines[place].conversation.repeatOverdue(&lines[place].output, &tally)
            try flush(place)
        }
    }

    private func turn() throws {
        usleep(Limits.fleetTurnMicroseconds)
        poll(&watched, nfds_t(watched.count), 0)
        tally.isMeasured = load.isMeasured
        for place in watched.indices where watched[place].revents != 0 { try serve(place) }
        load.acknowledged = tally.acknowledged
        load.sent = tally.taken
        load.repeated = Int64(tally.repeated)
    }

    private func serve(_ place: Int) throws {
        let line = lines[place]
        let wasReady = line.conversation.isReady
        while true {
            let count = recv(line.descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                line.input += buffer[..<count]
                if count == buffer.count { continue }
                break
            }
            if count < 0, errno == EAGAIN || errno == EINTR { break }
            throw BenchmarkError(
                "the broker broke the connection of \(plan.meters[place].name)"
                    + (count == 0 ? "" : ": \(LoopbackSocket.lastReason)")
            )
        }
        try line.conversation.receive(&line.input, &line.output, &tally)
        if line.conversation.isReady, !wasReady { readyCount += 1 }
        try flush(place)
    }

    /// Writes what the kernel takes; the rest when it says so.
    private func flush(_ place: Int) throws {
        let line = lines[place]
        if !line.output.isEmpty {
            let count = line.output.withUnsafeBytes {
                Glibc.send(line.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count > 0 { line.output.removeFirst(count) }
            if count < 0, errno != EAGAIN, errno != EINTR {
                throw BenchmarkError("sending failed: \(LoopbackSocket.lastReason)")
            }
        }
        watched[place].events = Int16(line.output.isEmpty ? POLLIN : POLLIN | POLLOUT)
    }
}
