import Glibc
import Synchronization

/// Where finished log lines go, one call a line.
package struct LogSink: Sendable {
    /// Takes one line with its line break.
    package var write: @Sendable ([UInt8]) -> Void

    package init(write: @escaping @Sendable ([UInt8]) -> Void) { self.write = write }

    package static let standardOutput = LogSink(descriptor: STDOUT_FILENO)
    package static let standardError = LogSink(descriptor: STDERR_FILENO)

    /// Writes whole lines, one at a time; what the reader does not take is lost, because a server
    /// must not end with its log.
    private init(descriptor: Int32) {
        let turn = WritingTurn()
        write = { line in
            turn.mutex.withLock { _ in
                var rest = line[...]
                while !rest.isEmpty {
                    let written = rest.withUnsafeBytes {
                        Glibc.write(descriptor, $0.baseAddress, $0.count)
                    }
                    if written < 0, errno == EINTR { continue }
                    if written <= 0 { return }
                    rest = rest.dropFirst(written)
                }
            }
        }
    }

    private final class WritingTurn: Sendable {
        let mutex = Mutex(())
    }
}
