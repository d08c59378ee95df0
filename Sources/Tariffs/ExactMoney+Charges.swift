import Units

/// Exact arithmetic in the sizes that bills have; what does not fit them goes to `Units`.
extension ExactMoney {
    /// Paise in one thousandth of a unit at one millionth of a rupee are 10^-7.
    private static let paiseScale: Int64 = 10_000_000

    /// So many thousandths (over a denominator) at so many millionths of a rupee.
    init(_ thousandths: Int64, at millionths: Int64, over denominator: Int64) {
        self.init(
            millionthsOfThousandths: Int128(thousandths) &* Int128(millionths),
            over: denominator
        )
    }

    /// A product of thousandths and millionths of a rupee, or a sum of such, over a denominator.
    ///
    /// Most are whole paise: then small numbers keep all that follows quick.
    init(millionthsOfThousandths product: Int128, over denominator: Int64) {
        if let small = Int64(exactly: product) {
            let (paise, rest) = small.quotientAndRemainder(dividingBy: ExactMoney.paiseScale)
            if rest == 0 {
                self.init(numerator: Int128(paise), denominator: Int128(denominator))
                return
            }
        }
        self.init(
            numerator: product,
            denominator: Int128(ExactMoney.paiseScale) &* Int128(denominator)
        )
    }

    /// This share of the amount, the divisor being positive; nil on overflow.
    func times(_ factor: Int64, of divisor: Int64) -> ExactMoney? {
        guard let top = Int64(exactly: numerator), let bottom = Int64(exactly: denominator) else {
            return times(Int128(factor), over: Int128(divisor))
        }
        // The product of two numbers of 64 bits always fits 128.
        return ExactMoney(
            numerator: Int128(top) &* Int128(factor),
            denominator: Int128(bottom) &* Int128(divisor)
        )
    }

    /// This percentage of the amount, in small numbers where it has two decimals or fewer; nil on
    /// overflow.
    func share(_ percentage: Percentage) -> ExactMoney? {
        let (hundredths, rest) = percentage.millionths.quotientAndRemainder(dividingBy: 10_000)
        guard rest == 0 else {
            return times(percentage.millionths, of: Percentage.whole.millionths)
        }
        return times(hundredths, of: 10_000)
    }

    /// The amount as money by a rule; nil on overflow.
    func rounded(_ rule: LineRounding) -> Money? {
        guard rule.stepPaise == 1, case .halfUp = rule.mode,
            let top = Int64(exactly: numerator), let bottom = Int64(exactly: denominator)
        else { return rounded(step: rule.stepPaise, mode: rule.mode) }
        if bottom == 1 { return Money(paise: top) }
        let (paise, rest) = top.quotientAndRemainder(dividingBy: bottom)
        // A half, or more, goes away from zero.
        guard rest.magnitude >= bottom.magnitude - rest.magnitude else {
            return Money(paise: paise)
        }
        return Money(paise: rest < 0 ? paise - 1 : paise + 1)
    }
}
