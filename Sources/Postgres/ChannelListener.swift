import CPQ
import Glibc
import Logging
import Synchronization

/// What a listener hears.
package struct Notification: Sendable, Hashable {
    /// Why the reader is woken.
    package enum Kind: Sendable, Hashable {
        /// Listening began, or began again: earlier notifications may have been missed.
        case subscribed
        /// Somebody ran `notify`.
        case message
    }

    package let kind: Kind
    package let channel: String
    package let payload: String
    package let serverProcessID: Int32
}

/// One `listen` on a connection and thread of its own.
final class ChannelListener: Sendable {
    private let channel: String
    private let core: PoolCore
    private let continuation: AsyncStream<Notification>.Continuation
    /// Written to once, to wake the thread out of its wait; closed by the thread.
    private let wakeReader: Int32
    private let wakeWriter: Int32
    private let state = Mutex((isStopped: false, isClosed: false))

    /// Nil when the system has no file descriptors left.
    init?(
        _ channel: String,
        core: PoolCore,
        continuation: AsyncStream<Notification>.Continuation
    ) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        for end in ends {
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
        }
        (wakeReader, wakeWriter) = (ends[0], ends[1])
        self.channel = channel
        self.core = core
        self.continuation = continuation
    }

    func start() {
        guard core.register(self) else { return finish() }
        guard DetachedThread.start({ self.listen() }) else {
            core.unregister(self)
            return finish()
        }
    }

    func stop() {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.isStopped = true
            var byte: UInt8 = 1
            if !state.isClosed { write(wakeWriter, &byte, 1) }
        }
    }

    private var isStopped: Bool { state.withLock { $0.isStopped } }

    private func finish() {
        state.withLock { state in
            state.isClosed = true
            close(wakeReader)
            close(wakeWriter)
        }
        continuation.finish()
    }

    private func listen() {
        var pause = Limits.shortestReconnectPauseMilliseconds
        while !isStopped {
            do throws(PostgresError) {
                let connection = try subscribe()
                pause = Limits.shortestReconnectPauseMilliseconds
                hear(connection)
            } catch {
                core.logger.debug("listening on \(channel) is interrupted: \(error.message)")
            }
            guard !isStopped else { break }
            _ = waitForEvent(-1, milliseconds: Int32(pause))
            pause = min(pause * 2, Limits.longestReconnectPauseMilliseconds)
        }
        core.unregister(self)
        finish()
    }

    private func subscribe() throws(PostgresError) -> Connection {
        let connection = try Connection(core.configuration)
        guard let quoted = PQescapeIdentifier(connection.handle, channel, channel.utf8.count)
        else { throw connection.lost("listen") }
        defer { PQfreemem(quoted) }
        try connection.command("listen \(String(cString: quoted))")
        yield(.subscribed, "", 0)
        return connection
    }

    /// Hands over what arrives until the connection ends or the listener is stopped.
    private func hear(_ connection: Connection) {
        while !isStopped {
            while let notification = PQnotifies(connection.handle) {
                defer { PQfreemem(notification) }
                yield(
                    .message,
                    notification.pointee.extra.map { String(cString: $0) } ?? "",
                    notification.pointee.be_pid
                )
            }
            _ = waitForEvent(PQsocket(connection.handle), milliseconds: -1)
            guard PQconsumeInput(connection.handle) == 1,
                PQstatus(connection.handle) == CONNECTION_OK
            else { return }
        }
    }

    /// Waits for the connection, or for `stop`; a negative time waits without end.
    private func waitForEvent(_ socket: Int32, milliseconds: Int32) -> Bool {
        var watched = [
            pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0),
            pollfd(fd: socket, events: Int16(POLLIN), revents: 0),
        ]
        return poll(&watched, nfds_t(watched.count), milliseconds) > 0
    }

    private func yield(_ kind: Notification.Kind, _ payload: String, _ processID: Int32) {
        continuation.yield(
            Notification(
                kind: kind,
                channel: channel,
                payload: payload,
                serverProcessID: processID
            )
        )
    }
}
