package import Units

/// What a tariff order says about the account: the account applies it, the bill does not.
package struct AccountTerms: Sendable, Hashable {
    /// Percent a month on unpaid principal, simple.
    package private(set) var lateSurchargePerMonth: Percentage?
    /// Percent on unpaid principal, once.
    package private(set) var lateCharge: Percentage?
    /// Days after issue that the principal is free of surcharge.
    package private(set) var graceDays = 0
    /// Whether a begun month counts whole; otherwise by days ÷ 30.
    package private(set) var lateByWholeMonth = false
    package private(set) var promptRebate: Percentage?
    /// Rupees for every unit of the bill.
    package private(set) var promptRebatePerUnit: Rate?
    package private(set) var promptDays = 0
    package private(set) var onlineRebate: Percentage?
    /// The most a rebate may be.
    package private(set) var rebateCap: Money?
    package private(set) var depositInterestPerYear: Percentage?

    init() {}

    init(_ node: JSONNode) throws(TariffDocumentError) {
        let fields = try node.object([
            "late_surcharge_percent_per_month", "late_charge_percent", "grace_days",
            "late_by_whole_month", "prompt_rebate_percent", "prompt_rebate_per_unit", "prompt_days",
            "online_rebate_percent", "rebate_cap",
            "deposit_interest_percent_per_year",
        ])
        func percent(_ name: String) throws(TariffDocumentError) -> Percentage? {
            try fields.millionths(name, signed: false).map(Percentage.init(millionths:))
        }
        lateSurchargePerMonth = try percent("late_surcharge_percent_per_month")
        lateCharge = try percent("late_charge_percent")
        graceDays = try fields.integer("grace_days", 0...365) ?? 0
        lateByWholeMonth = try fields.boolean("late_by_whole_month")
        promptRebate = try percent("prompt_rebate_percent")
        promptRebatePerUnit = try fields.millionths("prompt_rebate_per_unit", signed: false)
            .map(Rate.init(millionths:))
        promptDays = try fields.integer("prompt_days", 0...365) ?? 0
        onlineRebate = try percent("online_rebate_percent")
        if let cap = fields.optional("rebate_cap") {
            rebateCap = Money(
                paise: try cap.attempt(try cap.decimal(places: 2, signed: false), or: 0)
            )
        }
        depositInterestPerYear = try percent("deposit_interest_percent_per_year")
    }

    /// The surcharge on unpaid principal so many days after the bill was issued, and what a late
    /// payment costs once, each to the paisa; zero in grace.
    package func lateSurcharge(onPrincipal principal: Money, days: Int) throws(RatingError) -> Money
    {
        guard days > graceDays, principal > .zero else { return .zero }
        var sum = Money.zero
        if let lateCharge {
            sum += try AccountTerms.share(lateCharge, of: principal, times: 1, over: 1)
        }
        if let percent = lateSurchargePerMonth {
            let late = Int128(days - graceDays)
            let thirtieths = lateByWholeMonth ? (late + 29) / 30 * 30 : late
            sum += try AccountTerms.share(percent, of: principal, times: thirtieths, over: 30)
        }
        return sum
    }

    /// The rebate for paying a bill of so many units within the prompt days, and for paying online,
    /// each to the paisa; never negative and never more than the amount.
    package func rebate(
        on amount: Money,
        units: Energy,
        paidAfter days: Int,
        online: Bool
    ) throws(RatingError) -> Money {
        guard amount > .zero else { return .zero }
        var sum = Money.zero
        if days <= promptDays {
            if let promptRebate {
                sum += try AccountTerms.share(promptRebate, of: amount, times: 1, over: 1)
            }
            if let rate = promptRebatePerUnit, units > .zero {
                let exact = ExactMoney(units.wattHours, at: rate.millionths, over: 1)
                guard let money = exact.rounded(step: 1, mode: .halfUp) else { throw .overflow }
                sum += money
            }
        }
        if let onlineRebate, online {
            sum += try AccountTerms.share(onlineRebate, of: amount, times: 1, over: 1)
        }
        return min(sum, rebateCap ?? sum, amount)
    }

    /// Interest on a deposit held for so many days of a 365-day year, to the paisa.
    package func depositInterest(on deposit: Money, days: Int) throws(RatingError) -> Money {
        guard let percent = depositInterestPerYear, deposit > .zero, days > 0 else { return .zero }
        return try AccountTerms.share(percent, of: deposit, times: Int128(days), over: 365)
    }

    private static func share(
        _ percent: Percentage,
        of amount: Money,
        times: Int128,
        over divisor: Int128
    ) throws(RatingError) -> Money {
        guard
            let money = ExactMoney(amount).times(percent)?.times(times, over: divisor)?
                .rounded(step: 1, mode: .halfUp)
        else { throw .overflow }
        return money
    }
}
