import Metrics
import Synchronization

/// Counters and timers of requests, one pair for each route, method and status.
final class RequestMetrics: Sendable {
    /// What tells one pair from another; all three come from bounded sets.
    struct Key: Hashable {
        let route: String
        let method: String
        let status: Int
    }

    private struct Pair {
        let counter: Counter
        let timer: Timer
    }

    private let pairs = Mutex<[Key: Pair]>([:])

    func record(_ key: Key, duration: Duration) {
        let pair = pairs.withLock { pairs in
            if let known = pairs[key] { return known }
            let dimensions = [
                ("route", key.route), ("method", key.method), ("status", "\(key.status)"),
            ]
            let pair = Pair(
                counter: Counter(label: "vidyut_http_requests_total", dimensions: dimensions),
                timer: Timer(
                    label: "vidyut_http_request_seconds",
                    dimensions: dimensions,
                    preferredDisplayUnit: .seconds
                )
            )
            pairs[key] = pair
            return pair
        }
        pair.counter.increment()
        pair.timer.record(duration: duration)
    }
}
