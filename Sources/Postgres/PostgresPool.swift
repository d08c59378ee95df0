package import Logging
import Metrics
import ServiceLifecycle

/// A few connections to one database, each on a thread of its own, and a bounded queue before them.
///
/// Work is handed over as a whole closure, which runs synchronously on the connection's thread while
/// the caller's task waits without occupying one of the runtime's threads. Connections are opened
/// when first needed, and again after the server was away.
package struct PostgresPool: Service {
    let core: PoolCore

    package init(configuration: PostgresConfiguration, logger: Logger) {
        var configuration = configuration
        configuration.connections = min(
            max(configuration.connections, 1),
            Limits.maximumConnections
        )
        core = PoolCore(configuration: configuration, logger: logger)
    }

    package var configuration: PostgresConfiguration { core.configuration }

    /// Runs the closure in a transaction, and commits when it returns.
    ///
    /// After a serialization failure or a deadlock it is run again, so it must have no effect outside
    /// the database. Throws `PostgresError`, or what the closure threw.
    @discardableResult
    package func transaction<Value: Sendable>(
        _ options: TransactionOptions = TransactionOptions(),
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        var retries = 0
        var freshStarts = 0
        while true {
            do {
                let value = try await core.perform { connection in
                    try connection.inTransaction(options, body)
                }
                core.metrics.finished(nil)
                return value
            } catch let error as PostgresError
                where error.nothingWasSent && freshStarts < Limits.freshStarts
            {
                freshStarts += 1
            } catch let error as PostgresError where error.isRetryable && retries < options.retries
            {
                retries += 1
                core.metrics.retries.increment()
                core.logger.debug("transaction runs again", metadata: ["cause": "\(error)"])
                try await pause(beforeRetry: retries)
            } catch {
                core.metrics.finished(error)
                throw error
            }
        }
    }

    /// Lends a connection without a transaction: each statement commits by itself.
    ///
    /// For what refuses to run inside one, such as `vacuum`; the session's settings must be left as
    /// they were found.
    @discardableResult
    package func withConnection<Value: Sendable>(
        _ body: @escaping @Sendable (Connection) throws -> Value
    ) async throws -> Value {
        do {
            let value = try await core.perform { connection in
                try connection.withoutTransaction(body)
            }
            core.metrics.finished(nil)
            return value
        } catch {
            core.metrics.finished(error)
            throw error
        }
    }

    /// Notifications of one channel, over a connection of their own that is opened again when lost.
    ///
    /// The first element and each one after an interruption is `.subscribed`: what happened before
    /// it was not heard, so the reader looks for itself. If the reader is slower than its buffer,
    /// the oldest are dropped, and the newer ones still make it look. The stream ends with the pool.
    package func listen(_ channel: String) -> AsyncStream<Notification> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Notification.self,
            bufferingPolicy: .bufferingNewest(Limits.notifications)
        )
        guard let listener = ChannelListener(channel, core: core, continuation: continuation) else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { _ in listener.stop() }
        listener.start()
        return stream
    }

    /// Waits for the program's end, then lets waiting transactions finish and closes.
    package func run() async throws {
        try? await gracefulShutdown()
        await shutdown()
    }

    /// Takes no new work, finishes what waits, and closes every connection.
    package func shutdown() async {
        await core.shutdown()
    }

    private func pause(beforeRetry retry: Int) async throws {
        let longest = min(
            Limits.shortestRetryPauseMilliseconds << min(retry + 1, 10),
            Limits.longestRetryPauseMilliseconds
        )
        let pause = Int.random(in: Limits.shortestRetryPauseMilliseconds...longest)
        do {
            try await Task.sleep(for: .milliseconds(pause))
        } catch {
            throw PostgresError.cancelled
        }
    }
}
