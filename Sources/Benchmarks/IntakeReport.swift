import Foundation

/// The figures of a run, for people and for programs.
struct IntakeReport: Encodable, Sendable {
    /// What the figures depend on.
    struct Conditions: Encodable, Sendable {
        var cores: Int
        var postgresVersion: String
        var fsync: String
        var synchronousCommit: String
        var sharedBuffers: String
        var meters: Int
        var rowsBefore: Int64
        var rowsAfter: Int64
        var twinRowsAfter: Int64
        var readingsOfToday: Bool
        var seconds: Int
        var rounds: Int
        var connections: Int
        var window: Int
        var loadAverageBefore: Double
        var server: String
    }

    /// One line of the table: medians over the rounds.
    struct Line: Encodable, Sendable {
        var name: String
        var readingsPerSecond: Double
        /// 1 for the limit itself.
        var rateRatio: Double
        var processorMicrosecondsPerReading: Double
        var costRatio: Double
        var serverMicrosecondsPerReading: Double
        var databaseMicrosecondsPerReading: Double
        var brokerMicrosecondsPerReading: Double
        var generatorCores: Double
        var latencyMillisecondsMedian: Double
        var latencyMilliseconds99: Double
        var framesRepeated: Int
    }

    var conditions: Conditions
    var lines: [Line]

    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    func table() -> String {
        let columns =
            ["readings/s", "of limit", "CPU us", "x limit", "server", "db", "broker"]
            + ["sender", "p50 ms", "p99 ms"]
        let head = Self.left("", 30) + columns.map { Self.right($0, 11) }.joined()
        let rows = lines.map { line in
            let figures = [
                Self.text(line.readingsPerSecond, 0), Self.text(line.rateRatio, 3),
                Self.text(line.processorMicrosecondsPerReading, 1), Self.text(line.costRatio, 2),
                Self.text(line.serverMicrosecondsPerReading, 1),
                Self.text(line.databaseMicrosecondsPerReading, 1),
                Self.text(line.brokerMicrosecondsPerReading, 1),
                Self.text(line.generatorCores, 2), Self.text(line.latencyMillisecondsMedian, 1),
                Self.text(line.latencyMilliseconds99, 1),
            ]
            return Self.left(line.name, 30) + figures.map { Self.right($0, 11) }.joined()
        }
        return ([introduction, "", head] + rows + ["", explanation]).joined(separator: "\n")
    }

    private var introduction: String {
        """
        intake: readings of three channels stored and acknowledged, medians of \
        \(conditions.rounds) rounds of \(conditions.seconds) s
        \(conditions.cores) cores, load average before \(Self.text(conditions.loadAverageBefore, 2)); \
        PostgreSQL \(conditions.postgresVersion), fsync \(conditions.fsync), synchronous_commit \
        \(conditions.synchronousCommit), shared_buffers \(conditions.sharedBuffers)
        \(conditions.meters) meters; \(conditions.rowsBefore) rows in the month's partition before, \
        \(conditions.rowsAfter) after (twin \(conditions.twinRowsAfter)); readings of \
        \(conditions.readingsOfToday ? "today" : "an earlier day: their days are marked for rollup")
        HTTP over \(conditions.connections) connections; MQTT with \(conditions.window) frames of each \
        meter on their way, QoS 1, answered by the server's own acknowledgement
        measured: \(conditions.server) serve, with its ordinary settings
        """
    }

    private var explanation: String {
        """
        plain insert: `insert … select unnest … on conflict do nothing returning` of 1,000 rows, \
        2 writers, into a twin of the table without row-level security.
        bare route: the web library with one route that takes the same bodies and answers at once.
        broker alone: the same frames, quality of service 1 both ways, to one subscriber who stores \
        nothing.
        of limit: rate against the limit above it, measured just before and just after. CPU us: \
        processor time a reading of server, database and broker, without the sender.
        sender: cores that the sender keeps busy, which the rest does not have.
        """
    }

    private static func text(_ value: Double, _ places: Int) -> String {
        String(format: "%.\(places)f", value)
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(width - text.count, 1)) + text
    }
}

extension IntakeReport.Line {
    /// Medians of a load's rounds.
    init(name: String, _ rounds: [Comparison]) {
        self.init(name: name, rounds.map(\.measurement))
        rateRatio = rounds.map(\.rateRatio).median
        costRatio = rounds.map(\.costRatio).median
    }

    /// Medians of the limit's measurements.
    init(name: String, _ measurements: [Measurement]) {
        self.init(
            name: name,
            readingsPerSecond: measurements.map(\.readingsPerSecond).median,
            rateRatio: 1,
            processorMicrosecondsPerReading: measurements.map(\.microsecondsPerReading).median,
            costRatio: 1,
            serverMicrosecondsPerReading: measurements.map(\.server).median,
            databaseMicrosecondsPerReading: measurements.map(\.database).median,
            brokerMicrosecondsPerReading: measurements.map(\.broker).median,
            generatorCores: measurements.map(\.generatorCores).median,
            latencyMillisecondsMedian: measurements.map { $0.latencyMilliseconds(0.5) }.median,
            latencyMilliseconds99: measurements.map { $0.latencyMilliseconds(0.99) }.median,
            framesRepeated: measurements.reduce(0) { $0 + $1.repeated }
        )
    }
}
