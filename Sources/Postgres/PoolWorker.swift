import Logging
import Metrics

/// The loop of one thread: takes transactions from the queue and runs them on its own connection.
struct PoolWorker: Sendable {
    let core: PoolCore

    /// Returns when the pool was shut down.
    func run() {
        var connection: Connection?
        while let job = core.next() {
            if let open = connection, !open.isUsable {
                connection = nil
                core.connectionClosed()
            }
            do throws(PostgresError) {
                let open: Connection
                if let connection { open = connection } else { open = try connect(for: job) }
                connection = open
                serve(job, on: open)
            } catch {
                job.fail(error)
            }
        }
        if connection != nil {
            connection = nil
            core.connectionClosed()
        }
        core.workerEnded()
    }

    private func serve(_ job: PoolJob, on connection: Connection) {
        let start = ContinuousClock.now
        connection.ticket = job.ticket
        connection.statementCount = 0
        job.ticket.begin(connection.cancelHandle)
        job.run(connection)
        connection.ticket = nil
        core.metrics.transaction.recordNanoseconds((ContinuousClock.now - start).nanoseconds)
        core.metrics.statements.increment(by: connection.statementCount)
    }

    /// Connects, trying again while the server is away, as long as the configured patience lasts.
    private func connect(for job: PoolJob) throws(PostgresError) -> Connection {
        let deadline = ContinuousClock.now + core.configuration.connectPatience
        var pause = Limits.shortestReconnectPauseMilliseconds
        while true {
            guard !job.ticket.isCancelled else { throw .cancelled }
            do throws(PostgresError) {
                let connection = try Connection(core.configuration)
                core.connectionOpened()
                return connection
            } catch {
                guard error.isWorthAnotherConnect, ContinuousClock.now < deadline, !core.isClosed
                else { throw error }
                core.logger.debug("\(error.message)")
            }
            pauseThread(milliseconds: Int.random(in: pause / 2...pause))
            pause = min(pause * 2, Limits.longestReconnectPauseMilliseconds)
        }
    }
}

extension PostgresError {
    /// A server that refuses this role or database will not change its mind within seconds.
    var isWorthAnotherConnect: Bool {
        guard message.contains("FATAL:") else { return true }
        let passing = [
            "starting up", "shutting down", "recovery", "too many", "remaining connection",
        ]
        return passing.contains { message.contains($0) }
    }
}
