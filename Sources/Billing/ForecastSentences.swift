import Units

extension BillForecast {
    /// The bound that a consumer should know of first: of those likely passed the one that costs most
    /// at once; else one that may well be passed and costs something at once; else the next one
    /// that is likely passed.
    ///
    /// Nil where none lies ahead.
    package var foremost: SlabCrossing? {
        let ahead = crossings.filter { !$0.isPassed }
        let likely = ahead.filter(\.isLikely)
        return likely.filter(\.isLeap).max { $0.leap < $1.leap }
            ?? ahead.first { $0.isLeap && $0.chancePermille >= 200 } ?? likely.first
    }

    /// What to tell the consumer of the slabs ahead, as one sentence; nil where there is nothing.
    package var warning: String? { foremost?.sentence }
}

extension SlabCrossing {
    /// Whether the first unit above costs at least twice what units above do; smaller steps are the
    /// rounding of totals.
    package var isLeap: Bool { leap.paise >= max(100, unitAbove.paise) }

    /// The bound in a sentence, such as "At this pace you pass 500 units on day 47; it adds about 233
    /// rupees".
    package var sentence: String {
        let units = "\(bound.roundedUnits) units"
        let day = dayOfCycle.map { " on day \($0)" } ?? ""
        if isPassed { return "You passed \(units)\(day); \(consequence)." }
        if isUnread {
            let about = dayOfCycle.map { "about day \($0)" } ?? ""
            let rest = "which no register tells yet; \(consequence)."
            if isLikely {
                return
                    "You have probably passed \(units)\(about.isEmpty ? "" : " " + about), \(rest)"
            }
            let then = about.isEmpty ? "" : ", then \(about)"
            return "You may have passed \(units) (\(chanceText)\(then)), \(rest)"
        }
        if isLikely { return "At this pace you pass \(units)\(day); \(consequence)." }
        let about = dayOfCycle.map { ", then about day \($0)" } ?? ""
        return "You may pass \(units) (\(chanceText)\(about)); \(consequence)."
    }

    /// The chance in words: `3 in 10`.
    package var chanceText: String {
        switch (chancePermille + 50) / 100 {
        case ..<1: "less than 1 in 10"
        case 10...: "more than 9 in 10"
        case let tenths: "\(tenths) in 10"
        }
    }

    /// What passing it does to the bill.
    private var consequence: String {
        if isLeap {
            let rupees = cost.roundedRupees
            return isPassed
                ? "it added about \(rupees) rupees" : "it adds about \(rupees) rupees"
        }
        if leap.paise <= -max(100, unitAbove.paise) {
            return "it takes about \((-cost).roundedRupees) rupees off the bill"
        }
        return "each further unit costs about \(unitAbove.plainText) rupees instead of "
            + unitBelow.plainText
    }
}

extension ForecastAssumption {
    /// What is supposed, as one sentence.
    package var sentence: String {
        switch self {
        case .parameterContinues(let name, let day):
            let label = name.split(separator: "_").joined(separator: " ")
            return "The \(label) is published to \(day) and is taken to stay as it is."
        case .tariffContinues(let document, let day):
            return "The tariff \(document) is in force to \(day) and is taken to go on."
        }
    }
}

extension Energy {
    /// Whole units, or with one decimal where a bound scales to a fraction: `500`, `387.5`.
    fileprivate var roundedUnits: String {
        let tenths = (wattHours + 50) / 100
        let whole = indianGrouping(String(tenths / 10))
        return tenths % 10 == 0 ? whole : "\(whole).\(tenths % 10)"
    }
}

extension Money {
    /// The nearest whole rupees, grouped as in India.
    fileprivate var roundedRupees: String {
        let rupees = RoundingMode.halfUp.quotient(Int128(paise), over: 100)
        return indianGrouping(String(rupees))
    }
}
