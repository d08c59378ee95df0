/// An exact amount: a fraction of paise, kept unrounded until its line is rounded once.
package struct ExactMoney: Sendable, CustomStringConvertible {
    package let numerator: Int128
    /// Always positive; the fraction need not be in lowest terms.
    package let denominator: Int128

    package static let zero = ExactMoney(Money.zero)

    package init(_ money: Money) {
        numerator = Int128(money.paise)
        denominator = 1
    }

    /// The denominator is positive.
    package init(numerator: Int128, denominator: Int128) {
        precondition(denominator > 0, "a denominator is positive")
        self.numerator = numerator
        self.denominator = denominator
    }

    /// The sum, or nil on overflow.
    package func plus(_ other: ExactMoney) -> ExactMoney? {
        if denominator == other.denominator {
            let (sum, overflow) = numerator.addingReportingOverflow(other.numerator)
            return overflow ? nil : ExactMoney(numerator: sum, denominator: denominator)
        }
        let divisor = ExactMoney.commonDivisor(denominator, other.denominator)
        let (left, first) = numerator.multipliedReportingOverflow(by: other.denominator / divisor)
        let (right, second) = other.numerator.multipliedReportingOverflow(by: denominator / divisor)
        let (bottom, third) = (denominator / divisor)
            .multipliedReportingOverflow(by: other.denominator)
        let (top, fourth) = left.addingReportingOverflow(right)
        guard !first, !second, !third, !fourth else { return nil }
        return ExactMoney(numerator: top, denominator: bottom)
    }

    /// In 64 bits where both fit, since dividing 128 bits is slow.
    private static func commonDivisor(_ left: Int128, _ right: Int128) -> Int128 {
        if left == 1 || right == 1 { return 1 }
        if let first = Int64(exactly: left), let second = Int64(exactly: right) {
            return Int128(greatestCommonDivisor(first, second))
        }
        return greatestCommonDivisor(left, right)
    }

    /// The product with `factor / divisor` (the divisor positive), or nil on overflow.
    package func times(_ factor: Int128, over divisor: Int128 = 1) -> ExactMoney? {
        let (top, first) = numerator.multipliedReportingOverflow(by: factor)
        let (bottom, second) = denominator.multipliedReportingOverflow(by: divisor)
        if !first, !second { return ExactMoney(numerator: top, denominator: bottom) }
        let left = greatestCommonDivisor(numerator, divisor)
        let right = greatestCommonDivisor(factor, denominator)
        let (smallTop, third) = (numerator / left).multipliedReportingOverflow(by: factor / right)
        let (smallBottom, fourth) = (denominator / right)
            .multipliedReportingOverflow(by: divisor / left)
        return third || fourth ? nil : ExactMoney(numerator: smallTop, denominator: smallBottom)
    }

    /// This share of the amount, or nil on overflow.
    package func times(_ percentage: Percentage) -> ExactMoney? {
        times(Int128(percentage.millionths), over: Int128(Percentage.whole.millionths))
    }

    /// The amount with its sign turned.
    package static prefix func - (amount: ExactMoney) -> ExactMoney {
        ExactMoney(numerator: -amount.numerator, denominator: amount.denominator)
    }

    /// The nearest whole number of `step` paise by `mode`; nil on overflow.
    package func rounded(step: Int64, mode: RoundingMode) -> Money? {
        let (bottom, overflow) = denominator.multipliedReportingOverflow(by: Int128(step))
        guard !overflow, let steps = Int64(exactly: mode.quotient(numerator, over: bottom)) else {
            return nil
        }
        let (paise, tooLarge) = steps.multipliedReportingOverflow(by: step)
        return tooLarge ? nil : Money(paise: paise)
    }

    package var isNegative: Bool { numerator < 0 }

    /// The fraction of paise in lowest terms: `209875`, `24350/7`.
    package var description: String {
        let divisor = greatestCommonDivisor(numerator, denominator)
        let bottom = denominator / divisor
        return bottom == 1 ? "\(numerator / divisor)" : "\(numerator / divisor)/\(bottom)"
    }

    /// Rupees for reading: at least two and at most six decimals, the last one rounded.
    package var rupeesText: String {
        let (scaled, overflow) = numerator.multipliedReportingOverflow(by: 10_000)
        guard !overflow else { return "\(numerator)/\(denominator) paise" }
        let value = RoundingMode.halfUp.quotient(scaled, over: denominator)
        return Rate(millionths: Int64(clamping: value)).text
    }
}
