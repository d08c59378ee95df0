import Units

/// How the length of a bill becomes a number of months, and how scaled limits are rounded.
struct SlabScaling: Sendable {
    enum Mode: String, Sendable, CaseIterable {
        /// Days ÷ 30, exactly.
        case days
        /// Days ÷ 30 to two decimals.
        case days30
        /// Days × 12 ÷ 365.
        case days365
        /// The sum over calendar months of days used ÷ days of that month.
        case calendar
        /// Days ÷ days of the month that the bill belongs to.
        case daysInMonth = "days_in_month"
        /// Never by days: whole months only.
        case months
    }

    enum LimitRounding: String, Sendable, CaseIterable { case exact, floor, nearest, ceil }

    var mode = Mode.days
    var limitRounding = LimitRounding.exact
    /// Decimals that the number of months is rounded to; nil keeps the fraction.
    var decimals: Int?

    init() {}

    init(_ node: JSONNode) throws(TariffDocumentError) {
        let fields = try node.object(["mode", "limit_rounding", "factor_decimals"])
        mode = try fields.attempt(try fields.required("mode").word(Mode.self), or: .days)
        limitRounding = try fields.word("limit_rounding", LimitRounding.self) ?? .exact
        decimals = try fields.integer("factor_decimals", 0...6) ?? (mode == .days30 ? 2 : nil)
    }

    /// The months a bill counts under this rule; `calendar` are those of its days, when given.
    func months(_ inputs: RatingInputs, _ calendar: CalendarParts?) throws(RatingError) -> Ratio {
        if let months = inputs.months { return months }
        guard let days = inputs.days ?? inputs.period?.days else {
            throw .missingInput(name: "its length: months, days, or from and to", line: nil)
        }
        let exact: Ratio?
        switch mode {
        case .days, .days30: exact = Ratio(Int64(days), 30)
        case .days365: exact = Ratio(Int64(days) * 12, 365)
        case .months: exact = Ratio(whole: SlabScaling.wholeMonths(days: days))
        case .daysInMonth:
            if let divisor = inputs.daysInMonth {
                exact = Ratio(Int64(days), Int64(divisor))
            } else {
                exact = try SlabScaling.calendarMonths(calendar)
            }
        case .calendar: exact = try SlabScaling.calendarMonths(calendar)
        }
        guard let exact, let result = decimals.map({ exact.rounded(places: $0) }) ?? exact else {
            throw .overflow
        }
        return result
    }

    private static func calendarMonths(_ calendar: CalendarParts?) throws(RatingError) -> Ratio {
        guard let calendar else {
            throw .missingInput(name: "from and to (or days_in_month)", line: nil)
        }
        var sum: Int64 = 0
        for part in calendar { sum += part.weight }
        guard let months = Ratio(sum, CalendarPart.monthWeight) else { throw .overflow }
        return months
    }

    /// Whether both rules make the same number of months of any bill.
    func countsMonths(as other: SlabScaling) -> Bool {
        mode == other.mode && decimals == other.decimals
    }

    /// Whole months in so many days: a month of 28 to 31 days is one, two need 59, three 89; at
    /// least one.
    static func wholeMonths(days: Int) -> Int64 {
        let years = days / 365
        let rest = days % 365
        let shortest = [28, 59, 89, 120, 150, 181, 212, 242, 273, 303, 334]
        return max(1, Int64(years * 12 + shortest.count { $0 <= rest }))
    }
}

/// The days of a bill that lie in one calendar month.
struct CalendarPart {
    let period: BillingPeriod
    let daysInMonth: Int

    /// The weight of a whole month: what 28, 29, 30 and 31 all divide.
    static let monthWeight: Int64 = 28 * 29 * 15 * 31

    /// This part's share of its calendar month.
    var weight: Int64 { Int64(period.days) * (CalendarPart.monthWeight / Int64(daysInMonth)) }
}

/// A period cut where calendar months begin.
struct CalendarParts: Sequence, IteratorProtocol {
    private var month: CivilMonth
    private var daysInMonth: Int
    private var monthLast: CivilDate
    private var first: CivilDate
    private let last: CivilDate

    init(_ period: BillingPeriod) {
        first = period.first
        last = period.last
        month = first.month
        daysInMonth = month.days
        monthLast = month.last
    }

    mutating func next() -> CalendarPart? {
        guard let period = BillingPeriod(first: first, last: Swift.min(monthLast, last)) else {
            return nil
        }
        let part = CalendarPart(period: period, daysInMonth: daysInMonth)
        first = monthLast.adding(days: 1)
        if first <= last {
            month = month.adding(months: 1)
            daysInMonth = month.days
            monthLast = monthLast.adding(days: daysInMonth)
        }
        return part
    }
}
