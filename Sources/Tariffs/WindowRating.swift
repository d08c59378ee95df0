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
        guard windows.count == 1, let only = windows.first, only.units == nil else { return nil }
        guard let days = only.period else { return wholePart(at: only.value) }
        guard let part = term.period, days.first <= part.first, days.last >= part.last else {
            return nil
        }
        return wholePart(at: only.value)
    }

    /// The one value that holds on all days of this part, where a rate cannot be split.
    func only(_ windows: [ParameterWindow], _ name: Int?) throws(RatingError) -> Int64 {
        if windows.count == 1, windows[0].period == nil { return windows[0].value }
        let part = try covered(windows, name)
        var value: Int64?
        for window in windows where window.period.map(part.overlaps) ?? true {
            guard value == nil || value == window.value else {
                throw bad(name, "one value is expected here, not windows")
            }
            value = window.value
        }
        guard let value else { throw bad(name, "no value for \(part.text)") }
        return value
    }

    /// The days of this part; refused when the bill has none, or some that no window covers.
    private func covered(_ windows: [ParameterWindow], _ name: Int?) throws(RatingError)
        -> BillingPeriod
    {
        guard let part = term.period else {
            throw bad(name, "the windows have days but the bill has no days: give from and to")
        }
        var missing: [String] = []
        var next = part.first
        for window in windows {
            guard let days = window.period, days.overlaps(part) else { continue }
            if let gap = BillingPeriod(first: next, last: days.first.adding(days: -1)) {
                missing.append(gap.text)
            }
            next = max(next, days.last.adding(days: 1))
        }
        if let gap = BillingPeriod(first: next, last: part.last) { missing.append(gap.text) }
        guard missing.isEmpty else {
            throw bad(name, "no value for " + missing.joined(separator: " and "))
        }
        return part
    }

    /// The windows cut to this part, every day covered, with the units of each.
    func split(_ windows: [ParameterWindow], _ name: Int?) throws(RatingError) -> [WindowShare] {
        if let only = onlyShare(windows) { return [only] }
        if windows.count == 1, let only = windows.first, only.period == nil {
            try requireAll(only.units?.wattHours ?? 0, name)
            return [wholePart(at: only.value)]
        }
        let part = try covered(windows, name)
        var shares: [WindowShare] = []
        var cut: [ParameterWindow] = []
        var next = part.first
        for window in windows {
            guard let days = window.period,
                let inside = BillingPeriod(
                    first: max(days.first, part.first),
                    last: min(days.last, part.last)
                )
            else { continue }
            guard inside.first == next else { throw bad(name, "the windows overlap") }
            shares.append(
                WindowShare(value: window.value, period: inside, units: 0, unitsOfAll: 1)
            )
            cut.append(window)
            next = inside.last.adding(days: 1)
        }
        if windows.contains(where: { $0.units != nil }), let whole = term.whole {
            try setGivenUnits(&shares, cut, try unitsOfWindows(windows, in: whole, name))
        } else {
            try setUnits(&shares)
        }
        var all = shares.reduce(Int64(0)) { $0 + $1.units }
        if all == 0 {
            for index in shares.indices {
                shares[index].units = Int64(shares[index].period?.days ?? 0)
            }
            all = Int64(max(1, part.days))
        }
        for index in shares.indices { shares[index].unitsOfAll = all }
        return shares
    }

    // MARK: Units of windows

    /// From real blocks, else by days in whole units, the last window taking the rest.
    private func setUnits(_ shares: inout [WindowShare]) throws(RatingError) {
        if !inputs.dailyUnits.isEmpty, let whole = term.whole {
            for index in shares.indices {
                guard let period = shares[index].period else { continue }
                shares[index].units = RatingPass.units(inputs.dailyUnits, of: period, in: whole)
            }
            return
        }
        let days = shares.map { Int64($0.period?.days ?? 0) }
        let inWholeUnits = term.share == .one && netUnits % 1_000 == 0 && netUnits > 0
        let units = inWholeUnits ? try RatingPass.divide(netUnits / 1_000, by: days) : days
        for index in shares.indices { shares[index].units = units[index] }
    }

    /// The units of windows that are given with the bill, cut to this part by days.
    private func setGivenUnits(
        _ shares: inout [WindowShare],
        _ windows: [ParameterWindow],
        _ units: [BillingPeriod: Int64]
    ) throws(RatingError) {
        for (index, window) in windows.enumerated() {
            guard let days = window.period, let whole = term.whole, let cut = shares[index].period,
                let inBill = days.overlap(whole)
            else { continue }
            let part = RoundingMode.halfUp.quotient(
                Int128(units[days] ?? 0) * Int128(cut.days),
                over: Int128(inBill.days)
            )
            shares[index].units = try exact(Int64(exactly: part))
        }
    }

    /// The units of each window in the whole bill: as given, the rest split over those without.
    private func unitsOfWindows(
        _ windows: [ParameterWindow],
        in whole: BillingPeriod,
        _ name: Int?
    ) throws(RatingError) -> [BillingPeriod: Int64] {
        var units: [BillingPeriod: Int64] = [:]
        var open: [BillingPeriod] = []
        var weights: [Int64] = []
        var given: Int64 = 0
        for window in windows {
            guard let days = window.period, let inBill = days.overlap(whole) else { continue }
            if let wattHours = window.units?.wattHours {
                units[days] = wattHours
                given = try added(given, wattHours)
                continue
            }
            open.append(days)
            weights.append(
                inputs.dailyUnits.isEmpty
                    ? Int64(inBill.days)
                    : RatingPass.units(inputs.dailyUnits, of: inBill, in: whole)
            )
        }
        guard !open.isEmpty else {
            try requireAll(given, name)
            return units
        }
        let rest = netUnits - given
        guard rest >= 0 else {
            throw bad(
                name,
                "the units of the windows add to \(decimalText(given, places: 3)), more than "
                    + decimalText(netUnits, places: 3)
            )
        }
        let step: Int64 = rest % 1_000 == 0 && inputs.dailyUnits.isEmpty ? 1_000 : 1
        let parts = try RatingPass.divide(rest / step, by: weights)
        for (days, part) in zip(open, parts) { units[days] = part * step }
        return units
    }

    private func requireAll(_ given: Int64, _ name: Int?) throws(RatingError) {
        guard given == netUnits else {
            throw bad(
                name,
                "the units of the windows add to \(decimalText(given, places: 3)), not "
                    + decimalText(netUnits, places: 3)
            )
        }
    }

    /// Whole numbers in proportion to weights, the running sum to the nearest, the last the rest.
    private static func divide(_ whole: Int64, by weights: [Int64]) throws(RatingError) -> [Int64] {
        let all = weights.reduce(Int64(0), +)
        var parts: [Int64] = []
        var (counted, before) = (Int64(0), Int64(0))
        for (index, weight) in weights.enumerated() {
            counted += all > 0 ? weight : 1
            let upto = RoundingMode.halfUp.quotient(
                Int128(whole) * Int128(counted),
                over: Int128(all > 0 ? all : Int64(weights.count))
            )
            let reached = index == weights.count - 1 ? whole : try exact(Int64(exactly: upto))
            parts.append(reached - before)
            before = reached
        }
        return parts
    }

    /// The energy of the days of `period`, from daily values that begin with `whole`.
    static func units(_ daily: [Energy], of period: BillingPeriod, in whole: BillingPeriod) -> Int64
    {
        let start = period.first.days(since: whole.first)
        return daily[start..<start + period.days].reduce(0) { $0 + $1.wattHours }
    }

    // MARK: Percentages split by windows

    /// One percentage per slab of a rated line and window, each rounded.
    func bySlab(
        _ place: Int,
        _ shares: some Collection<WindowShare>,
        times factors: [Ratio] = []
    ) throws(RatingError) -> ExactMoney {
        let slabs = rating.lines[place].firstSlab..<rating.lines[place].endSlab
        guard !slabs.isEmpty else {
            let amount = try times(rating.lines[place].exact, factors)
            return ExactMoney(try byUnits(amount, shares))
        }
        var sum = Money.zero
        for slab in slabs {
            let amount = try times(rating.slabs[Int(slab)].amount, factors)
            sum = try total(sum, try byUnits(amount, shares))
        }
        return ExactMoney(sum)
    }

    /// An amount times one share after another.
    func times(_ amount: ExactMoney, _ factors: [Ratio]) throws(RatingError) -> ExactMoney {
        var result = amount
        for factor in factors {
            result = try exact(result.times(factor.numerator, of: factor.denominator))
        }
        return result
    }

    /// One percentage per window, each rounded: the amount goes with the units.
    func byUnits(_ amount: ExactMoney, _ shares: some Collection<WindowShare>)
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

/// The sum of two numbers that must fit 64 bits.
private func added(_ left: Int64, _ right: Int64) throws(RatingError) -> Int64 {
    let (value, overflow) = left.addingReportingOverflow(right)
    guard !overflow else { throw .overflow }
    return value
}

extension BillingPeriod {
    /// The days that both have; nil when there are none.
    func overlap(_ other: BillingPeriod) -> BillingPeriod? {
        BillingPeriod(first: max(first, other.first), last: min(last, other.last))
    }

    func overlaps(_ other: BillingPeriod) -> Bool { overlap(other) != nil }

    /// A single day, or the first and the last.
    var text: String { days == 1 ? first.description : description }
}
