/// The bounds of this room.
package enum Limits {
    /// A password has at least so many characters.
    package static let shortestPassword = 10
    /// libcrypt hashes at most 511 bytes; longer passwords are refused, not cut.
    package static let longestPasswordBytes = 256
    /// Passwords that wait for a thread; the next is told to come back (`TooMuchBlockingWork`).
    package static let waitingWork = 256
    /// Threads for blocking work when nothing else is said.
    package static let workThreads = 2
    /// Stack of a work thread; yescrypt keeps its memory on the heap.
    static let threadStackBytes = 524_288
    /// Random bytes of a token: 200 bits, 40 characters.
    static let tokenBytes = 25
}
