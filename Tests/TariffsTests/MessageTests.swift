import Testing

@testable import Tariffs

/// Messages for what newcomers write: each says what would be right.
@Suite struct MessageTests {
    private func faults(_ json: String) -> [String] {
        TariffDocument.faults(in: Array(json.utf8)).map(\.description)
    }

    private func fault(ofLine line: String) -> String {
        faults(
            """
            {"id": "t", "utility": "U", "category": "C", "lines": [\(flatLine), \(line)]}
            """
        ).joined(separator: "\n")
    }

    @Test(arguments: [
        (
            #"{"id": "e", "kind": "blocks", "slabs": [[null, 1]]}"#,
            "unknown key, perhaps \"blocks\" is meant; allowed here: "
        ),
        (#"{"id": "e", "kind": "blocks"}"#, "\"blocks\" or \"tables\" is missing"),
        (
            #"{"id": "e", "kind": "band", "rate": 1, "load_roundng": "ceil"}"#,
            "perhaps \"load_rounding\" is meant"
        ),
        (
            #"{"id": "e", "kind": "demand", "rate": 1, "billed": ["recorded", "85% of contract"]}"#,
            #"a percentage is written {"percent": "85", "of": "contract"}"#
        ),
        (
            #"{"id": "e", "kind": "cases", "cases": [[null, "-50% of energy up to 800"]]}"#,
            "a cap is written \"up to Rs 800\""
        ),
        (
            #"{"id": "e", "kind": "cases", "cases": [[null, "half"]]}"#,
            #"{"per_unit", "cap", "cap_per"} is expected"#
        ),
        (
            #"{"id": "e", "kind": "cases", "cases": [[null, "-1"]]}"#,
            #"{"amount", "times"} or {"per_unit""#
        ),
        (
            #"{"id": "e", "kind": "minimum", "of": "energy", "units": 20, "at": "energy", "rate": 1}"#,
            "a minimum in \"units\" has no \"rate\""
        ),
        (
            """
            {"id": "e", "kind": "demand", "rate": 1, "excess": [
            {"over": "contract", "multiple": 2}, {"over": "contract", "multiple": 3}]}
            """, "each step is over more than the one before"
        ),
        (
            """
            {"id": "e", "kind": "band", "per": "hp", "by": "load_kw", "select": "marginal",
            "bands": [[1, 1], [null, 2]]}
            """, "by \"load_hp\""
        ),
    ])
    func `a mistake is told with what would be right`(line: String, reason: String) {
        let told = fault(ofLine: line)
        #expect(told.contains(reason), "\(told)")
    }

    @Test func `a text that is no tariff says what it is`() {
        #expect(faults(#"{"series": []}"#).first?.contains("vidyut tariff parameters") == true)
        #expect(faults(#"{"cases": []}"#).first?.contains("vidyut tariff check") == true)
        let cases = #"[{"id": "a", "tariff": "t", "inputs": {}, "expected": {}}]"#
        #expect(faults(cases).first?.contains("vidyut tariff check") == true)
    }

    @Test func `a mark before the text is no part of it`() throws {
        let text = #"{"id": "t", "utility": "U", "category": "C", "lines": [\#(flatLine)]}"#
        #expect(faults("\u{FEFF}" + text) == [])
        #expect(faults("\u{FEFF}{") == ["line 1, column 2: expected a name in quotes"])
    }

    @Test func `a fault of JSON has a line and a column of characters`() {
        #expect(
            faults("{\n  \"é\": 1,\n  \"utility\" \"U\"}").first?.hasPrefix("line 3, column 13:")
                == true
        )
    }
}
