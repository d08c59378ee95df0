package import Hummingbird
import HummingbirdCore
import Metrics
import NIOCore
package import ServiceLifecycle
import Synchronization

/// The connections of the web server: how many there are, and which of them waste a place.
///
/// A connection that asks for nothing, sends its request too slowly or never reads its answer is
/// closed after a while. When there are too many, those that have asked for nothing the longest make
/// room: a flood of silent connections does not keep out whoever comes with a request.
package final class OpenConnections: Sendable {
    /// How long a connection may keep its place without getting on.
    package struct Patience: Sendable {
        /// Without a whole head of a request: a new connection, or one that is kept alive.
        package var idleSeconds = Limits.idleConnectionSeconds
        /// Between a head and the end of its body, besides what its bytes may take.
        package var bodySeconds = Limits.bodySeconds
        /// Without reading any of an answer that waits for it.
        package var unreadSeconds = Limits.unreadAnswerSeconds
        /// How often all of them are looked at.
        package var lookMilliseconds = 1_000

        package init() {}
    }

    private struct State {
        var connections: [Int: WatchedConnection] = [:]
        var next = 0
    }

    private let maximum: Int
    private let patience: Patience
    private let state = Mutex(State())
    private let gauge = Gauge(label: "vidyut_http_connections")

    /// At most so many at once; the rest of this program needs open files as well.
    package init(maximum: Int = Limits.connections, patience: Patience = Patience()) {
        self.maximum = max(1, maximum)
        self.patience = patience
    }

    /// How many there are.
    package var count: Int { state.withLock { $0.connections.count } }

    /// HTTP/1.1 over connections that are watched.
    package var server: HTTPServerBuilder {
        .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ConnectionWatch(self)]
            )
        )
    }

    /// Takes a new connection in; nil when all places are taken by requests under way.
    func enter(_ channel: any Channel) -> (number: Int, connection: WatchedConnection)? {
        let connection = WatchedConnection(channel)
        let (number, leaving) = state.withLock { state -> (Int?, [WatchedConnection]) in
            var leaving: [WatchedConnection] = []
            if state.connections.count >= maximum {
                // Some at a time, so that not every newcomer has to look at all of them.
                let waiting = state.connections.compactMap { number, connection in
                    connection.waitingSince.map { (number, connection, $0) }
                }.sorted { $0.2 < $1.2 }.prefix(max(1, maximum / 16))
                for (number, connection, _) in waiting {
                    state.connections[number] = nil
                    leaving.append(connection)
                }
            }
            guard state.connections.count < maximum else { return (nil, leaving) }
            state.next += 1
            state.connections[state.next] = connection
            return (state.next, leaving)
        }
        for connection in leaving { connection.close("crowded") }
        gauge.record(count)
        guard let number else {
            connection.close("full")
            return nil
        }
        return (number, connection)
    }

    func leave(_ number: Int) {
        let count = state.withLock { state in
            state.connections[number] = nil
            return state.connections.count
        }
        gauge.record(count)
    }

    private func closeOverdue() {
        let now = NIODeadline.now()
        let all = state.withLock { Array($0.connections.values) }
        for connection in all {
            if let reason = connection.fault(now, patience) { connection.close(reason) }
        }
    }
}

extension OpenConnections: Service {
    /// Closes what wastes its place, until the office closes.
    package func run() async {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                self.closeOverdue()
                try? await Task.sleep(for: .milliseconds(self.patience.lookMilliseconds))
            }
        }
    }
}

/// One connection, and how far its requests are.
final class WatchedConnection: Sendable {
    private struct Progress {
        var requests = 0
        var waitingSince = NIODeadline.now()
        /// From the head of a request until its body has ended.
        var receivingSince: NIODeadline?
        var bodyBytes = 0
        var unreadSince: NIODeadline?
    }

    private let channel: any Channel
    private let progress = Mutex(Progress())

    init(_ channel: any Channel) { self.channel = channel }

    /// Since when it has asked for nothing; nil while a request is under way.
    var waitingSince: NIODeadline? {
        progress.withLock { $0.requests == 0 ? $0.waitingSince : nil }
    }

    func beganRequest() {
        progress.withLock {
            $0.requests += 1
            $0.receivingSince = NIODeadline.now()
            $0.bodyBytes = 0
        }
    }

    func received(_ bytes: Int) { progress.withLock { $0.bodyBytes += bytes } }

    func endedRequest() { progress.withLock { $0.receivingSince = nil } }

    func endedAnswer() {
        progress.withLock {
            $0.requests = max(0, $0.requests - 1)
            $0.waitingSince = NIODeadline.now()
        }
    }

    func canBeWritten(_ isWritable: Bool) {
        progress.withLock { $0.unreadSince = isWritable ? nil : NIODeadline.now() }
    }

    /// Why it has lost its place; nil while it gets on.
    func fault(_ now: NIODeadline, _ patience: OpenConnections.Patience) -> String? {
        progress.withLock { progress in
            if let since = progress.unreadSince,
                now - since > .seconds(Int64(patience.unreadSeconds))
            {
                return "unread"
            }
            if let since = progress.receivingSince {
                let allowed = patience.bodySeconds + progress.bodyBytes / Limits.bodyBytesPerSecond
                return now - since > .seconds(Int64(allowed)) ? "slow" : nil
            }
            guard progress.requests == 0 else { return nil }
            let isIdle = now - progress.waitingSince > .seconds(Int64(patience.idleSeconds))
            return isIdle ? "idle" : nil
        }
    }

    func close(_ reason: String) {
        Counter(
            label: "vidyut_http_connections_closed_total",
            dimensions: [("reason", reason)]
        ).increment()
        channel.close(promise: nil)
    }
}
