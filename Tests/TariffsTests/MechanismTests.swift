import Testing
import Units

@testable import Tariffs

/// The mechanisms of Indian tariffs that the shipped documents do not all use, one small document
/// each.
@Suite struct MechanismTests {
    private func amount(_ id: String, _ lines: String, _ bill: String, _ extra: String = "")
        throws -> String?
    {
        try rate(document(lines, extra), inputs(bill)).amount(of: id)?.plainText
    }

    // MARK: Tables by load

    private let lifeline = """
        {"id": "energy", "kind": "blocks", "tables": [
        {"when": {"load_kw": {"upto": 1}, "units": {"upto": 100}}, "blocks": [[100, "3.00"]]},
        {"upto": null, "blocks": [[150, "5.50"], [null, "6.00"]]}]}
        """

    @Test(arguments: [
        (100, "1", "300.00"), (101, "1", "555.50"), (100, "1.5", "550.00"), (151, "1", "831.00"),
    ])
    func `a lifeline table needs a small load and few units`(
        consumed: Int,
        load: String,
        expected: String
    ) throws {
        let bill = #"{"units": \#(consumed), "months": 1, "load_kw": "\#(load)"}"#
        #expect(try amount("energy", lifeline, bill) == expected)
    }

    @Test func `a table may be chosen by load alone`() throws {
        let line = """
            {"id": "energy", "kind": "blocks", "choose_by": "load_kw", "tables": [
            {"upto": 5, "blocks": [[null, "6"]]}, {"upto": null, "mode": "whole", "blocks": [[null, "8"]]}]}
            """
        #expect(try amount("energy", line, #"{"units": 10, "months": 2, "load_kw": 5}"#) == "60.00")
        #expect(
            try amount("energy", line, #"{"units": 10, "months": 2, "load_kw": 5.001}"#) == "80.00"
        )
    }

    // MARK: Lengths

    private static let thirtyOneDays = #"{"units": 1, "days": 31}"#
    private static let overFebruary = #"{"units": 1, "from": "2024-01-31", "to": "2024-02-29"}"#

