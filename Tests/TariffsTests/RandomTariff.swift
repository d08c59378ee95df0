import Units

@testable import Tariffs

/// A tariff that nobody has written, from a seed: its lines in an order that their references allow.
struct RandomTariff {
    /// A line's JSON and the earlier lines that it names.
    struct Line {
        let id: String
        let names: [String]
        let json: String
    }

    private(set) var lines: [Line] = []
    let extra: String

    /// With `rising` every rate grows with the units, so that more never costs less.
    init(rising: Bool = false, _ random: inout SeededRandom) {
        let modes = ["days", "days30", "days365", "months"]
        let roundings = ["exact", "exact", "floor", "nearest", "ceil"]
        let mode = modes.randomElement(using: &random) ?? "days"
        let rounding = roundings.randomElement(using: &random) ?? "exact"
        extra = """
            "base_months": \(Int.random(in: 1...3, using: &random)),
            "slab_scaling": {"mode": "\(mode)", "limit_rounding": "\(rounding)"},
            """
        lines = [RandomTariff.blocks("energy", rising: rising, &random)]
        for number in 0..<Int.random(in: 0...6, using: &random) {
            lines.append(line("line_\(number)", rising: rising, &random))
        }
    }

    /// The document of these lines, in this order.
    func json(_ lines: [Line], id: String = "random-2026-01") -> String {
        """
        {"id": "\(id)", "utility": "Test", "category": "Test", \(extra)
        "lines": [\(lines.map(\.json).joined(separator: ", "))]}
        """
    }

    func document() throws -> TariffDocument {
        try TariffDocument.load(Array(json(lines).utf8))
    }

    /// The lines in another order: whichever is drawn when all that it names stand above.
    func shuffled(_ random: inout SeededRandom) -> [Line] {
        var left = lines
        var placed: [Line] = []
        while !left.isEmpty {
            let ready = left.indices.filter { index in
                left[index].names.allSatisfy { name in placed.contains { $0.id == name } }
            }
            guard let index = ready.randomElement(using: &random) else { break }
            placed.append(left.remove(at: index))
        }
        return placed
    }

    /// A bill for it: some length, some load, some units.
    static func bill(_ random: inout SeededRandom) -> RatingInputs {
        let thousandths = Bool.random(using: &random) ? 1_000 : 1
        let consumed = Int64.random(in: 0...1_500_000, using: &random)
        let wattHours = consumed / Int64(thousandths) * Int64(thousandths)
        let energy = Energy(wattHours: Int.random(in: 0..<20, using: &random) == 0 ? 0 : wattHours)
        var bill =
            Bool.random(using: &random)
            ? RatingInputs(units: energy, months: Int.random(in: 1...6, using: &random))
            : RatingInputs(units: energy, days: Int.random(in: 1...100, using: &random))
        bill.load = Power(milliwatts: Int64.random(in: 1...30_000, using: &random) * 1_000)
        return bill
    }

    // MARK: Lines

    private func line(_ id: String, rising: Bool, _ random: inout SeededRandom) -> Line {
        switch Int.random(in: 0..<(rising ? 5 : 7), using: &random) {
        case 0: RandomTariff.blocks(id, rising: rising, &random)
        case 1: perUnit(id, &random)
        case 2: band(id, rising: rising, &random)
        case 3, 4: percent(id, &random)
        case 5: minimum(id, &random)
        default: freeUnits(id, &random)
        }
    }

    private static func rate(_ random: inout SeededRandom) -> String {
        Rate(millionths: Int64.random(in: 0...1_500, using: &random) * 10_000).text
    }

    /// `[[bound, rate], …, [null, rate]]`, the rates rising or not.
    static func pairs(rising: Bool, _ random: inout SeededRandom) -> String {
        let bounds = Set((0..<5).map { _ in Int.random(in: 1...900, using: &random) }).sorted()
        let kept = bounds.prefix(Int.random(in: 0...5, using: &random))
        var rates = (0...kept.count).map { _ in Int64.random(in: 0...1_500, using: &random) }
        if rising { rates.sort() }
        let texts = rates.map { Rate(millionths: $0 * 10_000).text }
        let pairs = zip(kept.map(String.init) + ["null"], texts).map { "[\($0), \"\($1)\"]" }
        return "[\(pairs.joined(separator: ", "))]"
    }

