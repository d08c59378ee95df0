package import Units

/// What the lines of a period bill that only a load curve tells, beside the register.
package struct CurveNeeds: Sendable {
    /// The slots of the day that a line charges on these days, and the parameter that their units are
    /// given in.
    package struct Slots: Sendable {
        package let parameter: String
        package let period: BillingPeriod
        package let slots: [TimeOfDaySlot]
    }

    package fileprivate(set) var slots: [Slots] = []
    /// Whether the highest recorded demand is billed, and whether any of it in kVA.
    package fileprivate(set) var demand = false
    package fileprivate(set) var apparentDemand = false
    /// Lines that read exported energy, which no load curve tells.
    package fileprivate(set) var exportLines: [String] = []

    package var isEmpty: Bool { slots.isEmpty && !demand && exportLines.isEmpty }
}

extension PeriodRating {
    /// What the lines that apply want to know from a load curve.
    package func curveNeeds() throws(RatingError) -> CurveNeeds {
        var needs = CurveNeeds()
        try eachLine { line, document, period throws(RatingError) in
            if line.needs.contains(.demand) {
                needs.demand = true
                needs.apparentDemand = needs.apparentDemand || line.billsApparentDemand
            }
            if line.needs.contains(.exportedEnergy) { needs.exportLines.append(line.id) }
            guard case .timeOfDay(let form) = line.form, let period else { return }
            needs.slots.append(
                CurveNeeds.Slots(
                    parameter: document.parameterNames[form.parameter],
                    period: period,
                    slots: form.slots
                )
            )
        }
        return needs
    }
}

extension TariffDocument {
    /// Whether any of its lines may want to know something from a load curve, or exported energy.
    package var readsLoadCurve: Bool {
        lines.contains { line in line.needs.contains { $0 != .reactive } }
    }
}

extension TariffLine {
    /// Whether the demand it reads is in kVA, not in kW.
    fileprivate var billsApparentDemand: Bool {
        guard case .demand(let demand) = form else { return true }
        return demand.bands.contains { $0.basis == .kva }
    }
}

extension LineRounding {
    /// The rule as people read it: `to 0.01, half up`.
    package var text: String { roundingText(stepPaise: stepPaise, mode: mode) }
}

extension TotalRounding {
    /// The rule as people read it: `to 1.00, half up`.
    var text: String { roundingText(stepPaise: stepPaise, mode: mode) }
}

extension Rating {
    /// The rule that rounds the total, as people read it.
    package var totalRoundingText: String { document.total.text }
}

private func roundingText(stepPaise: Int64, mode: RoundingMode) -> String {
    let words = mode.rawValue.split(separator: "_").joined(separator: " ")
    return "to \(Money(paise: stepPaise).plainText), \(words)"
}
