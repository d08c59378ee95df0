import Foundation
import Testing
import Units

@testable import Tariffs

/// The JSON Schema of a document, held to the decoder in both directions.
@Suite struct SchemaTests {
    private func schema() throws -> JSONValue { try JSONParser.parse(Files.bytes(Files.schema)) }

    /// A place of the schema, and a document with `@` where the place's value stands.
    ///
    /// The value of an object has what the decoder wants of it, so that only a key more is wrong.
    private struct Place {
        let pointer: String
        let document: String
        let value: String

        init(_ pointer: String, _ document: String, _ value: String = "{@}") {
            self.pointer = pointer
            self.document = document
            self.value = value
        }
    }

    private static func document(_ member: String) -> String {
        #"{"id": "a", "utility": "U", "category": "C", \#(member), "lines": [\#(flatLine)]}"#
    }

    private static func line(_ members: String) -> String {
        """
        {"id": "a", "utility": "U", "category": "C", "lines": [
        {"id": "e", "kind": "blocks", "blocks": [[null, "1"]]}, {"id": "x", \(members)}]}
        """
    }

    /// Every object of the schema that lists its keys, with a document that has one there.
    private static let objects: [Place] = [
        Place("", #"{"id": "a", "utility": "U", "category": "C", "lines": [\#(flatLine)], @}"#),
        Place("/properties/effective", document(#""effective": {@}"#)),
        Place("/properties/net_metering", document(#""net_metering": {"mode": "bank", @}"#)),
        Place("/properties/rounding", document(#""rounding": {@}"#)),
        Place("/properties/account", document(#""account": {@}"#)),
        Place("/$defs/scaling", document(#""slab_scaling": {"mode": "days", @}"#)),
        Place(
            "/$defs/line/properties/rounding",
            line(#""kind": "band", "rate": 1, "rounding": {@}"#)
        ),
        Place(
            "/$defs/line/properties/season",
            line(#""kind": "band", "rate": 1, "season": {"from": "05-01", "to": "09-30", @}"#)
        ),
        Place("/$defs/when", line(#""kind": "band", "rate": 1, "when": {@}"#)),
        Place(
            "/$defs/condition",
            line(#""kind": "band", "rate": 1, "when": {"units": {"above": 1, @}}"#)
        ),
        Place(
            "/$defs/line_blocks/properties/tables/items",
            line(#""kind": "blocks", "tables": [{"blocks": [[null, 1]], @}]"#)
        ),
        Place("/$defs/parameter", line(#""kind": "per_unit", "rate": {"param": "p", @}"#)),
        Place(
            "/$defs/rateSource/anyOf/1",
            line(#""kind": "per_unit", "rate": {"by": "units", "bands": [[null, 1]], @}"#)
        ),
        Place(
            "/$defs/charge/anyOf/1",
            line(#""kind": "band", "rate": {"per": "kw", "rate": 1, @}"#)
        ),
        Place(
            "/$defs/line_band/properties/load_from_units",
            line(
                #""kind": "band", "rate": 1, "load_from_units": {"per_units": 1, "counts_kw": 1, @}"#
            )
        ),
        Place(
            "/$defs/bases/anyOf/1/items/anyOf/1",
            line(#""kind": "percent", "rate": 1, "of": [{"percent": 1, "of": "e", @}]"#)
        ),
        Place(
            "/$defs/window",
            line(#""kind": "percent_windows", "of_line": "e", "windows": [{"percent": 1, @}]"#)
        ),
        Place(
            "/$defs/line_free_units/properties/bands/items/prefixItems/1/anyOf/1",
            line(#""kind": "free_units", "line": "e", "bands": [[null, {"param": "p", @}]]"#)
        ),
        Place(
            "/$defs/effect/anyOf/2",
            line(#""kind": "cases", "cases": [[null, {"percent": 1, @}]]"#)
        ),
        Place(
            "/$defs/effect/anyOf/3",
            line(#""kind": "cases", "cases": [[null, {"amount": 1, @}]]"#)
        ),
        Place(
            "/$defs/effect/anyOf/4",
            line(#""kind": "cases", "cases": [[null, {"per_unit": 1, @}]]"#)
        ),
        Place(
            "/$defs/line_demand/properties/excess/items",
            line(
                #""kind": "demand", "rate": 1, "excess": [{"over": "contract", "multiple": 2, @}]"#
            )
        ),
        Place(
            "/$defs/demandTerm/anyOf/1",
            line(#""kind": "demand", "rate": 1, "billed": [{"percent": 1, "of": "contract", @}]"#)
        ),
        Place(
            "/$defs/line_time_of_day/properties/slots/items",
            line(#""kind": "time_of_day", "slots": [{"id": "s", "per_unit": 1, @}]"#)
        ),
        Place(
            "/$defs/line_power_factor/properties/penalty/items",
            line(
                #""kind": "power_factor", "of": "e", "penalty": [{"below": 0.9, "percent": 1, @}]"#
            )
        ),
        Place(
            "/$defs/line_power_factor/properties/incentive/items",
            line(
                #""kind": "power_factor", "of": "e", "incentive": [{"above": 0.9, "percent": 1, @}]"#
            )
        ),
    ]

    /// A line of each kind without a mistake.
    private static let kinds: [(kind: String, members: String)] = [
        ("blocks", #""blocks": [[null, 1]]"#), ("band", #""rate": 1"#), ("per_unit", #""rate": 1"#),
        ("percent", #""of": "e", "rate": 1"#),
        ("percent_windows", #""of_line": "e", "windows": "p""#),
        ("free_units", #""line": "e", "bands": [[null, 1]]"#),
        ("cases", #""cases": [[null, "0"]]"#),
        ("demand", #""rate": 1"#), ("minimum", #""of": "e", "rate": 1"#),
        ("time_of_day", #""slots": [{"id": "s", "per_unit": 1}]"#),
        ("power_factor", #""of": "e", "penalty": [{"below": 0.9, "percent": 1}]"#),
    ]

    // MARK: Reading both sides

    /// The keys that the decoder lists when it meets an odd one.
    private func allowedKeys(_ document: String) throws -> Set<String> {
        let odd = document.replacing("@", with: "\"odd_key\": 1").replacing(", ,", with: ",")
        let told = TariffDocument.faults(in: Array(odd.utf8)).map(\.description)
        let fault = try #require(
            told.first { $0.contains("odd_key: unknown key") },
            "\(odd) \(told)"
        )
        let list = fault.components(separatedBy: "allowed here: ")[1]
        return Set(list.components(separatedBy: ", "))
    }

    private func keys(_ value: JSONValue?) -> Set<String> {
        guard case .object(let members)? = value?.member("properties") else { return [] }
        return Set(members.map(\.name))
    }

    private func value(at pointer: String, of root: JSONValue) -> JSONValue? {
        var value: JSONValue? = root
        for step in pointer.split(separator: "/") {
            if case .array(let elements)? = value, let index = Int(step) {
                value = elements.indices.contains(index) ? elements[index] : nil
            } else {
                value = value?.member(String(step))
            }
        }
        return value
    }

    /// The pointers of all values below that the body wants.
    private func pointers(
        _ value: JSONValue,
        _ pointer: String = "",
        where wanted: (JSONValue) -> Bool
    ) -> [String] {
        var found = wanted(value) ? [pointer] : []
        switch value {
        case .object(let members):
            for member in members {
                found += pointers(member.value, "\(pointer)/\(member.name)", where: wanted)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                found += pointers(element, "\(pointer)/\(index)", where: wanted)
            }
        default: break
        }
        return found
    }

    // MARK: Keys

    @Test func `every object of the schema has the keys that the decoder allows`() throws {
        let schema = try schema()
        for place in SchemaTests.objects {
            let object = try #require(value(at: place.pointer, of: schema), "\(place.pointer)")
            #expect(keys(object) == (try allowedKeys(place.document)), "\(place.pointer)")
            #expect(object.member("additionalProperties") == .boolean(false), "\(place.pointer)")
        }
    }

    @Test func `every kind of line has the keys that the decoder allows`() throws {
        let schema = try schema()
        let common = keys(value(at: "/$defs/line", of: schema))
        for (kind, members) in SchemaTests.kinds {
            let own = keys(value(at: "/$defs/line_\(kind)", of: schema))
            let allowed = try allowedKeys(SchemaTests.line(#""kind": "\#(kind)", \#(members), @"#))
            #expect(own.union(common) == allowed, "\(kind)")
            #expect(own.isDisjoint(with: common), "\(kind)")
        }
    }

    @Test func `no object of the schema is left out of these tests`() throws {
        // A repeated object stands in the schema once for each place.
        let repeated = ["line_demand", "line_minimum"].map {
            "/$defs/\($0)/properties/load_from_units"
        }
        let found = try pointers(schema()) { value in
            guard case .object? = value.member("properties") else { return false }
            return value.member("type") != nil
        }
        let known = SchemaTests.objects.map(\.pointer) + repeated + ["/$defs/line"]
        #expect(Set(found) == Set(known))
    }
}
