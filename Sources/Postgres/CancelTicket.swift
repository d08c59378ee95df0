import CPQ
import Synchronization

/// What a second thread needs to interrupt a statement of a connection.
///
/// `@unchecked Sendable` because a `PGcancel` never changes after it was made, and libpq documents
/// `PQcancel` as safe from any thread.
final class CancelHandle: @unchecked Sendable {
    private let pointer: OpaquePointer

    init?(_ connection: OpaquePointer) {
        guard let pointer = PQgetCancel(connection) else { return nil }
        self.pointer = pointer
    }

    deinit { PQfreeCancel(pointer) }

    /// Asks the server to interrupt whatever runs; returns when the request was delivered.
    func cancel() {
        var complaint = [CChar](repeating: 0, count: 256)
        _ = PQcancel(pointer, &complaint, Int32(complaint.count))
    }
}

/// Connects one awaiting task with the statements that run for it on another thread.
///
/// A cancel request can come before a statement has reached the server, and is then ignored there:
/// therefore it is repeated until the transaction has ended, and a flag stops the next statement.
final class CancelTicket: Sendable {
    private enum Phase {
        case waiting
        case running(CancelHandle)
        case settled
    }

    private let phase = Mutex(Phase.waiting)
    private let flag = Atomic(false)

    var isCancelled: Bool { flag.load(ordering: .sequentiallyConsistent) }

    /// From now on a cancelled task interrupts this connection's statements.
    func begin(_ handle: CancelHandle) {
        phase.withLock { $0 = .running(handle) }
    }

    /// From now on nothing interrupts the connection; waits for a request that is under way.
    func settle() {
        phase.withLock { $0 = .settled }
    }

    /// Only notes the wish.
    func mark() {
        flag.store(true, ordering: .sequentiallyConsistent)
    }

    /// Interrupts what runs, from a thread of its own, until it has ended.
    func interrupt() {
        guard isRunning else { return }
        _ = DetachedThread.start {
            while self.sendRequest() { pauseThread(milliseconds: Limits.cancelRepeatMilliseconds) }
        }
    }

    private var isRunning: Bool {
        phase.withLock { if case .running = $0 { true } else { false } }
    }

    private func sendRequest() -> Bool {
        phase.withLock { phase in
            guard case .running(let handle) = phase else { return false }
            handle.cancel()
            return true
        }
    }
}
