package import Metrics
import Synchronization

/// Keeps every metric of the process and writes them as Prometheus text.
///
/// Two metrics of the same name and labels share one series, so a short-lived `Counter` counts on
/// where the last one stopped. Names get the endings `_total` and `_seconds` where they lack them.
package final class PrometheusMetricsFactory: MetricsFactory, Sendable {
    /// The media type of `text()`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private struct Family {
        let kind: Kind
        var series: [LabelSet: any Series] = [:]
    }

    private enum Kind: String {
        case counter, gauge, histogram
    }

    private let families = Mutex<[String: Family]>([:])
    /// Measurements that could not get a series of their own.
    private let overflow = CounterSeries()

    package init() {}

    // MARK: The text

    /// All metrics in the text format 0.0.4, sorted by name and labels.
    package func text() -> String {
        let families = families.withLock { $0 }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &text)
            }
        }
        text += "# TYPE \(Self.overflowName) counter\n"
        overflow.write(name: Self.overflowName, labels: LabelSet([]), to: &text)
        ProcessFigures.append(to: &text)
        return text
    }

    private static let overflowName = "telemetry_series_refused_total"

    // MARK: Making

    /// A whole count that only grows, exported as `…_total`.
    package func makeCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any CounterHandler {
        series(MetricName.sanitised(label, ending: "_total"), .counter, dimensions) {
            CounterSeries()
        }
    }

    /// A growing sum of fractions, exported as `…_total`.
    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(MetricName.sanitised(label, ending: "_total"), .counter, dimensions) {
            FractionSeries()
        }
    }

    /// A value that goes up and down; the last one is exported.
    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(MetricName.sanitised(label), .gauge, dimensions) { GaugeSeries() }
    }

    /// A histogram of values where they are aggregated, else the last one.
    package func makeRecorder(
        label: String,
        dimensions: [(String, String)],
        aggregate: Bool
    ) -> any RecorderHandler {
        let name = MetricName.sanitised(label)
        guard aggregate else { return series(name, .gauge, dimensions) { GaugeSeries() } }
        return series(name, .histogram, dimensions) {
            HistogramSeries(bounds: Limits.recorderBuckets)
        }
    }

    /// A histogram of durations in seconds, exported as `…_seconds`.
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(MetricName.sanitised(label, ending: "_seconds"), .histogram, dimensions) {
            HistogramSeries(bounds: Limits.timerBucketsSeconds)
        }
    }

    /// The series of these labels; an unexported one where the name is taken by another kind.
    private func series<Kept: Series>(
        _ name: String,
        _ kind: Kind,
        _ dimensions: [(String, String)],
        make: () -> Kept
    ) -> Kept {
        let labels = LabelSet(dimensions)
        let found = families.withLock { families -> Kept? in
            if families[name] == nil {
                guard families.count < Limits.families else { return nil }
                families[name] = Family(kind: kind)
            }
            guard let family = families[name], family.kind == kind else { return nil }
            if let known = family.series[labels] { return known as? Kept }
            let isFull = family.series.count >= Limits.seriesPerFamily
            let place = isFull ? LabelSet.overflow(of: dimensions) : labels
            if isFull {
                overflow.increment(by: 1)
                if let shared = family.series[place] { return shared as? Kept }
            }
            let made = make()
            families[name]?.series[place] = made
            return made
        }
        if let found { return found }
        overflow.increment(by: 1)
        return make()
    }

    // MARK: Destroying

    // A series is shared by name and may still be used elsewhere; a count that vanished and began
    // again at 0 would also read as a restart. So series stay, and their number is bounded.

    /// Keeps the series: see above.
    package func destroyCounter(_ handler: any CounterHandler) {}

    /// Keeps the series: see above.
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}

    /// Keeps the series: see above.
    package func destroyMeter(_ handler: any MeterHandler) {}

    /// Keeps the series: see above.
    package func destroyRecorder(_ handler: any RecorderHandler) {}

    /// Keeps the series: see above.
    package func destroyTimer(_ handler: any TimerHandler) {}
}
