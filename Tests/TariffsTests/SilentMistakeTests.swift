import Testing
import Units

@testable import Tariffs

/// What would have been taken without a word, and is refused or told by name.
@Suite struct SilentMistakeTests {
    private func amount(_ id: String, _ lines: String, _ bill: String) throws -> String? {
        try rate(document(lines), inputs(bill)).amount(of: id)?.plainText
    }

    // MARK: Slots of the day

    @Test(arguments: [
        #"{"id": "energy", "kind": "per_unit", "quantity": "kvah", "rate": "7"}"#,
        #"{"id": "energy", "kind": "blocks", "quantity": "kvah", "blocks": [[null, "7"]]}"#,
    ])
    func `slots are of the quantity that their line bills`(energy: String) throws {
        let lines = """
            \(energy), {"id": "tod", "kind": "time_of_day", "of_line": "energy",
            "slots": [{"id": "peak", "percent": "20"}]}
            """
        func bill(_ peak: Int) -> String {
            """
            {"units": 100, "kvah": 110, "months": 1, "params": {"tod_units": {"peak": \(peak)}}}
            """
        }
        // 7.00 × 20 % a kVAh.
        #expect(try amount("tod", lines, bill(50)) == "70.00")
        #expect(try amount("tod", lines, bill(105)) == "147.00")
        #expect(throws: RatingError.self) { try amount("tod", lines, bill(111)) }
    }

