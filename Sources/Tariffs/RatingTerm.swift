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
    /// The whole bill's, cut where months begin.
    let calendar: CalendarParts?
    /// Energies of this part are counted in thousandths over this denominator.
    let denominator: Int64
    fileprivate let shareMultiplier: Int64
    fileprivate let limitMultiplier: Int64
    fileprivate let limitRounding: SlabScaling.LimitRounding

    init(
        _ document: TariffDocument,
        _ inputs: RatingInputs,
        period: BillingPeriod?,
        share: Ratio
    ) throws(RatingError) {
        let base = Int64(document.baseMonths)
        let calendar = inputs.period.map { CalendarParts($0) }
        let length = try document.scaling.months(inputs, calendar)
        let factor = try RatingTerm.quotient(length, base)
        var fixedFactor = factor
        if let fixed = document.fixedScaling, !fixed.countsMonths(as: document.scaling) {
            fixedFactor = try RatingTerm.quotient(try fixed.months(inputs, calendar), base)
        }
        let limitRounding = document.scaling.limitRounding
        let scale = try RatingTerm.scale(limitRounding == .exact ? factor : .one, share)
        let days = inputs.days ?? inputs.period?.days

        self.length = length
        self.factor = factor
        self.fixedFactor = fixedFactor
        self.days = days
        self.share = share
        self.period = period
        self.calendar = calendar
        self.limitRounding = limitRounding
        whole = inputs.period
        if let months = inputs.months {
            wholeMonths = max(1, months.numerator / months.denominator)
        } else {
            wholeMonths = SlabScaling.wholeMonths(days: days ?? 30)
        }
        denominator = scale.denominator
        shareMultiplier = scale.share
        limitMultiplier = scale.limit
    }

    /// A denominator that makes whole numbers of a share and of limits times a factor and a share,
    /// and what both are multiplied by.
    private static func scale(_ factor: Ratio, _ share: Ratio) throws(RatingError)
        -> (denominator: Int64, share: Int64, limit: Int64)
    {
        if share.denominator == 1, share.numerator == 1 {
            return (factor.denominator, factor.denominator, factor.numerator)
        }
        let scaled = try exact(factor.times(share))
        // What is left of the share's denominator when the other is divided out.
        let rest = try exact(Ratio(share.denominator, scaled.denominator)).numerator
        let denominator = try product(scaled.denominator, rest)
        return (
            denominator,
            try product(share.numerator, denominator / share.denominator),
            try product(scaled.numerator, rest)
        )
    }

    private static func quotient(_ months: Ratio, _ base: Int64) throws(RatingError) -> Ratio {
        if base == 1 { return months }
        return try exact(Ratio(months.numerator, try product(months.denominator, base)))
    }
}

extension RatingPass {
    /// A quantity of the whole bill, cut to this part by its share of the days.
    func part(of quantity: Int64) throws(RatingError) -> Int64 {
        try product(quantity, term.shareMultiplier)
    }

    /// A stated limit scaled to this part; `unbounded` stays so.
    func limit(_ bound: Int64, scales: Bool) throws(RatingError) -> Int64 {
        guard bound != unbounded else { return unbounded }
        guard scales else { return try product(bound, term.shareMultiplier) }
        guard term.limitRounding != .exact else { return try product(bound, term.limitMultiplier) }
        return try product(try wholeLimit(bound), term.limitMultiplier)
    }

    /// Whether a quantity of the whole bill is within a stated limit, scaled to the whole bill.
    func isWithin(_ quantity: Int64, _ bound: Int64, scales: Bool) throws(RatingError) -> Bool {
        guard bound != unbounded else { return true }
        guard scales else { return quantity <= bound }
        guard term.limitRounding == .exact else { return quantity <= (try wholeLimit(bound)) }
        return Int128(quantity) * Int128(term.factor.denominator)
            <= Int128(bound) * Int128(term.factor.numerator)
    }

    /// The most thousandths of the whole bill that are within a stated limit.
    func most(within bound: Int64) throws(RatingError) -> Int64 {
        guard term.limitRounding == .exact else { return try wholeLimit(bound) }
        let scaled = RoundingMode.down.quotient(
            Int128(bound) * Int128(term.factor.numerator),
            over: Int128(term.factor.denominator)
        )
        return try exact(Int64(exactly: scaled))
    }

    /// A limit of the whole bill, rounded to whole units as the document says.
    private func wholeLimit(_ bound: Int64) throws(RatingError) -> Int64 {
        let top = Int128(bound) * Int128(term.factor.numerator)
        let bottom = Int128(term.factor.denominator) * 1_000
        let whole: Int128 =
            switch term.limitRounding {
            case .nearest: RoundingMode.halfUp.quotient(top, over: bottom)
            case .ceil: RoundingMode.up.quotient(top, over: bottom)
            case .floor, .exact: RoundingMode.down.quotient(top, over: bottom)
            }
        guard let units = Int64(exactly: whole) else { throw .overflow }
        return try product(units, 1_000)
    }

    /// How often a charge applies in this part.
    func count(_ times: Times) throws(RatingError) -> Ratio {
        let count: Ratio
        switch times {
        case .bill: count = .one
        case .months: count = Ratio(whole: term.wholeMonths)
        case .factor: count = term.fixedFactor
        case .days:
            guard let days = term.days else {
                throw .missingInput(name: "days or dates", line: current.id)
            }
            count = Ratio(whole: Int64(days))
        }
        return try exact(count.times(term.share))
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
