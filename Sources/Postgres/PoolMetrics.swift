import Metrics

/// What a pool counts and times.
struct PoolMetrics: Sendable {
    let wait = Timer(label: "postgres_pool_wait_seconds")
    let transaction = Timer(label: "postgres_transaction_seconds")
    let statements = Counter(label: "postgres_statements_total")
    let retries = Counter(label: "postgres_transaction_retries_total")
    let queued = Gauge(label: "postgres_pool_queued_transactions")
    let connections = Gauge(label: "postgres_pool_open_connections")
    let connects = Counter(label: "postgres_connects_total")
    let rejected = Counter(label: "postgres_pool_rejected_total")

    private let outcomes: [String: Counter]

    init() {
        let names = [
            "done", "refused", "connectionLost", "commitUnknown", "timeout", "cancelled", "failed",
        ]
        outcomes = Dictionary(
            uniqueKeysWithValues: names.map {
                ($0, Counter(label: "postgres_transactions_total", dimensions: [("outcome", $0)]))
            }
        )
    }

    func finished(_ error: (any Error)?) {
        let name =
            switch (error as? PostgresError)?.kind {
            case nil: error == nil ? "done" : "failed"
            case .server: "refused"
            case .connectionLost, .poolExhausted: "connectionLost"
            case .commitUnknown: "commitUnknown"
            case .timeout: "timeout"
            case .cancelled: "cancelled"
            case .decoding, .misuse: "failed"
            }
        outcomes[name]?.increment()
    }
}
