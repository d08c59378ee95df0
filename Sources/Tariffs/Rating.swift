package import Units

/// A rated bill: its lines with their working, the sum, the rounded total and what rounding left
/// over.
package struct Rating: Sendable {
    /// One part, or several where a revision or a dated line cuts the period.
    package internal(set) var parts: [RatedPart]
    /// Units that went through the slabs: import less export less banked where the tariff nets.
    package let units: Energy
    /// Units of export and bank beyond the import, to be carried to the next bill.
    package let surplus: Energy
    package internal(set) var lines: [RatedLine] = []
    var slabs: [RatedSlab] = []
    var pieces: [RatedPiece] = []
    /// Lines left out because something was not given; only where `RatingInputs.missing` allows it.
    package internal(set) var leftOut: [LeftOutLine] = []
    /// The sum of the lines.
    package internal(set) var totalUnrounded = Money.zero
    /// What the previous bill's rounding left, where the tariff settles it.
    package internal(set) var carriedIn = Money.zero
    /// What is to be paid.
    package internal(set) var total = Money.zero

    /// What rounding the total cut (or, when negative, added), for the next bill or a rounding
    /// line.
    package var roundingCarry: Money { totalUnrounded + carriedIn - total }

    /// Whether what rounding left goes to the next bill.
    package var carriesRounding: Bool { document.total.carries }

    /// The document in force at the end of the bill.
    package var document: TariffDocument { parts[parts.count - 1].document }

    /// What the stated limits were multiplied by for the whole bill.
    package var factor: Ratio { parts[parts.count - 1].factor }

    /// The slabs or charges that make up a line; empty for percentages.
    package func slabs(of line: RatedLine) -> ArraySlice<RatedSlab> {
        slabs[Int(line.firstSlab)..<Int(line.endSlab)]
    }

    /// The percentages that make up a line; empty for slabs and charges.
    package func pieces(of line: RatedLine) -> ArraySlice<RatedPiece> {
        pieces[Int(line.firstPiece)..<Int(line.endPiece)]
    }

    /// The amount of the line with this id over all parts; nil when no part has it.
    package func amount(of id: String) -> Money? {
        var sum: Money?
        for line in lines where line.id == id { sum = (sum ?? .zero) + line.amount }
        return sum
    }
}

/// A stretch of the bill under one document.
package struct RatedPart: Sendable {
    package let document: TariffDocument
    /// Nil when the bill's days were not given.
    package let period: BillingPeriod?
    /// This part's share of the bill, by days.
    package let share: Ratio
    /// What the stated limits were multiplied by for the whole bill.
    package let factor: Ratio
    /// Whole months of the bill, for charges by the month.
    package let months: Int64
    /// What charges stated for the bill's factor were multiplied by, before the share.
    package let fixedFactor: Ratio
    /// Units of this part.
    package let units: ScaledQuantity
}

/// One line of a rated bill: exact, and rounded once by its rule.
package struct RatedLine: Sendable {
    package let line: TariffLine
    /// Position of its part in `Rating.parts`.
    package let part: Int
    /// Position of its line in the document.
    let index: Int
    package let exact: ExactMoney
    package let amount: Money
    let firstSlab: Int32
    let endSlab: Int32
    let firstPiece: Int32
    let endPiece: Int32

    package var id: String { line.id }
    package var label: String { line.label }
    package var rounding: LineRounding { line.rounding }
}

/// A quantity in thousandths of a unit (Wh, W, VA), exact where limits scale to fractions.
package struct ScaledQuantity: Sendable, Hashable {
    package let numerator: Int64
    package let denominator: Int64

    /// Units, kW or kVA for reading: at most three decimals, the last one rounded.
    package var text: String {
        let value = RoundingMode.halfUp.quotient(Int128(numerator), over: Int128(denominator))
        return decimalText(Int64(clamping: value), places: 3)
    }

    /// The thousandths as a whole number or a fraction in lowest terms: `125000`, `115000/3`.
    package var exactText: String { Ratio(numerator, denominator)?.description ?? "0" }
}

/// A slab of energy at one rate, or a fixed charge for so many kW, kVA or connections.
package struct RatedSlab: Sendable {
    let lower: Int64
    /// `unbounded` when nothing limits the slab.
    let upper: Int64
    let amountOfThing: Int64
    let denominator: Int64
    package let rate: Rate
    package let amount: ExactMoney

    /// The share of this slab that fell into a window: an exact amount, the quantity to the nearest
    /// step.
    func share(_ part: Int64, of whole: Int64) -> RatedSlab? {
        let quantity = RoundingMode.halfUp.quotient(
            Int128(amountOfThing) * Int128(part),
            over: Int128(whole)
        )
        guard let quantity = Int64(exactly: quantity),
            let amount = amount.times(part, of: whole)
        else { return nil }
        return RatedSlab(
            lower: lower,
            upper: upper,
            amountOfThing: quantity,
            denominator: denominator,
            rate: rate,
            amount: amount
        )
    }

    /// The scaled limit the slab begins above.
    package var from: ScaledQuantity {
        ScaledQuantity(numerator: lower, denominator: denominator)
    }

    /// The scaled limit the slab reaches to, itself included; nil when there is none.
    package var to: ScaledQuantity? {
        upper == unbounded ? nil : ScaledQuantity(numerator: upper, denominator: denominator)
    }

    /// How much of the bill lies inside.
    package var quantity: ScaledQuantity {
        ScaledQuantity(numerator: amountOfThing, denominator: denominator)
    }
}

/// A percentage of an amount; of a slab and window or a month and window where windows split the
/// line.
package struct RatedPiece: Sendable {
    package let base: ExactMoney
    package let percentage: Percentage
    /// Its days; where there are none, the last is before the first.
    private let firstDay: CivilDate
    private let lastDay: CivilDate
    package let amount: ExactMoney

    init(
        base: ExactMoney,
        percentage: Percentage,
        period: BillingPeriod?,
        amount: ExactMoney
    ) {
        self.base = base
        self.percentage = percentage
        firstDay = period?.first ?? CivilDate(daysSince1970: 0)
        lastDay = period?.last ?? CivilDate(daysSince1970: -1)
        self.amount = amount
    }

    /// The days of the window or month, when windows split the line.
    package var period: BillingPeriod? { BillingPeriod(first: firstDay, last: lastDay) }
}

/// A line that a check left out, and the parameter or input it wanted.
package struct LeftOutLine: Sendable, Equatable {
    package let id: String
    package let reason: RatingError
}
