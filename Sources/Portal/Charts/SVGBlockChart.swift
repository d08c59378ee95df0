import Metering

/// A day's blocks as bars, coloured by how far each can be relied on, as SVG text.
struct SVGBlockChart: Sendable {
    /// One block.
    struct Block: Equatable, Sendable {
        /// `10:15 am to 10:30 am`.
        var name: String
        var wattHours: Int64
        var kind: BlockKind
        /// The flags in words.
        var words: String
        /// Under the axis; empty for most.
        var label: String
    }

    var identifier: String
    var title: String
    var summary: String
    var blocks: [Block]

    /// The chart as SVG text.
    var svg: String {
        let frame = ChartFrame(
            identifier: identifier,
            title: title,
            summary: summary,
            unit: "Wh",
            scale: AxisScale(holding: max(1, blocks.map(\.wattHours).max() ?? 1) * 1_000),
            width: 800
        )
        let slot = frame.plotWidth / Double(max(blocks.count, 1))
        var content = blocks.indices.map { index in
            piece(blocks[index], x: frame.left + slot * Double(index), width: slot, frame)
        }
        for (index, block) in blocks.enumerated() where !block.label.isEmpty {
            content.append(
                SVG.text(
                    block.label,
                    x: frame.left + slot * Double(index),
                    y: frame.height - 8,
                    class: "tick",
                    anchor: index == 0 ? "start" : "middle"
                )
            )
        }
        return frame.svg(content)
    }

    private func piece(
        _ block: Block,
        x: Double,
        width: Double,
        _ frame: ChartFrame
    ) -> String {
        let isMissing = block.kind == .missing
        let top =
            isMissing ? frame.top : min(frame.y(block.wattHours * 1_000), frame.baseline - 1.5)
        let value = isMissing ? "" : "\(grouped(block.wattHours)) Wh, "
        return """
            <g><title>\(SVG.escaped("\(block.name): \(value)\(block.words)"))</title>\
            <rect class="block \(block.kind.rawValue)" x="\(SVG.number(x + width * 0.08))" \
            y="\(SVG.number(top))" width="\(SVG.number(width * 0.84))" \
            height="\(SVG.number(frame.baseline - top))"/></g>
            """
    }
}

/// What stands out about a block, as the colour tells it; the first that fits.
enum BlockKind: String, CaseIterable, Sendable {
    case missing, suspect, edited, estimated, off, measured

    init(_ quality: SlotQuality) {
        self =
            if quality.contains(.missing), !quality.contains(.withoutRegister) {
                .missing
            } else if quality.contains(.suspect) {
                .suspect
            } else if quality.contains(.edited) {
                .edited
            } else if !quality.isDisjoint(with: [.powerOutage, .switchedOff]) {
                .off
            } else if quality.contains(.estimated) {
                .estimated
            } else {
                .measured
            }
    }

    /// As the legend names it.
    var words: String {
        switch self {
        case .missing: "nothing known"
        case .suspect: "suspect"
        case .edited: "edited by a person"
        case .estimated: "estimated"
        case .off: "no supply"
        case .measured: "measured"
        }
    }
}
