import Units

extension RatingInputs {
    /// The same, counted as a bill counts it: the days of whole cycles by their months, other days as
    /// they are.
    ///
    /// What states months or days itself stays as it is.
    package func asBilled(cycleMonths: Int) -> RatingInputs {
        guard months == nil, days == nil, let whole = period?.wholeMonths, cycleMonths > 0,
            whole % cycleMonths == 0
        else { return self }
        var inputs = self
        inputs.months = Ratio(whole: Int64(whole))
        return inputs
    }

    /// How many days a bill may be early or late and still be one of so many months.
    private static let lateDays: Int64 = 5

    /// Why the stated lengths cannot all be right; nil when they agree.
    ///
    /// Rating takes `months` before days, as an office bills a cycle read some days late; this is
    /// for what a person typed.
    package var contradiction: RatingError? {
        if let days, let period, days != period.days {
            return .contradiction(
                "days",
                "from/to",
                reason: "\(period) are \(period.days) days, not \(days)"
            )
        }
        guard let months, let days = days ?? period?.days else { return nil }
        let (top, bottom) = (Int128(months.numerator), Int128(months.denominator))
        let late = Int128(RatingInputs.lateDays)
        guard (Int128(days) + late) * bottom < 28 * top || (Int128(days) - late) * bottom > 31 * top
        else { return nil }
        return .contradiction(
            "months",
            period == nil ? "days" : "from/to",
            reason: "\(months.decimalText) months are not \(days) days"
        )
    }
}

extension TariffDocument {
    /// The days of a bill on which this document is not in force; nil when it is on all of them,
    /// and when the bill has none.
    package func notInForce(for inputs: RatingInputs) -> RatingError? {
        guard let days = inputs.period ?? inputs.date.map(BillingPeriod.init(day:)) else {
            return nil
        }
        var missing: [BillingPeriod] = []
        if let from = effectiveFrom,
            let before = BillingPeriod(
                first: days.first,
                last: min(days.last, from.adding(days: -1))
            )
        {
            missing.append(before)
        }
        if let to = effectiveTo,
            let after = BillingPeriod(first: max(days.first, to.adding(days: 1)), last: days.last)
        {
            missing.append(after)
        }
        return missing.isEmpty ? nil : .notInForce(id: id, days: missing)
    }
}
