import Foundation
import Glibc

/// The body of a load's thread: one `poll` over all of its connections.
///
/// It and its conversations never leave their thread.
final class LoadLoop {
    private final class Line {
        let descriptor: Int32
        let conversation: any Conversation
        var input: [UInt8] = []
        var output: [UInt8] = []
        var wasReady = false

        init(_ descriptor: Int32, _ conversation: any Conversation) {
            self.descriptor = descriptor
            self.conversation = conversation
        }

        deinit { close(descriptor) }
    }

    private let load: Load
    private var lines: [Line] = []
    private var watched: [pollfd] = []
    private var tally: LoadTally
    private var readyCount = 0
    private var isSending = false
    private var buffer = [UInt8](repeating: 0, count: Limits.receiveBytes)

    init(_ plan: LoadPlan, _ load: Load) throws {
        self.load = load
        tally = LoadTally(nextNumbers: plan.nextNumbers)
        for conversation in plan.conversations() {
            let line = Line(try LoopbackSocket.connected(to: plan.kind.port), conversation)
            lines.append(line)
            watched.append(pollfd(fd: line.descriptor, events: Int16(POLLIN), revents: 0))
        }
    }

    /// Works until everything was answered after the load was told to drain.
    func run() throws -> LoadTally {
        for (number, line) in lines.enumerated() {
            line.conversation.begin(&line.output)
            noteReadiness(line)
            try flush(line, number)
        }
        var drainEnd = Double.infinity
        var nextCheck = Stopwatch.seconds
        while load.phase != .stopped {
            poll(&watched, nfds_t(watched.count), Limits.loopWaitMilliseconds)
            tally.isMeasured = load.isMeasured
            try followPhase(&drainEnd)
            for number in watched.indices where watched[number].revents != 0 {
                try serve(number)
            }
            load.acknowledged = tally.acknowledged
            if !drainEnd.isInfinite, lines.allSatisfy(\.conversation.isIdle) { return tally }
            // With many connections a look at all of them should find more than one answer.
            if lines.count > Limits.linesLookedAtAtOnce { usleep(Limits.gatherMicroseconds) }
            guard Stopwatch.seconds > nextCheck else { continue }
            nextCheck = Stopwatch.seconds + Limits.resendSeconds / 4
            for (number, line) in lines.enumerated() {
                try line.conversation.repeatOverdue(&line.output, &tally)
                try flush(line, number)
            }
            guard Stopwatch.seconds < drainEnd else {
                let waiting = lines.count { !$0.conversation.isIdle }
                throw BenchmarkError("\(waiting) connections were never answered")
            }
        }
        return tally
    }

    private func followPhase(_ drainEnd: inout Double) throws {
        switch load.phase {
        case .sending where !isSending:
            isSending = true
            for (number, line) in lines.enumerated() {
                try line.conversation.send(&line.output, &tally)
                try flush(line, number)
            }
        case .draining where drainEnd.isInfinite:
            isSending = false
            drainEnd = Stopwatch.seconds + Limits.drainSeconds
        default: break
        }
    }

    private func serve(_ number: Int) throws {
        let line = lines[number]
        if watched[number].revents & ~Int16(POLLOUT) != 0 {
            let count = recv(line.descriptor, &buffer, buffer.count, 0)
            if count > 0 {
                line.input += buffer[..<count]
                try line.conversation.receive(&line.input, &line.output, &tally)
                noteReadiness(line)
            } else if count == 0 || errno != EAGAIN && errno != EINTR {
                throw BenchmarkError(
                    "the connection to the other side broke"
                        + (count == 0 ? "" : ": \(LoopbackSocket.lastReason)")
                )
            }
        }
        if isSending { try line.conversation.send(&line.output, &tally) }
        try flush(line, number)
    }

    private func noteReadiness(_ line: Line) {
        guard line.conversation.isReady, !line.wasReady else { return }
        line.wasReady = true
        readyCount += 1
        if readyCount == lines.count { load.announceReady() }
    }

    /// Writes what the kernel takes; the rest when it says so.
    private func flush(_ line: Line, _ number: Int) throws {
        var start = 0
        while start < line.output.count {
            let count = line.output.withUnsafeBytes { bytes in
                Glibc.send(
                    line.descriptor,
                    bytes.baseAddress.map { $0 + start },
                    bytes.count - start,
                    Int32(MSG_NOSIGNAL)
                )
            }
            if count > 0 {
                start += count
            } else if errno == EAGAIN {
                break
            } else if errno != EINTR {
                throw BenchmarkError("sending failed: \(LoopbackSocket.lastReason)")
            }
        }
        if start == line.output.count {
            line.output.removeAll(keepingCapacity: true)
        } else {
            line.output.removeFirst(start)
        }
        watched[number].events = Int16(line.output.isEmpty ? POLLIN : POLLIN | POLLOUT)
    }
}
