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
    }

    /// The keys that the decoder lists when it meets an odd one there.
    private func allowed(_ json: String) throws -> [String] {
        let told = TariffDocument.faults(in: Array(json.utf8)).map(\.description)
        let fault = try #require(told.first { $0.contains("odd: unknown key") }, "\(told)")
        return fault.components(separatedBy: "allowed here: ")[1].components(separatedBy: ", ")
    }

    @Test(arguments: [
        #""kind": "blocks", "blocks": [[null, 1]], "odd": 1"#,
        #""kind": "band", "rate": 1, "odd": 1"#,
        #""kind": "demand", "rate": 1, "odd": 1"#, #""kind": "minimum", "rate": 1, "odd": 1"#,
        #""kind": "per_unit", "rate": 1, "odd": 1"#, #""kind": "percent", "rate": 1, "odd": 1"#,
        #""kind": "percent_windows", "odd": 1"#, #""kind": "free_units", "odd": 1"#,
        #""kind": "cases", "odd": 1"#, #""kind": "time_of_day", "odd": 1"#,
        #""kind": "power_factor", "odd": 1"#, #""kind": "band", "rate": 1, "when": {"odd": 1}"#,
        #""kind": "band", "rate": 1, "season": {"odd": 1}"#,
        #""kind": "band", "rate": 1, "load_from_units": {"odd": 1}"#,
        #""kind": "demand", "rate": 1, "excess": [{"odd": 1}]"#,
        #""kind": "cases", "cases": [[null, {"per_unit": 1, "odd": 1}]]"#,
    ])
    func `every key of every kind of line is on the page`(members: String) throws {
        let text = try page()
        let json = """
            {"id": "a", "utility": "U", "category": "C", "lines": [{"id": "e", \(members)}]}
            """
        for key in try allowed(json) { #expect(text.contains(key), "\(key)") }
    }

    @Test func `every key of an account and every input of a case is on the page`() throws {
        let text = try page()
        let account = #"{"id": "a", "utility": "U", "category": "C", "account": {"odd": 1}}"#
        for key in try allowed(account) { #expect(text.contains("`\(key)`"), "\(key)") }
        do throws(TariffDocumentError) {
            _ = try RatingInputs(json: Array(#"{"odd": 1}"#.utf8))
            Issue.record("an odd input is taken")
        } catch {
            let keys = error.description.components(separatedBy: "allowed here: ")[1]
            for key in keys.components(separatedBy: ", ") {
                #expect(text.contains("`\(key)`"), "\(key)")
            }
        }
    }

    @Test func `the case of the page can be checked`() throws {
        let text = try page()
        let example = try #require(text.components(separatedBy: "```").dropFirst().first)
        let start = try #require(text.range(of: #"{"cases": ["#))
        let end = try #require(text[start.lowerBound...].range(of: "}}]}"))
        let cases = String(text[start.lowerBound..<end.upperBound])
        let report = try TariffCheck.run(
            cases: Array(cases.utf8),
            documents: [TariffDocument.load(Array(example.dropFirst(5).utf8))]
        )
        #expect(report.results.count == 1)
        #expect(report.isGood, "\(report.text)")
    }
}
