import Foundation
import Glibc
import PrivateServices

/// How many readings the office takes in, and what one costs, against what PostgreSQL can do.
struct IntakeBenchmark: Sendable {
    let options: IntakeOptions

    /// What a way is held against, measured just before and just after it.
    private enum Limit: CaseIterable {
        case insert, bareRoute, broker

        var name: String {
            switch self {
            case .insert: "plain insert of 1,000 rows"
            case .bareRoute: "bare route, 1 reading"
            case .broker: "broker alone, QoS 1"
            }
        }
    }

    /// One way for readings to travel.
    private struct Way {
        let name: String
        let kind: LoadKind
        let limit: Limit
    }

    /// Measures everything and prints the figures.
    func run() async throws {
        try LoopbackSocket.allowOpenFiles(options.meters + Limits.ownFiles)
        let load = loadAverage
        try await BenchmarkOffice.with(meters: options.meters) { office in
            let table = ReadingTable(office: office)
            let span = try await table.span()
            Benchmarks.say("bench: filling the month with \(options.rows) rows")
            try await table.fill(span, rows: options.rows)
            let conditions = try await conditions(table, span, load)
            try await ServerProcess.with(office, path: options.server) { server in
                try await BareRoute.with { port, processID in
                    var report = try await measure(
                        office,
                        span,
                        server,
                        bareRoute: (port, processID),
                        conditions
                    )
                    let rows = try await table.rows()
                    report.conditions.rowsAfter = rows.program
                    report.conditions.twinRowsAfter = rows.twin
                    print(options.isJSON ? try report.json() : report.table())
                }
            }
        }
    }

    private func ways(_ server: ServerProcess, _ office: BenchmarkOffice) -> [Way] {
        let http = { readings in
            LoadKind.http(
                readingsPerRequest: readings,
                connections: options.connections,
                port: server.port
            )
        }
        let mqtt = { readings in
            LoadKind.mqtt(
                readingsPerFrame: readings,
                window: options.window,
                port: office.brokerPort
            )
        }
        return [
            Way(name: "HTTP, 100 readings a request", kind: http(100), limit: .insert),
            Way(name: "MQTT, 10 readings a frame", kind: mqtt(10), limit: .insert),
            Way(name: "HTTP, 1 reading a request", kind: http(1), limit: .bareRoute),
            Way(name: "MQTT, 1 reading a frame", kind: mqtt(1), limit: .broker),
        ]
    }

    private func measure(
        _ office: BenchmarkOffice,
        _ span: ReadingTable.Span,
        _ server: ServerProcess,
        bareRoute: (port: Int, processID: Int32),
        _ conditions: IntakeReport.Conditions
    ) async throws -> IntakeReport {
        guard let postmaster = await office.cluster.serverProcessID,
            let broker = await office.broker.brokerProcessID
        else { throw BenchmarkError("the database or the broker has ended") }
        let processes = MeasuredProcesses(
            server: server.processID,
            postmaster: postmaster,
            broker: broker
        )
        let source = ReadingSource(start: span.start, capacity: span.capacity)
        let insert = InsertLimit(office: office, source: source, processes: processes)
        let first = [Int64](repeating: 1, count: office.meters.count)
        let measureLimit = { (limit: Limit) async throws -> Measurement in
            if limit == .insert { return try await insert.measure(seconds: options.seconds) }
            var measured = processes
            if limit == .bareRoute { measured.server = bareRoute.processID }
            let plan = LoadPlan(
                kind: limit == .bareRoute
                    ? .bareRoute(connections: options.connections, port: bareRoute.port)
                    : .brokerAlone(
                        window: options.window,
                        port: office.brokerPort,
                        user: office.brokerUser,
                        password: office.brokerPassword
                    ),
                meters: office.meters,
                source: source,
                nextNumbers: first
            )
            return try await measure(plan, measured).0
        }
        let ways = ways(server, office)
        var limits: [Limit: [Measurement]] = [:]
        var comparisons = [[Comparison]](repeating: [], count: ways.count)
        var nextNumbers = first
        var acknowledged: Int64 = 0
        for round in 1...options.rounds {
            for (place, way) in ways.enumerated() {
                Benchmarks.say("bench: round \(round) of \(options.rounds), \(way.name)")
                let before = try await measureLimit(way.limit)
                let plan = LoadPlan(
                    kind: way.kind,
                    meters: office.meters,
                    source: source,
                    nextNumbers: nextNumbers
                )
                let (measurement, tally) = try await measure(plan, processes)
                nextNumbers = tally.nextNumbers
                acknowledged += tally.acknowledged
                try await check(office, acknowledged)
                let after = try await measureLimit(way.limit)
                limits[way.limit, default: []] += [before, after]
                comparisons[place].append(
                    Comparison(measurement: measurement, limitBefore: before, limitAfter: after)
                )
            }
        }
        return IntakeReport(conditions: conditions, lines: lines(ways, comparisons, limits))
    }

