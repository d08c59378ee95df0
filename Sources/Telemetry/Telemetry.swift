package import Logging
import Metrics

/// How log records are written.
package enum LogFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, for machines.
    case json
    /// One plain line each, for people.
    case plain
}

/// Sets up what the whole process logs and measures with.
package enum Telemetry {
    /// Makes all loggers write in this format and all metrics count here; once in a process.
    ///
    /// - Parameters:
    ///   - level: the least important level that is written.
    ///   - format: for machines or for people.
    ///   - sink: where lines go; standard output for JSON and standard error for plain text unless
    ///     given.
    ///   - microsecondsSince1970: the clock; without one records carry no time of their own.
    ///   - metadataProvider: fields of the task that logs.
    /// - Returns: the factory, whose `text()` belongs at `/metrics`.
    package static func bootstrap(
        level: Logger.Level,
        format: LogFormat,
        sink: LogSink? = nil,
        microsecondsSince1970: (@Sendable () -> Int64)? = nil,
        metadataProvider: Logger.MetadataProvider? = nil
    ) -> PrometheusMetricsFactory {
        LoggingSystem.bootstrap(
            { label, provider in
                switch format {
                case .json:
                    JSONLogHandler(
                        label: label,
                        level: level,
                        sink: sink ?? .standardOutput,
                        microsecondsSince1970: microsecondsSince1970,
                        metadataProvider: provider
                    )
                case .plain:
                    PlainLogHandler(
                        label: label,
                        level: level,
                        sink: sink ?? .standardError,
                        microsecondsSince1970: microsecondsSince1970,
                        metadataProvider: provider
                    )
                }
            },
            metadataProvider: metadataProvider
        )
        let factory = PrometheusMetricsFactory()
        MetricsSystem.bootstrap(factory)
        return factory
    }
}
