import Foundation
import PrivateServices

/// A fleet that reports at its own pace for minutes: what waits, what grows, how soon each reading is
/// acknowledged.
struct FleetBenchmark: Sendable {
    let options: NumberOptions

    static let help = """
        usage: bench fleet [OPTIONS]

        fleet: meters with a connection each to a real broker report a reading of three channels
        every so many seconds, each at its own time, to a real server, which acknowledges it after
        the commit. Every minute: memory, queues, and what is not acknowledged.

          --meters N      connected at once (10000)
          --interval N    seconds between two readings of a meter (15)
          --seconds N     that they report (300)
          --rows N        in the month's partition beforehand (2000000)
          --json          figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: ArraySlice<String>) throws(BenchmarkError) {
        guard
            let options = try NumberOptions(
                arguments,
                [
                    "meters": .init(10_000, 10...15_000), "interval": .init(15, 1...900),
                    "seconds": .init(300, 5...86_400), "rows": .init(2_000_000, Limits.rows),
                ]
            )
        else { return nil }
        self.options = options
    }

    /// What was seen at one moment.
    private struct Look: Encodable {
        var seconds: Int
        var serverMegabytes: Double
        var brokerMegabytes: Double
        var sent: Int64
        var acknowledged: Int64
        var messagesWaiting: Double
        var messagesUnderWay: Double
        var readingsWaiting: Double
        var transactionsQueued: Double
    }

    private struct Report: Encodable {
        var meters: Int
        var intervalSeconds: Int
        var looks: [Look]
        var acknowledgedWithinMillisecondsMedian: Double
        var acknowledgedWithinMilliseconds99: Double
        var acknowledgedWithinMillisecondsMost: Double
        var sent: Int64
        var acknowledged: Int64
        var stored: Int64
        var messagesSentAgain: Int
        var serverMegabytesGrown: Double
        var brokerMegabytesGrown: Double
    }

    func run() async throws {
        let meters = options["meters"]
        try LoopbackSocket.allowOpenFiles(meters + Limits.ownFiles)
        Benchmarks.say("bench: registering \(meters) meters")
        try await BenchmarkOffice.with(meters: meters) { office in
            let table = ReadingTable(office: office)
            let span = try await table.span()
            Benchmarks.say("bench: filling the month with \(options["rows"]) rows")
            try await table.fill(span, rows: options["rows"])
            try await ServerProcess.with(office, path: nil) { server in
                let report = try await measure(office, span, server)
                if options.isJSON {
                    let encoder = JSONEncoder()
                    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
                    print(String(decoding: try encoder.encode(report), as: UTF8.self))
                } else {
                    print(text(of: report))
                }
            }
        }
    }

    private func measure(
        _ office: BenchmarkOffice,
        _ span: ReadingTable.Span,
        _ server: ServerProcess
    ) async throws -> Report {
        guard let broker = await office.broker.brokerProcessID else {
            throw BenchmarkError("the broker has ended")
        }
        let load = Load(
            FleetPlan(
                meters: office.meters,
                source: ReadingSource(start: span.start, capacity: span.capacity),
                intervalSeconds: options["interval"],
                port: office.brokerPort
            )
        )
        defer { load.phase = .stopped }
        Benchmarks.say("bench: connecting \(office.meters.count) meters")
        try await load.untilReady()
        var looks = [await look(0, load, server, broker)]
        load.isMeasured = true
        load.phase = .sending
        Benchmarks.say("bench: they report for \(options["seconds"]) s")
        let start = Stopwatch.seconds
        var next = min(60, options["seconds"])
        while looks.last?.seconds != options["seconds"] {
            let pause = start + Double(next) - Stopwatch.seconds
            try await Task.sleep(for: .seconds(max(0, pause)))
            let seen = await look(next, load, server, broker)
            Benchmarks.say(
                "bench: \(next) s, \(seen.acknowledged) of \(seen.sent) readings acknowledged"
            )
            looks.append(seen)
            next = min(next + 60, options["seconds"])
        }
        let tally = try await load.drain()
        let stored = try await ReadingTable(office: office).sentRows()
        guard stored == tally.acknowledged else {
            throw BenchmarkError(
                "\(tally.acknowledged) readings were acknowledged and \(stored) are stored"
            )
        }
        let waits = tally.latenciesSeconds.sorted()
        let share = { (share: Double) -> Double in
            guard !waits.isEmpty else { return 0 }
            return Double(waits[min(Int(Double(waits.count) * share), waits.count - 1)]) * 1_000
        }
        // What is taken once, such as buffers and caches, is taken in the first minute.
        let steady = looks.count > 2 ? looks[1] : looks[0]
        let end = looks[looks.count - 1]
        return Report(
            meters: office.meters.count,
            intervalSeconds: options["interval"],
            looks: looks,
            acknowledgedWithinMillisecondsMedian: share(0.5),
            acknowledgedWithinMilliseconds99: share(0.99),
            acknowledgedWithinMillisecondsMost: share(1),
            sent: tally.taken,
            acknowledged: tally.acknowledged,
            stored: stored,
            messagesSentAgain: tally.repeated,
            serverMegabytesGrown: end.serverMegabytes - steady.serverMegabytes,
            brokerMegabytesGrown: end.brokerMegabytes - steady.brokerMegabytes
        )
    }

    private func look(
        _ seconds: Int,
        _ load: Load,
        _ server: ServerProcess,
        _ broker: Int32
    ) async -> Look {
        let metrics = await server.metrics()
        return Look(
            seconds: seconds,
            serverMegabytes: MeasuredProcesses.megabytes(server.processID),
            brokerMegabytes: MeasuredProcesses.megabytes(broker),
            sent: load.sent,
            acknowledged: load.acknowledged,
            messagesWaiting: metrics["vidyut_intake_messages_waiting"] ?? 0,
            messagesUnderWay: metrics["vidyut_intake_messages_under_way"] ?? 0,
            readingsWaiting: metrics["vidyut_intake_readings_waiting"] ?? 0,
            transactionsQueued: metrics["postgres_pool_queued_transactions"] ?? 0
        )
    }

    private func text(of report: Report) -> String {
        var lines = [
            """
            fleet: \(report.meters) meters, a reading of three channels every \
            \(report.intervalSeconds) s each, over MQTT with the server's acknowledgement

