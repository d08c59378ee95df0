import Testing
import Units

@testable import Tariffs

/// Properties that hold for every shipped document, on seeded random bills.
@Suite struct RatingPropertyTests {
    private func bill(_ consumed: Int64, _ random: inout SeededRandom) -> RatingInputs {
        var bill = RatingInputs(
            units: Energy(wattHours: consumed),
            months: Int.random(in: 1...3, using: &random)
        )
        bill.load = Power(milliwatts: Int64.random(in: 1...40_000, using: &random) * 1_000)
        bill.missing = .leavesLineOut
        return bill
    }

    /// Documents whose lines go above 500 units a month; Kerala's of 2012 printed no rate there.
    private func documents() throws -> [TariffDocument] {
        try Files.shippedDocuments().filter { $0.id != "kseb-lt1a-2012-07" }
    }

    @Test(arguments: [1, 2, 3])
    func `a total is never negative and is the sum of its lines`(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for document in try documents() {
            for _ in 0..<40 {
                var bill = bill(Int64.random(in: 0...3_000_000, using: &random), &random)
                bill.date = try date("2026-06-01")
                bill.optIn = Bool.random(using: &random)
                let rating = try rate(document, bill)

                #expect(rating.total >= .zero)
                let sum = rating.lines.reduce(Int64(0)) { $0 + $1.amount.paise }
                #expect(sum == rating.totalUnrounded.paise)
                #expect(rating.total + rating.roundingCarry == rating.totalUnrounded)
                for line in rating.lines where !rating.slabs(of: line).isEmpty {
                    let slabs = rating.slabs(of: line)
                    let exact = try slabs.reduce(ExactMoney.zero) { sum, slab in
                        try #require(sum.plus(slab.amount))
                    }
                    if case .cases = line.line.form { continue }
                    #expect(exact.rounded(step: 1, mode: .halfUp) == line.amount)
                }
            }
        }
    }

