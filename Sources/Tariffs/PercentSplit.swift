import Units

/// A rated line, and the shares of it that a percentage is of.
private struct SplitTerm {
    let place: Int
    let factors: [Ratio]
}

/// Percentages that change inside a bill: each is split as what it is of.
///
/// Energy goes by slab and window, fixed charges by calendar month and window. What is a share of
/// other lines or takes them back goes with those lines, so that a surcharge on energy that is all
/// taken back is nothing.
extension RatingPass {
    /// The sum over the bases; a list of what is left instead of recursion keeps the pass on the
    /// stack, which every bill gains by.
    func spread(_ bases: [PercentBase], _ shares: [WindowShare]) throws(RatingError) -> ExactMoney {
        var open = try terms(bases, before: rating.lines.count, times: [])
        var sum = ExactMoney.zero
        while !open.isEmpty {
            let term = open.removeFirst()
            if let inner = try nested(term) {
                open.insert(contentsOf: inner, at: 0)
            } else {
                sum = try exact(sum.plus(try spread(term, shares)))
            }
        }
        return sum
    }

    /// The rated lines among the bases, those of `everything` standing before a place.
    private func terms(_ bases: [PercentBase], before end: Int, times factors: [Ratio])
        throws(RatingError) -> [SplitTerm]
    {
        var terms: [SplitTerm] = []
        for base in bases {
            switch base {
            case .line(let index):
                if let place = rated(index) {
                    terms.append(SplitTerm(place: place, factors: factors))
                }
            case .everything:
                for place in firstLine..<end {
                    terms.append(SplitTerm(place: place, factors: factors))
                }
            case .share(let percent, let lines):
                let share = try exact(Ratio(percent, Percentage.whole.millionths))
                for index in lines {
                    guard let place = rated(index) else { continue }
                    terms.append(SplitTerm(place: place, factors: factors + [share]))
                }
            }
        }
        return terms
    }

    /// What a rated percentage is of, with its share; nil for other lines.
    ///
    /// What a cap or windows of its own made of it is taken in proportion.
    private func nested(_ term: SplitTerm) throws(RatingError) -> [SplitTerm]? {
        let line = rating.lines[term.place]
        let bases: [PercentBase]
        switch line.line.form {
        case .percent(let form): bases = form.of
        case .powerFactor(let form): bases = form.of
        case .cases(let form):
            guard case .percent(_, let of, _) = try effect(form) else { return nil }
            bases = of
        default: return nil
        }
        let pieces = rating.pieces(of: line)
        var factor: Ratio?
        if pieces.count == 1, let piece = pieces.first,
            piece.amount.numerator == line.exact.numerator,
            piece.amount.denominator == line.exact.denominator
        {
            factor = Ratio(piece.percentage.millionths, Percentage.whole.millionths)
        } else {
            var base = ExactMoney.zero
            for piece in pieces { base = try exact(base.plus(piece.base)) }
            let paise = try exact(base.rounded(step: 1, mode: .halfUp)).paise
            if paise != 0 {
                factor =
                    paise > 0
                    ? Ratio(line.amount.paise, paise) : Ratio(-line.amount.paise, -paise)
            }
        }
        guard let factor else { return nil }
        return try terms(bases, before: term.place, times: term.factors + [factor])
    }

    private func spread(_ term: SplitTerm, _ shares: [WindowShare]) throws(RatingError)
        -> ExactMoney
    {
        let line = rating.lines[term.place]
        switch line.line.form {
        case .blocks, .like, .perUnit, .freeUnits:
            return try bySlab(term.place, shares, times: term.factors)
        case .band(let band) where band.bands.contains { $0.basis == .unit }:
            return try bySlab(term.place, shares, times: term.factors)
        case .timeOfDay: return try byUnits(term, shares)
        case .windows(let form) where form.splitsUnits: return try byUnits(term, shares)
        case .cases(let form):
            if case .perUnit = try effect(form) { return try byUnits(term, shares) }
        case .band, .windows, .demand, .minimum, .percent, .powerFactor: break
        }
        return try byMonth(times(line.exact, term.factors), shares)
    }

    private func byUnits(_ term: SplitTerm, _ shares: [WindowShare]) throws(RatingError)
        -> ExactMoney
    {
        let amount = try times(rating.lines[term.place].exact, term.factors)
        return ExactMoney(try byUnits(amount, shares))
    }
}
