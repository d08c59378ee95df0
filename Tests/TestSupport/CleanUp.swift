import Glibc
import Synchronization

/// What has to be done when the test process exits, latest first.
package enum CleanUp {
    private static let actions = Mutex<[@Sendable () -> Void]>([])
    private static let registered: Bool = atexit { runCleanUp() } == 0

    /// Runs the closure at the normal end of the process; it must not wait for other tasks.
    package static func atExit(_ action: @escaping @Sendable () -> Void) {
        _ = registered
        actions.withLock { $0.append(action) }
    }

    fileprivate static func run() {
        let all = actions.withLock { actions in
            defer { actions = [] }
            return actions
        }
        for action in all.reversed() { action() }
    }
}

/// A function of no isolation, as C calls it.
private func runCleanUp() { CleanUp.run() }
