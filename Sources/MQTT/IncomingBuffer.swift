import Synchronization

/// Received messages between the loop thread and their reader: first in, first out, none dropped.
///
/// A push always succeeds and says when to stop reading the socket; the limit may be exceeded by
/// the packets that libmosquitto handles in the same turn.
final class IncomingBuffer: Sendable {
    private struct Waiter {
        var number: UInt64
        var continuation: CheckedContinuation<MQTTMessage?, Never>
    }

    private struct State {
        var messages: [MQTTMessage?] = []
        var head = 0
        var bytes = 0
        var waiters: [Waiter] = []
        var nextWaiter: UInt64 = 0
        var isFinished = false
        var isPaused = false
        var resume: (@Sendable () -> Void)?

        var count: Int { messages.count - head }

        mutating func popFirst() -> MQTTMessage? {
            guard head < messages.count, let message = messages[head] else { return nil }
            messages[head] = nil
            head += 1
            bytes -= message.payload.count
            if head == messages.count {
                messages.removeAll(keepingCapacity: true)
                head = 0
            } else if head >= 1_024, head * 2 >= messages.count {
                messages.removeFirst(head)
                head = 0
            }
            return message
        }
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// How many wait.
    var count: Int { state.withLock { $0.count } }

    /// Sets what to call, from the reader's thread, when a paused source may go on.
    func onResume(_ resume: @escaping @Sendable () -> Void) {
        state.withLock { $0.resume = resume }
    }

    /// Hands over one message; true asks the source to pause until `onResume` is called.
    func push(_ message: MQTTMessage) -> Bool {
        let (waiter, isFull) = state.withLock { state -> (Waiter?, Bool) in
            if state.isFinished { return (nil, false) }
            if !state.waiters.isEmpty { return (state.waiters.removeFirst(), false) }
            state.messages.append(message)
            state.bytes += message.payload.count
            if state.count >= limit || state.bytes >= Limits.incomingBytes {
                state.isPaused = true
            }
            return (nil, state.isPaused)
        }
        waiter?.continuation.resume(returning: message)
        return isFull
    }

    /// The oldest message, waiting for one; nil when the client is closed and all were taken, or
    /// the task is cancelled.
    func next() async -> MQTTMessage? {
        let number = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                take(Waiter(number: number, continuation: continuation))
            }
        } onCancel: {
            let waiter = state.withLock { state -> Waiter? in
                guard let index = state.waiters.firstIndex(where: { $0.number == number })
                else { return nil }
                return state.waiters.remove(at: index)
            }
            waiter?.continuation.resume(returning: nil)
        }
    }

    private func take(_ waiter: Waiter) {
        let (answer, resume) = state.withLock {
            state -> (MQTTMessage??, (@Sendable () -> Void)?) in
            if Task.isCancelled { return (.some(nil), nil) }
            guard let message = state.popFirst() else {
                if state.isFinished { return (.some(nil), nil) }
                state.waiters.append(waiter)
                return (nil, nil)
            }
            guard state.isPaused, state.count <= limit / 2,
                state.bytes <= Limits.incomingBytes / 2
            else { return (message, nil) }
            state.isPaused = false
            return (message, state.resume)
        }
        if let answer { waiter.continuation.resume(returning: answer) }
        resume?()
    }

    /// No more messages come; those waiting can still be taken.
    func finish() {
        let waiters = state.withLock { state -> [Waiter] in
            state.isFinished = true
            state.resume = nil
            defer { state.waiters.removeAll() }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: nil) }
    }
}
