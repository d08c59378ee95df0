/// A `numeric` as decimal text, exact to the last digit: `-12.50` keeps its two decimals.
package struct Numeric: PostgresValue, Hashable {
    package static var typeOID: UInt32 { TypeOID.numeric }
    package static var arrayOID: UInt32 { 1231 }

    private static let negative: UInt16 = 0x4000
    private static let special: UInt16 = 0xC000

    /// Digits, at most one point, and a minus sign where negative.
    package let text: String

    /// Takes `[+-]digits[.digits]`; nil for anything else, exponents too.
    package init?(_ text: some StringProtocol) {
        var digits = text[...]
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits.removeFirst() }
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, digits.utf8.contains(where: { $0 != 46 }),
            digits.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 })
        else { return nil }
        let whole = parts[0].drop { $0 == "0" }
        let fraction = parts.count == 2 ? parts[1] : ""
        let isZero = whole.isEmpty && fraction.allSatisfy { $0 == "0" }
        self.text =
            (isNegative && !isZero ? "-" : "") + (whole.isEmpty ? "0" : whole)
            + (fraction.isEmpty ? "" : "." + fraction)
    }

    /// Groups of four decimal digits around the point, as the server stores them.
    package func encode(into bytes: inout [UInt8]) {
        let isNegative = text.hasPrefix("-")
        let parts = text.drop { $0 == "-" }.split(separator: ".")
        let whole = Array(parts[0].utf8)
        let fraction = parts.count == 2 ? Array(parts[1].utf8) : []
        let zero = UInt8(ascii: "0")
        let padded =
            Array(repeating: zero, count: (4 - whole.count % 4) % 4) + whole + fraction
            + Array(repeating: zero, count: (4 - fraction.count % 4) % 4)
        var groups = stride(from: 0, to: padded.count, by: 4).map { start in
            padded[start..<start + 4].reduce(Int16(0)) { $0 * 10 + Int16($1 - zero) }
        }[...]
        var weight = Int16(truncatingIfNeeded: (whole.count + 3) / 4 - 1)
        while groups.first == 0 {
            groups.removeFirst()
            weight -= 1
        }
        while groups.last == 0 { groups.removeLast() }
        bytes.append(bigEndian: Int16(truncatingIfNeeded: groups.count))
        bytes.append(bigEndian: groups.isEmpty ? 0 : weight)
        bytes.append(bigEndian: isNegative ? Self.negative : 0)
        bytes.append(bigEndian: Int16(truncatingIfNeeded: fraction.count))
        for group in groups { bytes.append(bigEndian: group) }
    }

    /// Refuses `NaN` and the infinities, which are no quantities.
    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        var offset = 0
        let count = Int(try binary.next(&offset, Int16.self))
        let weight = Int(try binary.next(&offset, Int16.self))
        let sign: UInt16 = try binary.next(&offset)
        let scale = Int(try binary.next(&offset, Int16.self))
        guard sign & Self.special != Self.special else {
            throw .decoding("a numeric without value")
        }
        var groups: [Int] = []
        for _ in 0..<max(count, 0) { groups.append(Int(try binary.next(&offset, Int16.self))) }
        func digits(_ position: Int) -> String {
            let index = weight - position
            let group = String(groups.indices.contains(index) ? groups[index] : 0)
            return String(repeating: "0", count: 4 - group.count) + group
        }
        var whole = ""
        for position in stride(from: max(weight, 0), through: 0, by: -1) {
            whole += digits(position)
        }
        var fraction = ""
        var position = -1
        while fraction.count < scale {
            fraction += digits(position)
            position -= 1
        }
        let amount = whole + (scale > 0 ? "." + fraction.prefix(scale) : "")
        guard let value = Numeric((sign == Self.negative ? "-" : "") + amount) else {
            throw .decoding("a numeric of unknown form")
        }
        self = value
    }
}
