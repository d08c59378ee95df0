import Testing
import Units

@testable import Tariffs

/// Bills that are known from outside, on the shipped documents.
@Suite struct KnownBillsTests {
    private func total(_ id: String, _ consumed: Int64, months: Int) throws -> String {
        try rate(Files.shipped(id), RatingInputs(units: units(consumed), months: months))
            .total.plainText
    }

    @Test(arguments: [
        (100, "0.00"), (200, "225.00"), (400, "1125.00"), (500, "1725.00"), (501, "1733.00"),
        (600, "2525.00"), (1000, "6325.00"), (1001, "6336.00"), (2000, "17325.00"),
    ])
    func `the page of 2023 is reproduced for parity`(consumed: Int64, expected: String) throws {
        #expect(try total("seed-2023", consumed, months: 2) == expected)
    }

    @Test func `the 501st unit costs 233 rupees at 2022 rates because the table changes`() throws {
        #expect(try total("tneb-lt1a-2022-09", 500, months: 2) == "1725.00")
        #expect(try total("tneb-lt1a-2022-09", 501, months: 2) == "1958.00")
    }

    @Test func `a one-month bill halves the widths of a two-month table`() throws {
        #expect(try total("tneb-lt1a-2024-07", 444, months: 1) == "2847.00")
    }

    @Test func `435 units on the two-month table of July 2024 are 1395 rupees and 50 paise`() throws
    {
        #expect(try total("tneb-lt1a-2024-07", 435, months: 2) == "1395.50")
    }

    @Test func `a reading fifteen days late is billed on limits for seventy-five days`() throws {
        let document = try Files.shipped("tneb-lt1a-2024-07")
        let scaled = try rate(document, RatingInputs(units: units(600), days: 75))
        let printed = try rate(document, RatingInputs(units: units(600), months: 2))

        #expect(scaled.total.plainText == "2098.75")
        #expect(scaled.factor == Ratio(5, 4))
        #expect(printed.total.plainText == "2880.00")
    }

    @Test func `the continuation after May 2026 charges as the last known order`() throws {
        let last = try Files.shipped("tneb-lt1a-2024-07")
        let continued = try Files.shipped("tneb-lt1a-2026-05-continued")

        #expect(continued.family == last.family)
        #expect(continued.effectiveFrom == last.effectiveTo?.adding(days: 1))
        #expect(continued.note?.contains("CONTINUATION") == true)
        for consumed: Int64 in [0, 100, 101, 500, 501, 1_000, 2_345] {
            let bill = RatingInputs(units: units(consumed), months: 2)
            #expect(try rate(last, bill).total == rate(continued, bill).total)
        }
    }

    @Test func `a table is chosen on the scaled limits`() throws {
        // 200 × 29 / 31 = 187.1, floored to 187: 188 units are above it.
        let document = try Files.shipped("tsspdcl-lt1-2018")
        let below = try rate(document, inputs(#"{"units":187,"days":29,"days_in_month":31}"#))
        let above = try rate(document, inputs(#"{"units":188,"days":29,"days_in_month":31}"#))

        #expect(below.total.plainText == "711.10")  // 93 × 3.30 + 94 × 4.30
        #expect(above.total.plainText == "942.20")  // 187 × 5.00 + 7.20
    }

    @Test func `the Delhi subsidy needs a request and is capped by the month`() throws {
        let document = try Files.shipped("delhi-dom-2019-08")
        func bill(_ consumed: Int64, _ months: Int, _ optIn: Bool) throws -> Rating {
            var bill = RatingInputs(units: units(consumed), months: months)
            bill.load = Power(milliwatts: 2_000_000)
            bill.optIn = optIn
            bill.missing = .leavesLineOut
            return try rate(document, bill)
        }

        #expect(try bill(200, 1, false).amount(of: "subsidy") == nil)
        #expect(try bill(200, 1, true).total == .zero)
        #expect(try bill(399, 1, true).amount(of: "subsidy")?.plainText == "-800.00")
        #expect(try bill(798, 2, true).amount(of: "subsidy")?.plainText == "-1600.00")
        #expect(try bill(401, 1, true).amount(of: "subsidy") == .zero)
    }

    @Test func `the fixed charge of Kerala goes by the month's units on a two-month bill`() throws {
        // 101 units in two months are above 2 × 50 and within 2 × 100: band 100, 85 rupees, twice.
        let document = try Files.shipped("kseb-lt1a-2025-04")
        var bill = RatingInputs(units: units(101), months: 2)
        bill.missing = .leavesLineOut
        #expect(try rate(document, bill).amount(of: "fixed")?.plainText == "170.00")
    }

    @Test func `31 days of Maharashtra are 1 point 03 months`() throws {
        var bill = RatingInputs(units: units(600), days: 31)
        bill.missing = .leavesLineOut
        let rating = try rate(try Files.shipped("msedcl-lt1b-2026-04"), bill)
        let energy = try #require(rating.lines.first)

        #expect(rating.factor == Ratio(103, 100))
        #expect(rating.slabs(of: energy).map { $0.to?.text } == ["103", "309", "515", nil])
    }
}
