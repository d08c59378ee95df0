import Foundation
import Testing
import Units

@testable import Tariffs

/// The page that explains the language, held to what the decoder accepts.
@Suite struct LanguagePageTests {
    private func page() throws -> String {
        try String(
            decoding: Files.bytes(Files.root.appending(path: "Sources/Tariffs/README.md")),
            as: UTF8.self
        )
    }

    @Test func `the example of the page is a tariff and rates a bill`() throws {
        let parts = try page().components(separatedBy: "```")
        let example = try #require(parts.first { $0.hasPrefix("json\n") }).dropFirst(5)
        let document = try TariffDocument.load(Array(example.utf8))
        let bill = try inputs(
            """
            {"units": 350, "from": "2026-04-01", "to": "2026-04-30", "load_kw": 1.5,
            "params": {"fuel_per_unit": "0.10"}}
            """
        )
        let rating = try rate(document, bill)

        #expect(document.family == "xyz-domestic")
        // 190.00 + 640.00 + 235.00, 2 kW, 35.00, 6 % of 1165.00
        #expect(rating.totalUnrounded.plainText == "1269.90")
        #expect(rating.total.plainText == "1270.00")
    }

    @Test func `the page names the schema and the command that tells mistakes`() throws {
        let text = try page()
        #expect(text.contains("`tariff.schema.json`"))
        #expect(text.contains("`vidyut tariff validate FILE…`"))
        let example = try #require(
            text.components(separatedBy: "```").first { $0.hasPrefix("json\n") }
        ).dropFirst(5)
        #expect(TariffDocument.faults(in: Array(example.utf8)) == [])
    }

    @Test(arguments: [
        "blocks", "band", "demand", "minimum", "per_unit", "percent", "percent_windows",
        "free_units", "cases", "time_of_day", "power_factor",
    ])
    func `every kind of line is on the page`(kind: String) throws {
        #expect(try page().contains("| `\(kind)` |"))
    }

    @Test func `every key of a document and of its account is on the page`() throws {
        let text = try page()
        let unknown = #"{"id": "a", "utility": "U", "category": "C", "lines": [], "x": 1}"#
        let allowed = try #require(decodingError(unknown)).description
            .components(separatedBy: "allowed here: ")[1].components(separatedBy: ", ")
        for key in allowed where !["confidence", "currency"].contains(key) {
            #expect(text.contains(key), "\(key)")
        }
        for key in [
            "late_surcharge_percent_per_month", "grace_days", "prompt_days", "rebate_cap",
        ] { #expect(text.contains(key)) }
    }
}