    private static func blocks(_ id: String, rising: Bool, _ random: inout SeededRandom) -> Line {
        if rising || Bool.random(using: &random) {
            let mode = Bool.random(using: &random) ? "telescopic" : "whole"
            let pairs = pairs(rising: rising, &random)
            let sizes = ["", "", #""bounds_per": "kw","#, #""bounds_per": "hp","#]
            let size = sizes.randomElement(using: &random) ?? ""
            let json = """
                {"id": "\(id)", "kind": "blocks", "mode": "\(mode)", \(size) "blocks": \(pairs)}
                """
            return Line(id: id, names: [], json: json)
        }
        let upto = Int.random(in: 100...800, using: &random)
        let json = """
            {"id": "\(id)", "kind": "blocks", "tables": [
            {"upto": \(upto), "blocks": \(pairs(rising: false, &random))},
            {"upto": null, "mode": "whole", "blocks": \(pairs(rising: false, &random))}]}
            """
        return Line(id: id, names: [], json: json)
    }

    private func perUnit(_ id: String, _ random: inout SeededRandom) -> Line {
        let rate = RandomTariff.rate(&random)
        return Line(
            id: id,
            names: [],
            json: #"{"id": "\#(id)", "kind": "per_unit", "rate": "\#(rate)"}"#
        )
    }

    private func band(_ id: String, rising: Bool, _ random: inout SeededRandom) -> Line {
        let by = Bool.random(using: &random) ? "units" : "load_kw"
        let per = ["connection", "kw", "hp"].randomElement(using: &random) ?? "kw"
        let times = ["months", "bill", "factor"].randomElement(using: &random) ?? "months"
        let json = """
            {"id": "\(id)", "kind": "band", "by": "\(by)", "per": "\(per)", "times": "\(times)",
            "bands": \(RandomTariff.pairs(rising: rising, &random))}
            """
        return Line(id: id, names: [], json: json)
    }

    /// Some of the lines until now.
    private func names(_ random: inout SeededRandom) -> [String] {
        let some = lines.map(\.id).shuffled(using: &random)
        return Array(some.prefix(Int.random(in: 1...some.count, using: &random)))
    }

    private func percent(_ id: String, _ random: inout SeededRandom) -> Line {
        let names = names(&random)
        var terms = names.map { "\"\($0)\"" }
        if Bool.random(using: &random), let last = terms.popLast() {
            terms.append(#"{"percent": "8.5", "of": \#(last)}"#)
        }
        let percent = Int.random(in: 0...30, using: &random)
        let json = """
            {"id": "\(id)", "kind": "percent", "of": [\(terms.joined(separator: ", "))],
            "rate": "\(percent)"}
            """
        return Line(id: id, names: names, json: json)
    }

    private func minimum(_ id: String, _ random: inout SeededRandom) -> Line {
        let names = names(&random)
        let terms = names.map { "\"\($0)\"" }.joined(separator: ", ")
        let json = """
            {"id": "\(id)", "kind": "minimum", "of": [\(terms)],
            "per": "kw", "rate": "\(RandomTariff.rate(&random))"}
            """
        return Line(id: id, names: names, json: json)
    }

    /// Takes back the whole charge of the first units, never more than was charged.
    private func freeUnits(_ id: String, _ random: inout SeededRandom) -> Line {
        let free = Int.random(in: 0...100, using: &random)
        let json = """
            {"id": "\(id)", "kind": "free_units", "line": "energy",
            "bands": [[300, \(free)], [null, 0]]}
            """
        // Twice taken back would be negative.
        let taken = lines.contains { $0.json.contains("free_units") }
        return taken ? perUnit(id, &random) : Line(id: id, names: ["energy"], json: json)
    }
}

extension JSONValue {
    /// The value with one thing in it gone, changed or added.
    func mutated(_ random: inout SeededRandom) -> JSONValue {
        let odd: [JSONValue] = [
            .boolean(true), .number("-1"), .number("1e3"), .string(""), .string("units"),
            .string("energy"), .array([]), .object([]),
            .object([JSONMember("param", .string("p"))]),
        ]
        let goesOn = Int.random(in: 0..<8, using: &random) > 0
        switch self {
        case .object(var members) where !members.isEmpty && goesOn:
            let index = Int.random(in: 0..<members.count, using: &random)
            let member = members[index]
            switch Int.random(in: 0..<8, using: &random) {
            case 0: members.remove(at: index)
            case 1: members[index] = JSONMember("odd_\(member.name)", member.value)
            default: members[index] = JSONMember(member.name, member.value.mutated(&random))
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty && goesOn:
            let index = Int.random(in: 0..<elements.count, using: &random)
            switch Int.random(in: 0..<8, using: &random) {
            case 0: elements.remove(at: index)
            case 1: elements.append(elements[index])
            case 2: elements.swapAt(0, index)
            default: elements[index] = elements[index].mutated(&random)
            }
            return .array(elements)
        default: return odd.randomElement(using: &random) ?? .null
        }
    }
}
