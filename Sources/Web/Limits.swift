import UseCases

/// Bounds of what a request may bring; when one is passed the asker is told.
package enum Limits {
    /// An ordinary request body.
    package static let bodyBytes = 1 << 20
    /// A body of readings, or a file to import.
    package static let readingsBodyBytes = 2 << 20
    /// A form with a photo of a meter: the photo's own limit, and room for the fields beside it.
    package static let photoBodyBytes = UseCases.Limits.photoBytesMaximum + (64 << 10)
    /// Parts of a form with files, their headers, and a text in one of them.
    package static let formParts = 16
    package static let formHeaderBytes = 2_048
    package static let formTextBytes = 4_000
    /// A request id that a client gave; longer ones are replaced.
    package static let requestIDCharacters = 64
    /// Seconds until a client should try again when the database or the broker is away.
    package static let retryAfterSeconds = 5
    /// Faults named in one problem; the rest is counted.
    package static let faultsNamed = 100
    /// Silence after which an event stream shows that it lives.
    package static let heartbeatSeconds = 15
    /// Heartbeats until a stream ends and its reader has to ask again: an hour.
    package static let streamHeartbeats = 240
    /// How often a live stream looks for values that another process has heard.
    package static let livePollSeconds = 3
    /// Events that wait for a slow reader; then the oldest is dropped for a newer one.
    package static let eventsWaiting = 16
    /// Connections at once; with fewer open files there are fewer.
    ///
    /// Those that ask for nothing make room for new ones; when every one is busy a new one is closed
    /// at once.
    package static let connections = 10_000
    /// A connection without a request is closed.
    package static let idleConnectionSeconds = 75
    /// A request has to be there after so long, besides a second for each so many bytes of it.
    package static let bodySeconds = 30
    package static let bodyBytesPerSecond = 1_000
    /// A connection is closed that reads nothing of what waits for it.
    package static let unreadAnswerSeconds = 60
}
