/// A quantity over a stretch of time as SVG text; the line breaks where readings are missing.
struct SVGLine: Sendable {
    /// A measured value at an instant.
    struct Point: Equatable, Sendable {
        /// Seconds on any scale that all points share.
        var seconds: Int64
        /// Thousandths of the unit.
        var thousandths: Int64
    }

    /// A mark on the time axis.
    struct Tick: Equatable, Sendable {
        var seconds: Int64
        var label: String
    }

    var identifier: String
    var title: String
    var summary: String
    var unit: String
    /// The stretch of time shown.
    var first: Int64
    var last: Int64
    var points: [Point]
    var ticks: [Tick]
    /// Points further apart than this are not joined.
    var joinedGapSeconds: Int64

    /// The chart as SVG text.
    var svg: String {
        let frame = ChartFrame(
            identifier: identifier,
            title: title,
            summary: summary,
            unit: unit,
            scale: AxisScale(holding: points.map(\.thousandths).max() ?? 0)
        )
        var content: [String] = []
        for tick in ticks where tick.seconds >= first && tick.seconds <= last {
            let x = x(tick.seconds, in: frame)
            let clear = min(max(x, frame.left + 16), frame.width - frame.right - 18)
            content.append(
                SVG.line(
                    x1: x,
                    y1: frame.baseline,
                    x2: x,
                    y2: frame.baseline + 4,
                    class: "axis"
                )
            )
            content.append(
                SVG.text(tick.label, x: clear, y: frame.height - 8, class: "tick")
            )
        }
        for run in runs { content += drawn(run, in: frame) }
        return frame.svg(content)
    }

    /// The points cut where a gap is too long to be joined.
    private var runs: [[Point]] {
        var runs: [[Point]] = []
        for point in points {
            if let last = runs.last?.last,
                point.seconds - last.seconds <= joinedGapSeconds
            {
                runs[runs.count - 1].append(point)
            } else {
                runs.append([point])
            }
        }
        return runs
    }

    private func x(_ seconds: Int64, in frame: ChartFrame) -> Double {
        let span = Double(max(last - first, 1))
        return frame.left + Double(seconds - first) / span * frame.plotWidth
    }

    private func drawn(_ run: [Point], in frame: ChartFrame) -> [String] {
        let places = run.map { point in
            let x = SVG.number(x(point.seconds, in: frame))
            return (x: x, y: SVG.number(frame.y(max(point.thousandths, 0))))
        }
        guard let start = places.first, let end = places.last else { return [] }
        if places.count == 1 {
            return ["<circle class=\"spot\" cx=\"\(start.x)\" cy=\"\(start.y)\" r=\"2\"/>"]
        }
        let path = places.map { "\($0.x) \($0.y)" }.joined(separator: " L")
        let floor = SVG.number(frame.baseline)
        return [
            "<path class=\"area\" d=\"M\(start.x) \(floor) L\(path) L\(end.x) \(floor) Z\"/>",
            "<path class=\"curve\" d=\"M\(path)\"/>",
        ]
    }
}
