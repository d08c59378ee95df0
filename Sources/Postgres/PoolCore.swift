import Dispatch
import Logging
import Metrics
import Synchronization

/// One transaction on its way: what to run on a connection's thread, and how to answer its task.
struct PoolJob: Sendable {
    let ticket: CancelTicket
    let enqueuedAt: ContinuousClock.Instant
    let run: @Sendable (Connection) -> Void
    let fail: @Sendable (PostgresError) -> Void
}

/// The shared part of a pool: the bounded queue, and the threads that take from it.
final class PoolCore: Sendable {
    fileprivate struct State {
        var queue: [PoolJob] = []
        var workers = 0
        var idle = 0
        var openConnections = 0
        var isClosed = false
        var closers: [CheckedContinuation<Void, Never>] = []
        var listeners: [ObjectIdentifier: ChannelListener] = [:]
    }

    let configuration: PostgresConfiguration
    let logger: Logger
    let metrics = PoolMetrics()
    private let state = Mutex(State())
    /// Signalled once for every idle thread that is given work.
    private let wakeups = DispatchSemaphore(value: 0)

    init(configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Runs the closure on a connection's thread, or fails when the queue is full or the task cancelled.
    func perform<Value: Sendable>(
        _ work: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        let ticket = CancelTicket()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enqueue(
                    PoolJob(
                        ticket: ticket,
                        enqueuedAt: .now,
                        run: { connection in
                            let result = Result { try work(connection) }
                            ticket.settle()
                            continuation.resume(with: result)
                        },
                        fail: { continuation.resume(throwing: $0) }
                    )
                )
            }
        } onCancel: {
            cancel(ticket)
        }
    }

    private func enqueue(_ job: PoolJob) {
        let refusal = state.withLock { state -> PostgresError? in
            guard !state.isClosed else { return .closed }
            guard !job.ticket.isCancelled else { return .cancelled }
            guard state.queue.count < configuration.queuedTransactions else {
                return PostgresError(
                    kind: .poolExhausted,
                    message: "\(state.queue.count) transactions already wait for a connection"
                )
            }
            state.queue.append(job)
            metrics.queued.record(state.queue.count)
            if state.idle > 0 {
                state.idle -= 1
                wakeups.signal()
            } else if state.workers < configuration.connections {
                startWorker(&state)
            }
            guard state.workers == 0 else { return nil }
            state.queue.removeLast()
            return PostgresError(kind: .poolExhausted, message: "the system has no thread to give")
        }
        guard let refusal else { return }
        if refusal.kind == .poolExhausted { metrics.rejected.increment() }
        job.fail(refusal)
    }

    private func startWorker(_ state: inout State) {
        state.workers += 1
        let worker = PoolWorker(core: self)
        if !DetachedThread.start({ worker.run() }) { state.workers -= 1 }
    }

    private func cancel(_ ticket: CancelTicket) {
        ticket.mark()
        let waiting = state.withLock { state -> PoolJob? in
            guard let index = state.queue.firstIndex(where: { $0.ticket === ticket }) else {
                return nil
            }
            return state.queue.remove(at: index)
        }
        if let waiting { waiting.fail(.cancelled) } else { ticket.interrupt() }
    }

    /// The next transaction, blocking the worker's thread until there is one; nil when closed and empty.
    func next() -> PoolJob? {
        while true {
            enum Step {
                case job(PoolJob)
                case wait, end
            }
            let step = state.withLock { state -> Step in
                if !state.queue.isEmpty {
                    metrics.queued.record(state.queue.count - 1)
                    return .job(state.queue.removeFirst())
                }
                if state.isClosed { return .end }
                state.idle += 1
                return .wait
            }
            switch step {
            case .job(let job):
                metrics.wait.recordNanoseconds((ContinuousClock.now - job.enqueuedAt).nanoseconds)
                return job
            case .wait: wakeups.wait()
            case .end: return nil
            }
        }
    }

    func connectionOpened() { countConnections(1) }

    func connectionClosed() { countConnections(-1) }

    private func countConnections(_ change: Int) {
        let count = state.withLock { state in
            state.openConnections += change
            return state.openConnections
        }
        if change > 0 { metrics.connects.increment() }
        metrics.connections.record(count)
    }

    /// The worker's thread ends.
    func workerEnded() {
        let closers = state.withLock { state in
            state.workers -= 1
            return state.takeFinishedClosers()
        }
        for closer in closers { closer.resume() }
    }

    /// Takes no new work, finishes what waits, closes every connection, and then returns.
    func shutdown() async {
        await withCheckedContinuation { continuation in
            let (listeners, closers) = state.withLock { state in
                state.isClosed = true
                for _ in 0..<state.idle { wakeups.signal() }
                state.idle = 0
                state.closers.append(continuation)
                return (Array(state.listeners.values), state.takeFinishedClosers())
            }
            for listener in listeners { listener.stop() }
            for closer in closers { closer.resume() }
        }
    }

    /// Keeps a listener until its thread ends; false when the pool is closed.
    func register(_ listener: ChannelListener) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.listeners[ObjectIdentifier(listener)] = listener
            return true
        }
    }

    /// The listener's thread ended.
    func unregister(_ listener: ChannelListener) {
        let closers = state.withLock { state in
            state.listeners[ObjectIdentifier(listener)] = nil
            return state.takeFinishedClosers()
        }
        for closer in closers { closer.resume() }
    }
}

extension PoolCore.State {
    /// Those who wait for the end of the pool, once nothing of it is left.
    fileprivate mutating func takeFinishedClosers() -> [CheckedContinuation<Void, Never>] {
        guard isClosed, workers == 0, listeners.isEmpty else { return [] }
        defer { closers = [] }
        return closers
    }
}

extension Duration {
    /// For timers; more than Int64 can hold becomes the largest value.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : product + attoseconds / 1_000_000_000
    }
}
