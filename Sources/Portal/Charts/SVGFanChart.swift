/// A running total and what it may become, as SVG text: the past as a line, the future as a fan.
///
/// Lines across it are bounds of slabs; a second axis on the right tells what a total costs.
struct SVGFanChart: Sendable {
    /// What the total may be at the end of a day, in thousandths.
    struct Spread: Equatable, Sendable {
        var low: Int64
        var median: Int64
        var high: Int64
    }

    /// A bound across the chart.
    struct Bound: Equatable, Sendable {
        var thousandths: Int64
        /// For the tooltip.
        var name: String
        /// On the line; nil for none.
        var label: String?
    }

    /// A label under a day, counted from 0.
    struct Tick: Equatable, Sendable {
        var day: Int
        var label: String
    }

    var identifier: String
    var title: String
    var summary: String
    var unit: String
    /// Days of the whole.
    var days: Int
    /// The total at the end of each known day.
    var past: [Int64]
    /// The total at the end of each day after them.
    var coming: [Spread]
    var bounds: [Bound]
    /// Where the line of the median crosses a bound that matters: the day, counted from 0, and value.
    var crossing: (day: Int, thousandths: Int64)?
    var ticks: [Tick]
    /// What the second axis counts, and its text for a value of the first; nil for none.
    var otherUnit: String
    var otherText: @Sendable (Int64) -> String?

    /// The chart as SVG text.
    var svg: String {
        let frame = ChartFrame(
            identifier: identifier,
            title: title,
            summary: summary,
            unit: unit,
            scale: AxisScale(holding: max(coming.map(\.high).max() ?? 0, past.max() ?? 0)),
            height: 230,
            right: 52
        )
        let content =
            otherAxis(in: frame) + fan(in: frame) + lines(across: frame) + past(in: frame)
            + mark(in: frame) + ticks(in: frame)
        return frame.svg(content)
    }

    /// The place of the end of a day; 0 is the beginning.
    private func x(_ day: Int, in frame: ChartFrame) -> Double {
        frame.left + Double(day) / Double(max(days, 1)) * frame.plotWidth
    }

    private func point(_ day: Int, _ value: Int64, in frame: ChartFrame) -> String {
        "\(SVG.number(x(day, in: frame))) \(SVG.number(frame.y(max(value, 0))))"
    }

    private func otherAxis(in frame: ChartFrame) -> [String] {
        var pieces = [
            SVG.text(otherUnit, x: frame.width, y: 11, class: "tick", anchor: "end")
        ]
        for (value, _) in frame.scale.labels {
            guard let text = otherText(value) else { continue }
            pieces.append(
                SVG.text(
                    text,
                    x: frame.width,
                    y: frame.y(value) + 4,
                    class: "tick",
                    anchor: "end"
                )
            )
        }
        return pieces
    }

    private func past(in frame: ChartFrame) -> [String] {
        let points = past.enumerated().map { point($0.offset + 1, $0.element, in: frame) }
        guard !points.isEmpty else { return [] }
        let start = point(0, 0, in: frame)
        let floor = SVG.number(frame.baseline)
        let end = SVG.number(x(past.count, in: frame))
        let path = ([start] + points).joined(separator: " L")
        return [
            "<path class=\"area\" d=\"M\(path) L\(end) \(floor) Z\"/>",
            "<path class=\"curve\" d=\"M\(path)\"/>",
        ]
    }

    private func fan(in frame: ChartFrame) -> [String] {
        guard !coming.isEmpty else { return [] }
        let start = point(past.count, past.last ?? 0, in: frame)
        func points(_ value: (Spread) -> Int64) -> [String] {
            coming.enumerated().map { index, spread in
                point(past.count + index + 1, value(spread), in: frame)
            }
        }
        let band = [start] + points(\.high) + points(\.low).reversed()
        let median = [start] + points(\.median)
        return [
            "<path class=\"fan\" d=\"M\(band.joined(separator: " L")) Z\"/>",
            "<path class=\"median\" d=\"M\(median.joined(separator: " L"))\"/>",
        ]
    }

    private func lines(across frame: ChartFrame) -> [String] {
        var pieces: [String] = []
        var free = Double.infinity
        for bound in bounds.sorted(by: { $0.thousandths < $1.thousandths })
        where bound.thousandths <= frame.scale.top {
            let height = frame.y(bound.thousandths)
            let line = SVG.line(
                x1: frame.left,
                y1: height,
                x2: frame.width - frame.right,
                y2: height,
                class: bound.label == nil ? "slab" : "slab leap"
            )
            pieces.append("<g><title>\(SVG.escaped(bound.name))</title>\(line)</g>")
            // Labels that would lie on one another are left out; the table has them all.
            guard let label = bound.label, height < free - 12 else { continue }
            free = height
            pieces.append(
                SVG.text(label, x: frame.left + 4, y: height - 3, class: "slab", anchor: "start")
            )
        }
        return pieces
    }

    private func mark(in frame: ChartFrame) -> [String] {
        var pieces: [String] = []
        if !coming.isEmpty, !past.isEmpty {
            let now = x(past.count, in: frame)
            pieces.append(
                SVG.line(x1: now, y1: frame.top, x2: now, y2: frame.baseline, class: "now")
            )
        }
        if let crossing {
            let x = SVG.number(x(crossing.day + 1, in: frame))
            let y = SVG.number(frame.y(crossing.thousandths))
            pieces.append("<circle class=\"crossing\" cx=\"\(x)\" cy=\"\(y)\" r=\"3.5\"/>")
        }
        return pieces
    }

    private func ticks(in frame: ChartFrame) -> [String] {
        ticks.map { tick in
            let x = x(tick.day, in: frame)
            let end = frame.width - frame.right
            let clear = min(max(x, frame.left + 14), end - 14)
            return SVG.text(tick.label, x: clear, y: frame.height - 8, class: "tick")
        }
    }
}