               s   server MB   broker MB       sent   acknowledged   messages waiting   under way\
               readings waiting   transactions queued
            """
        ]
        for look in report.looks {
            lines.append(
                String(
                    format: "%4d  %10.1f  %10.1f  %9lld  %13lld  %17.0f  %10.0f  %16.0f  %19.0f",
                    look.seconds,
                    look.serverMegabytes,
                    look.brokerMegabytes,
                    look.sent,
                    look.acknowledged,
                    look.messagesWaiting,
                    look.messagesUnderWay,
                    look.readingsWaiting,
                    look.transactionsQueued
                )
            )
        }
        lines.append(
            String(
                format: """

                    from publishing to acknowledgement: p50 %.1f ms, p99 %.1f ms, at most %.1f ms
                    (wanted: p99 under 1000 ms)
                    sent %lld, acknowledged %lld, stored %lld, never acknowledged %lld; \
                    %d messages sent again
                    memory from the first minute to the end: server %+.1f MB, broker %+.1f MB
                    """,
                report.acknowledgedWithinMillisecondsMedian,
                report.acknowledgedWithinMilliseconds99,
                report.acknowledgedWithinMillisecondsMost,
                report.sent,
                report.acknowledged,
                report.stored,
                report.sent - report.acknowledged,
                report.messagesSentAgain,
                report.serverMegabytesGrown,
                report.brokerMegabytesGrown
            )
        )
        return lines.joined(separator: "\n")
    }
}
