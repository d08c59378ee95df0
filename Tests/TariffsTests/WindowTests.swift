import Testing
import Units

@testable import Tariffs

/// Surcharges that change inside a bill, and the dated series that gives them.
@Suite struct WindowTests {
    private let lines = """
        {"id": "energy", "kind": "blocks", "blocks": [[200, "3.00"], [null, "4.50"]]},
        {"id": "fixed", "kind": "band", "rate": "100", "times": "factor"},
        {"id": "fppas", "kind": "percent", "of": ["energy", "fixed"], "rate": {"param": "fppas"}},
        {"id": "fuel", "kind": "per_unit", "rate": {"param": "fuel"}}
        """

    private func series(_ windows: String, parameter: String = "fppas") throws -> ParameterSeries {
        try ParameterSeries(
            json: Array(
                #"{"series": [{"utility": "Test", "parameter": "\#(parameter)", "windows": \#(windows)}]}"#
                    .utf8
            )
        )
    }

    @Test func `a window without units gets whole units by days, the last the rest`() throws {
        let document = try Files.shipped("delhi-nd-upto10-2019-08")
        var bill = try inputs(
            """
            {"units": 1215, "from": "2024-11-23", "to": "2024-12-23", "load_kw": 5, "demand": 6,
            "params": {"pension_percent": "7", "ppac_windows": [
            {"percent": "35.83", "from": "2024-11-23", "to": "2024-12-20"},
            {"percent": "18.19", "from": "2024-12-21", "to": "2024-12-23"}]}}
            """
        )
        #expect(try rate(document, bill).amount(of: "ppac_energy")?.plainText == "3523.42")
        #expect(try rate(document, bill).amount(of: "ppac_fixed")?.plainText == "516.46")

        // Real blocks, where they exist, say which units fell into which window.
        bill.dailyUnits = [units(1_215)] + Array(repeating: .zero, count: 30)
        #expect(try rate(document, bill).amount(of: "ppac_energy")?.plainText == "3700.34")
    }

    @Test func `windows must cover every day of the bill`() throws {
        let document = try document(lines, #""slab_scaling": {"mode": "calendar"},"#)
        var bill = try inputs(
            #"{"units": 310, "from": "2026-01-01", "to": "2026-01-31", "params": {"fuel": "0.1"}}"#
        )
        bill.parameters["fppas"] = .windows([
            ParameterWindow(value: 1_000_000, period: try period("2026-01-01", "2026-01-10")),
            ParameterWindow(value: 2_000_000, period: try period("2026-01-12", "2026-01-31")),
        ])
        #expect {
            try rate(document, bill)
        } throws: { error in
            "\(error)" == "parameter \"fppas\" of line \"fppas\": no value for 2026-01-11"
        }
    }

    @Test func `a percentage that changes inside a bill is rounded per slab and per month`() throws
    {
        let document = try document(lines, #""slab_scaling": {"mode": "calendar"},"#)
        var bill = try inputs(
            #"{"units": 310, "from": "2026-01-01", "to": "2026-01-31", "params": {"fuel": "0.1"}}"#
        )
        bill.parameters["fppas"] = .windows([
            ParameterWindow(value: -4_430_000, period: try period("2026-01-01", "2026-01-10")),
            ParameterWindow(value: 10_000_000, period: try period("2026-01-11", "2026-01-31")),
        ])
        let rating = try rate(document, bill)
        // 600.00 and 495.00 by 100 : 210 units, 100.00 by 10 : 21 days.
        // -8.57 + 40.65, -7.07 + 33.53, -1.43 + 6.77
        #expect(rating.amount(of: "fppas")?.plainText == "63.88")
    }

    @Test func `a series gives what is in force and joins equal windows`() throws {
        let document = try document(lines, #""slab_scaling": {"mode": "calendar"},"#)
        let series = try series(
            """
            [{"percent": "-4.43", "from": "2026-01-01", "to": "2026-01-31"},
            {"percent": "10", "from": "2026-02-01", "to": "2026-02-28"},
            {"percent": "10", "from": "2026-03-01", "to": "2026-03-31"}]
            """
        )
        let spring = try series.values(for: document, during: period("2026-02-10", "2026-03-09"))
        #expect(
            spring == [
                "fppas": .windows([
                    ParameterWindow(
                        value: 10_000_000,
                        period: try period("2026-02-10", "2026-03-09")
                    )
                ])
            ]
        )
        #expect(throws: ParameterSeries.Uncovered.self) {
            try series.values(for: document, during: period("2026-03-10", "2026-04-09"))
        }
    }

    @Test func `rates by slab may change inside a bill`() throws {
        let document = try document(
            """
            {"id": "energy", "kind": "blocks", "blocks": [[100, "4"], [null, "9"]]},
            {"id": "fac", "kind": "blocks", "like": "energy", "rates": {"param": "fac"}}
            """,
            #""slab_scaling": {"mode": "calendar"},"#
        )
        let series = try series(
            """
            [{"rates": ["0.50", "0.80"], "from": "2026-01-01", "to": "2026-01-31"},
            {"rates": ["1.00", "1.60"], "from": "2026-02-01", "to": "2026-02-28"}]
            """,
            parameter: "fac"
        )
        var bill = try inputs(
            #"{"units": 300, "months": 1, "from": "2026-01-16", "to": "2026-02-15"}"#
        )
        let days = try #require(bill.period)
        bill.parameters = try series.values(for: document, during: days)
        // 300 units over 31 days: 155 by day 16, 145 after; each slab by 155 : 145.
        // (50 + 160) × 155 / 300 + (100 + 320) × 145 / 300
        #expect(try rate(document, bill).amount(of: "fac")?.plainText == "311.50")
    }

    @Test func `a rate a unit that changes inside a bill is split by units`() throws {
        let document = try document(lines, #""slab_scaling": {"mode": "calendar"},"#)
        var bill = try inputs(
            #"{"units": 310, "from": "2026-01-01", "to": "2026-01-31", "params": {"fppas": 0}}"#
        )
        bill.parameters["fuel"] = .windows([
            ParameterWindow(value: 50_000, period: try period("2026-01-01", "2026-01-10")),
            ParameterWindow(value: 130_000, period: try period("2026-01-11", "2026-01-31")),
        ])
        let rating = try rate(document, bill)
        #expect(rating.amount(of: "fuel")?.plainText == "32.30")  // 100 × 0.05 + 210 × 0.13
        let fuel = try #require(rating.lines.last)
        #expect(rating.slabs(of: fuel).map(\.quantity.text) == ["100", "210"])
    }
}
