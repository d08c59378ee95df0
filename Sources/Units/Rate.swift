/// A price in millionths of a rupee for one unit of something: a kWh, a kW, a kVA or a connection.
package struct Rate: Hashable, Comparable, Sendable {
    package var millionths: Int64

    package init(millionths: Int64) { self.millionths = millionths }

    package static let zero = Rate(millionths: 0)

    /// The smaller rate is less; a negative one is a credit.
    package static func < (left: Rate, right: Rate) -> Bool { left.millionths < right.millionths }

    /// Reads rupees such as `4.70` or `-0.05`; at most six decimal places, no exponent.
    package init?(rupees text: some StringProtocol) {
        guard let value = parseSignedDecimal(text, places: 6) else { return nil }
        self.init(millionths: value)
    }

    /// Rupees with at least two decimals: `4.70`, `0.0525`.
    package var text: String { paddedDecimalText(millionths) }
}

/// A percentage in millionths of a percent: `16` is 16,000,000.
package struct Percentage: Hashable, Comparable, Sendable {
    package var millionths: Int64

    package init(millionths: Int64) { self.millionths = millionths }

    /// What one hundred percent, and so a whole, counts in these millionths.
    package static let whole = Percentage(millionths: 100_000_000)

    /// The smaller percentage is less; a negative one is a rebate.
    package static func < (left: Percentage, right: Percentage) -> Bool {
        left.millionths < right.millionths
    }

    /// Reads percent such as `16` or `-4.43`; at most six decimal places, no exponent.
    package init?(percent text: some StringProtocol) {
        guard let value = parseSignedDecimal(text, places: 6) else { return nil }
        self.init(millionths: value)
    }

    /// Percent without trailing zeros and without the sign `%`: `-4.43`.
    package var text: String { decimalText(millionths, places: 6) }
}

/// Reads a decimal with an optional leading minus into an integer scaled by 10^places; nil as
/// `parseDecimal`.
package func parseSignedDecimal(_ text: some StringProtocol, places: Int) -> Int64? {
    guard text.hasPrefix("-") else { return parseDecimal(text, places: places) }
    return parseDecimal(text.dropFirst(), places: places).map { -$0 }
}

private func paddedDecimalText(_ millionths: Int64) -> String {
    let text = decimalText(millionths, places: 6)
    guard let dot = text.firstIndex(of: ".") else { return text + ".00" }
    return text.distance(from: dot, to: text.endIndex) == 2 ? text + "0" : text
}
