/// A bar a day or a month, as SVG text.
///
/// Spans without readings are hatched and named, never drawn as zero.
struct SVGBarChart: Sendable {
    /// One span of time.
    struct Bar: Equatable, Sendable {
        enum State: Equatable, Sendable {
            /// Known to the end.
            case whole
            /// Still running, or with days missing: what is known so far.
            case partial(String)
            /// No reading tells it.
            case missing
            /// Not there yet.
            case ahead
            /// To come: the value is a mean, with the bounds of eight in ten.
            case expected(low: Int64, high: Int64)
        }

        /// Under the axis; empty for most days.
        var label: String
        /// The span in full, for the tooltip: `23 Nov 2026`.
        var name: String
        /// Thousandths of the unit.
        var thousandths: Int64
        var state: State
        /// Another value to compare with, drawn as a mark across the bar, and what it is called.
        var mark: Mark?

        /// A value beside a bar's own.
        struct Mark: Equatable, Sendable {
            var name: String
            var thousandths: Int64
        }

        /// The highest that is drawn.
        fileprivate var top: Int64 {
            var top = max(thousandths, mark?.thousandths ?? 0)
            if case .expected(_, let high) = state { top = max(top, high) }
            return top
        }
    }

    var identifier: String
    var title: String
    var summary: String
    var unit: String
    var bars: [Bar]
    /// Writes each value above its bar; for few bars only.
    var showsValues = false

    /// The chart as SVG text.
    var svg: String {
        let largest = bars.map(\.top).max() ?? 0
        let frame = ChartFrame(
            identifier: identifier,
            title: title,
            summary: summary,
            unit: unit,
            scale: AxisScale(holding: largest)
        )
        let slot = frame.plotWidth / Double(max(bars.count, 1))
        var content = [hatching]
        for (index, bar) in bars.enumerated() {
            let x = frame.left + slot * Double(index)
            content += self.content(of: bar, x: x, slot: slot, in: frame)
        }
        return frame.svg(content)
    }

    private var hatching: String {
        """
        <defs><pattern id="\(identifier)-gap" width="6" height="6" patternUnits="userSpaceOnUse" \
        patternTransform="rotate(45)"><rect class="gap-ground" width="6" height="6"/>\
        <line class="gap-stroke" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
        """
    }

    private func content(
        of bar: Bar,
        x: Double,
        slot: Double,
        in frame: ChartFrame
    ) -> [String] {
        let gap = min(slot * 0.22, 6)
        let width = slot - gap
        let start = x + gap / 2
        var pieces: [String] = []
        switch bar.state {
        case .ahead: break
        case .missing:
            pieces.append(
                piece(
                    "no reading",
                    of: bar,
                    rect(
                        x: start,
                        from: frame.top,
                        to: frame.baseline,
                        width: width,
                        paint: "fill=\"url(#\(identifier)-gap)\""
                    )
                )
            )
        case .whole:
            pieces.append(drawn(bar, "bar", "", start, width, frame))
        case .partial(let note):
            pieces.append(drawn(bar, "bar part", ", \(note)", start, width, frame))
        case .expected(let low, let high):
            let note = " expected, \(range(low, high))"
            pieces.append(drawn(bar, "bar coming", note, start, width, frame))
            pieces.append(whisker(low, high, x: start + width / 2, in: frame))
        }
        if let mark = bar.mark {
            let height = frame.y(mark.thousandths)
            pieces.append(
                SVG.line(x1: start, y1: height, x2: start + width, y2: height, class: "mark")
            )
        }
        if showsValues, bar.state != .ahead, bar.state != .missing {
            pieces.append(
                SVG.text(
                    grouped((bar.thousandths + 500) / 1_000),
                    x: start + width / 2,
                    y: frame.y(bar.thousandths) - 4,
                    class: "value"
                )
            )
        }
        if !bar.label.isEmpty {
            pieces.append(
                SVG.text(
                    bar.label,
                    x: start + width / 2,
                    y: frame.height - 8,
                    class: "tick"
                )
            )
        }
        return pieces
    }

    private func drawn(
        _ bar: Bar,
        _ name: String,
        _ note: String,
        _ x: Double,
        _ width: Double,
        _ frame: ChartFrame
    ) -> String {
        let value = decimal(thousandths: bar.thousandths, places: 1)
        let top = min(frame.y(bar.thousandths), frame.baseline - 0.5)
        let other = bar.mark.map {
            "; \($0.name) \(decimal(thousandths: $0.thousandths, places: 1)) \(unit)"
        }
        return piece(
            "\(value) \(unit)\(note)\(other ?? "")",
            of: bar,
            rect(
                x: x,
                from: top,
                to: frame.baseline,
                width: width,
                paint: "class=\"\(name)\""
            )
        )
    }

    private func whisker(_ low: Int64, _ high: Int64, x: Double, in frame: ChartFrame) -> String {
        SVG.line(x1: x, y1: frame.y(low), x2: x, y2: frame.y(high), class: "whisker")
    }

    private func range(_ low: Int64, _ high: Int64) -> String {
        let low = decimal(thousandths: low, places: 1)
        return "\(low) to \(decimal(thousandths: high, places: 1)) in 8 of 10 cases"
    }

    private func piece(_ words: String, of bar: Bar, _ shape: String) -> String {
        "<g><title>\(SVG.escaped("\(bar.name): \(words)"))</title>\(shape)</g>"
    }

    private func rect(
        x: Double,
        from top: Double,
        to bottom: Double,
        width: Double,
        paint: String
    ) -> String {
        """
        <rect \(paint) x="\(SVG.number(x))" y="\(SVG.number(top))" \
        width="\(SVG.number(width))" height="\(SVG.number(bottom - top))"/>
        """
    }
}
