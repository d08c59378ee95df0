import Logging
import Telemetry
import Units
import UseCases

/// Sends the log where the settings say, and counts all metrics in one place.
///
/// A command logs beside its data, on the error stream, and only warns unless a level is set.
/// - Returns: the factory whose text belongs at `/metrics`.
@discardableResult
func startLogging(
    _ configuration: VidyutConfiguration,
    quietly: Bool
) -> PrometheusMetricsFactory {
    let clock = WallClock.live
    return Telemetry.bootstrap(
        level: quietly && !configuration.logLevelIsSet
            ? max(.warning, configuration.logLevel) : configuration.logLevel,
        format: configuration.logFormat == .json ? .json : .plain,
        sink: quietly ? .standardError : nil,
        microsecondsSince1970: { clock.now().microsecondsSince1970 }
    )
}