    @Test func `more units never cost less where tables are telescopic or dearer above`() throws {
        // Kerala's one rate for all is cheaper just above 250 units than the last slab below it.
        var random = SeededRandom(seed: 4)
        for document in try documents() where !document.id.hasPrefix("kseb-lt1a") {
            for _ in 0..<40 {
                let consumed = Int64.random(in: 0...2_000_000, using: &random)
                var less = bill(consumed, &random)
                less.date = try date("2026-04-01")
                var more = less
                more.units.wattHours += Int64.random(in: 1...50_000, using: &random)
                let (small, large) = (try rate(document, less), try rate(document, more))
                #expect(
                    small.totalUnrounded <= large.totalUnrounded,
                    "\(document.id) \(less.units.kilowattHoursText)"
                )
            }
        }
    }

    @Test func `slabs cover the units without gap or overlap`() throws {
        var random = SeededRandom(seed: 5)
        let document = try Files.shipped("apspdcl-cat1-2025-04")
        for _ in 0..<300 {
            let days = Int.random(in: 1...100, using: &random)
            var bill = RatingInputs(
                units: Energy(wattHours: Int64.random(in: 0...2_000_000, using: &random)),
                days: days
            )
            bill.load = Power(milliwatts: 1_000_000)
            let rating = try rate(document, bill)
            var reached = ScaledQuantity(numerator: 0, denominator: 1)
            var sum: Int64 = 0
            for slab in rating.slabs(of: rating.lines[0]) {
                #expect(
                    Ratio(slab.from.numerator, slab.from.denominator)
                        == Ratio(reached.numerator, reached.denominator)
                )
                sum += slab.quantity.numerator
                reached = slab.to ?? reached
            }
            let denominator = rating.parts[0].units.denominator
            #expect(sum == bill.units.wattHours * denominator)
        }
    }

    @Test(arguments: [100, 200, 400, 500, 600, 800, 1_000])
    func `one watt-hour around a limit costs its own slab's rate`(limit: Int64) throws {
        let document = try Files.shipped("tnpdcl-lt1a-gross-2024-07")
        func exact(_ wattHours: Int64) throws -> ExactMoney {
            try rate(document, RatingInputs(units: Energy(wattHours: wattHours), months: 2))
                .lines[0].exact
        }
        let bounds: [(Int64, Int64)] = [
            (400, 480), (500, 645), (600, 855), (800, 965), (1_000, 1_070), (.max, 1_180),
        ]
        let below = try #require(bounds.first { limit <= $0.0 }).1
        let above = try #require(bounds.first { limit < $0.0 }).1
        let wattHours = limit * 1_000
        let (before, at, after) = (
            try exact(wattHours - 1), try exact(wattHours), try exact(wattHours + 1)
        )
        // A watt-hour at 4.80 rupees a unit is 0.48 paise.
        #expect(try #require(at.plus(-before)).description == Ratio(below, 1_000)?.description)
        #expect(try #require(after.plus(-at)).description == Ratio(above, 1_000)?.description)
    }

    @Test func `rating cut into parts equals the whole where charges add up`() throws {
        var random = SeededRandom(seed: 6)
        let blocks = """
            {"id": "energy", "kind": "blocks", "blocks": [[30, "1.90"], [75, "3"], [null, "4.5"]]}
            """
        let whole = try period("2026-01-01", "2026-03-31")
        for _ in 0..<200 {
            let cut = whole.first.adding(days: Int.random(in: 1..<whole.days, using: &random))
            let before = try document(
                blocks,
                #""effective": {"to": "\#(cut.adding(days: -1))"},"#,
                id: "t-2025"
            )
            let after = try document(
                blocks,
                #""effective": {"from": "\#(cut)"},"#,
                id: "t-2026"
            )
            let bill = RatingInputs(
                units: Energy(wattHours: Int64.random(in: 0...900_000, using: &random)),
                period: whole
            )
            let parts = try rate(TariffVersions([before, after]), bill)
            let exact = try #require(parts.lines[0].exact.plus(parts.lines[1].exact))

            #expect(exact.description == (try rate(before, bill)).lines[0].exact.description)
        }
    }

    @Test func `zero units and leap-year February are ordinary bills`() throws {
        let document = try Files.shipped("delhi-dom-2019-08")
        var bill = RatingInputs(units: .zero, period: try period("2024-02-01", "2024-02-29"))
        bill.load = Power(milliwatts: 2_000_000)
        bill.missing = .leavesLineOut
        let rating = try rate(document, bill)

        #expect(rating.factor == .one)
        #expect(rating.amount(of: "energy") == .zero)
        #expect(rating.amount(of: "fixed")?.plainText == "40.00")
        bill.period = try period("2023-02-01", "2023-02-28")
        #expect(try rate(document, bill).factor == .one)
    }

    @Test func `what does not fit is an error and never a wrong amount`() throws {
        let dear = try document(
            #"{"id": "energy", "kind": "blocks", "blocks": [[null, "9000000000"]]}"#
        )
        let bill = RatingInputs(units: Energy(wattHours: 1_000_000_000_000_000), months: 1)
        #expect(throws: RatingError.overflow) { try rate(dear, bill) }

        let wide = try document(
            #"{"id": "energy", "kind": "blocks", "blocks": [[100000000000, "1"], [null, "2"]]}"#
        )
        var long = RatingInputs(units: units(1), months: 1)
        long.months = Ratio(119_999_999, 1_000_000)
        #expect(throws: RatingError.overflow) { try rate(wide, long) }
        #expect(throws: RatingError.self) {
            try rate(wide, RatingInputs(units: Energy(wattHours: -1), months: 1))
        }
        #expect(throws: RatingError.self) { try rate(wide, RatingInputs(units: units(1), days: 0)) }
    }

    @Test func `above the last printed bound there is no rate, and that is said`() throws {
        let document = try Files.shipped("kseb-lt1a-2012-07")
        #expect(throws: RatingError.aboveLastBound(line: "energy")) {
            try rate(document, RatingInputs(units: units(501), months: 1))
        }
        _ = try rate(document, RatingInputs(units: units(500), months: 1))
    }
}
