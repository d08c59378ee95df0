import Testing
import Units

@testable import Tariffs

@Suite struct QuoteTests {
    @Test func `a quote shows the scaled slabs as a person would write them`() throws {
        let rating = try rate(
            Files.shipped("tneb-lt1a-2024-07"),
            RatingInputs(units: units(600), days: 75)
        )
        let text = QuoteText.render(rating)

        #expect(text.contains("600 units; limits of 2 months × 1.25 (5/4)"))
        #expect(text.contains("125 to 250: 125 units × 2.35"))
        #expect(text.contains("293.75"))
        #expect(text.hasSuffix("₹2,098.75"))
    }

    @Test func `a quote names what was left out and how the total was rounded`() throws {
        var bill = RatingInputs(units: units(299), months: 2)
        bill.missing = .leavesLineOut
        let text = QuoteText.render(try rate(Files.shipped("kseb-lt1a-2025-04"), bill))

        #expect(text.contains("left out: line \"fuel_surcharge\" needs the parameter"))
        #expect(text.contains("105.00 × 2 months"))
        #expect(text.contains("Rounded to 1.00, half up"))
        #expect(text.hasSuffix("₹1,641.00"))
    }

    @Test func `the JSON form is JSON with exact amounts`() throws {
        let rating = try rate(
            Files.shipped("tneb-lt1a-2024-07"),
            RatingInputs(units: units(600), days: 61)
        )
        let value = try JSONParser.parse(Array(TariffJSON.text(rating).utf8))

        #expect(value == TariffJSON.value(rating))
        #expect(value.member("totalPaise") == .integer(rating.total.paise))
        let text = TariffJSON.text(rating)
        #expect(text.contains(#""factor":"61/60""#))
        #expect(text.contains(#""toWattHours":"305000/3""#))
    }

    @Test(arguments: [
        ("kseb-*", "kseb-lt1a", true), ("*", "", true), ("?n-*00", "tn-2017-200", true),
        ("tn", "tn-1", false), ("*-2*-*", "a-1-2-3", true), ("a?", "a", false), ("a*b", "ab", true),
    ])
    func `a glob knows star and question mark`(pattern: String, text: String, matches: Bool) {
        #expect(TariffCheck.matches(text, glob: pattern) == matches)
    }

    @Test func `a parameter on a command line is a decimal or JSON`() throws {
        #expect(try ParameterValue(text: "-4.43") == .number(-4_430_000))
        #expect(try ParameterValue(text: #"["0.50", 0.84]"#) == .list([500_000, 840_000]))
        #expect(try ParameterValue(text: #"{"peak": 40}"#) == .table(["peak": 40_000_000]))
        #expect(throws: TariffDocumentError.self) { try ParameterValue(text: "high") }
    }

    @Test func `inputs are written as they are read`() throws {
        let text = """
            {"units": "545.5", "months": "1.5", "from": "2022-06-25", "to": "2022-07-24",
            "days_in_month": 30, "load_kw": "2.4", "demand": 6, "contract_demand": "5.25",
            "kvah": 600, "export": "10.001", "banked": 2, "date": "2022-07-24", "params": {
            "windows": [{"percent": "20.69", "from": "2022-06-25", "to": "2022-07-24", "units": 5}],
            "rates": [{"rates": ["0.5", "1"], "from": "2022-06-25", "to": "2022-07-24"}],
            "list": ["0.5", -1], "one": "7", "table": {"peak": 3}}, "lines_on": ["fac"],
            "opt_in": true, "carried_in": "-3.25"}
            """
        let first = try inputs(text)
        let second = try RatingInputs(json: first.json.bytes())

        #expect(second.json == first.json)
        #expect(second.parameters == first.parameters)
        #expect(second.months == Ratio(3, 2))
        #expect(try inputs(#"{"units": 1, "months": "1/3"}"#).months == Ratio(1, 3))
        #expect(second.load == Power(milliwatts: 2_400_000))
        #expect(second.carriedIn == Money(paise: -325))
    }
}
