import Testing
import Units

@testable import Tariffs

/// What is told about a wrong text: everything at once, each by its path.
@Suite struct FaultTests {
    private func faults(_ json: String) -> [String] {
        TariffDocument.faults(in: Array(json.utf8)).map(\.description)
    }

    private func faults(ofLines lines: String, _ extra: String = "") -> [String] {
        faults(
            """
            {"id": "t-2026", "utility": "U", "category": "C", \(extra) "lines": [\(lines)]}
            """
        )
    }

    @Test func `mistakes all over a document are told at once, in order of their paths`() {
        let told = faults(
            """
            {"id": "Bad Id", "utility": "", "category": "C", "colour": 1, "base_months": 13,
            "effective": {"from": "2026-02-01", "to": "2026-01-01"},
            "rounding": {"line": "0", "total_mode": "best", "x": 1},
            "account": {"grace_days": -1, "rebate_cap": "x"},
            "slab_scaling": {"mode": "weeks", "factor_decimals": 9}, "lines": [
            {"id": "e", "kind": "blocks", "blocks": [[100, "1"], [50, "2x"], [null, "3"]]},
            {"kind": "band", "bands": [[1, 2, 3], [null, {"per": "kW", "rate": "1"}]], "times": "daily"},
            {"id": "what", "kind": "block"}, "text",
            {"id": "duty", "kind": "percent", "of": ["e", "what", "what"], "rate": "5", "label": 3},
            {"id": "sub", "kind": "cases", "cases": [[9, "half"], [null, {"per_unit": "a"}]]}]}
            """
        )
        #expect(
            told.map { $0.prefix { $0 != ":" } } == [
                "$.account.grace_days", "$.account.rebate_cap", "$.base_months", "$.colour",
                "$.effective", "$.id", "$.lines[0].blocks[1][0]", "$.lines[0].blocks[1][1]",
                "$.lines[1]", "$.lines[1].bands[0]", "$.lines[1].bands[1][1].per",
                "$.lines[1].times", "$.lines[2].kind", "$.lines[3]", "$.lines[4].label",
                "$.lines[4].of[2]", "$.lines[5].cases[0][1]", "$.lines[5].cases[1][1].per_unit",
                "$.rounding.line", "$.rounding.total_mode", "$.rounding.x",
                "$.slab_scaling.factor_decimals", "$.slab_scaling.mode", "$.utility",
            ]
        )
    }

    @Test func `one mistake is told once, though others lean on it`() {
        #expect(
            faults(
                ofLines: """
                    {"id": "e", "kind": "blocks", "tables": [{"upto": 500, "blocks": [[400, "x"]]},
                    {"upto": null, "blocks": [[null, "1"]]}]},
                    {"id": "fac", "kind": "blocks", "like": "e", "rates": ["1"]},
                    {"id": "free", "kind": "free_units", "line": "e", "bands": [[null, 5]]},
                    {"id": "duty", "kind": "percent", "of": ["e", "fac"], "rate": 5}
                    """
            ) == [
                "$.lines[0].tables[0].blocks[0][1]: \"x\" is no decimal with at most 6 decimals "
                    + "and no exponent"
            ]
        )
    }

    @Test(arguments: [
        (
            #"{"id": "d", "kind": "percent", "of": ["e"], "rate": 1}"#, "$.lines[0].of[0]",
            "is no line above"
        ),
        (
            #"{"id": "d", "kind": "percent", "of": "d", "rate": 1}"#, "$.lines[0].of",
            "is no line above"
        ),
        (
            #"{"id": "e", "kind": "blocks", "blocks": [[100, "1"], [50, "2"]]}"#,
            "$.lines[0].blocks[1][0]", "bounds must rise: 50 is not above 100"
        ),
        (
            #"{"id": "e", "kind": "band", "by": "units", "bands": [[9, 1], [9, 2]]}"#,
            "$.lines[0].bands[1][0]", "bounds must rise"
        ),
        (
            #"{"id": "e", "kind": "cases", "cases": [[null, "0"], [9, "0"]]}"#,
            "$.lines[0].cases[1][0]", "nothing may follow"
        ),
        (
            #"{"id": "e", "kind": "blocks", "tables": [{"upto": 9, "blocks": [[8, "1"]]}]}"#,
            "$.lines[0].tables[0].blocks", "a gap"
        ),
        (
            #"{"id": "f", "kind": "per_unit", "rate": {"param": "fac"}}"#, "$.lines[0].rate",
            "no parameter of this document; declared: fuel"
        ),
        (
            """
            {"id": "f", "kind": "per_unit", "rate": 1, "valid_from": "2026-02-02",
            "valid_to": "2026-02-01"}
            """, "$.lines[0].valid_from", "is after"
        ),
        (#"{"id": "f", "kind": "demand", "rate": 1, "per": "unit"}"#, "$.lines[0].per", "kva"),
        (
            #"{"id": "f", "kind": "cases", "cases": [[null, {"percent": 1, "amount": 2}]]}"#,
            "$.lines[0].cases[0][1].amount", "unknown key"
        ),
        (
            #"{"id": "f", "kind": "cases", "cases": [[null, {"cap": 2}]]}"#,
            "$.lines[0].cases[0][1]",
            "one of \"percent\", \"amount\" and \"per_unit\""
        ),
        (
            """
            {"id": "f", "kind": "time_of_day", "units": "fuel",
            "slots": [{"id": "a", "percent": 1}]}
            """, "$.lines[0].slots[0]", "needs \"of_line\""
        ),
    ])
    func `a refused line is told by its path and what would be right`(
        line: String,
        path: String,
        reason: String
    ) throws {
        let told = faults(ofLines: line, #""parameters": {"fuel": "rupees a unit"},"#)
        #expect(told.count == 1)
        #expect(try #require(told.first).hasPrefix("\(path): "), "\(told)")
        #expect(told.first?.contains(reason) == true, "\(told)")
    }

    @Test func `documents without a mistake are read beside others`() {
        let good = #"{"id": "a-2020", "utility": "U", "category": "C", "lines": [\#(flatLine)]}"#
        let bad = #"{"id": "b-2020", "utility": "U", "lines": [\#(flatLine)]}"#
        let examination = TariffExamination(Array("[\(good), \(bad), \(good)]".utf8))

        #expect(examination.documents.map(\.id) == ["a-2020"])
        #expect(
            examination.faults.map(\.description) == [
                "$[1]: \"category\" is missing", "$[2].id: \"a-2020\" stands twice",
            ]
        )
        #expect(faults("{") == ["line 1, column 2: expected a name in quotes"])
        #expect(faults("[]") == ["$: there are no documents in this text"])
    }

    @Test func `so many mistakes are told and no more`() {
        let lines = Array(repeating: "{}", count: 60).joined(separator: ", ")
        let document = #"{"id": "A", "utility": "U", "category": "C", "lines": [\#(lines)]}"#
        let many = Array(repeating: document, count: 10).joined(separator: ", ")
        #expect(faults("[\(many)]").count == Limits.faults)
    }

    @Test func `versions that overlap are told for every family`() throws {
        func version(_ id: String, _ from: String, _ to: String) throws -> TariffDocument {
            try document(flatLine, #""effective": {"from": \#(from), "to": \#(to)},"#, id: id)
        }
        let documents = [
            try version("a-2026", #""2026-01-01""#, "null"),
            try version("a-2025", #""2025-01-01""#, #""2026-01-31""#),
            try version("a-2024", "null", #""2025-01-01""#),
            try version("b-2025", #""2025-01-01""#, #""2025-12-31""#),
            try version("b-2026", #""2026-01-01""#, "null"),
            try document(flatLine, id: "b-2023"),
        ]
        #expect(
            TariffVersions.overlaps(in: documents).map(\.description) == [
                "a-2024 and a-2025 are both in force on 2025-01-01 to 2025-01-01",
                "a-2025 and a-2026 are both in force on 2026-01-01 to 2026-01-31",
            ]
        )
        #expect(TariffVersions.overlaps(in: try Files.shippedDocuments()) == [])
    }

    // MARK: Texts nobody wrote

    @Test(arguments: [81, 82])
    func `whatever is refused is among what is told, and nothing is told of the rest`(seed: UInt64)
        throws
    {
        var random = SeededRandom(seed: seed)
        var refused = 0
        let documents = try Files.shippedDocuments().map(\.canonicalJSON)
        for round in 0..<700 {
            var value = try JSONParser.parse(documents[round % documents.count])
            for _ in 0...Int.random(in: 0...2, using: &random) { value = value.mutated(&random) }
            let bytes = value.bytes()
            let told = TariffDocument.faults(in: bytes)
            do {
                _ = try TariffDocument.decodeAll(bytes)
                #expect(told == [], "\(String(decoding: bytes, as: UTF8.self))")
            } catch {
                refused += 1
                #expect(told.contains(error), "\(error): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
        #expect(refused > 200)
    }
}
