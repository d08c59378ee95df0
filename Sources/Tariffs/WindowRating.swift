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
    func windowed(_ line: WindowLine) throws(RatingError) -> ExactMoney {
        let windows: [ParameterWindow]
        var name: Int?
        switch line.windows {
        case .fixed(let list): windows = list
        case .parameter(let index):
            name = index
            switch try parameter(index) {
            case .windows(let list): windows = list
            case .number(let number):
                return try windowed(line, CollectionOfOne(wholePart(at: number)))
            case .list, .listWindows, .table:
                throw bad(index, "windows {percent, from, to} are expected")
            }
        }
        if let only = onlyShare(windows) { return try windowed(line, CollectionOfOne(only)) }
        return try windowed(line, try split(windows, name))
    }

    private func windowed(_ line: WindowLine, _ shares: some Collection<WindowShare>)
        throws(RatingError) -> ExactMoney
    {
        guard let place = rated(line.line) else { return .zero }
        return line.splitsUnits
            ? try bySlab(place, shares) : try byMonth(rating.lines[place].exact, shares)
    }

    // MARK: Shares

    /// All of the part at one value.
    private func wholePart(at value: Int64) -> WindowShare {
        WindowShare(value: value, period: term.period, units: 1, unitsOfAll: 1)
    }

    /// The whole part as one share, when a single window without units of its own covers it.
    private func onlyShare(_ windows: [ParameterWindow]) -> WindowShare? {
        guard windows.count == 1, let only = windows.first else { return nil }
        guard let days = only.period, let part = term.period else {
            return wholePart(at: only.value)
        }
        guard only.units == nil, days.first <= part.first, days.last >= part.last else {
            return nil
        }
        return wholePart(at: only.value)
    }

    /// The windows cut to this part, every day covered, with the units of each.
    func split(_ windows: [ParameterWindow], _ name: Int?) throws(RatingError) -> [WindowShare] {
        if let only = onlyShare(windows) { return [only] }
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
        _ name: Int?
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

    /// One percentage per slab of a rated line and window, each rounded.
    func bySlab(_ place: Int, _ shares: some Collection<WindowShare>) throws(RatingError)
        -> ExactMoney
    {
        let slabs = rating.lines[place].firstSlab..<rating.lines[place].endSlab
        guard !slabs.isEmpty else {
            return ExactMoney(try byUnits(rating.lines[place].exact, shares))
        }
        var sum = Money.zero
        for slab in slabs {
            sum = try total(sum, try byUnits(rating.slabs[Int(slab)].amount, shares))
        }
        return ExactMoney(sum)
    }

    private func byUnits(_ amount: ExactMoney, _ shares: some Collection<WindowShare>)
        throws(RatingError) -> Money
    {
        var sum = Money.zero
        for share in shares {
            let part = try part(share.units, of: share.unitsOfAll, of: amount)
            sum = try total(sum, try roundedPiece(part, share.value, share.period))
        }
        return sum
    }

    /// One percentage per calendar month and window, each rounded.
    func byMonth(_ amount: ExactMoney, _ shares: some Collection<WindowShare>)
        throws(RatingError) -> ExactMoney
    {
        let isCalendar = (document.fixedScaling ?? document.scaling).mode == .calendar
        func weight(_ month: CalendarPart) -> Int64 {
            isCalendar ? month.weight : Int64(month.period.days)
        }
        var all: Int64 = 0
        for share in shares {
            guard let period = share.period else {
                // Without days there is one share, and it is everything.
                return ExactMoney(try roundedPiece(amount, share.value, nil))
            }
            for month in months(of: period) { all += weight(month) }
        }
        var sum = Money.zero
        for share in shares {
            guard let period = share.period else { continue }
            for month in months(of: period) {
                let part = try self.part(weight(month), of: all, of: amount)
                sum = try total(sum, try roundedPiece(part, share.value, month.period))
            }
        }
        return ExactMoney(sum)
    }

    private func months(of period: BillingPeriod) -> CalendarParts {
        guard let calendar = term.calendar, period == term.whole else {
            return CalendarParts(period)
        }
        return calendar
    }

    /// A share of an amount, by small numbers so that it stays easy to read.
    private func part(_ some: Int64, of all: Int64, of amount: ExactMoney) throws(RatingError)
        -> ExactMoney
    {
        guard some != all else { return amount }
        let share = try exact(Ratio(some, all))
        return try exact(amount.times(share.numerator, of: share.denominator))
    }

    /// Records a percentage and answers its amount rounded by the line's rule.
    private func roundedPiece(
        _ base: ExactMoney,
        _ percent: Int64,
        _ period: BillingPeriod?
    ) throws(RatingError) -> Money {
        let amount = try piece(base, percent, period)
        return try exact(amount.rounded(current.rounding))
    }
}
