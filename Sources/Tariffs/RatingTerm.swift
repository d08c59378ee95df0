import Units

/// The lengths and limits of one part of a bill, worked out once for all of its lines.
struct RatingTerm {
    let factor: Ratio
    let fixedFactor: Ratio
    /// The exact number of months of the whole bill.
    let length: Ratio
    let wholeMonths: Int64
    let days: Int?
    let share: Ratio
    /// The days of the whole bill and of this part, when given.
    let whole: BillingPeriod?
    let period: BillingPeriod?
    /// Energies of this part are counted in thousandths over this denominator.
    let denominator: Int64
    private let shareMultiplier: Int64
    private let limitMultiplier: Int64
    private let limitRounding: SlabScaling.LimitRounding

    init(
        _ document: TariffDocument,
        _ inputs: RatingInputs,
        period: BillingPeriod?,
        share: Ratio
    ) throws(RatingError) {
        guard let base = Ratio(1, Int64(document.baseMonths)) else { throw .overflow }
        let length = try document.scaling.months(inputs)
        let fixed = try document.fixedScaling?.months(inputs) ?? length
        guard let factor = length.times(base), let fixedFactor = fixed.times(base),
            let scaled = factor.times(share)
        else { throw .overflow }
        self.length = length
        self.factor = factor
        self.fixedFactor = fixedFactor
        self.share = share
        self.period = period
        whole = inputs.period
        days = inputs.days ?? inputs.period?.days
        if let months = inputs.months {
            wholeMonths = max(1, months.numerator / months.denominator)
        } else {
            wholeMonths = SlabScaling.wholeMonths(days: days ?? 30)
        }
        limitRounding = document.scaling.limitRounding
        if limitRounding == .exact {
            denominator = try product(
                scaled.denominator,
                share.denominator / greatestCommonDivisor(scaled.denominator, share.denominator)
            )
            limitMultiplier = try product(scaled.numerator, denominator / scaled.denominator)
        } else {
            denominator = share.denominator
            limitMultiplier = share.numerator
        }
        shareMultiplier = try product(share.numerator, denominator / share.denominator)
    }

    /// A quantity of the whole bill, cut to this part by its share of the days.
    func part(of quantity: Int64) throws(RatingError) -> Int64 {
        try product(quantity, shareMultiplier)
    }

    /// A stated limit scaled to this part; `unbounded` stays so.
    func limit(_ bound: Int64, scales: Bool) throws(RatingError) -> Int64 {
        guard bound != unbounded else { return unbounded }
        guard scales else { return try product(bound, shareMultiplier) }
        guard limitRounding != .exact else { return try product(bound, limitMultiplier) }
        return try product(try wholeLimit(bound), limitMultiplier)
    }

    /// Whether a quantity of the whole bill is within a stated limit, scaled to the whole bill.
    func isWithin(_ quantity: Int64, _ bound: Int64, scales: Bool) throws(RatingError) -> Bool {
        guard bound != unbounded else { return true }
        guard scales else { return quantity <= bound }
        guard limitRounding == .exact else { return quantity <= (try wholeLimit(bound)) }
        return Int128(quantity) * Int128(factor.denominator)
            <= Int128(bound) * Int128(factor.numerator)
    }

    /// A limit of the whole bill, rounded to whole units as the document says.
    private func wholeLimit(_ bound: Int64) throws(RatingError) -> Int64 {
        let top = Int128(bound) * Int128(factor.numerator)
        let bottom = Int128(factor.denominator) * 1_000
        let whole: Int128 =
            switch limitRounding {
            case .nearest: RoundingMode.halfUp.quotient(top, over: bottom)
            case .ceil: RoundingMode.up.quotient(top, over: bottom)
            case .floor, .exact: RoundingMode.down.quotient(top, over: bottom)
            }
        guard let units = Int64(exactly: whole) else { throw .overflow }
        return try product(units, 1_000)
    }

    /// How often a charge applies in this part.
    func times(_ times: Times, line: String) throws(RatingError) -> Ratio {
        let count: Ratio
        switch times {
        case .bill: count = .one
        case .months: count = Ratio(whole: wholeMonths)
        case .factor: count = fixedFactor
        case .days:
            guard let days else { throw .missingInput(name: "days or dates", line: line) }
            count = Ratio(whole: Int64(days))
        }
        guard let product = count.times(share) else { throw .overflow }
        return product
    }
}

/// The product of two numbers that must fit 64 bits.
func product(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.multipliedReportingOverflow(by: right)
    guard !overflow else { throw .overflow }
    return value
}

/// The value, or the overflow it stands for when nil.
func exact<Value>(_ value: Value?) throws(RatingError) -> Value {
    guard let value else { throw .overflow }
    return value
}