    @Test func `slots that are the energy charge hold every unit`() throws {
        let line = """
            {"id": "energy", "kind": "time_of_day",
            "slots": [{"id": "day", "per_unit": "4.50"}, {"id": "night", "per_unit": "6"}]}
            """
        func bill(_ night: Int) -> String {
            """
            {"units": 100, "months": 1, "params": {"tod_units": {"day": 60, "night": \(night)}}}
            """
        }
        #expect(try amount("energy", line, bill(40)) == "510.00")
        #expect {
            try amount("energy", line, bill(10))
        } throws: { error in
            "\(error)".contains("30 of 100 units are in no slot")
        }
    }

    // MARK: Days and lengths

    @Test func `a document says on which days of a bill it is not in force`() throws {
        let document = try document(
            flatLine,
            #""effective": {"from": "2025-04-01", "to": "2026-03-31"},"#
        )
        func refusal(_ bill: String) throws -> String? {
            try document.notInForce(for: inputs(bill))?.description
        }
        #expect(try refusal(#"{"units": 1, "months": 1}"#) == nil)
        #expect(try refusal(#"{"units": 1, "months": 1, "date": "2026-03-31"}"#) == nil)
        #expect(
            try refusal(#"{"units": 1, "from": "2025-03-15", "to": "2026-04-14"}"#)
                == "test-2026-01 is not in force on 2025-03-15 to 2025-03-31 and "
                + "2026-04-01 to 2026-04-14"
        )
        #expect(
            try refusal(#"{"units": 1, "months": 1, "date": "2026-04-01"}"#)?
                .contains("2026-04-01") == true
        )
    }

    @Test(arguments: [
        (#""months": 7, "days": 75"#, "months and days disagree: 7 months are not 75 days"),
        (#""months": 1, "from": "2026-04-01", "to": "2026-05-31""#, "1 months are not 61 days"),
        (
            #""days": 75, "from": "2026-04-01", "to": "2026-04-30""#,
            "days and from/to disagree: 2026-04-01 to 2026-04-30 are 30 days, not 75"
        ),
        (#""months": 2, "days": 61, "from": "2026-04-01", "to": "2026-05-31""#, nil),
        (#""months": "1.5", "days": 45"#, nil), (#""months": 1, "days": 33"#, nil),
    ])
    func `lengths that disagree are refused by name`(lengths: String, reason: String?) throws {
        let bill = try inputs(#"{"units": 1, \#(lengths)}"#)
        let told = bill.contradiction?.description
        #expect((told == nil) == (reason == nil))
        if let reason { #expect(told?.contains(reason) == true, "\(told ?? "")") }
    }

    // MARK: Checks

    private func report(_ cases: String, _ lines: String = flatLine) throws -> TariffCheck.Report {
        try TariffCheck.run(
            cases: Array(#"{"cases": [\#(cases)]}"#.utf8),
            documents: [try document(lines)]
        )
    }

    private func checked(_ bill: String, _ rest: String) -> String {
        #"{"id": "a", "tariff": "test-2026-01", "inputs": {"units": 1, \#(bill)}, \#(rest)}"#
    }

    @Test(arguments: [
        (#""months": 1"#, #""expected": {}"#, "\"expected\" has no figure"),
        (#""months": 1"#, #""expected": {"total": 5}, "only": 1"#, ".only: unknown key"),
        (#""months": 3, "days": 20"#, #""expected": {"total": 5}"#, "disagree"),
        (
            #""months": 1, "params": {"fule": 1}"#, #""expected": {"total": 5}"#,
            "no line reads the parameter \"fule\""
        ),
    ])
    func `a case with a mistake fails by name`(bill: String, rest: String, reason: String) throws {
        let failure = try report(checked(bill, rest)).results.first?.failure
        #expect(failure?.contains(reason) == true, "\(failure ?? "passed")")
    }

    @Test func `a case whose id stands twice fails, and a text beside cases is refused`() throws {
        let one = checked(#""months": 1"#, #""expected": {"total": 5}"#)
        let results = try report("\(one), \(one)").results
        #expect(results.map(\.passed) == [true, false])
        #expect(results.last?.failure?.contains("\"a\" stands twice") == true)
        #expect(throws: TariffDocumentError.self) {
            try TariffCheck.run(cases: Array(#"{"cases": [], "x": 1}"#.utf8), documents: [])
        }
    }

    @Test func `lines that a check leaves out are told in its text`() throws {
        let text = try report(
            checked(#""months": 1"#, #""expected": {"total": 5}"#),
            #"\#(flatLine), {"id": "fuel", "kind": "per_unit", "rate": {"param": "fuel"}}"#
        ).text
        #expect(
            text.contains("left out in 1 case: test-2026-01 fuel (needs the parameter \"fuel\")"),
            "\(text)"
        )
        #expect(text.hasSuffix("1 of 1 cases agree to the paisa"))
    }

    // MARK: Tables

    @Test func `units that no table prices are told, though the document is good`() throws {
        func notices(_ line: String) -> [String] {
            let json = #"{"id": "t", "utility": "U", "category": "C", "lines": [\#(line)]}"#
            let examination = TariffExamination(Array(json.utf8))
            #expect(examination.faults == [])
            return examination.notices.map(\.description)
        }
        #expect(
            notices(#"{"id": "e", "kind": "blocks", "blocks": [[100, 3], [300, 5]]}"#) == [
                "$.lines[0].blocks: nothing above 300 has a rate: such a bill is refused; "
                    + "end with [null, rate] unless that is meant"
            ]
        )
        #expect(
            notices(
                #"{"id": "e", "kind": "blocks", "tables": [{"upto": 9, "blocks": [[9, 3]]}]}"#
            ).count == 1
        )
        #expect(notices(flatLine) == [])
        #expect(
            notices(
                """
                {"id": "e", "kind": "blocks", "tables": [
                {"when": {"units": {"upto": 100}}, "blocks": [[100, 3]]},
                {"upto": 300, "blocks": [[300, 1]]}, {"upto": null, "blocks": [[null, 5]]}]}
                """
            ) == []
        )
        #expect(
            notices(
                """
                {"id": "e", "kind": "blocks", "blocks": [[100, 3]], "when": {"units": {"upto": 100}}}
                """
            ) == []
        )
    }

    @Test func `no document is a mistake`() {
        for text in ["[]", #"{"tariffs": []}"#] {
            #expect(decodingError(text)?.description.contains("are no documents") == true)
            #expect(TariffDocument.faults(in: Array(text.utf8)).count == 1)
        }
    }
}
