/// Shares a whole number by weights, exactly: each share is its exact part rounded down, and what
/// is left goes to the largest remainders, the earlier first.
///
/// Weights below zero count as zero; without any weight the shares are even.
package func apportion(_ total: Int64, by weights: [Int64]) -> [Int64] {
    guard !weights.isEmpty, total > 0 else {
        return [Int64](repeating: 0, count: weights.count)
    }
    var parts = weights.map { UInt64(max(0, min($0, .max / 4_096))) }
    var whole = parts.reduce(UInt64(0)) { $0 + $1 }
    if whole == 0 {
        parts = [UInt64](repeating: 1, count: weights.count)
        whole = UInt64(weights.count)
    }
    var shares: [Int64] = []
    var remainders: [(remainder: UInt64, index: Int)] = []
    var left = total
    for (index, part) in parts.enumerated() {
        let product = UInt64(total).multipliedFullWidth(by: part)
        let (quotient, remainder) = whole.dividingFullWidth(product)
        shares.append(Int64(quotient))
        remainders.append((remainder, index))
        left -= Int64(quotient)
    }
    remainders.sort { ($1.remainder, $0.index) < ($0.remainder, $1.index) }
    for place in 0..<Int(left) { shares[remainders[place].index] += 1 }
    return shares
}

/// The middle one of some numbers, the lower of two; nil of none.
func median(_ values: [Int64]) -> Int64? {
    values.isEmpty ? nil : values.sorted()[(values.count - 1) / 2]
}
