import CMosquitto
import Glibc

// The socket of a connection: what to wait for, reading with back-pressure, writing.

extension Connection {
    private static let brokenEvents =
        EPOLLHUP.rawValue | EPOLLERR.rawValue | EPOLLRDHUP.rawValue

    private var isReading: Bool { !(isPaused && !isConnecting) }

    private var isShakingHands: Bool { isConnecting && configuration.tls != nil }

    /// Reads what came, for as long as the reader of the messages can take more.
    func ready(_ events: UInt32) {
        guard let client else { return }
        if isShakingHands, events & Connection.brokenEvents != 0 {
            // libmosquitto takes an end in the middle of the handshake for a pause.
            return becameOffline(MOSQ_ERR_CONN_LOST.code)
        }
        guard isReading else {
            if events & Connection.brokenEvents != 0 { isBrokenWhilePaused = true }
            return
        }
        if events & (EPOLLIN.rawValue | Connection.brokenEvents) != 0 { read(client) }
    }

    private func read(_ client: OpaquePointer) {
        for _ in 0..<Limits.packetsPerTurn {
            errno = 0
            let code = mosquitto_loop_read(client, 1)
            if code != MOSQ_ERR_SUCCESS.code {
                // A failed handshake closes the socket without the callback.
                if mosquitto_socket(client) < 0 { becameOffline(code) }
                return
            }
            if errno == EAGAIN || mosquitto_socket(client) < 0 || !isReading { return }
        }
    }

    /// The reader of the messages has room again.
    func resumeReading() {
        isPaused = false
        isBrokenWhilePaused = false
        // TLS may hold decrypted bytes of which epoll knows nothing, so read without waiting.
        if let client, mosquitto_socket(client) >= 0 { read(client) }
    }

    /// Writes queued packets, as far as the socket takes them.
    func flush() {
        guard let client, mosquitto_socket(client) >= 0, mosquitto_want_write(client) else {
            return
        }
        let code = mosquitto_loop_write(client, 1)
        if code != MOSQ_ERR_SUCCESS.code { becameOffline(code) }
    }

    /// Tells epoll what to wait for.
    ///
    /// A paused socket is not watched for reading, nor at all once it is known to be broken,
    /// because epoll would report that for ever.
    func watch(_ poll: CInt, _ number: UInt64) {
        guard let client else { return }
        let descriptor = mosquitto_socket(client)
        guard descriptor >= 0 else {
            watched = nil
            return
        }
        var events: UInt32 = 0
        if isReading { events |= EPOLLIN.rawValue }
        if isShakingHands {
            events |= EPOLLRDHUP.rawValue
        } else if mosquitto_want_write(client) {
            // During the handshake libmosquitto has CONNECT to write but waits to read.
            events |= EPOLLOUT.rawValue
        }
        if isBrokenWhilePaused || !isInUse { events = 0 }
        if watched?.descriptor == descriptor, watched?.events == events { return }
        let isKnown = watched?.descriptor == descriptor && watched?.events != 0
        if events == 0 {
            if isKnown { epoll_ctl(poll, EPOLL_CTL_DEL, descriptor, nil) }
        } else {
            var event = epoll_event(events: events, data: epoll_data_t(u64: number))
            epoll_ctl(poll, isKnown ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event)
        }
        watched = (descriptor, events)
    }

    private var isInUse: Bool {
        switch phase {
        case .connecting, .online, .closing: true
        case .idle, .queued, .waiting, .closed: false
        }
    }
}
