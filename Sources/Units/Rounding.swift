/// How an exact number becomes a whole one; ties and signs are spelled out because money depends on
/// them.
package enum RoundingMode: String, Hashable, Sendable, CaseIterable {
    /// To the nearest; a half goes away from zero.
    case halfUp = "half_up"
    /// To the nearest; a half goes to the even neighbour.
    case halfEven = "half_even"
    /// Towards zero.
    case down
    /// Away from zero.
    case up

    /// The whole number for `numerator / denominator`; the denominator is positive.
    package func quotient(_ numerator: Int128, over denominator: Int128) -> Int128 {
        precondition(denominator > 0, "a denominator is positive")
        if let small = Int64(exactly: numerator), let divisor = Int64(exactly: denominator) {
            let whole = small / divisor
            let rest = small % divisor
            guard rest != 0 else { return Int128(whole) }
            return Int128(whole)
                + step(
                    sign: rest < 0 ? -1 : 1,
                    rest: UInt128(rest.magnitude),
                    divisor: UInt128(divisor),
                    odd: whole & 1 != 0
                )
        }
        let (whole, rest) = numerator.quotientAndRemainder(dividingBy: denominator)
        guard rest != 0 else { return whole }
        return whole
            + step(
                sign: rest < 0 ? -1 : 1,
                rest: rest.magnitude,
                divisor: denominator.magnitude,
                odd: whole & 1 != 0
            )
    }

    private func step(sign: Int128, rest: UInt128, divisor: UInt128, odd: Bool) -> Int128 {
        switch self {
        case .down: 0
        case .up: sign
        case .halfUp: rest >= divisor - rest ? sign : 0
        case .halfEven: rest == divisor - rest ? (odd ? sign : 0) : rest > divisor - rest ? sign : 0
        }
    }
}

/// A positive or negative fraction of two 64-bit numbers in lowest terms; every operation answers
/// nil on overflow.
package struct Ratio: Hashable, Sendable, CustomStringConvertible {
    package let numerator: Int64
    package let denominator: Int64

    package static let one = Ratio(whole: 1)

    package init(whole: Int64) {
        numerator = whole
        denominator = 1
    }

    /// Nil when the denominator is not positive.
    package init?(_ numerator: Int64, _ denominator: Int64) {
        guard denominator > 0 else { return nil }
        let divisor = greatestCommonDivisor(numerator, denominator)
        self.numerator = numerator / divisor
        self.denominator = denominator / divisor
    }

    /// The product, or nil on overflow.
    package func times(_ other: Ratio) -> Ratio? {
        if other.numerator == 1, other.denominator == 1 { return self }
        let left = greatestCommonDivisor(numerator, other.denominator)
        let right = greatestCommonDivisor(other.numerator, denominator)
        let (top, first) = (numerator / left)
            .multipliedReportingOverflow(by: other.numerator / right)
        let (bottom, second) = (denominator / right)
            .multipliedReportingOverflow(by: other.denominator / left)
        return first || second ? nil : Ratio(top, bottom)
    }

    /// The sum, or nil on overflow.
    package func plus(_ other: Ratio) -> Ratio? {
        let (left, first) = numerator.multipliedReportingOverflow(by: other.denominator)
        let (right, second) = other.numerator.multipliedReportingOverflow(by: denominator)
        let (bottom, third) = denominator.multipliedReportingOverflow(by: other.denominator)
        let (top, fourth) = left.addingReportingOverflow(right)
        return first || second || third || fourth ? nil : Ratio(top, bottom)
    }

    /// The nearest multiple of 10^-places, halves up.
    package func rounded(places: Int) -> Ratio? {
        var scale: Int64 = 1
        for _ in 0..<places { scale *= 10 }
        let top = RoundingMode.halfUp.quotient(
            Int128(numerator) * Int128(scale),
            over: Int128(denominator)
        )
        return Int64(exactly: top).flatMap { Ratio($0, scale) }
    }

    /// `5/4`, or `2` when whole.
    package var description: String {
        denominator == 1 ? "\(numerator)" : "\(numerator)/\(denominator)"
    }

    /// At most six decimals for reading: `1.25`, `0.974194`.
    package var decimalText: String {
        let top = RoundingMode.halfUp.quotient(
            Int128(numerator) * 1_000_000,
            over: Int128(denominator)
        )
        return Units.decimalText(Int64(clamping: top), places: 6)
    }
}

/// The greatest common divisor of two magnitudes; 1 when both are zero.
package func greatestCommonDivisor<Number: FixedWidthInteger>(
    _ left: Number,
    _ right: Number
) -> Number {
    var first = left.magnitude
    var second = right.magnitude
    while second != 0 { (first, second) = (second, first % second) }
    return first == 0 ? 1 : Number(clamping: first)
}
