package import Logging
import Synchronization

/// Many clients on few threads: a thousand simulated meters need one or two, not a thousand.
///
/// The clients should use the same broker, because a thread waits while it opens a TCP connection.
/// Each client takes three file descriptors: raise the limit (`ulimit -n`) for large groups.
package final class MQTTClientGroup: Sendable {
    private let loops: [MQTTLoop]
    private let made = Mutex(0)

    package init(threads: Int = 1) {
        precondition(threads >= 1, "A group has at least one thread.")
        loops = (0..<threads).map { _ in MQTTLoop() }
    }

    /// A client driven by one of the group's threads; it behaves like one with its own.
    package func makeClient(_ configuration: MQTTConfiguration, logger: Logger) -> MQTTClient {
        let index = made.withLock { made in
            made += 1
            return made % loops.count
        }
        return MQTTClient(configuration, logger: logger, loop: loops[index])
    }
}
