import Testing
import Units

@testable import Tariffs

@Suite struct DocumentDecodingTests {
    private func fault(_ line: String, _ extra: String = "") -> String {
        let json = """
            {"id": "t-2026", "utility": "U", "category": "C", \(extra) "lines": [\(line)]}
            """
        return decodingError(json)?.description ?? "accepted"
    }

    @Test func `an unknown key is named with the allowed ones`() {
        let text = fault(#"{"id": "energy", "kind": "blocks", "blocks": [[null, "1"]], "rat": 1}"#)
        #expect(text.hasPrefix("$.lines[0].rat: unknown key; allowed here: "))
        #expect(text.contains("choose_by"))
    }

    @Test func `bounds must rise and only the last may be open`() {
        #expect(
            fault(#"{"id": "e", "kind": "blocks", "blocks": [[100, "1"], [100, "2"]]}"#)
                == "$.lines[0].blocks[1][0]: bounds must rise: 100 is not above 100"
        )
        #expect(
            fault(#"{"id": "e", "kind": "blocks", "blocks": [[null, "1"], [100, "2"]]}"#)
                .contains("nothing may follow an unbounded")
        )
        #expect(
            fault(
                """
                {"id": "e", "kind": "blocks", "tables": [
                {"upto": 500, "blocks": [[null, "1"]]}, {"upto": 400, "blocks": [[null, "1"]]}]}
                """
            ) == "$.lines[0].tables[1].upto: bounds must rise: 400 is not above 500"
        )
    }

    @Test func `a gap between the blocks of a table and its reach is refused`() {
        #expect(
            fault(
                """
                {"id": "e", "kind": "blocks", "tables": [
                {"upto": 500, "blocks": [[400, "1"]]}, {"upto": null, "blocks": [[null, "1"]]}]}
                """
            )
                == "$.lines[0].tables[0].blocks: the blocks end at 400 but the table reaches to 500: a gap"
        )
    }

    @Test func `a percentage of a later line is refused`() {
        let text = fault(
            """
            {"id": "duty", "kind": "percent", "of": ["energy"], "rate": "5"}, \(flatLine)
            """
        )
        #expect(text.hasPrefix("$.lines[0].of[0]: \"energy\" is no line above this one"))
    }

    @Test(arguments: [#""4.7x""#, "1e3", #""1.2345678""#, #""""#, "true"])
    func `a bad decimal is refused`(value: String) {
        let text = fault(#"{"id": "e", "kind": "blocks", "blocks": [[null, \#(value)]]}"#)
        #expect(text.hasPrefix("$.lines[0].blocks[0][1]: "))
        #expect(text.contains("decimal"))
    }

    @Test func `an undeclared parameter is refused where parameters are declared`() {
        let text = fault(
            #"{"id": "f", "kind": "per_unit", "rate": {"param": "fac"}}"#,
            #""parameters": {"fuel": "rupees a unit"},"#
        )
        #expect(
            text == "$.lines[0].rate: \"fac\" is no parameter of this document; declared: fuel"
        )
    }

    @Test func `a first day after the last is refused`() {
        #expect(
            fault(flatLine, #""effective": {"from": "2026-02-01", "to": "2026-01-01"},"#)
                == "$.effective: \"from\" is after \"to\""
        )
        #expect(
            fault(flatLine, #""effective": {"from": "2026-02-30"},"#)
                == "$.effective.from: a date such as \"2026-11-23\" is expected"
        )
    }

    @Test func `an id may not stand twice`() {
        #expect(fault("\(flatLine), \(flatLine)").contains("stands twice"))
        let one = #"{"id": "a-2020", "utility": "U", "category": "C", "lines": [\#(flatLine)]}"#
        #expect(
            decodingError("[\(one), \(one)]")?.description == "$[1].id: \"a-2020\" stands twice"
        )
    }

    @Test func `a phrase of a subsidy is read or refused`() throws {
        let good = """
            \(flatLine), {"id": "s", "kind": "cases", "by": "units", "cases": [
            [100, "-100% of everything above"], [200, "-50% of energy up to Rs 80 a month"],
            [300, "-10%"], [null, "0"]]}
            """
        #expect(fault(good) == "accepted")
        let bad = #"{"id": "s", "kind": "cases", "cases": [[null, "half price"]]}"#
        #expect(fault(bad).contains("a phrase such as"))
    }

    @Test func `text that is not JSON is refused with its line`() {
        #expect(
            decodingError("{\n\"id\": }")
                == .notJSON(JSONFault(line: 2, column: 7, reason: "not a value"))
        )
        #expect(
            decodingError("{} x")
                == .notJSON(JSONFault(line: 1, column: 4, reason: "text after the value"))
        )
        #expect(decodingError(#"{"a": 1, "a": 2}"#)?.description.contains("stands twice") == true)
        #expect(decodingError(#"["\ud800"]"#)?.description.contains("surrogate") == true)
        #expect(
            decodingError(String(repeating: "[", count: 40))?.description.contains("deeply") == true
        )
    }

    @Test func `a list, a single document and a file of tariffs are all read`() throws {
        let one = #"{"id": "a-2020", "utility": "U", "category": "C", "lines": [\#(flatLine)]}"#
        #expect(try TariffDocument.decodeAll(Array(one.utf8)).count == 1)
        #expect(try TariffDocument.decodeAll(Array("[\(one)]".utf8)).count == 1)
        #expect(try TariffDocument.decodeAll(Array(#"{"tariffs": [\#(one)]}"#.utf8)).count == 1)
    }

    @Test(arguments: [
        ("tneb-lt1a-2024-07", "tneb-lt1a"), ("tneb-lt1a-2017", "tneb-lt1a"),
        ("uppcl-lmv1-urban", "uppcl-lmv1-urban"), ("a-2026-01-31", "a"),
        ("kseb-lt1a-3ph-2025-04", "kseb-lt1a-3ph"), ("seed-2023", "seed"),
    ])
    func `a family is the id without its date`(id: String, family: String) throws {
        #expect(try document(flatLine, id: id).family == family)
    }

    @Test func `the canonical form does not depend on order or spaces`() throws {
        let left = #"{"id":"a","utility":"U","category":"C","lines":[\#(flatLine)]}"#
        let right = #"{"lines": [\#(flatLine)], "category": "C", "utility": "U", "id": "a"}"#
        let first = try TariffDocument.load(Array(left.utf8)).canonicalJSON
        let second = try TariffDocument.load(Array(right.utf8)).canonicalJSON

        #expect(first == second)
        #expect(try TariffDocument.load(first).canonicalJSON == first)
    }
}
