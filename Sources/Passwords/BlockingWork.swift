import Glibc
import Synchronization

/// So much work waits already that more would only wait too long: ask again later.
package struct TooMuchBlockingWork: Error, Hashable, Sendable {
    package init() {}
}

/// A few threads for calls that block (password hashes, drawing, curl), so that they never hold
/// one of the two threads that all other tasks share.
package final class BlockingWork: Sendable {
    private let queue: WorkQueue
    private let limit: Int

    /// Starts the threads, which end with the pool.
    package init(threads: Int = Limits.workThreads, waiting limit: Int = Limits.waitingWork) {
        precondition(threads >= 1, "A pool has at least one thread.")
        precondition((1...4_096).contains(limit), "A pool has room for 1 to 4,096 waiting jobs.")
        self.limit = limit
        queue = WorkQueue()
        for _ in 0..<threads { startThread(queue) }
    }

    deinit {
        queue.end()
    }

    /// Runs a closure on one of the threads and waits for it without blocking.
    ///
    /// Throws what the closure throws, and `TooMuchBlockingWork` when the queue is full.
    /// A cancelled task still gets its answer.
    package func run<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isTaken = queue.add(limit: limit) {
                continuation.resume(with: Result(catching: work))
            }
            if !isTaken { continuation.resume(throwing: TooMuchBlockingWork()) }
        }
    }
}

/// Jobs, and a pipe with one byte for each, on which the threads wait.
private final class WorkQueue: Sendable {
    typealias Job = @Sendable () -> Void

    private let jobs = Mutex<[Job]>([])
    private let readEnd: CInt
    private let writeEnd: CInt

    init() {
        var ends: [CInt] = [-1, -1]
        precondition(pipe(&ends) == 0, "The system has no descriptor left for a pool.")
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (readEnd, writeEnd) = (ends[0], ends[1])
    }

    deinit {
        close(readEnd)
    }

    /// False when so many wait already.
    func add(limit: Int, _ job: @escaping Job) -> Bool {
        let isTaken = jobs.withLock { jobs in
            if jobs.count >= limit { return false }
            jobs.append(job)
            return true
        }
        // A pipe holds 65,536 bytes, more than jobs may wait: this never blocks.
        if isTaken {
            var byte: UInt8 = 1
            _ = write(writeEnd, &byte, 1)
        }
        return isTaken
    }

    /// The next job, waiting for one; nil when the pool is gone and all is done.
    func next() -> Job? {
        var byte: UInt8 = 0
        while true {
            let count = read(readEnd, &byte, 1)
            if count == 1 { return jobs.withLock { $0.removeFirst() } }
            if count == 0 || errno != EINTR { return nil }
        }
    }

    /// Lets the threads go home after the last job.
    func end() {
        close(writeEnd)
    }
}

/// Starts a thread that works until the queue has ended; the system keeps what it needs of it.
private func startThread(_ queue: WorkQueue) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, Limits.threadStackBytes)
    pthread_attr_setdetachstate(&attributes, CInt(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    // The thread takes over this reference.
    let context = Unmanaged.passRetained(queue).toOpaque()
    var thread = pthread_t()
    let code = pthread_create(&thread, &attributes, work, context)
    precondition(code == 0, "The system has no thread left for a pool.")
}

/// The body of a thread: a global function, because the system calls it without any isolation.
private func work(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let context else { return nil }
    let queue = Unmanaged<WorkQueue>.fromOpaque(context).takeRetainedValue()
    while let job = queue.next() { job() }
    return nil
}
