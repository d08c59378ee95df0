import Testing
import Units

@testable import Tariffs

/// Versions of one tariff, and bills that a revision cuts.
@Suite struct RevisionTests {
    private func version(_ id: String, _ from: String, _ to: String, _ blocks: String) throws
        -> TariffDocument
    {
        try document(
            #"{"id": "energy", "kind": "blocks", "blocks": \#(blocks)}"#,
            #""effective": {"from": "\#(from)", "to": \#(to)}, "slab_scaling": {"mode": "calendar"},"#,
            id: id
        )
    }

    private func versions(_ before: String, _ after: String) throws -> TariffVersions {
        try TariffVersions([
            version("t-2026-02", "2026-01-16", "null", after),
            version("t-2026-01", "2025-01-01", #""2026-01-15""#, before),
        ])
    }

    @Test func `one slab allowance is shared over a revision, not granted twice`() throws {
        let same = #"[[100, "1.00"], [null, "3.00"]]"#
        let bill = RatingInputs(units: units(310), period: try period("2026-01-01", "2026-01-31"))
        let cut = try rate(versions(same, same), bill)

        #expect(cut.parts.map(\.share) == [Ratio(15, 31), Ratio(16, 31)])
        #expect(cut.total.plainText == "730.00")  // 100 × 1 + 210 × 3
        #expect(try rate(version("t", "2025-01-01", "null", same), bill).total == cut.total)
    }

    @Test func `each part is rated on its own rates by days`() throws {
        let versions = try versions(#"[[null, "1.00"]]"#, #"[[null, "3.00"]]"#)
        let bill = RatingInputs(units: units(310), period: try period("2026-01-01", "2026-01-31"))
        let rating = try rate(versions, bill)

        #expect(rating.lines.map(\.amount.plainText) == ["150.00", "480.00"])
        #expect(rating.document.id == "t-2026-02")
    }

    @Test func `real blocks split the units where they exist`() throws {
        let versions = try versions(#"[[null, "1.00"]]"#, #"[[null, "3.00"]]"#)
        var bill = RatingInputs(units: units(310), period: try period("2026-01-01", "2026-01-31"))
        bill.dailyUnits =
            Array(repeating: units(20), count: 15) + [units(10)]
            + Array(repeating: .zero, count: 15)
        #expect(try rate(versions, bill).lines.map(\.amount.plainText) == ["300.00", "30.00"])
    }

    @Test func `the table is chosen by the whole period's units`() throws {
        let tables = """
            {"id": "energy", "kind": "blocks", "tables": [
            {"upto": 500, "mode": "whole", "blocks": [[null, "1.00"]]},
            {"upto": null, "mode": "whole", "blocks": [[null, "2.00"]]}]}
            """
        func version(_ id: String, _ effective: String) throws -> TariffDocument {
            try document(
                tables,
                #""effective": {\#(effective)}, "slab_scaling": {"mode": "calendar"},"#,
                id: id
            )
        }
        let versions = try TariffVersions([
            version("t-2025", #""to": "2026-01-15""#), version("t-2026", #""from": "2026-01-16""#),
        ])
        let days = try period("2026-01-01", "2026-01-31")
        #expect(
            try rate(versions, RatingInputs(units: units(500), period: days)).total.plainText
                == "500.00"
        )
        #expect(
            try rate(versions, RatingInputs(units: units(501), period: days)).total.plainText
                == "1002.00"
        )
    }

    @Test func `a fixed charge is shared by days over a revision`() throws {
        func version(_ id: String, _ rupees: Int, _ effective: String) throws -> TariffDocument {
            try document(
                #"{"id": "fixed", "kind": "band", "rate": "\#(rupees)", "times": "months"}"#,
                #""effective": {\#(effective)},"#,
                id: id
            )
        }
        let versions = try TariffVersions([
            version("t-2025", 31, #""to": "2026-01-15""#),
            version("t-2026", 62, #""from": "2026-01-16""#),
        ])
        let bill = RatingInputs(units: .zero, period: try period("2026-01-01", "2026-01-31"))
        #expect(try rate(versions, bill).lines.map(\.amount.plainText) == ["15.00", "32.00"])
    }

    @Test func `a bill is split where a subsidy begins`() throws {
        let document = try Files.shipped("tnpdcl-lt1a-gross-2025-07")
        let days = try period("2026-04-11", "2026-06-09")
        let rating = try rate(document, RatingInputs(units: units(400), period: days))

        #expect(rating.parts.map(\.period?.days) == [29, 31])
        #expect(rating.parts.last?.period?.first == (try date("2026-05-10")))
        // 31 of 60 days of 200 free units at 4.95.
        #expect(rating.amount(of: "subsidy")?.plainText == "-511.50")
        #expect(rating.amount(of: "energy")?.plainText == "1980.00")
    }

    @Test func `days without a version are refused by name`() throws {
        let versions = try TariffVersions(
            Files.shippedDocuments().filter { $0.family == "kseb-lt1a" }
        )
        let bill = RatingInputs(units: units(100), period: try period("2024-11-20", "2024-12-19"))

        #expect(
            throws: RatingError.noVersion(
                family: "kseb-lt1a",
                days: [try period("2024-12-05", "2024-12-19")]
            )
        ) { try rate(versions, bill) }
        #expect(throws: TariffVersionsError.self) {
            try versions.inForce(during: period("2012-01-01", "2012-06-30"))
        }
    }

    @Test func `versions that overlap or mix families are refused by name`() throws {
        let first = try version("t-2025", "2025-01-01", #""2026-01-15""#, #"[[null, "1"]]"#)
        let second = try version("t-2026", "2026-01-10", "null", #"[[null, "1"]]"#)
        let other = try version("u-2026", "2027-01-10", "null", #"[[null, "1"]]"#)

        #expect(
            throws: TariffVersionsError.overlapping(
                "t-2025",
                "t-2026",
                try period("2026-01-10", "2026-01-15")
            )
        ) { try TariffVersions([second, first]) }
        #expect(throws: TariffVersionsError.mixedFamilies("t", "u")) {
            try TariffVersions([first, other])
        }
        #expect(throws: TariffVersionsError.noDocuments) { try TariffVersions([]) }
    }

    @Test func `a bill across the end of the July 2024 table goes on by its continuation`() throws {
        let versions = try TariffVersions(
            Files.shippedDocuments().filter { $0.family == "tneb-lt1a" }
        )
        let days = try period("2026-04-10", "2026-06-08")
        let rating = try rate(versions, RatingInputs(units: units(600), period: days))

        #expect(
            rating.parts.map(\.document.id) == ["tneb-lt1a-2024-07", "tneb-lt1a-2026-05-continued"]
        )
        #expect(rating.total.plainText == "2880.00")
    }
}
