import Units

/// Percentages that change inside a bill: each is split as what it is of.
///
/// Energy goes by slab and window, fixed charges by calendar month and window. What is a share of
/// other lines or takes them back goes with those lines, so that a surcharge on energy that is all
/// taken back is nothing.
extension RatingPass {
    /// The sum over the bases, those of `everything` standing before a place of `rating.lines`.
    func spread(
        _ bases: [PercentBase],
        before end: Int,
        times factors: [Ratio] = [],
        _ shares: [WindowShare]
    ) throws(RatingError) -> ExactMoney {
        var sum = ExactMoney.zero
        func add(_ place: Int, _ factors: [Ratio]) throws(RatingError) {
            sum = try exact(sum.plus(try spread(place, times: factors, shares)))
        }
        for base in bases {
            switch base {
            case .line(let index):
                if let place = rated(index) { try add(place, factors) }
            case .everything:
                for place in firstLine..<end { try add(place, factors) }
            case .share(let percent, let lines):
                let share = try exact(Ratio(percent, Percentage.whole.millionths))
                for place in lines.compactMap(rated) { try add(place, factors + [share]) }
            }
        }
        return sum
    }

    private func spread(_ place: Int, times factors: [Ratio], _ shares: [WindowShare])
        throws(RatingError) -> ExactMoney
    {
        let line = rating.lines[place]
        switch line.line.form {
        case .blocks, .like, .perUnit, .freeUnits:
            return try bySlab(place, shares, times: factors)
        case .band(let band) where band.bands.contains { $0.basis == .unit }:
            return try bySlab(place, shares, times: factors)
        case .timeOfDay: return ExactMoney(try byUnits(times(line.exact, factors), shares))
        case .windows(let form) where form.splitsUnits:
            return ExactMoney(try byUnits(times(line.exact, factors), shares))
        case .percent(let form): return try nested(form.of, place, factors, shares)
        case .powerFactor(let form): return try nested(form.of, place, factors, shares)
        case .cases(let form):
            switch try effect(form) {
            case .percent(_, let bases, _): return try nested(bases, place, factors, shares)
            case .perUnit: return ExactMoney(try byUnits(times(line.exact, factors), shares))
            case .none, .amount: break
            }
        case .band, .windows, .demand, .minimum: break
        }
        return try byMonth(times(line.exact, factors), shares)
    }

    /// A rated percentage, as what it is of; what caps or windows of its own made of it in
    /// proportion.
    private func nested(
        _ bases: [PercentBase],
        _ place: Int,
        _ factors: [Ratio],
        _ shares: [WindowShare]
    ) throws(RatingError) -> ExactMoney {
        let line = rating.lines[place]
        let pieces = rating.pieces(of: line)
        let factor: Ratio?
        if pieces.count == 1, let piece = pieces.first,
            piece.amount.numerator == line.exact.numerator,
            piece.amount.denominator == line.exact.denominator
        {
            factor = Ratio(piece.percentage.millionths, Percentage.whole.millionths)
        } else {
            var base = ExactMoney.zero
            for piece in pieces { base = try exact(base.plus(piece.base)) }
            let paise = try exact(base.rounded(step: 1, mode: .halfUp)).paise
            factor = paise == 0 ? nil : Ratio(line.amount.paise, paise)
        }
        guard let factor else { return try byMonth(times(line.exact, factors), shares) }
        return try spread(bases, before: place, times: factors + [factor], shares)
    }
}
