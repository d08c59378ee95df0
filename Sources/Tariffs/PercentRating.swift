import Units

extension RatingPass {
    mutating func percent(_ line: PercentLine) throws(RatingError) -> ExactMoney {
        let amount: ExactMoney
        if case .parameter(let name) = line.rate,
            case .windows(let windows) = try parameter(name), windows.count > 1
        {
            amount = try overWindows(line.of, try split(windows, name))
        } else {
            amount = try share(try value(line.rate), of: line.of)
        }
        return try capped(amount, line.cap)
    }

    /// Records one percentage of the bases and answers it unrounded.
    mutating func share(_ percent: Int64, of bases: [PercentBase]) throws(RatingError)
        -> ExactMoney
    {
        let base = try self.base(bases)
        let percentage = Percentage(millionths: percent)
        let amount = try exact(base.times(percentage))
        rating.pieces.append(
            RatedPiece(base: base, percentage: percentage, period: nil, amount: amount)
        )
        return amount
    }

    /// The sum a percentage is taken of: rounded lines of this part, and exact shares of them.
    func base(_ bases: [PercentBase]) throws(RatingError) -> ExactMoney {
        var sum = ExactMoney.zero
        for base in bases {
            let amount: ExactMoney
            switch base {
            case .line(let index):
                amount = ExactMoney(rated(index)?.amount ?? .zero)
            case .share(let percent, let lines):
                amount = try exact(
                    ExactMoney(try self.sum(lines)).times(Percentage(millionths: percent))
                )
            case .everything:
                amount = ExactMoney(try self.sum(rating.lines[firstLine...].map(\.index)))
            }
            sum = try exact(sum.plus(amount))
        }
        return sum
    }

    /// A percentage that changes inside the bill: energy per slab and window, the rest per month
    /// and window.
    private mutating func overWindows(_ bases: [PercentBase], _ shares: [WindowShare])
        throws(RatingError) -> ExactMoney
    {
        var sum = ExactMoney.zero
        for base in bases {
            switch base {
            case .line(let index):
                sum = try exact(sum.plus(try overWindows(index, shares)))
            case .everything:
                for index in rating.lines[firstLine...].map(\.index) {
                    sum = try exact(sum.plus(try overWindows(index, shares)))
                }
            case .share:
                sum = try exact(sum.plus(try byMonth(try self.base([base]), shares)))
            }
        }
        return sum
    }

    private mutating func overWindows(_ index: Int, _ shares: [WindowShare]) throws(RatingError)
        -> ExactMoney
    {
        guard let line = rated(index) else { return .zero }
        switch line.line.form {
        case .blocks, .like, .perUnit: return try bySlab(line, shares)
        case .band, .percent, .windows, .freeUnits, .cases, .demand, .minimum, .timeOfDay,
            .powerFactor:
            return try byMonth(line.exact, shares)
        }
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
                .times(Int128(times.numerator), over: Int128(times.denominator))
        )
    }

    // MARK: Subsidies

    mutating func subsidy(_ line: CaseLine) throws(RatingError) -> ExactMoney {
        let total = try whole(line.by)
        let scales = line.by.scalesWithPeriod
        for option in line.cases where try term.isWithin(total, option.bound, scales: scales) {
            switch option.effect {
            case .none: return .zero
            case .percent(let percent, let bases, let cap):
                return try capped(try share(percent, of: bases), cap)
            case .amount(let amount, let times):
                return try rupees(amount, times: try term.times(times, line: current.id))
            case .perUnit(let rate):
                return slab(0, unbounded, try inPart(.units), at: rate)
            }
        }
        throw .noTable(line: current.id)
    }

    /// Takes back the charge of the first free units, slab by slab as they were charged.
    mutating func freeUnits(_ line: FreeUnitsLine) throws(RatingError) -> ExactMoney {
        let free = try freeQuantity(line)
        var sum = ExactMoney.zero
        for index in line.lines {
            guard let charged = rated(index) else { continue }
            var left = free
            for slab in Array(rating.slabs(of: charged)) where left > 0 {
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
        for band in line.bands where try term.isWithin(total, band.bound, scales: scales) {
            guard let name = band.parameter else {
                return try term.limit(band.wattHours, scales: true)
            }
            // Millionths of a kWh, with a percentage in millionths on top, to the nearest Wh.
            let whole = Int128(Percentage.whole.millionths)
            let average = RoundingMode.halfUp.quotient(
                Int128(try number(name)) * (whole + Int128(band.plusPercent)),
                over: whole * 1_000
            )
            let entitled = max(0, min(try exact(Int64(exactly: average)), band.cap))
            return try term.limit(entitled, scales: true)
        }
        throw .noTable(line: current.id)
    }
}
