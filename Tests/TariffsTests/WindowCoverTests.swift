import Testing
import Units

@testable import Tariffs

/// What windows must say of a bill, and what follows the split of what.
@Suite struct WindowCoverTests {
    private func amount(_ id: String, _ lines: String, _ bill: String) throws -> String? {
        try rate(document(lines, Self.calendar), inputs(bill)).amount(of: id)?.plainText
    }

    private func refusal(_ lines: String, _ bill: String) throws -> String {
        do {
            _ = try rate(document(lines, Self.calendar), inputs(bill))
            return "rated"
        } catch let error as RatingError { return error.description }
    }

    private static let calendar = #""slab_scaling": {"mode": "calendar"},"#
    private static let fuel = #"{"id": "fuel", "kind": "per_unit", "rate": {"param": "fuel"}}"#

    private static func bill(_ windows: String, days: String = twoMonths, name: String = "fuel")
        -> String
    {
        #"{"units": 100, \#(days), "load_kw": 2, "params": {"\#(name)": \#(windows)}}"#
    }

    private static let twoMonths = #""from": "2026-04-01", "to": "2026-05-31""#

    // MARK: Days

    @Test(arguments: [
        #"{"id": "fuel", "kind": "per_unit", "rate": {"param": "fuel"}}"#,
        #"{"id": "fuel", "kind": "band", "per": "kw", "rate": {"param": "fuel"}}"#,
        #"{"id": "fuel", "kind": "blocks", "blocks": [[null, {"param": "fuel"}]]}"#,
        #"{"id": "fuel", "kind": "demand", "billed": ["contract"], "rate": {"param": "fuel"}}"#,
        #"\#(flatLine), {"id": "fuel", "kind": "percent", "of": "energy", "rate": {"param": "fuel"}}"#,
        """
        \(flatLine), {"id": "fuel", "kind": "percent_windows", "of_line": "energy",
        "windows": {"param": "fuel"}}
        """,
    ])
    func `a window of other days prices nothing`(line: String) throws {
        let old = #"[{"rate": "0.10", "from": "2024-04-01", "to": "2024-04-30"}]"#
        #expect(
            try refusal(line, Self.bill(old)).hasSuffix(
                "no value for 2026-04-01 to 2026-05-31"
            )
        )
        let parts = """
            [{"rate": 1, "from": "2026-04-02", "to": "2026-04-30"},
            {"rate": 1, "from": "2026-05-02", "to": "2026-05-20"}]
            """
        #expect(
            try refusal(line, Self.bill(parts)).hasSuffix(
                "no value for 2026-04-01 and 2026-05-01 and 2026-05-21 to 2026-05-31"
            )
        )
        let inMonths = Self.bill(old, days: #""months": 1"#)
        #expect(try refusal(line, inMonths).contains("the bill has no days"))
    }

    @Test func `one window that covers a bill, or none of any days, is one value`() throws {
        let all = #"[{"rate": "0.10", "from": "2026-01-01", "to": "2026-12-31"}]"#
        #expect(try amount("fuel", Self.fuel, Self.bill(all)) == "10.00")
        let undated = Self.bill(#"[{"rate": "0.10"}]"#, days: #""months": 1"#)
        #expect(try amount("fuel", Self.fuel, undated) == "10.00")
    }

    @Test func `a rate that cannot be split takes the window of each part of the bill`() throws {
        func version(_ id: String, _ effective: String) throws -> TariffDocument {
            try document(
                #"{"id": "fixed", "kind": "band", "rate": {"param": "p"}, "times": "days"}"#,
                #""effective": {\#(effective)},"#,
                id: id
            )
        }
        let versions = try TariffVersions([
            version("t-2025", #""to": "2026-04-30""#), version("t-2026", #""from": "2026-05-01""#),
        ])
        let windows = """
            [{"rate": 1, "from": "2026-04-01", "to": "2026-04-30"},
            {"rate": 2, "from": "2026-05-01", "to": "2026-05-31"}]
            """
        let rating = try rate(versions, inputs(Self.bill(windows, name: "p")))
        #expect(rating.lines.map(\.amount.plainText) == ["30.00", "62.00"])
    }

    // MARK: Units

    @Test func `units of a window not given are split over the rest`() throws {
        let first = #"{"rate": "0.10", "from": "2026-04-01", "to": "2026-04-30", "units": 30}"#
        let second = #"{"rate": "0.20", "from": "2026-05-01", "to": "2026-05-15"}"#
        let third = #"{"rate": "0.40", "from": "2026-05-16", "to": "2026-05-31"}"#
        // 30 × 0.10, then 70 by 15 : 16 days in whole units, 34 × 0.20 + 36 × 0.40.
        let bill = Self.bill("[\(first), \(second), \(third)]")
        #expect(try amount("fuel", Self.fuel, bill) == "24.20")
    }

    @Test func `windows hold no more units than the bill and not fewer`() throws {
        func bill(_ first: Int, _ second: String) -> String {
            Self.bill(
                """
                [{"rate": 1, "from": "2026-04-01", "to": "2026-04-30", "units": \(first)},
                {"rate": 2, "from": "2026-05-01", "to": "2026-05-31"\(second)}]
                """
            )
        }
        #expect(try refusal(Self.fuel, bill(101, "")).contains("add to 101, more than 100"))
        #expect(try refusal(Self.fuel, bill(60, #", "units": 41"#)).contains("add to 101"))
        #expect(try refusal(Self.fuel, bill(60, #", "units": 39"#)).contains("add to 99, not 100"))
        #expect(try amount("fuel", Self.fuel, bill(100, "")) == "100.00")
        let single = #"[{"rate": 1, "units": 30}]"#
        #expect(try refusal(Self.fuel, Self.bill(single)).contains("add to 30, not 100"))
    }

    @Test func `units of a window that a revision cuts are shared by its days`() throws {
        let lines = """
            \(Self.fuel), {"id": "later", "kind": "band", "rate": 0, "valid_from": "2026-04-16"}
            """
        let windows = """
            [{"rate": "1", "from": "2026-04-01", "to": "2026-04-30", "units": 60},
            {"rate": "3", "from": "2026-05-01", "to": "2026-05-31"}]
            """
        let rating = try rate(
            document(lines, Self.calendar),
            inputs(Self.bill(windows).replacing(#""units": 100,"#, with: #""units": 122,"#))
        )
        // 15 days with 30 units; 46 days with 92, of which 30 of 92 parts are April's.
        #expect(
            rating.lines.filter { $0.id == "fuel" }.map(\.amount.plainText) == ["30.00", "216.00"]
        )
    }

    // MARK: What a percentage follows

    private static let energy = """
        {"id": "energy", "kind": "blocks", "blocks": [[50, "2.00"], [null, "4.00"]]}
        """
    private static let skewed = """
        [{"percent": 10, "from": "2026-04-01", "to": "2026-04-30", "units": 90},
        {"percent": 50, "from": "2026-05-01", "to": "2026-05-31", "units": 10}]
        """

    @Test(arguments: [
        #"{"id": "back", "kind": "free_units", "line": "energy", "bands": [[null, 100]]}"#,
        #"{"id": "back", "kind": "percent", "of": "energy", "rate": "-100"}"#,
        #"{"id": "back", "kind": "cases", "cases": [[null, "-100% of energy"]]}"#,
    ])
    func `a surcharge on energy that is all taken back is zero`(refund: String) throws {
        let lines = """
            \(Self.energy), \(refund),
            {"id": "ppac", "kind": "percent", "of": ["energy", "back"], "rate": {"param": "ppac"}}
            """
        #expect(try amount("ppac", lines, Self.bill(Self.skewed, name: "ppac")) == "0.00")
    }

    @Test func `percentages, slots and shares are split as what they are of`() throws {
        // 200.00 of 100 units, 90 of them at 10 % and 10 at 50 %: 28.00 for 200.00.
        func share(_ line: String, _ of: String, params: String = "") throws -> String? {
            let lines = """
                {"id": "energy", "kind": "per_unit", "rate": 2},
                {"id": "fixed", "kind": "band", "per": "kw", "rate": "50", "times": "bill"},
                \(line)
                {"id": "ppac", "kind": "percent", "of": \(of), "rate": {"param": "ppac"}}
                """
            let bill = Self.bill(Self.skewed + params, name: "ppac")
            return try amount("ppac", lines, bill)
        }
        #expect(try share("", #""energy""#) == "28.00")
        #expect(try share("", #"[{"percent": 50, "of": "energy"}]"#) == "14.00")
        // 100.00 by 30 : 31 days of calendar months of equal weight.
        #expect(try share("", #""fixed""#) == "30.00")
        let both = #"{"id": "duty", "kind": "percent", "of": ["energy", "fixed"], "rate": 10},"#
        #expect(try share(both, #""duty""#) == "5.80")
        let capped = #"{"id": "duty", "kind": "percent", "of": "energy", "rate": -50, "cap": 50},"#
        #expect(try share(capped, #""duty""#) == "-7.00")
        let slots = """
            {"id": "tod", "kind": "time_of_day", "of_line": "energy",
            "slots": [{"id": "peak", "percent": 20}]},
            """
        #expect(
            try share(slots, #""tod""#, params: #", "tod_units": {"peak": 50}"#) == "2.80"
        )
        let each = #"{"id": "rebate", "kind": "cases", "cases": [[null, {"per_unit": -1}]]},"#
        #expect(try share(each, #""rebate""#) == "-14.00")
        let once = #"{"id": "rebate", "kind": "cases", "cases": [[null, {"amount": -50}]]},"#
        #expect(try share(once, #""rebate""#) == "-30.00")
    }
}
