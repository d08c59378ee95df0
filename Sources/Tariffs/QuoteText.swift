import Units

/// The working of a rated bill as a person would write it down.
package enum QuoteText {
    private static let width = 78

    /// Plain text, one amount a line at the right edge; fractions are shown to six decimals.
    package static func render(_ rating: Rating) -> String {
        var text: [String] = []
        for (index, part) in rating.parts.enumerated() {
            if index > 0 { text.append("") }
            text += heading(part)
            for line in rating.lines where line.part == index {
                text.append(row(line.label, line.amount.formatted))
                text += working(line, part, rating).map { "    " + $0 }
            }
        }
        for line in rating.leftOut { text.append("left out: \(line.reason)") }
        text.append(String(repeating: "─", count: width))
        text += totals(rating)
        return text.joined(separator: "\n")
    }

    private static func row(_ left: String, _ right: String) -> String {
        let gap = max(2, width - left.count - right.count)
        return left + String(repeating: " ", count: gap) + right
    }

    private static func heading(_ part: RatedPart) -> [String] {
        let document = part.document
        var second = "\(part.units.text) units"
        if let period = part.period { second += ", \(period) (\(period.days) days)" }
        if part.share != .one { second += ", \(part.share) of the bill's days" }
        let base = document.baseMonths == 1 ? "one month" : "\(document.baseMonths) months"
        second += "; limits of \(base)"
        second += part.factor == .one ? "" : " × \(part.factor.decimalText)"
        if part.factor.denominator != 1, part.factor.decimalText != "\(part.factor)" {
            second += " (\(part.factor))"
        }
        return ["\(document.id): \(document.utility), \(document.category)", second, ""]
    }

    private static func totals(_ rating: Rating) -> [String] {
        var text: [String] = []
        let rule = rating.document.total
        if rating.total != rating.totalUnrounded {
            text.append(row("Sum of the lines", rating.totalUnrounded.formatted))
            if rating.carriedIn != .zero {
                text.append(row("Carried from the last bill", rating.carriedIn.formatted))
            }
            text.append(row("Rounded \(rule.text)", (-rating.roundingCarry).formatted))
        }
        text.append(row("Total", rating.total.formatted))
        if rating.surplus > .zero {
            text.append("\(rating.surplus.kilowattHoursText) units are carried to the next bill")
        }
        return text
    }

    // MARK: Working

    private static func working(_ line: RatedLine, _ part: RatedPart, _ rating: Rating) -> [String]
    {
        var text: [String] = []
        for slab in rating.slabs(of: line) {
            text.append(shortRow(describe(slab, line, part), slab.amount.rupeesText))
        }
        for piece in rating.pieces(of: line) {
            let days = piece.period.map { " (\($0))" } ?? ""
            let left = "\(piece.percentage.text)% of \(piece.base.rupeesText)\(days)"
            text.append(shortRow(left, piece.amount.rupeesText))
        }
        return text
    }

    private static func shortRow(_ left: String, _ right: String) -> String {
        let gap = max(2, width - 24 - left.count - right.count)
        return left + String(repeating: " ", count: gap) + right
    }

    private static func describe(_ slab: RatedSlab, _ line: RatedLine, _ part: RatedPart) -> String
    {
        switch line.line.form {
        case .band(let band):
            return charge(slab, band.bands, band.times, part)
        case .minimum(let minimum):
            guard case .charge(let floor) = minimum.floor else {
                return "at least " + units(slab)
            }
            return "at least " + charge(slab, floor.bands, floor.times, part)
        case .demand(let demand):
            return charge(slab, demand.bands, demand.times, part)
        case .blocks, .like, .freeUnits, .perUnit, .percent, .windows, .cases, .timeOfDay,
            .powerFactor:
            return units(slab)
        }
    }

    private static func units(_ slab: RatedSlab) -> String {
        let units = "\(slab.quantity.text) units × \(slab.rate.text)"
        if let to = slab.to { return "\(slab.from.text) to \(to.text): \(units)" }
        return slab.lower > 0 ? "above \(slab.from.text): \(units)" : units
    }

    private static func charge(
        _ slab: RatedSlab,
        _ bands: [ChargeBand],
        _ times: Times,
        _ part: RatedPart
    ) -> String {
        let same = bands.filter { $0.rate == slab.rate.millionths }
        let basis = (same.first { $0.bound == slab.upper } ?? same.first ?? bands[0]).basis
        let quantity = slab.quantity.text
        var text =
            switch basis {
            case .connection: slab.rate.text
            case .kw: "\(quantity) kW × \(slab.rate.text)"
            case .kva: "\(quantity) kVA × \(slab.rate.text)"
            case .hp: "\(quantity) HP × \(slab.rate.text)"
            case .unit: "\(quantity) units × \(slab.rate.text)"
            }
        if basis == .unit { return text }
        switch times {
        case .bill: break
        case .months: text += part.months == 1 ? "" : " × \(part.months) months"
        case .factor: text += part.fixedFactor == .one ? "" : " × \(part.fixedFactor.decimalText)"
        case .days: text += part.period.map { " × \($0.days) days" } ?? " × days"
        }
        if times != .days, part.share != .one { text += " × \(part.share)" }
        return text
    }
}
