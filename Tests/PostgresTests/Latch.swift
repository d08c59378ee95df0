import Dispatch

/// Holds back a thread of the pool until the test says so.
struct Latch: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func wait() { semaphore.wait() }

    func open() { semaphore.signal() }
}
