/// Pieces of SVG text; what comes from outside is always escaped.
enum SVG {
    /// Text inside an element or an attribute.
    static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// A coordinate with at most one decimal, the same on every machine.
    static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        let sign = tenths < 0 ? "-" : ""
        let rest = tenths.magnitude % 10
        return "\(sign)\(tenths.magnitude / 10)" + (rest == 0 ? "" : ".\(rest)")
    }

    static func text(
        _ content: String,
        x: Double,
        y: Double,
        class name: String,
        anchor: String = "middle"
    ) -> String {
        """
        <text class="\(name)" x="\(number(x))" y="\(number(y))" \
        text-anchor="\(anchor)">\(escaped(content))</text>
        """
    }

    static func line(
        x1: Double,
        y1: Double,
        x2: Double,
        y2: Double,
        class name: String
    ) -> String {
        """
        <line class="\(name)" x1="\(number(x1))" y1="\(number(y1))" x2="\(number(x2))" \
        y2="\(number(y2))"/>
        """
    }
}

/// The frame every chart shares: size, margins, the value axis with its grid, title and description.
struct ChartFrame: Sendable {
    /// Unique on its page; letters, digits and `-`.
    let identifier: String
    let title: String
    let summary: String
    /// What the value axis counts: `units`, `W`.
    let unit: String
    let scale: AxisScale

    var width = 330.0
    var height = 190.0
    let left = 40.0
    /// Wider where a second axis stands there.
    var right = 6.0
    let top = 22.0
    let bottom = 24.0

    var plotWidth: Double { width - left - right }
    var baseline: Double { height - bottom }

    /// The height at which a value lies.
    func y(_ thousandths: Int64) -> Double {
        let share = Double(thousandths) / Double(scale.top)
        return baseline - share * (baseline - top)
    }

    /// The whole chart around what is drawn inside.
    func svg(_ content: [String]) -> String {
        var lines = [
            """
            <svg class="chart" viewBox="0 0 \(SVG.number(width)) \(SVG.number(height))" \
            role="img" aria-labelledby="\(identifier)-title \(identifier)-summary">
            """,
            "<title id=\"\(identifier)-title\">\(SVG.escaped(title))</title>",
            "<desc id=\"\(identifier)-summary\">\(SVG.escaped(summary))</desc>",
        ]
        lines.append(SVG.text(unit, x: 0, y: 11, class: "tick", anchor: "start"))
        for (value, text) in scale.labels {
            let height = y(value)
            let name = value == 0 ? "axis" : "gridline"
            lines.append(
                SVG.line(x1: left, y1: height, x2: width - right, y2: height, class: name)
            )
            lines.append(
                SVG.text(text, x: left - 6, y: height + 4, class: "tick", anchor: "end")
            )
        }
        return (lines + content + ["</svg>"]).joined(separator: "\n")
    }
}
