import Billing
import Units

/// What a reader asked of a forecast: the fields as they were typed, and what they mean.
struct WhatIfForm: Sendable {
    /// A tariff to choose.
    struct Choice: Sendable {
        let name: String
        let isChosen: Bool
    }

    let percent: String
    let watts: String
    let hours: String
    let from: String
    let isLess: Bool
    let tariffs: [Choice]
    let hasTariffs: Bool
    private(set) var faults: [String]
    private(set) var hasFaults: Bool
    /// What is asked; nil when nothing is, or when a field cannot be read.
    private(set) var whatIf: WhatIf?

    /// Reads the fields `percent`, `watts`, `hours`, `from`, `change` (`less` for an appliance no
    /// longer used) and `tariff`; `tariffs` are those that may be chosen.
    init(tariffs: [String] = [], _ field: (String) -> String?) {
        percent = field("percent") ?? ""
        watts = field("watts") ?? ""
        hours = field("hours") ?? ""
        from = field("from") ?? ""
        isLess = field("change") == "less"
        let chosen = field("tariff") ?? ""
        self.tariffs = tariffs.map { Choice(name: $0, isChosen: $0 == chosen) }
        hasTariffs = !tariffs.isEmpty
        var faults: [String] = []
        var asked = WhatIf()
        if !percent.isEmpty {
            let typed = percent.replacing("−", with: "-")
            if let value = Int(typed), (-100...100).contains(value) {
                asked.percent = value
            } else {
                faults.append("The change is a whole number from -100 to 100.")
            }
        }
        if !watts.isEmpty || !hours.isEmpty {
            asked.appliance = WhatIfForm.appliance(watts, hours, from, isLess, &faults)
        }
        if !chosen.isEmpty {
            if tariffs.contains(chosen) {
                asked.tariff = chosen
            } else {
                faults.append("The tariff is none of those to choose from.")
            }
        }
        self.faults = faults
        hasFaults = !faults.isEmpty
        whatIf = faults.isEmpty && !asked.isNothing ? asked : nil
    }

    /// The same form with what was found wrong when it was asked; it asks nothing.
    func refused(_ faults: [String]) -> WhatIfForm {
        var form = self
        form.faults += faults
        form.hasFaults = true
        form.whatIf = nil
        return form
    }

    private static func appliance(
        _ watts: String,
        _ hours: String,
        _ from: String,
        _ isLess: Bool,
        _ faults: inout [String]
    ) -> WhatIf.Appliance? {
        guard let power = Int(watts), (1...100_000).contains(power) else {
            faults.append("The watts of the appliance are a whole number from 1 to 100000.")
            return nil
        }
        guard let time = parseDecimal(hours, places: 2), (1...2_400).contains(time) else {
            faults.append("The hours a day are a number above 0, at most 24.")
            return nil
        }
        var day: CivilDate?
        if !from.isEmpty {
            day = CivilDate(from)
            if day == nil { faults.append("The first day is written 2026-11-23.") }
        }
        return WhatIf.Appliance(
            watts: isLess ? -power : power,
            minutesADay: Int((time * 60 + 50) / 100),
            from: day
        )
    }
}

/// What would come of it, beside what comes without.
struct WhatIfPanel: Sendable {
    /// A line of the comparison.
    struct Row: Sendable, Equatable {
        let name: String
        let now: String
        let then: String
        let difference: String
    }

    let question: String
    let answer: String
    let rows: [Row]

    init(_ outcome: WhatIfOutcome, against bill: BillForecast) {
        question = WhatIfPanel.question(outcome.whatIf)
        let amount = Money(paise: Int64(clamping: outcome.difference.paise.magnitude)).rupeesText
        answer =
            if outcome.difference.rupeesText == Money.zero.rupeesText {
                "The likely bill stays about the same."
            } else {
                "The likely bill is about \(amount) "
                    + (outcome.difference < .zero ? "lower." : "higher.")
            }
        func money(_ name: String, _ value: (BillForecast) -> Money) -> Row {
            let (now, then) = (value(bill), value(outcome.bill))
            return Row(
                name: name,
                now: now.rupeesText,
                then: then.rupeesText,
                difference: (then - now).signedRupeesText
            )
        }
        let (now, then) = (bill.units.median, outcome.bill.units.median)
        let change = decimal(thousandths: (then - now).wattHours, places: 0)
        rows = [
            Row(
                name: "Units, likely",
                now: now.wholeUnitsText,
                then: then.wholeUnitsText,
                difference: then > now ? "+\(change)" : change
            ),
            money("Bill, likely", \.bill.median),
            money("Bill, low", \.bill.low),
            money("Bill, high", \.bill.high),
        ]
    }

    private static func question(_ whatIf: WhatIf) -> String {
        var parts: [String] = []
        if whatIf.percent != 0 {
            parts.append("\(abs(whatIf.percent)) % \(whatIf.percent < 0 ? "less" : "more") use")
        }
        if let appliance = whatIf.appliance {
            let hours = decimal(thousandths: Int64(appliance.minutesADay) * 1_000 / 60, places: 1)
            let from = appliance.from.map { " from \($0.shortText)" } ?? ""
            parts.append(
                "\(grouped(Int64(abs(appliance.watts)))) W "
                    + (appliance.watts < 0 ? "less" : "more") + " for \(hours) h a day\(from)"
            )
        }
        if let tariff = whatIf.tariff { parts.append("by the tariff \(tariff)") }
        return "With " + parts.joined(separator: ", ")
    }
}

extension Money {
    /// Whole rupees, for what is not exact: `₹2,099`.
    var rupeesText: String {
        let rupees = RoundingMode.halfUp.quotient(Int128(paise), over: 100)
        let sign = rupees < 0 ? "−" : ""
        return "\(sign)₹\(indianGrouping(String(rupees.magnitude)))"
    }

    /// The same with `+` before what is above nothing.
    var signedRupeesText: String { paise >= 50 ? "+\(rupeesText)" : rupeesText }
}

extension Energy {
    /// Whole units (kWh), for what is not exact: `641`.
    var wholeUnitsText: String { decimal(thousandths: wattHours, places: 0) }
}
