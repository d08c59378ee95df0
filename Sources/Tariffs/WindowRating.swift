import Units

/// A window cut to the part at work, and what share of the part's units falls into it.
struct WindowShare {
    /// Millionths of a percent or of a rupee.
    let value: Int64
    /// Nil when neither the bill nor the window has days.
    let period: BillingPeriod?
    var units: Int64
    var unitsOfAll: Int64
}

extension RatingPass {
    mutating func windowed(_ line: WindowLine) throws(RatingError) -> ExactMoney {
        let windows: [ParameterWindow]
        let name: String
        switch line.windows {
        case .fixed(let list): (windows, name) = (list, "windows")
        case .parameter(let parameterName):
            name = parameterName
            switch try parameter(name) {
            case .windows(let list): windows = list
            case .number(let number): windows = [ParameterWindow(value: number, period: nil)]
            case .list, .listWindows, .table:
                throw bad(name, "windows {percent, from, to} are expected")
            }
        }
        guard let base = rated(line.line) else { return .zero }
        let shares = try split(windows, name)
        return line.splitsUnits
            ? try bySlab(base, shares) : try byMonth(base.exact, shares)
    }

    // MARK: Shares

    /// The windows cut to this part, every day covered, with the units of each.
    func split(_ windows: [ParameterWindow], _ name: String) throws(RatingError) -> [WindowShare] {
        if windows.count == 1, let only = windows.first,
            only.period == nil || term.period == nil
        {
            let period = term.period
            return [WindowShare(value: only.value, period: period, units: 1, unitsOfAll: 1)]
        }
        guard let first = term.period?.first ?? windows.first?.period?.first,
            let last = term.period?.last ?? windows.last?.period?.last
        else { throw bad(name, "the windows have no days") }
        var shares: [WindowShare] = []
        var next = first
        for window in windows {
            guard let days = window.period,
                let cut = BillingPeriod(first: max(days.first, first), last: min(days.last, last))
            else { continue }
            guard cut.first == next else { throw bad(name, "no value for \(next)") }
            shares.append(
                WindowShare(value: window.value, period: cut, units: 0, unitsOfAll: 1)
            )
            next = cut.last.adding(days: 1)
        }
        guard next > last else { throw bad(name, "no value for \(next)") }
        try setUnits(&shares, windows, name)
        return shares
    }

    /// Units as given, else from real blocks, else by days in whole units, the last window taking
    /// the rest.
    private func setUnits(
        _ shares: inout [WindowShare],
        _ windows: [ParameterWindow],
        _ name: String
    ) throws(RatingError) {
        let days = shares.reduce(0) { $0 + ($1.period?.days ?? 0) }
        let given = windows.compactMap { $0.units?.wattHours }
        if given.count == shares.count, given.count == windows.count, term.share == .one {
            var sum: Int64 = 0
            for (index, units) in given.enumerated() {
                shares[index].units = units
                sum += units
            }
            guard sum == netUnits else {
                throw bad(
                    name,
                    "the units of the windows add to \(decimalText(sum, places: 3)), not "
                        + decimalText(netUnits, places: 3)
                )
            }
        } else if !inputs.dailyUnits.isEmpty, let whole = term.whole {
            for index in shares.indices {
                guard let period = shares[index].period else { continue }
                shares[index].units = RatingPass.units(inputs.dailyUnits, of: period, in: whole)
            }
        } else {
            let inWholeUnits = term.share == .one && netUnits % 1_000 == 0 && netUnits > 0
            var counted = 0
            var before: Int64 = 0
            for index in shares.indices {
                counted += shares[index].period?.days ?? 0
                let upto =
                    inWholeUnits
                    ? try exact(
                        Int64(
                            exactly: RoundingMode.halfUp.quotient(
                                Int128(netUnits / 1_000) * Int128(counted),
                                over: Int128(days)
                            )
                        )
                    )
                    : Int64(counted)
                shares[index].units = upto - before
                before = upto
            }
        }
        var all = shares.reduce(Int64(0)) { $0 + $1.units }
        if all == 0 {
            for index in shares.indices {
                shares[index].units = Int64(shares[index].period?.days ?? 0)
            }
            all = Int64(max(1, days))
        }
        for index in shares.indices { shares[index].unitsOfAll = all }
    }

    /// The energy of the days of `period`, from daily values that begin with `whole`.
    static func units(_ daily: [Energy], of period: BillingPeriod, in whole: BillingPeriod) -> Int64
    {
        let start = period.first.days(since: whole.first)
        return daily[start..<start + period.days].reduce(0) { $0 + $1.wattHours }
    }

    // MARK: Percentages split by windows

    /// One percentage per slab and window, each rounded.
    mutating func bySlab(_ base: RatedLine, _ shares: [WindowShare]) throws(RatingError)
        -> ExactMoney
    {
        var sum = ExactMoney.zero
        let slabs = Array(rating.slabs(of: base).map(\.amount))
        for amount in slabs.isEmpty ? [base.exact] : slabs {
            for share in shares {
                let part = try exact(
                    amount.times(Int128(share.units), over: Int128(share.unitsOfAll))
                )
                sum = try exact(sum.plus(try piece(part, share.value, share.period)))
            }
        }
        return sum
    }

    /// One percentage per calendar month and window, each rounded.
    mutating func byMonth(_ amount: ExactMoney, _ shares: [WindowShare]) throws(RatingError)
        -> ExactMoney
    {
        var weights: [(weight: Ratio, value: Int64, period: BillingPeriod?)] = []
        let mode = (document.fixedScaling ?? document.scaling).mode
        var all: Ratio? = Ratio(whole: 0)
        for share in shares {
            guard let period = share.period else {
                weights.append((.one, share.value, nil))
                all = all?.plus(.one) ?? nil
                continue
            }
            for month in CalendarPart.parts(of: period) {
                let weight =
                    mode == .calendar ? month.months : Ratio(whole: Int64(month.period.days))
                weights.append((weight, share.value, month.period))
                all = all?.plus(weight) ?? nil
            }
        }
        guard let all else { throw .overflow }
        var sum = ExactMoney.zero
        for (weight, value, period) in weights {
            let top = Int128(weight.numerator) * Int128(all.denominator)
            let bottom = Int128(weight.denominator) * Int128(all.numerator)
            let part = try exact(amount.times(top, over: bottom))
            sum = try exact(sum.plus(try piece(part, value, period)))
        }
        return sum
    }

    /// Records a percentage rounded by the line's rule and answers the rounded amount.
    private mutating func piece(
        _ base: ExactMoney,
        _ percent: Int64,
        _ period: BillingPeriod?
    ) throws(RatingError) -> ExactMoney {
        let percentage = Percentage(millionths: percent)
        let amount = try exact(base.times(percentage))
        rating.pieces.append(
            RatedPiece(base: base, percentage: percentage, period: period, amount: amount)
        )
        let rule = current.rounding
        return ExactMoney(try exact(amount.rounded(step: rule.stepPaise, mode: rule.mode)))
    }
}
