import Testing
import Units

@testable import Tariffs

/// Mechanisms that no shipped document has yet, one small document each.
@Suite struct WideningTests {
    private func amount(_ id: String, _ lines: String, _ bill: String, _ extra: String = "")
        throws -> String?
    {
        try rate(document(lines, extra), inputs(bill)).amount(of: id)?.plainText
    }

    // MARK: Bounds of the load or demand

    @Test(arguments: [
        (#""bounds_per": "contract""#, "300.00"), (#""bounds_per": "kw""#, "200.00"),
        (#""bounds_per": "recorded""#, "250.00"), (#""bounds_per": "kva""#, "250.00"),
        (#""bounds_per": "hp""#, "200.00"), (#""mode": "telescopic""#, "101.00"),
    ])
    func `bounds may be stated for each kW, kVA or HP`(key: String, expected: String) throws {
        // 2 kW (or 2 HP), 3 kVA contracted, 2.5 recorded: the first 100 units of each at 2, then 1.
        let line = #"{"id": "e", "kind": "blocks", "blocks": [[100, 2], [null, 1]], \#(key)}"#
        let load = key.contains("hp") ? "1.492" : "2"
        let bill = """
            {"units": 1, "months": 1, "load_kw": "\(load)", "demand": "2.5", "contract_demand": 3}
            """
        let many = bill.replacing(#""units": 1,"#, with: #""units": 1000,"#)
        let first = try amount("e", line, many)
        // What is left costs 1 a unit: 1000 and one more for each unit of the first block.
        let cheap = try #require(first.flatMap { Money(rupees: $0) }) - Money(paise: 100_000)
        #expect(key.contains("mode") ? "101.00" == expected : cheap.plainText == expected)
        #expect(try amount("e", line, bill) == "2.00")
    }

    @Test func `bounds for each kVA scale with the bill, choose tables and serve like`() throws {
        let lines = """
            {"id": "e", "kind": "blocks", "bounds_per": "contract", "tables": [
            {"upto": 200, "blocks": [[100, 2], [200, 3]]}, {"upto": null, "blocks": [[null, 5]]}]},
            {"id": "fac", "kind": "blocks", "like": "e", "rates": {"param": "fac"}, "optional": true}
            """
        func bill(_ units: Int) -> String {
            #"{"units": \#(units), "months": 2, "contract_demand": "1.5"}"#
        }
        #expect(try amount("e", lines, bill(600)) == "1500.00")
        #expect(try amount("e", lines, bill(601)) == "3005.00")
        let fac = bill(600).replacing("}", with: #", "params": {"fac": ["0.1", "0.2"]}}"#)
        #expect(try amount("fac", lines, fac) == "90.00")
        #expect {
            try amount("e", lines, #"{"units": 1, "months": 1}"#)
        } throws: {
            "\($0)" == "line \"e\" needs contract_demand (or load_kw)"
        }
    }

    @Test(arguments: [
        (7_200, "720.00"), (7_201, "1440.20"), (14_400, "2880.00"), (0, "0.00"),
    ])
    func `a rate may go by the load factor`(units: Int, expected: String) throws {
        // 20 kVA over 720 hours are 14400: half of it is the bound.
        let line = """
            {"id": "e", "kind": "per_unit", "rate": {"by": "load_factor", "bands": [
            [50, "0.10"], [null, "0.20"]]}}
            """
        let bill = #"{"units": \#(units), "days": 30, "demand": 20}"#
        #expect(try amount("e", line, bill) == expected)
        let contract = line.replacing("load_factor", with: "contract_load_factor")
        let other = #"{"units": \#(units), "days": 30, "contract_demand": 20}"#
        #expect(try amount("e", contract, other) == expected)
    }

    @Test func `a month without days has 730 hours, and tables and conditions know the factor`()
        throws
    {
        let lines = """
            {"id": "e", "kind": "blocks", "choose_by": "load_factor", "tables": [
            {"upto": 30, "blocks": [[null, 7]]}, {"upto": null, "blocks": [[null, 6]]}]},
            {"id": "r", "kind": "percent", "of": "e", "rate": -10, "when": {"load_factor": {"above": 30}}}
            """
        #expect(
            try amount("e", lines, #"{"units": 2190, "months": 1, "demand": 10}"#) == "15330.00"
        )
        #expect(
            try amount("e", lines, #"{"units": 2191, "months": 1, "demand": 10}"#) == "13146.00"
        )
        #expect(try amount("r", lines, #"{"units": 2190, "months": 1, "demand": 10}"#) == nil)
        #expect(
            try amount("r", lines, #"{"units": 2191, "months": 1, "demand": 10}"#) == "-1314.60"
        )
        #expect(throws: RatingError.self) {
            try amount("e", lines, #"{"units": 1, "months": 1, "demand": 0}"#)
        }
    }

    // MARK: Seasons

    private let seasons = """
        {"id": "summer", "kind": "per_unit", "rate": 2, "season": {"from": "05-01", "to": "09-30"}},
        {"id": "winter", "kind": "per_unit", "rate": 1, "season": {"from": "10-01", "to": "04-30"}}
        """

    private static let years: [(String, String, String?, String?)] = [
        ("2026-04-21", "2026-05-10", "20.00", "10.00"),
        ("2026-09-30", "2026-10-01", "20.00", "10.00"),
        ("2025-12-01", "2026-01-31", nil, "20.00"), ("2026-06-01", "2026-06-30", "40.00", nil),
        ("2026-01-01", "2026-12-31", "16.77", "11.62"),
    ]

    @Test(arguments: years)
    func `a season comes every year and cuts a bill`(
        first: String,
        last: String,
        summer: String?,
        winter: String?
    ) throws {
        let bill = #"{"units": 20, "from": "\#(first)", "to": "\#(last)"}"#
        #expect(try amount("summer", seasons, bill) == summer)
        #expect(try amount("winter", seasons, bill) == winter)
    }

    @Test func `a season goes over the end of the year and of February`() throws {
        let season = try Season(
            JSONNode(
                value: JSONParser.parse(Array(#"{"from": "11-15", "to": "02-29"}"#.utf8)),
                path: "$"
            )
        )
        for day in ["2025-11-15", "2025-12-31", "2026-01-01", "2026-02-28", "2024-02-29"] {
            #expect(try season.contains(date(day)))
        }
        for day in ["2025-11-14", "2026-03-01", "2024-03-01", "2026-07-01"] {
            #expect(try !season.contains(date(day)))
        }
        #expect(
            try season.changes(in: period("2023-12-01", "2026-11-20")) == [
                date("2024-11-15"), date("2024-03-01"), date("2025-11-15"), date("2025-03-01"),
                date("2026-11-15"), date("2026-03-01"),
            ]
        )
        let bill = #"{"units": 10, "months": 1, "date": "2026-05-01"}"#
        #expect(try amount("summer", seasons, bill) == "20.00")
        #expect(throws: RatingError.self) {
            try amount("summer", seasons, #"{"units": 10, "months": 1}"#)
        }
        #expect(
            decodingError(
                """
                {"id": "a", "utility": "U", "category": "C", "lines": [{"id": "e", "kind": "band",
                "rate": 1, "season": {"from": "02-30", "to": "9-30"}}]}
                """
            )?.description.contains("a month and day such as \"05-01\"") == true
        )
    }

    // MARK: Loads

    @Test(arguments: [("0.1", "30.00"), ("0.3", "30.00"), ("2", "200.00")])
    func `a load derived from units may give way to a higher one`(load: String, expected: String)
        throws
    {
        let line = """
            {"id": "fixed", "kind": "band", "per": "kw", "rate": 100,
            "load_from_units": {"per_units": 15, "counts_kw": "0.1", "or_load": true}}
            """
        let bill = #"{"units": 31, "months": 1, "load_kw": "\#(load)"}"#
        #expect(try amount("fixed", line, bill) == expected)
    }

    @Test(arguments: [("0", "110.00"), ("2", "110.00"), ("2.1", "140.00"), ("5", "200.00")])
    func `a charge up to a load, and for each further kW`(load: String, expected: String) throws {
        let line = """
            {"id": "fixed", "kind": "band", "by": "load_kw", "select": "marginal", "per": "mixed",
            "load_rounding": "ceil", "bands": [[2, {"per": "connection", "rate": 110}],
            [null, {"per": "kw", "rate": 30}]]}
            """
        let bill = #"{"units": 0, "months": 1, "load_kw": "\#(load)"}"#
        #expect(try amount("fixed", line, bill) == expected)
    }

    @Test(arguments: [
        (115, "11500.00"), (120, "12150.00"), (130, "13450.00"), (140, "15450.00"),
        (90, "10000.00"),
    ])
    func `excess demand costs by steps`(recorded: Int, expected: String) throws {
        let line = """
            {"id": "demand", "kind": "demand", "rate": 100, "excess": [
            {"over": {"percent": 115, "of": "contract"}, "multiple": "1.3"},
            {"over": {"percent": 130, "of": "contract"}, "multiple": 2}]}
            """
        let bill = """
            {"units": 0, "months": 1, "contract_demand": 100, "demand": \(recorded)}
            """
        #expect(try amount("demand", line, bill) == expected)
    }

    @Test func `horsepower is an exact fraction of a kW`() throws {
        func line(_ more: String) -> String {
            #"{"id": "fixed", "kind": "band", "per": "hp", \#(more)}"#
        }
        func bill(_ load: String) -> String { #"{"units": 0, "months": 1, "load_kw": "\#(load)"}"# }
        #expect(try amount("fixed", line(#""rate": 60"#), bill("3.73")) == "300.00")
        #expect(try amount("fixed", line(#""rate": 60"#), bill("5.595")) == "450.00")
        // 1 kW is 1.3404… HP.
        #expect(try amount("fixed", line(#""rate": 746"#), bill("1")) == "1000.00")
        let rounded = #""rate": 60, "load_rounding": "ceil""#
        #expect(try amount("fixed", line(rounded), bill("3.73")) == "300.00")
        #expect(try amount("fixed", line(rounded), bill("3.731")) == "360.00")
        let halves = rounded + #", "load_step": "0.5", "load_minimum": 3"#
        #expect(try amount("fixed", line(halves), bill("3.731")) == "330.00")
        #expect(try amount("fixed", line(halves), bill("0.1")) == "180.00")
        let bands = #""by": "load_hp", "bands": [[5, 10], [null, 20]]"#
        #expect(try amount("fixed", line(bands), bill("3.73")) == "50.00")
        #expect(try amount("fixed", line(bands), bill("3.731")) == "100.03")
        let marginal = bands + #", "select": "marginal""#
        #expect(try amount("fixed", line(marginal), bill("7.46")) == "150.00")
        let rating = try rate(document(line(#""rate": 60"#)), inputs(bill("5.595")))
        #expect(QuoteText.render(rating).contains("7.5 HP × 60.00"))
    }

    // MARK: Rebates and least charges

    @Test(arguments: [(40, "-20.00"), (400, "-100.00")])
    func `a rebate a unit may have a cap`(units: Int, expected: String) throws {
        let line = """
            {"id": "rebate", "kind": "cases", "cases": [
            [null, {"per_unit": "-0.50", "cap": 50, "cap_per": "month"}]]}
            """
        let bill = #"{"units": \#(units), "months": 2}"#
        #expect(try amount("rebate", line, bill) == expected)
    }

    @Test(arguments: [
        // 20 units a kW: 60 units a month of 3 kW cost 50 × 2 + 10 × 4.
        (0, "months", 1, "140.00"), (60, "months", 1, "0.00"), (30, "months", 1, "80.00"),
        (0, "months", 2, "280.00"), (0, "days", 29, "143.33"),
    ])
    func `a minimum may be the charge of so many units`(
        units: Int,
        key: String,
        length: Int,
        expected: String
    ) throws {
        let lines = """
            {"id": "energy", "kind": "blocks", "blocks": [[50, 2], [null, 4]]},
            {"id": "least", "kind": "minimum", "of": "energy", "units": 20, "per": "kw",
            "at": "energy"}
            """
        let bill = #"{"units": \#(units), "\#(key)": \#(length), "load_kw": 3}"#
        #expect(try amount("least", lines, bill) == expected)
    }

    @Test func `a minimum may be of everything above`() throws {
        let lines = """
            \(flatLine), {"id": "duty", "kind": "percent", "of": "energy", "rate": 10},
            {"id": "least", "kind": "minimum", "of": "everything", "rate": 100}
            """
        #expect(try amount("least", lines, #"{"units": 10, "months": 1}"#) == "45.00")
    }

    @Test func `an account may know a rebate a unit and a charge for being late`() throws {
        let terms = try document(
            flatLine,
            """
            "account": {"late_charge_percent": 2, "grace_days": 10, "prompt_rebate_per_unit": "0.10",
            "prompt_days": 7, "late_surcharge_percent_per_month": 1},
            """
        ).account
        let amount = Money(paise: 100_000)
        #expect(
            try terms.rebate(on: amount, units: units(250), paidAfter: 7, online: false).plainText
                == "25.00"
        )
        #expect(
            try terms.rebate(on: amount, units: units(250), paidAfter: 8, online: false) == .zero
        )
        #expect(
            try terms.rebate(on: Money(paise: 500), units: units(250), paidAfter: 1, online: false)
                .plainText == "5.00"
        )
        #expect(try terms.lateSurcharge(onPrincipal: amount, days: 10) == .zero)
        #expect(try terms.lateSurcharge(onPrincipal: amount, days: 40).plainText == "30.00")
    }
}
