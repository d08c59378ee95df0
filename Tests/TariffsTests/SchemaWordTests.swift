import Foundation
import Testing
import Units

@testable import Tariffs

/// The words that the JSON Schema lists, and what a validator makes of the schema.
@Suite struct SchemaWordTests {
    private static func line(_ members: String) -> String {
        """
        {"id": "a", "utility": "U", "category": "C", "lines": [
        {"id": "e", "kind": "blocks", "blocks": [[null, "1"]]}, {"id": "x", \(members)}]}
        """
    }

    private static func document(_ member: String) -> String {
        #"{"id": "a", "utility": "U", "category": "C", \#(member), "lines": [\#(flatLine)]}"#
    }

    private static func band(_ kind: String, _ member: String) -> String {
        line(
            #""kind": "\#(kind)", "of": "e", "by": "load_kw", "bands": [[null, {"per": "kw", "rate": 1}]], \#(member)"#
        )
    }

    /// Every list of words in the schema, and a document with `@` where one of them stands.
    private static let places: [String: String] = [
        "/properties/net_metering/properties/mode": document(#""net_metering": {"mode": "@"}"#),
        "/properties/rounding/properties/line_mode": document(#""rounding": {"line_mode": "@"}"#),
        "/properties/rounding/properties/total_mode": document(#""rounding": {"total_mode": "@"}"#),
        "/$defs/line/properties/kind": line(#""kind": "@""#),
        "/$defs/line/properties/rounding/properties/line_mode":
            line(#""kind": "band", "rate": 1, "rounding": {"line_mode": "@"}"#),
        "/$defs/line_band/properties/select": band("band", #""select": "@""#),
        "/$defs/line_band/properties/per": band("band", #""per": "@""#),
        "/$defs/line_band/properties/times": band("band", #""times": "@""#),
        "/$defs/line_band/properties/load_rounding": band("band", #""load_rounding": "@""#),
        "/$defs/line_minimum/properties/select": band("minimum", #""select": "@""#),
        "/$defs/line_minimum/properties/per": band("minimum", #""per": "@""#),
        "/$defs/line_minimum/properties/times": band("minimum", #""times": "@""#),
        "/$defs/line_minimum/properties/load_rounding": band("minimum", #""load_rounding": "@""#),
        "/$defs/line_demand/properties/per": line(#""kind": "demand", "rate": 1, "per": "@""#),
        "/$defs/line_demand/properties/times": line(#""kind": "demand", "rate": 1, "times": "@""#),
        "/$defs/line_demand/properties/load_rounding":
            line(#""kind": "demand", "rate": 1, "load_rounding": "@""#),
        "/$defs/line_percent/properties/cap_per":
            line(#""kind": "percent", "of": "e", "rate": 1, "cap": 1, "cap_per": "@""#),
        "/$defs/line_percent_windows/properties/split":
            line(
                #""kind": "percent_windows", "of_line": "e", "windows": {"param": "p"}, "split": "@""#
            ),
        "/$defs/line_power_factor/properties/select": line(
            #""kind": "power_factor", "of": "e", "penalty": [{"below": 0.9, "percent": 1}], "select": "@""#
        ),
        "/$defs/charge/anyOf/1/properties/per":
            line(#""kind": "band", "rate": {"per": "@", "rate": 1}"#),
        "/$defs/measure/anyOf/0": line(#""kind": "band", "by": "@", "rate": 1"#),
        "/$defs/energy/anyOf/0": line(#""kind": "per_unit", "quantity": "@", "rate": 1"#),
        "/$defs/line_blocks/properties/bounds_per":
            line(#""kind": "blocks", "bounds_per": "@", "blocks": [[null, 1]]"#),
        "/$defs/effect/anyOf/4/properties/cap_per":
            line(#""kind": "cases", "cases": [[null, {"per_unit": 1, "cap": 1, "cap_per": "@"}]]"#),
        "/$defs/mode": line(#""kind": "blocks", "mode": "@", "blocks": [[null, 1]]"#),
        "/$defs/scaling/properties/mode": document(#""slab_scaling": {"mode": "@"}"#),
        "/$defs/scaling/properties/limit_rounding":
            document(#""slab_scaling": {"mode": "days", "limit_rounding": "@"}"#),
        "/$defs/effect/anyOf/2/properties/cap_per":
            line(#""kind": "cases", "cases": [[null, {"percent": 1, "cap": 1, "cap_per": "@"}]]"#),
        "/$defs/effect/anyOf/3/properties/times":
            line(#""kind": "cases", "cases": [[null, {"amount": 1, "times": "@"}]]"#),
        "/$defs/demandTerm/anyOf/0": line(#""kind": "demand", "rate": 1, "billed": ["@"]"#),
        "/$defs/demandTerm/anyOf/1/properties/of":
            line(#""kind": "demand", "rate": 1, "billed": [{"percent": 1, "of": "@"}]"#),
    ]

    /// The lists of words of the schema by the pointers to what has them.
    private func enumerations() throws -> [String: Set<String>] {
        var found: [String: Set<String>] = [:]
        func look(_ value: JSONValue, _ pointer: String) {
            if case .array(let words)? = value.member("enum") {
                found[pointer] = Set(
                    words.compactMap { word in
                        guard case .string(let text) = word else { return nil }
                        return text
                    }
                )
            }
            switch value {
            case .object(let members):
                for member in members { look(member.value, "\(pointer)/\(member.name)") }
            case .array(let elements):
                for (index, element) in elements.enumerated() {
                    look(element, "\(pointer)/\(index)")
                }
            default: break
            }
        }
        look(try JSONParser.parse(Files.bytes(Files.schema)), "")
        // What a line may not be called.
        found["/$defs/lineId/not"] = nil
        return found
    }

    private func faults(_ document: String, _ word: String) -> [(path: String, reason: String)] {
        let json = document.replacing("@", with: word)
        return TariffDocument.faults(in: Array(json.utf8)).compactMap { fault in
            guard case .invalid(let path, let reason) = fault else { return nil }
            return (path, reason)
        }
    }

    @Test func `the words of the schema are those of the decoder`() throws {
        let schema = try enumerations()
        #expect(Set(schema.keys) == Set(SchemaWordTests.places.keys))
        for (pointer, document) in SchemaWordTests.places {
            let start = "one of these is expected: "
            let fault = try #require(
                faults(document, "odd").first { $0.reason.hasPrefix(start) },
                "\(pointer) \(faults(document, "odd"))"
            )
            let offered = fault.reason.dropFirst(start.count).split(separator: ", ").map(
                String.init
            )
            let accepted = offered.filter { word in
                !word.contains("{") && !faults(document, word).contains { $0.path == fault.path }
            }
            #expect(schema[pointer] == Set(accepted), "\(pointer)")
        }
    }

    /// Lines in forms that neither shipped nor random documents have.
    private static let widened = [
        #""kind": "blocks", "bounds_per": "contract", "blocks": [[100, 1], [null, 2]]"#,
        #""kind": "blocks", "choose_by": "load_factor", "tables": [{"upto": 50, "blocks": [[null, 1]]}]"#,
        #""kind": "band", "rate": 1, "season": {"from": "11-15", "to": "02-29"}"#,
        #""kind": "band", "rate": 1, "when": {"contract_load_factor": {"above": "70.5"}}"#,
        #""kind": "band", "per": "hp", "by": "load_hp", "bands": [[5, 1], [null, 2]]"#,
        """
        "kind": "band", "per": "mixed", "by": "load_kw", "select": "marginal", "bands": [
        [2, {"per": "connection", "rate": 110}], [null, {"per": "kw", "rate": 30}]]
        """,
        """
        "kind": "band", "per": "kw", "rate": 1,
        "load_from_units": {"per_units": 15, "counts_kw": "0.1", "or_load": true}
        """,
        """
        "kind": "demand", "rate": 1, "excess": [
        {"over": {"percent": 115, "of": "contract"}, "multiple": "1.3"},
        {"over": {"percent": 130, "of": "contract"}, "multiple": 2}]
        """,
        #""kind": "minimum", "of": "everything", "units": 20, "per": "kw", "at": "e""#,
        #""kind": "cases", "cases": [[null, {"per_unit": "-0.5", "cap": 50, "cap_per": "month"}]]"#,
    ]

    // MARK: A validator's opinion

    private static let python = ProcessInfo.processInfo.environment["VIDYUT_TEST_PYTHON"]

    /// Prints one line of 0 and 1: which of the documents on the input the schema accepts.
    private static let script = """
        import json, sys
        from jsonschema import Draft202012Validator
        schema = json.load(open(sys.argv[1]))
        Draft202012Validator.check_schema(schema)
        validator = Draft202012Validator(schema)
        documents = json.load(open(sys.argv[2]))
        print("".join("01"[validator.is_valid(document)] for document in documents))
        """

    /// Which of the documents the schema accepts.
    private func accepted(_ documents: [JSONValue]) throws -> [Bool] {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "vidyut-schema-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data(JSONValue.array(documents).bytes()).write(to: file)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: try #require(Self.python))
        process.arguments = ["-c", Self.script, Files.schema.path, file.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let text = String(decoding: bytes, as: UTF8.self).trimming()
        try #require(process.terminationStatus == 0 && text.count == documents.count, "\(text)")
        return text.map { $0 == "1" }
    }

    @Test(.enabled(if: python != nil, "VIDYUT_TEST_PYTHON is not set"))
    func `a validator accepts good documents by the schema and refuses wrong ones`() throws {
        var random = SeededRandom(seed: 91)
        var good = try Files.shippedDocuments().map(\.canonicalJSON)
        for _ in 0..<100 {
            let tariff = RandomTariff(&random)
            good.append(Array(tariff.json(tariff.lines).utf8))
        }
        good += Self.widened.map { Array(Self.line($0).utf8) }
        let places = SchemaWordTests.places
        let wrong =
            places.keys.sorted().compactMap { places[$0]?.replacing("@", with: "odd") }
            + [
                #"{}"#, Self.document(#""base_months": 13"#), Self.document(#""colour": 1"#),
                Self.document(#""id": "A""#),
                Self.document(#""effective": {"from": "2026-13-01"}"#),
                Self.document(#""rounding": {"line": "0"}"#),
                Self.line(#""kind": "percent", "of": []"#),
                Self.line(#""kind": "blocks", "blocks": [[1, "x"]]"#),
                Self.line(#""kind": "blocks", "blocks": [[-1, "1"]]"#),
                Self.line(#""kind": "blocks", "blocks": [[1, "1"]], "tables": []"#),
                Self.line(#""kind": "blocks", "like": "e""#),
                Self.line(#""kind": "band", "rate": 1, "bands": [[null, 1]]"#),
                Self.line(#""kind": "cases", "cases": [[null, "half price"]]"#),
                Self.line(#""kind": "demand", "rate": 1, "excess_over": "contract""#),
                Self.line(#""kind": "time_of_day", "slots": [{"id": "s"}]"#),
                Self.line(
                    #""kind": "band", "rate": 1, "season": {"from": "02-30", "to": "03-01"}"#
                ),
                Self.line(#""kind": "minimum", "of": "e", "units": 20"#),
            ]
        let documents =
            try good.map { try JSONParser.parse($0) }
            + wrong.compactMap { try? JSONParser.parse(Array($0.utf8)) }
        let accepted = try accepted(documents)

        for (index, document) in documents.enumerated() {
            let isGood = index < good.count
            #expect(
                accepted[index] == isGood,
                "\(String(decoding: document.bytes(), as: UTF8.self))"
            )
            #expect(TariffDocument.faults(in: document.bytes()).isEmpty == isGood)
        }
    }

    @Test(.enabled(if: python != nil, "VIDYUT_TEST_PYTHON is not set"))
    func `what the decoder reads the schema accepts`() throws {
        var random = SeededRandom(seed: 92)
        let shipped = try Files.shippedDocuments().map(\.canonicalJSON)
        var documents: [JSONValue] = []
        for round in 0..<400 {
            let value = try JSONParser.parse(shipped[round % shipped.count]).mutated(&random)
            let examination = TariffExamination(value.bytes())
            guard examination.faults.isEmpty, examination.documents.count == 1 else { continue }
            documents.append(value)
        }
        for (index, isAccepted) in try accepted(documents).enumerated() {
            let text = String(decoding: documents[index].bytes(), as: UTF8.self)
            #expect(isAccepted, "\(text)")
        }
        #expect(documents.count > 50)
    }
}

extension String {
    fileprivate func trimming() -> String { trimmingCharacters(in: .whitespacesAndNewlines) }
}
