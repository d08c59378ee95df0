import Glibc

/// A POSIX thread of its own for blocking work, so that the cooperative pool never waits.
enum DetachedThread {
    /// What the new thread runs, handed over through C.
    private final class Job: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Starts a thread that ends with the closure; false when the system has no thread to give.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setstacksize(&attributes, Limits.threadStackBytes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        let job = Unmanaged.passRetained(Job(body))
        var thread = pthread_t()
        let status = pthread_create(
            &thread,
            &attributes,
            { @Sendable argument in runDetached(argument) },
            job.toOpaque()
        )
        if status != 0 { job.release() }
        return status == 0
    }

    fileprivate static func run(_ argument: UnsafeMutableRawPointer) {
        Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body()
    }
}

/// A function of no isolation, as a thread that Swift did not make needs it.
private func runDetached(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { DetachedThread.run(argument) }
    return nil
}

/// Stops the calling thread for a while; only for threads of this room.
func pauseThread(milliseconds: Int) {
    usleep(UInt32(clamping: milliseconds * 1_000))
}
