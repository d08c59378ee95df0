import Metrics

/// How many readings wait for a writer, for whoever watches the program.
struct WaitingGauge: Sendable {
    private let gauge = Gauge(label: "vidyut_intake_readings_waiting")

    func record(_ count: Int) { gauge.record(count) }
}
