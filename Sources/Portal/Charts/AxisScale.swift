import Units

/// A value axis from zero up, with ticks at round numbers, in thousandths of the unit shown.
struct AxisScale: Equatable, Sendable {
    let step: Int64
    let ticks: Int

    /// The smallest scale of at most `maximumTicks` steps of 1, 2 or 5 that holds `largest`.
    init(holding largest: Int64, maximumTicks: Int = 4) {
        var step: Int64 = 1
        var index = 0
        let growth: [(by: Int64, over: Int64)] = [(2, 1), (5, 2), (2, 1)]
        while step * Int64(maximumTicks) < largest, step < Int64.max / 16 {
            step = step * growth[index].by / growth[index].over
            index = (index + 1) % growth.count
        }
        self.step = step
        self.ticks = max(1, Int((max(largest, 1) + step - 1) / step))
    }

    /// The value at the top of the axis.
    var top: Int64 { step * Int64(ticks) }

    /// The tick values from zero to the top with their labels.
    var labels: [(value: Int64, text: String)] {
        (0...ticks).map { tick in
            let value = step * Int64(tick)
            let text = decimalText(value, places: 3)
            return (value, value >= 1_000_000 ? grouped(value / 1_000) : text)
        }
    }
}