    /// Each limit with the ways that are held against it.
    private func lines(
        _ ways: [Way],
        _ comparisons: [[Comparison]],
        _ limits: [Limit: [Measurement]]
    ) -> [IntakeReport.Line] {
        var lines: [IntakeReport.Line] = []
        for limit in Limit.allCases {
            lines.append(IntakeReport.Line(name: limit.name, limits[limit] ?? []))
            for (way, rounds) in zip(ways, comparisons) where way.limit == limit {
                lines.append(IntakeReport.Line(name: "  " + way.name, rounds))
            }
        }
        return lines
    }

    private func measure(
        _ plan: LoadPlan,
        _ processes: MeasuredProcesses
    ) async throws -> (Measurement, LoadTally) {
        let load = Load(plan)
        defer { load.phase = .stopped }
        try await load.untilReady()
        load.phase = .sending
        try await Task.sleep(for: .seconds(Limits.warmUpSeconds))
        let used = processes.now()
        let start = Stopwatch.seconds
        let count = load.acknowledged
        load.isMeasured = true
        try await Task.sleep(for: .seconds(options.seconds))
        let readings = load.acknowledged - count
        let seconds = Stopwatch.seconds - start
        let usedAfter = processes.now()
        load.isMeasured = false
        let tally = try await load.drain()
        guard readings > 0 else { throw BenchmarkError("nothing was acknowledged") }
        return (
            Measurement(
                readings: readings,
                seconds: seconds,
                used: usedAfter - used,
                latenciesSeconds: tally.latenciesSeconds,
                repeated: tally.repeated
            ), tally
        )
    }

    /// What was acknowledged must be in the table, neither more nor less.
    private func check(_ office: BenchmarkOffice, _ acknowledged: Int64) async throws {
        let stored = try await ReadingTable(office: office).sentRows()
        guard stored == acknowledged else {
            throw BenchmarkError(
                "\(acknowledged) readings were acknowledged and \(stored) are stored"
            )
        }
    }

    // MARK: Conditions

    private var loadAverage: Double {
        var averages = [0.0]
        return getloadavg(&averages, 1) == 1 ? averages[0] : 0
    }

    private func conditions(
        _ table: ReadingTable,
        _ span: ReadingTable.Span,
        _ load: Double
    ) async throws -> IntakeReport.Conditions {
        IntakeReport.Conditions(
            cores: ProcessInfo.processInfo.activeProcessorCount,
            postgresVersion: try await table.setting("server_version"),
            fsync: try await table.setting("fsync"),
            synchronousCommit: try await table.setting("synchronous_commit"),
            sharedBuffers: try await table.setting("shared_buffers"),
            meters: options.meters,
            rowsBefore: try await table.rows().program,
            rowsAfter: 0,
            twinRowsAfter: 0,
            readingsOfToday: span.isToday,
            seconds: options.seconds,
            rounds: options.rounds,
            connections: options.connections,
            window: options.window,
            loadAverageBefore: load,
            server: options.server ?? "vidyut"
        )
    }
}
