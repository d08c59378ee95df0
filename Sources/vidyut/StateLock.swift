import Foundation
import Glibc

/// A lock on a file of the state directory, by which programs that share it agree who may stop what.
///
/// The kernel gives it up when its program ends, however that happens.
final class StateLock: Sendable {
    private let descriptor: Int32

    /// Opens the file without locking it.
    init(_ path: String) throws(CommandFailure) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw CommandFailure("\(path): \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    /// Takes the lock if nobody stands in the way; a second call changes shared to alone and back.
    func tryLock(alone: Bool) -> Bool {
        flock(descriptor, (alone ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0
    }

    /// Takes the lock as soon as nobody stands in the way; ends early when the task is cancelled.
    func lock(alone: Bool) async throws {
        while !tryLock(alone: alone) {
            try await Task.sleep(for: .milliseconds(Limits.lockPollMilliseconds))
        }
    }

    func unlock() { flock(descriptor, LOCK_UN) }
}
