import Testing
import Units

@testable import Tariffs

/// Properties of tariffs that nobody has written, on seeded random bills.
@Suite struct RandomTariffTests {
    @Test(arguments: [11, 12, 13])
    func `a total is never negative where no rate is, and the sum of its lines`(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let tariff = RandomTariff(&random)
            let document = try tariff.document()
            for _ in 0..<3 {
                let bill = RandomTariff.bill(&random)
                let rating = try rate(document, bill)
                let sum = rating.lines.reduce(Int64(0)) { $0 + $1.amount.paise }
                #expect(rating.total >= .zero, "\(tariff.json(tariff.lines)) \(bill)")
                #expect(sum == rating.totalUnrounded.paise)
                for line in rating.lines {
                    let mode = RoundingMode.halfUp
                    #expect(line.exact.rounded(step: 1, mode: mode) == line.amount)
                }
            }
        }
    }

    @Test(arguments: [21, 22, 23])
    func `more units never cost less where every rate rises`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let tariff = RandomTariff(rising: true, &random)
            let document = try tariff.document()
            var bill = RandomTariff.bill(&random)
            var before = Money(paise: -1)
            for _ in 0..<5 {
                let total = try rate(document, bill).total
                #expect(total >= before, "\(tariff.json(tariff.lines)) \(bill)")
                before = total
                bill.units.wattHours += Int64.random(in: 1...200_000, using: &random)
            }
        }
    }

    @Test(arguments: [31, 32])
    func `the order of lines matters only to their references`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<300 {
            let tariff = RandomTariff(&random)
            let other = tariff.json(tariff.shuffled(&random))
            let bill = RandomTariff.bill(&random)
            let first = try rate(tariff.document(), bill)
            let second = try rate(TariffDocument.load(Array(other.utf8)), bill)

            #expect(first.lines.count == second.lines.count)
            for line in first.lines {
                let same = try #require(second.lines.first { $0.id == line.id })
                #expect(same.exact.description == line.exact.description, "\(other) \(bill)")
                #expect(same.amount == line.amount)
                let slabs = first.slabs(of: line).map(\.amount.description)
                #expect(slabs == second.slabs(of: same).map(\.amount.description))
            }
            #expect(first.total == second.total)
        }
    }

    @Test(arguments: [41, 42])
    func `a bill cut by revisions that change nothing is the whole bill`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let lines = """
                {"id": "energy", "kind": "blocks", "blocks": \
                \(RandomTariff.pairs(rising: false, &random))},
                {"id": "fuel", "kind": "per_unit", "rate": "0.0\(random.next() % 1_000)"},
                {"id": "fixed", "kind": "band", "by": "load_kw", "per": "kw", "times": "factor",
                "bands": \(RandomTariff.pairs(rising: true, &random))}
                """
            let first = try date("2026-01-01").adding(days: Int.random(in: 0..<400, using: &random))
            let days = Int.random(in: 5...90, using: &random)
            let period = try #require(
                BillingPeriod(first: first, last: first.adding(days: days - 1))
            )
            var cuts = Set((0..<3).map { _ in Int.random(in: 1..<days, using: &random) }).sorted()
            cuts.append(days)
            var versions: [TariffDocument] = []
            var from = 0
            for (number, cut) in cuts.enumerated() {
                let start = first.adding(days: from)
                let end = first.adding(days: cut - 1)
                versions.append(
                    try document(
                        lines,
                        #""effective": {"from": "\#(start)", "to": "\#(end)"},"#,
                        id: "t-200\(number)"
                    )
                )
                from = cut
            }
            var bill = RatingInputs(
                units: Energy(wattHours: Int64.random(in: 0...900_000, using: &random)),
                period: period
            )
            bill.load = Power(milliwatts: 3_000_000)
            let whole = try rate(document(lines), bill)
            let parts = try rate(TariffVersions(versions), bill)

            #expect(parts.parts.count == cuts.count)
            for line in whole.lines {
                let sum = try parts.lines.filter { $0.id == line.id }
                    .reduce(ExactMoney.zero) { try #require($0.plus($1.exact)) }
                #expect(sum.description == line.exact.description)
            }
        }
    }

    // MARK: Against figures made another way

    /// What slabs cost in 10^-7 paise, bounds scaled by a fraction, everything over its denominator.
    private func charge(
        _ wattHours: Int64,
        _ blocks: [(bound: Int64?, millionths: Int64)],
        _ factor: Ratio
    ) -> Int128 {
        let quantity = Int128(wattHours) * Int128(factor.denominator)
        var (sum, lower): (Int128, Int128) = (0, 0)
        for (bound, rate) in blocks {
            let upper = bound.map { Int128($0) * 1_000 * Int128(factor.numerator) } ?? quantity
            sum += max(0, min(quantity, upper) - lower) * Int128(rate)
            lower = max(lower, upper)
        }
        return sum
    }

    @Test(arguments: [51, 52, 53])
    func `one watt-hour below, at and above every scaled bound costs what it should`(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        for _ in 0..<100 {
            let bounds = Set((0..<4).map { _ in Int64.random(in: 1...900, using: &random) })
                .sorted()
            var blocks: [(bound: Int64?, millionths: Int64)] = bounds.map { bound in
                (bound, Int64.random(in: 0...12_000_000, using: &random))
            }
            blocks.append((nil, Int64.random(in: 0...12_000_000, using: &random)))
            let pairs = blocks.map { bound, rate in
                "[\(bound.map { "\($0)" } ?? "null"), \"\(Rate(millionths: rate).text)\"]"
            }
            let document = try document(
                #"{"id": "energy", "kind": "blocks", "blocks": [\#(pairs.joined(separator: ","))]}"#
            )
            let days = Int64.random(in: 1...100, using: &random)
            let factor = try #require(Ratio(days, 30))
            for bound in [0] + bounds {
                let scaled = bound * 1_000 * factor.numerator / factor.denominator
                for wattHours in max(0, scaled - 1)...(scaled + 1) {
                    let bill = RatingInputs(units: Energy(wattHours: wattHours), days: Int(days))
                    let exact = try rate(document, bill).lines[0].exact
                    let expected = ExactMoney(
                        numerator: charge(wattHours, blocks, factor),
                        denominator: 10_000_000 * Int128(factor.denominator)
                    )
                    #expect(exact.description == expected.description, "\(pairs) \(bill)")
                }
            }
        }
    }

    @Test(arguments: [61, 62])
    func `what does not fit is an error, and what fits is exact`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        func size(_ limit: Int64) -> Int64 {
            Int64.random(in: 0...limit, using: &random) >> Int64.random(in: 0...62, using: &random)
        }
        var errors = 0
        for _ in 0..<1_500 {
            let rate = size(.max)
            let percent = size(.max)
            let wattHours = min(size(.max), 1_000_000_000_000_000)
            let document = try document(
                """
                {"id": "energy", "kind": "per_unit", "rate": "\(decimalText(rate, places: 6))"},
                {"id": "duty", "kind": "percent", "of": "energy",
                "rate": "\(decimalText(percent, places: 6))"}
                """
            )
            let energy = RoundingMode.halfUp.quotient(
                Int128(wattHours) * Int128(rate),
                over: 10_000_000
            )
            var expected: [Int128]?
            if energy <= Int128(Int64.max) {
                let duty = RoundingMode.halfUp.quotient(
                    energy * Int128(percent),
                    over: 100_000_000
                )
                if energy + duty <= Int128(Int64.max) { expected = [energy, duty] }
            }
            let bill = RatingInputs(units: Energy(wattHours: wattHours), months: 1)
            let amounts = try amounts(document, bill)
            if amounts == nil { errors += 1 }
            #expect(amounts == expected, "\(rate) \(percent) \(wattHours)")
        }
        #expect(errors > 100)
    }

    @Test func `beyond 128 bits is an error and never a wrap`() throws {
        var random = SeededRandom(seed: 63)
        func size() -> Int64 {
            Int64.random(in: 0...(.max), using: &random) >> Int64.random(in: 0...50, using: &random)
        }
        var (errors, values) = (0, 0)
        for _ in 0..<1_500 {
            let (rate, outer, inner) = (size(), size(), size())
            let wattHours = min(size(), 1_000_000_000_000_000)
            let document = try document(
                """
                {"id": "energy", "kind": "per_unit", "rate": "\(decimalText(rate, places: 6))"},
                {"id": "duty", "kind": "percent", "rate": "\(decimalText(outer, places: 6))",
                "of": [{"percent": "\(decimalText(inner, places: 6))", "of": "energy"}]}
                """
            )
            let bill = RatingInputs(units: Energy(wattHours: wattHours), months: 1)
            guard let amounts = try amounts(document, bill) else {
                errors += 1
                continue
            }
            values += 1
            // Binary fractions are near enough to tell a wrapped number from the right one.
            let duty = Double(amounts[0]) * Double(inner) / 1e8 * Double(outer) / 1e8
            #expect(
                abs(Double(amounts[1]) - duty) <= 1 + duty * 1e-9,
                "\(rate) \(inner) \(outer) \(wattHours)"
            )
        }
        #expect(errors > 100 && values > 100)
    }

    /// The amounts of the lines in paise; nil when they do not fit.
    private func amounts(_ document: TariffDocument, _ bill: RatingInputs) throws -> [Int128]? {
        do throws(RatingError) {
            return try rate(document, bill).lines.map { Int128($0.amount.paise) }
        } catch {
            guard error == .overflow else { throw error }
            return nil
        }
    }

    @Test func `quick rounding is rounding`() {
        var random = SeededRandom(seed: 71)
        for _ in 0..<20_000 {
            let shift = Int64.random(in: 0...62, using: &random)
            let top = Int64.random(in: .min ... .max, using: &random) >> shift
            let bottom = Int64.random(in: 1...(.max), using: &random) >> shift
            for bottom in [max(1, bottom), 1, 2, 10_000_000] {
                let amount = ExactMoney(numerator: Int128(top), denominator: Int128(bottom))
                for mode in RoundingMode.allCases {
                    let rule = LineRounding(stepPaise: 1, mode: mode)
                    #expect(amount.rounded(rule) == amount.rounded(step: 1, mode: mode))
                }
            }
        }
    }

    @Test func `nothing used and a leap year's February are ordinary bills everywhere`() throws {
        for document in try Files.shippedDocuments() {
            for february in ["2023-02-28", "2024-02-29"] {
                let days = try period(String(february.prefix(8)) + "01", february)
                var bill = RatingInputs(units: .zero, period: days)
                bill.load = Power(milliwatts: 2_000_000)
                bill.missing = .leavesLineOut
                bill.date = days.first
                let rating = try rate(document, bill)
                #expect(rating.total >= .zero, "\(document.id)")
                #expect(rating.amount(of: "energy") ?? .zero == .zero, "\(document.id)")
                if document.scaling.mode == .calendar { #expect(rating.parts[0].factor == .one) }
            }
        }
    }
}
