import Synchronization

typealias MQTTWaiter = CheckedContinuation<Result<Void, MQTTError>, Never>

/// What a client and its loop thread share.
final class ClientState: Sendable {
    private struct Outgoing {
        var isOnline = false
        var isClosed = false
        var messages = 0
        var bytes = 0
    }

    let incoming: IncomingBuffer
    let events: AsyncStream<MQTTConnectionEvent>
    private let eventSink: AsyncStream<MQTTConnectionEvent>.Continuation
    private let outgoing = Mutex(Outgoing())

    init(incomingLimit: Int) {
        incoming = IncomingBuffer(limit: incomingLimit)
        (events, eventSink) = AsyncStream.makeStream(
            bufferingPolicy: .bufferingNewest(Limits.connectionEvents)
        )
    }

    var isOnline: Bool { outgoing.withLock { $0.isOnline } }

    /// Counts a message in, or says why it cannot be sent now.
    func reserve(payloadBytes: Int) throws(MQTTError) {
        let fault = outgoing.withLock { outgoing -> MQTTError? in
            if outgoing.isClosed { return .closed }
            if !outgoing.isOnline { return .disconnected }
            if outgoing.messages >= Limits.outgoingMessages {
                return .queueFull(limit: Limits.outgoingMessages)
            }
            if outgoing.bytes + payloadBytes > Limits.outgoingBytes {
                return .queueFull(limit: Limits.outgoingMessages)
            }
            outgoing.messages += 1
            outgoing.bytes += payloadBytes
            return nil
        }
        if let fault { throw fault }
    }

    func release(payloadBytes: Int) {
        outgoing.withLock {
            $0.messages -= 1
            $0.bytes -= payloadBytes
        }
    }

    func connected() {
        outgoing.withLock { $0.isOnline = true }
        eventSink.yield(.connected)
    }

    func disconnected(reason: String) {
        outgoing.withLock { $0.isOnline = false }
        eventSink.yield(.disconnected(reason: reason))
    }

    /// Ends both streams; no message can be sent any more.
    func close() {
        outgoing.withLock {
            $0.isOnline = false
            $0.isClosed = true
        }
        eventSink.finish()
        incoming.finish()
    }
}