    @Test(arguments: [
        (#"{"mode": "days"}"#, thirtyOneDays, "31/30"),
        (#"{"mode": "days30"}"#, thirtyOneDays, "103/100"),
        (#"{"mode": "days365"}"#, thirtyOneDays, "372/365"),
        (#"{"mode": "months"}"#, thirtyOneDays, "1"),
        // One day of 31, and the whole of a leap year's February.
        (#"{"mode": "calendar"}"#, overFebruary, "32/31"),
        (#"{"mode": "days_in_month"}"#, overFebruary, "32/31"),
        (#"{"mode": "calendar", "factor_decimals": 2}"#, overFebruary, "103/100"),
        (#"{"mode": "days_in_month"}"#, #"{"units": 1, "days": 29, "days_in_month": 31}"#, "29/31"),
    ])
    func `days become months by the rule of the document`(
        rule: String,
        bill: String,
        factor: String
    ) throws {
        let document = try document(flatLine, #""slab_scaling": \#(rule),"#)
        #expect(try rate(document, inputs(bill)).factor.description == factor)
    }

    @Test(arguments: [("floor", "187"), ("nearest", "187"), ("ceil", "188"), ("exact", "187.097")])
    func `scaled limits are rounded as the document says`(rule: String, limit: String) throws {
        let document = try document(
            #"{"id": "energy", "kind": "blocks", "blocks": [[200, "1"], [null, "2"]]}"#,
            #""slab_scaling": {"mode": "days_in_month", "limit_rounding": "\#(rule)"},"#
        )
        let rating = try rate(
            document,
            inputs(#"{"units": 300, "days": 29, "days_in_month": 31}"#)
        )
        #expect(rating.slabs(of: rating.lines[0]).first?.to?.text == limit)
    }

    @Test(arguments: [
        (27, 1), (28, 1), (31, 1), (58, 1), (59, 2), (62, 2), (75, 2), (88, 2), (89, 3), (365, 12),
        (366, 12), (393, 13),
    ])
    func `whole months are counted by days`(days: Int, months: Int64) {
        #expect(SlabScaling.wholeMonths(days: days) == months)
    }

    // MARK: Fixed charges

    @Test func `a marginal charge takes each band's rate for the load inside it`() throws {
        let line = """
            {"id": "fixed", "kind": "band", "by": "load_kw", "select": "marginal", "per": "kw",
            "bands": [[5, "20"], [10, "30"], [null, "50"]], "times": "months"}
            """
        #expect(try amount("fixed", line, #"{"units": 0, "months": 1, "load_kw": 12}"#) == "350.00")
        #expect(try amount("fixed", line, #"{"units": 0, "months": 2, "load_kw": 5}"#) == "200.00")
    }

    @Test func `a load may be derived from the units`() throws {
        let line = """
            {"id": "fixed", "kind": "band", "per": "kw", "rate": "100",
            "load_from_units": {"per_units": 15, "counts_kw": "0.1"}}
            """
        // 31 units are two steps of 15 and a part: 0.3 kW.
        #expect(try amount("fixed", line, #"{"units": 31, "months": 1}"#) == "30.00")
        #expect(try amount("fixed", line, #"{"units": 30, "months": 1}"#) == "20.00")
    }

    @Test func `a load counts by its steps and not below the least`() throws {
        let line = """
            {"id": "fixed", "kind": "band", "per": "kw", "rate": "100", "times": "bill",
            "load_rounding": "ceil", "load_step": "0.5", "load_minimum": 1}
            """
        #expect(
            try amount("fixed", line, #"{"units": 0, "months": 2, "load_kw": 2.1}"#) == "250.00"
        )
        #expect(
            try amount("fixed", line, #"{"units": 0, "months": 2, "load_kw": 0.2}"#) == "100.00"
        )
    }

    @Test func `demand is the greatest of contract, record and floor, the excess dearer`() throws {
        let line = """
            {"id": "demand", "kind": "demand", "per": "kva", "rate": "300",
            "billed": ["recorded", {"percent": "80", "of": "contract"}],
            "excess_over": "contract", "excess_multiple": "1.5"}
            """
        func bill(_ recorded: Int) -> String {
            #"{"units": 0, "months": 1, "contract_demand": 100, "demand": \#(recorded)}"#
        }
        #expect(try amount("demand", line, bill(50)) == "24000.00")
        #expect(try amount("demand", line, bill(90)) == "27000.00")
        #expect(try amount("demand", line, bill(110)) == "34500.00")
    }

    @Test func `a minimum adds what the named lines are short of it`() throws {
        let lines = """
            \(flatLine), {"id": "minimum", "kind": "minimum", "of": ["energy"], "per": "kw",
            "rate": "60", "times": "months"}
            """
        #expect(
            try amount("minimum", lines, #"{"units": 10, "months": 1, "load_kw": 2}"#) == "70.00"
        )
        #expect(
            try amount("minimum", lines, #"{"units": 24, "months": 1, "load_kw": 2}"#) == "0.00"
        )
        #expect(
            try amount("minimum", lines, #"{"units": 50, "months": 1, "load_kw": 2}"#) == "0.00"
        )
    }

    // MARK: Free units

    @Test(arguments: [(0, "0.00"), (110, "-638.00"), (150, "-638.00"), (201, "0.00")])
    func `units up to last year's average and ten percent are free, up to a cap`(
        consumed: Int,
        expected: String
    ) throws {
        let lines = """
            {"id": "energy", "kind": "blocks", "blocks": [[null, "5.80"]]},
            {"id": "free", "kind": "free_units", "line": "energy", "by": "units", "bands": [
            [200, {"param": "average_units", "plus_percent": 10, "cap": 200}], [null, 0]]}
            """
        let bill = #"{"units": \#(consumed), "months": 1, "params": {"average_units": 100}}"#
        #expect(try amount("free", lines, bill) == expected)
    }

    @Test func `free units are taken back slab by slab and scale with the bill`() throws {
        let lines = """
            {"id": "energy", "kind": "blocks", "blocks": [[50, "2"], [null, "4"]]},
            {"id": "free", "kind": "free_units", "line": "energy", "bands": [[null, 75]]}
            """
        #expect(try amount("free", lines, #"{"units": 200, "months": 1}"#) == "-200.00")
        #expect(try amount("free", lines, #"{"units": 200, "months": 2}"#) == "-400.00")
    }

    @Test func `a subsidy by slab is a line of negative rates`() throws {
        let lines = """
            \(flatLine), {"id": "subsidy", "kind": "blocks", "blocks": [[50, "-1"], [100, "-0.5"], [null, "0"]]}
            """
        #expect(try amount("subsidy", lines, #"{"units": 120, "months": 1}"#) == "-75.00")
    }

    @Test func `slab rates of a surcharge follow the slabs of the energy line`() throws {
        let lines = """
            {"id": "energy", "kind": "blocks", "blocks": [[100, "4"], [300, "9"], [null, "12"]]},
            {"id": "fac", "kind": "blocks", "like": "energy", "rates": {"param": "fac"}, "optional": true}
            """
        let bill = #"{"units": 150, "months": 1, "params": {"fac": ["0.50", "0.84", "1.07"]}}"#
        #expect(try amount("fac", lines, bill) == "92.00")
        #expect(try amount("fac", lines, #"{"units": 150, "months": 1}"#) == nil)
    }

    // MARK: Metered adjustments

    @Test func `units by time of day cost a percentage or an adder more or less`() throws {
        let lines = """
            \(flatLine), {"id": "tod", "kind": "time_of_day", "of_line": "energy", "slots": [
            {"id": "peak", "hours": [["06:00", "10:00"], ["18:00", "22:00"]], "percent": "25"},
            {"id": "night", "hours": [["22:00", "05:00"]], "percent": "-5"}]}
            """
        let bill = """
            {"units": 100, "months": 1, "params": {"tod_units": {"peak": 40, "night": 20}}}
            """
        // 200.00 × 25 % - 100.00 × 5 %
        #expect(try amount("tod", lines, bill) == "45.00")
        let slots = try document(lines).timeOfDaySlots
        #expect(slots.map(\.id) == ["peak", "night"])
        #expect(slots[1].contains(minute: 1_380) && slots[1].contains(minute: 299))
        #expect(!slots[1].contains(minute: 300) && slots[0].contains(minute: 360))

        let adder = """
            \(flatLine), {"id": "tod", "kind": "time_of_day", "of_line": "energy", "slots": [
            {"id": "peak", "per_unit": "1.00"}, {"id": "night", "per_unit": "-1.00"}]}
            """
        #expect(try amount("tod", adder, bill) == "20.00")
    }

    @Test(arguments: [
        ("0.90", "0.00"), ("0.85", "0.00"), ("0.84", "15.00"), ("0.75", "150.00"),
        ("0.74", "180.00"), ("0.97", "-10.00"),
    ])
    func `a bad power factor costs by steps and a good one earns`(factor: String, expected: String)
        throws
    {
        let lines = """
            {"id": "energy", "kind": "blocks", "blocks": [[null, "10"]]},
            {"id": "pf", "kind": "power_factor", "of": ["energy"],
            "penalty": [{"below": "0.85", "percent": "1.5"}, {"below": "0.75", "percent": "3"}],
            "incentive": [{"above": "0.95", "percent": "0.5"}]}
            """
        let bill = #"{"units": 100, "months": 1, "params": {"power_factor": \#(factor)}}"#
        #expect(try amount("pf", lines, bill) == expected)
    }

    @Test func `apparent energy may be what is billed`() throws {
        let line =
            #"{"id": "energy", "kind": "blocks", "quantity": "kvah", "blocks": [[null, "7"]]}"#
        #expect(try amount("energy", line, #"{"units": 90, "kvah": 100, "months": 1}"#) == "700.00")
    }

    @Test func `export and bank are netted, the surplus carried, the fixed charge stays`() throws {
        let lines = #"\#(flatLine), {"id": "fixed", "kind": "band", "rate": "100"}"#
        let rating = try rate(
            document(lines),
            inputs(#"{"units": 100, "export": 130, "banked": 20, "months": 1}"#)
        )

        #expect(rating.units == .zero)
        #expect(rating.surplus == units(50))
        #expect(rating.total.plainText == "100.00")
        let net = try rate(document(lines), inputs(#"{"units": 100, "export": 30, "months": 1}"#))
        #expect(net.total.plainText == "450.00")
    }

    // MARK: Totals and account

    @Test func `down to ten rupees carries the cut to the next bill`() throws {
        let document = try document(
            flatLine,
            #""rounding": {"line": "0.01", "total": "10", "total_mode": "down", "carry": true},"#
        )
        let first = try rate(document, inputs(#"{"units": 7.9, "months": 1}"#))
        let second = try rate(
            document,
            inputs(#"{"units": 7, "months": 1, "carried_in": "\#(first.roundingCarry.plainText)"}"#)
        )

        #expect(first.total.plainText == "30.00")
        #expect(first.roundingCarry.plainText == "9.50")
        #expect(second.total.plainText == "40.00")
        #expect(second.roundingCarry.plainText == "4.50")
    }

    @Test func `late surcharge, rebates and deposit interest are terms of the account`() throws {
        let document = try document(
            flatLine,
            """
            "account": {"late_surcharge_percent_per_month": "1.5", "grace_days": 15,
            "prompt_rebate_percent": "1", "prompt_days": 7, "online_rebate_percent": "0.5",
            "rebate_cap": "25", "deposit_interest_percent_per_year": "6.75"},
            """
        )
        let terms = document.account
        let thousand = Money(paise: 100_000)

        #expect(try terms.lateSurcharge(onPrincipal: thousand, days: 15) == .zero)
        #expect(try terms.lateSurcharge(onPrincipal: thousand, days: 45).plainText == "15.00")
        #expect(
            try terms.rebate(on: thousand, units: .zero, paidAfter: 7, online: true).plainText
                == "15.00"
        )
        #expect(try terms.rebate(on: thousand, units: .zero, paidAfter: 8, online: false) == .zero)
        #expect(
            try terms.rebate(
                on: Money(paise: 1_000_000),
                units: .zero,
                paidAfter: 1,
                online: true
            ).plainText == "25.00"
        )
        #expect(try terms.depositInterest(on: thousand, days: 365).plainText == "67.50")
    }

    @Test func `a missing parameter holds a bill and only leaves a check's line out`() throws {
        let document = try document(
            #"\#(flatLine), {"id": "fuel", "kind": "per_unit", "rate": {"param": "fuel"}}"#
        )
        var bill = RatingInputs(units: units(10), months: 1)

        #expect(throws: RatingError.missingParameter(name: "fuel", line: "fuel")) {
            try rate(document, bill)
        }
        bill.missing = .leavesLineOut
        let checked = try rate(document, bill)
        #expect(checked.leftOut.map(\.id) == ["fuel"])
        #expect(checked.total.plainText == "50.00")
        bill.missing = .refused
        bill.parameters = ["fuel": .number(50_000), "fule": .number(0)]
        #expect(throws: RatingError.unknownParameter(name: "fule", known: ["fuel"])) {
            try rate(document, bill)
        }
    }
}
