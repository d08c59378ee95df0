import Metrics
import Synchronization

/// One series of a metric: something that can be written as lines of text.
protocol Series: AnyObject, Sendable {
    /// Appends the lines of this series.
    func write(name: String, labels: LabelSet, to text: inout String)
}

/// A count that only grows; a wrong, negative step is ignored.
final class CounterSeries: Series, CounterHandler {
    private let count = Atomic<Int64>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() { count.store(0, ordering: .relaxed) }

    func write(name: String, labels: LabelSet, to text: inout String) {
        text += "\(name)\(labels.braced()) \(count.load(ordering: .relaxed))\n"
    }
}

/// A growing sum of fractions.
final class FractionSeries: Series, FloatingPointCounterHandler {
    private let sum = Mutex(0.0)

    func increment(by amount: Double) {
        guard amount > 0, amount.isFinite else { return }
        sum.withLock { $0 += amount }
    }

    func reset() { sum.withLock { $0 = 0 } }

    func write(name: String, labels: LabelSet, to text: inout String) {
        text += "\(name)\(labels.braced()) \(sum.withLock { $0 }.metricText)\n"
    }
}

/// A value that goes up and down; the last one counts.
final class GaugeSeries: Series, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func set(_ value: Int64) { set(Double(value)) }

    func set(_ value: Double) { self.value.withLock { $0 = value } }

    func increment(by amount: Double) { value.withLock { $0 += amount } }

    func decrement(by amount: Double) { value.withLock { $0 -= amount } }

    func record(_ value: Int64) { set(value) }

    func record(_ value: Double) { set(value) }

    func write(name: String, labels: LabelSet, to text: inout String) {
        text += "\(name)\(labels.braced()) \(value.withLock { $0 }.metricText)\n"
    }
}

/// How many values lie under each of some fixed bounds, their sum and their count.
final class HistogramSeries: Series, TimerHandler, RecorderHandler {
    private struct State {
        /// One for each bound, and one for what lies above all.
        var counts: [Int64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1_000_000_000) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        let place = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock { state in
            state.counts[place] += 1
            state.sum += value
        }
    }

    func write(name: String, labels: LabelSet, to text: inout String) {
        let (counts, sum) = state.withLock { ($0.counts, $0.sum) }
        var total: Int64 = 0
        for (bound, count) in zip(bounds + [.infinity], counts) {
            total += count
            let label = "le=\"\(bound.metricText)\""
            text += "\(name)_bucket\(labels.braced(adding: label)) \(total)\n"
        }
        text += "\(name)_sum\(labels.braced()) \(sum.metricText)\n"
        text += "\(name)_count\(labels.braced()) \(total)\n"
    }
}
