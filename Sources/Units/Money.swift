/// An amount of Indian currency in whole paise.
///
/// No binary floating point ever touches it.
package struct Money: Hashable, Comparable, Sendable {
    package var paise: Int64

    package init(paise: Int64) { self.paise = paise }

    package static let zero = Money(paise: 0)

    package static func < (left: Money, right: Money) -> Bool { left.paise < right.paise }

    package static func + (left: Money, right: Money) -> Money {
        Money(paise: left.paise + right.paise)
    }

    package static func - (left: Money, right: Money) -> Money {
        Money(paise: left.paise - right.paise)
    }

    package static prefix func - (amount: Money) -> Money { Money(paise: -amount.paise) }

    package static func += (left: inout Money, right: Money) { left = left + right }

    /// Rupees with exactly two decimals and no grouping, as cases and CSV files write them: `2098.75`.
    package var plainText: String {
        let magnitude = paise.magnitude
        let cents = magnitude % 100
        let sign = paise < 0 ? "-" : ""
        return "\(sign)\(magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
    }

    /// Rupees as people in India read them: `₹1,23,45,678.90`.
    ///
    /// Foundation's `en_IN` groups wrongly here.
    package var formatted: String {
        let plain = Money(paise: Int64(clamping: paise.magnitude)).plainText
        let rupees = plain.dropLast(3)
        let sign = paise < 0 ? "−" : ""
        return "\(sign)₹\(indianGrouping(rupees))\(plain.suffix(3))"
    }

    /// Reads `2098.75`, `-3`, `0`; at most two decimal places.
    package init?(rupees text: some StringProtocol) {
        let negative = text.hasPrefix("-")
        guard let value = parseDecimal(negative ? text.dropFirst() : text[...], places: 2) else {
            return nil
        }
        self.init(paise: negative ? -value : value)
    }
}

/// Groups digits in the Indian manner: the last three, then by twos.
package func indianGrouping(_ digits: some StringProtocol) -> String {
    guard digits.count > 3 else { return String(digits) }
    let tail = digits.suffix(3)
    var head = Substring(digits.dropLast(3))
    var groups: [Substring] = []
    while head.count > 2 {
        groups.append(head.suffix(2))
        head = head.dropLast(2)
    }
    groups.append(head)
    return groups.reversed().joined(separator: ",") + "," + tail
}

/// A scaled integer as decimal text without trailing zeros: `decimalText(14_611, places: 3)` is `14.611`.
package func decimalText(_ value: Int64, places: Int) -> String {
    var scale: UInt64 = 1
    for _ in 0..<places { scale *= 10 }
    let whole = value.magnitude / scale
    var fraction = String(value.magnitude % scale)
    fraction = String(repeating: "0", count: places - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    let sign = value < 0 ? "-" : ""
    return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
}

/// Reads an unsigned decimal with at most `places` decimals into an integer scaled by 10^places.
///
/// Signs, exponents, spaces, more decimals than allowed (unless zero) and overflow give nil.
package func parseDecimal(_ text: some StringProtocol, places: Int) -> Int64? {
    var value: Int64 = 0
    var decimals = -1
    var digits = 0
    for byte in text.utf8 {
        if byte == UInt8(ascii: ".") {
            guard decimals < 0 else { return nil }
            decimals = 0
            continue
        }
        guard byte >= 48, byte <= 57 else { return nil }
        digits += 1
        if decimals >= places {
            guard byte == 48 else { return nil }
            continue
        }
        if decimals >= 0 { decimals += 1 }
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(Int64(byte - 48))
        guard !overflow, !carry else { return nil }
        value = sum
    }
    guard digits > 0 else { return nil }
    for _ in max(decimals, 0)..<places {
        let (product, overflow) = value.multipliedReportingOverflow(by: 10)
        guard !overflow else { return nil }
        value = product
    }
    return value
}
