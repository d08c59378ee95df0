import Units

/// A JSON value with the path that leads to it, read strictly.
struct JSONNode {
    let value: JSONValue
    let path: String
    /// Where mistakes are gathered; nil when the first one ends the reading.
    var faults: Faults?

    func fails(_ reason: String) -> TariffDocumentError { .invalid(path: path, reason: reason) }

    var isNull: Bool { value == .null }

    /// Members by name; a name outside `allowed` is an error that lists the allowed ones.
    func object(_ allowed: [String]) throws(TariffDocumentError) -> JSONFields {
        let fields = try anyObject()
        for member in fields.members where !allowed.contains(member.name) {
            let meant = likelyWord(for: member.name, among: allowed)
            let hint = meant.map { ", perhaps \"\($0)\" is meant" } ?? ""
            let list = allowed.sorted().joined(separator: ", ")
            try report(
                .invalid(
                    path: "\(path).\(member.name)",
                    reason: "unknown key\(hint); allowed here: \(list)"
                )
            )
        }
        return fields
    }

    func anyObject() throws(TariffDocumentError) -> JSONFields {
        guard case .object(let members) = value else { throw fails("an object {…} is expected") }
        return JSONFields(members: members, path: path, faults: faults)
    }

    func array(_ range: ClosedRange<Int> = 0...Limits.entries) throws(TariffDocumentError)
        -> [JSONNode]
    {
        guard case .array(let elements) = value else { throw fails("an array […] is expected") }
        guard range.contains(elements.count) else {
            throw fails("\(range.lowerBound) to \(range.upperBound) elements are expected")
        }
        return elements.enumerated().map {
            JSONNode(value: $1, path: "\(path)[\($0)]", faults: faults)
        }
    }

    func text() throws(TariffDocumentError) -> String {
        guard case .string(let text) = value, !text.isEmpty, text.utf8.count <= Limits.textBytes
        else { throw fails("a text in quotes is expected") }
        return text
    }

    /// One of these words.
    func word<Word: RawRepresentable & CaseIterable>(_: Word.Type) throws(TariffDocumentError)
        -> Word where Word.RawValue == String
    {
        let choices = Word.allCases.map(\.rawValue).joined(separator: ", ")
        guard case .string(let text) = value, let word = Word(rawValue: text) else {
            throw fails("one of these is expected: \(choices)")
        }
        return word
    }

    func boolean() throws(TariffDocumentError) -> Bool {
        guard case .boolean(let value) = value else { throw fails("true or false is expected") }
        return value
    }

    func integer(_ range: ClosedRange<Int>) throws(TariffDocumentError) -> Int {
        guard case .number(let text) = value, let number = Int(text), range.contains(number) else {
            throw fails(
                "a whole number from \(range.lowerBound) to \(range.upperBound) is expected"
            )
        }
        return number
    }

    /// A decimal, written as a JSON number or in quotes, scaled by 10^places.
    func decimal(places: Int, signed: Bool = true) throws(TariffDocumentError) -> Int64 {
        let text: String
        switch value {
        case .number(let number): text = number
        case .string(let string): text = string
        default: throw fails("a decimal such as \"4.70\" is expected")
        }
        guard let number = parseSignedDecimal(text, places: places) else {
            throw fails(
                "\"\(text)\" is no decimal with at most \(places) decimals and no exponent"
            )
        }
        guard signed || number >= 0 else { throw fails("\"\(text)\" must not be negative") }
        return number
    }

    /// A rate, percentage or other value in millionths.
    func millionths(signed: Bool = true) throws(TariffDocumentError) -> Int64 {
        try decimal(places: 6, signed: signed)
    }

    /// A bound or quantity in thousandths (Wh, W, VA); never negative.
    func thousandths() throws(TariffDocumentError) -> Int64 {
        let number = try decimal(places: 3, signed: false)
        guard number <= Limits.wattHours else { throw fails("the number is too large") }
        return number
    }

    func date() throws(TariffDocumentError) -> CivilDate {
        guard case .string(let text) = value, let date = CivilDate(text) else {
            throw fails("a date such as \"2026-11-23\" is expected")
        }
        return date
    }
}

/// The members of one JSON object with their path; null counts as absent.
struct JSONFields {
    let members: [JSONMember]
    let path: String
    /// As of the object's node.
    let faults: Faults?

    func optional(_ name: String) -> JSONNode? {
        guard let member = members.first(where: { $0.name == name }), member.value != .null else {
            return nil
        }
        return JSONNode(value: member.value, path: "\(path).\(name)", faults: faults)
    }

    func required(_ name: String) throws(TariffDocumentError) -> JSONNode {
        guard let node = optional(name) else {
            throw .invalid(path: path, reason: "\"\(name)\" is missing")
        }
        return node
    }

    func has(_ name: String) -> Bool { members.contains { $0.name == name } }

    /// The member with this name, or a text that stands in for it.
    func named(_ name: String, unless fallback: String) -> JSONNode {
        optional(name)
            ?? JSONNode(value: .string(fallback), path: "\(path).\(name)", faults: faults)
    }

    var nodes: [(name: String, node: JSONNode)] {
        members.map {
            ($0.name, JSONNode(value: $0.value, path: "\(path).\($0.name)", faults: faults))
        }
    }
}
