import Units

extension RatingPass {
    func percent(_ line: PercentLine) throws(RatingError) -> ExactMoney {
        let amount: ExactMoney
        if case .parameter(let name) = line.rate,
            case .windows(let windows) = try parameter(name), windows.hasSplit
        {
            amount = try spread(line.of, try split(windows, name))
        } else {
            amount = try share(try value(line.rate), of: line.of)
        }
        return try capped(amount, line.cap)
    }

    /// Records one percentage of the bases and answers it unrounded.
    func share(_ percent: Int64, of bases: [PercentBase]) throws(RatingError)
        -> ExactMoney
    {
        try piece(try base(bases), percent, nil)
    }

    /// Records a percentage of an amount and answers it unrounded.
    func piece(
        _ base: ExactMoney,
        _ percent: Int64,
        _ period: BillingPeriod?
    ) throws(RatingError) -> ExactMoney {
        let percentage = Percentage(millionths: percent)
        let amount = try exact(base.share(percentage))
        rating.pieces.append(
            RatedPiece(base: base, percentage: percentage, period: period, amount: amount)
        )
        return amount
    }

    /// The sum a percentage is taken of: rounded lines of this part, and exact shares of them.
    func base(_ bases: [PercentBase]) throws(RatingError) -> ExactMoney {
        var rounded = Money.zero
        var shares: ExactMoney?
        for base in bases {
            switch base {
            case .line(let index): rounded = try total(rounded, amount(of: index))
            case .everything: rounded = try total(rounded, try sumOfLines())
            case .share(let percent, let lines):
                let share = try exact(
                    ExactMoney(try sum(lines)).share(Percentage(millionths: percent))
                )
                shares = try exact(shares.map { $0.plus(share) } ?? share)
            }
        }
        guard let shares else { return ExactMoney(rounded) }
        return try exact(ExactMoney(rounded).plus(shares))
    }

    /// The amount, its size held to the cap: of the bill, or of each of its months.
    func capped(_ amount: ExactMoney, _ cap: Cap?) throws(RatingError) -> ExactMoney {
        guard let cap else { return amount }
        let times = cap.per == .month ? try exact(term.length.times(term.share)) : term.share
        let limit = try rupees(cap.amount, times: times)
        let over = try exact((amount.isNegative ? -amount : amount).plus(-limit))
        guard !over.isNegative, over.numerator > 0 else { return amount }
        return amount.isNegative ? -limit : limit
    }

    /// Millionths of a rupee, so many times.
    func rupees(_ millionths: Int64, times: Ratio) throws(RatingError) -> ExactMoney {
        try exact(
            ExactMoney(numerator: Int128(millionths), denominator: 10_000)
                .times(times.numerator, of: times.denominator)
        )
    }

    // MARK: Subsidies

    func subsidy(_ line: CaseLine) throws(RatingError) -> ExactMoney {
        switch try effect(line) {
        case .none: return .zero
        case .percent(let percent, let bases, let cap):
            return try capped(try share(percent, of: bases), cap)
        case .amount(let amount, let times):
            return try rupees(amount, times: try count(times))
        case .perUnit(let rate, let cap):
            return try capped(slab(0, unbounded, try inPart(.units), at: rate), cap)
        }
    }

    /// The case that the whole bill falls into.
    func effect(_ line: CaseLine) throws(RatingError) -> SubsidyCase.Effect {
        let total = try whole(line.by)
        let scales = line.by.scalesWithPeriod
        for option in line.cases where try isWithin(total, option.bound, scales: scales) {
            return option.effect
        }
        throw .noTable(line: current.id)
    }

    /// Takes back the charge of the first free units, slab by slab as they were charged.
    func freeUnits(_ line: FreeUnitsLine) throws(RatingError) -> ExactMoney {
        let free = try freeQuantity(line)
        var sum = ExactMoney.zero
        for index in line.lines {
            guard let place = rated(index) else { continue }
            var left = free
            for slab in rating.slabs(of: rating.lines[place]) where left > 0 {
                let taken = min(left, slab.amountOfThing)
                let lower = slab.lower
                let back = self.slab(lower, slab.upper, taken, at: -slab.rate.millionths)
                sum = try exact(sum.plus(back))
                left -= taken
            }
        }
        return sum
    }

    private func freeQuantity(_ line: FreeUnitsLine) throws(RatingError) -> Int64 {
        let total = try whole(line.by)
        let scales = line.by.scalesWithPeriod
        for band in line.bands where try isWithin(total, band.bound, scales: scales) {
            guard let name = band.parameter else {
                return try limit(band.wattHours, scales: true)
            }
            // Millionths of a kWh, with a percentage in millionths on top, to the nearest Wh.
            let whole = Int128(Percentage.whole.millionths)
            let average = RoundingMode.halfUp.quotient(
                Int128(try number(name)) * (whole + Int128(band.plusPercent)),
                over: whole * 1_000
            )
            let entitled = max(0, min(try exact(Int64(exactly: average)), band.cap))
            return try limit(entitled, scales: true)
        }
        throw .noTable(line: current.id)
    }
}
