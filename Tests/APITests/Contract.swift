import Tariffs
import TestSupport
import Units
import Yams

/// `openapi.yaml` as the tests read it.
struct Contract: Sendable {
    static let text: String = {
        let path = SourceTree.root + "/Sources/API/openapi.yaml"
        return (try? SourceTree.bytes(of: path)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }()

    static let shared: Contract? = try? Contract(text)

    let root: JSONValue

    init(_ yaml: String) throws { root = JSONValue(yaml: try Yams.load(yaml: yaml)) }

    /// One method of one path.
    struct Operation: Sendable {
        let template: String
        let method: String
        let value: JSONValue
    }

    static let methods = ["get", "put", "post", "delete", "patch", "head", "options"]

    var operations: [Operation] {
        members(root.member("paths")).flatMap { path in
            members(path.value).filter { Self.methods.contains($0.name) }.map {
                Operation(template: path.name, method: $0.name.uppercased(), value: $0.value)
            }
        }
    }

    /// The operation that a path belongs to; fixed parts win over parameters.
    func operation(_ method: String, _ path: String) -> Operation? {
        let bare = path.split(separator: "?", maxSplits: 1).first ?? ""
        let parts = bare.split(separator: "/")
        let fitting = operations.filter { operation in
            let wanted = operation.template.split(separator: "/")
            return operation.method == method && wanted.count == parts.count
                && zip(wanted, parts).allSatisfy(Self.fits)
        }
        // Of two with as many parameters the one that says more, `{id}.vbill` before `{id}`.
        return fitting.min { left, right in
            let leftOpen = left.template.count { $0 == "{" }
            let rightOpen = right.template.count { $0 == "{" }
            return (leftOpen, right.template.count) < (rightOpen, left.template.count)
        }
    }

    private static func fits(_ wanted: Substring, _ part: Substring) -> Bool {
        guard wanted.hasPrefix("{") else { return wanted == part }
        return part.hasSuffix(wanted.drop { $0 != "}" }.dropFirst())
    }

    func members(_ value: JSONValue?) -> [JSONMember] {
        if case .object(let members) = value { members } else { [] }
    }

    /// What a `$ref` stands for; its siblings are kept out of sight.
    func resolved(_ value: JSONValue) -> JSONValue {
        guard case .string(let reference) = value.member("$ref") else { return value }
        var found: JSONValue? = root
        for part in reference.dropFirst(2).split(separator: "/") {
            found = found?.member(String(part))
        }
        return found.map { resolved($0) } ?? .null
    }

    // MARK: Values against schemas

    /// What of a value does not fit a schema.
    func faults(_ value: JSONValue, _ schema: JSONValue, at place: String = "$") -> [String] {
        let schema = resolved(schema)
        if case .array(let choices) = schema.member("anyOf") {
            let all = choices.map { faults(value, $0, at: place) }
            return all.contains { $0.isEmpty } ? [] : ["\(place): none of anyOf: \(all)"]
        }
        var found: [String] = []
        let types = texts(schema.member("type"))
        if !types.isEmpty, !types.contains(where: { fits(value, type: $0) }) {
            found.append("\(place): \(value) is not \(types.joined(separator: " or "))")
        }
        if case .array(let words) = schema.member("enum"), !words.contains(value) {
            found.append("\(place): \(value) is none of \(words)")
        }
        if case .string(let text) = value, case .string(let format) = schema.member("format") {
            if format == "date-time", Instant(text) == nil || !text.hasSuffix("Z") {
                found.append("\(place): '\(text)' is no instant")
            }
            if format == "date", CivilDate(text) == nil {
                found.append("\(place): '\(text)' is no date")
            }
        }
        switch value {
        case .object(let members): found += faults(members, schema, at: place)
        case .array(let elements):
            if let items = schema.member("items") {
                for (index, element) in elements.enumerated() {
                    found += faults(element, items, at: "\(place)[\(index)]")
                }
            }
        default: break
        }
        return found
    }

    private func faults(
        _ members: [JSONMember],
        _ schema: JSONValue,
        at place: String
    ) -> [String] {
        var faults: [String] = []
        let properties = schema.member("properties")
        for name in texts(schema.member("required"))
        where !members.contains(where: { $0.name == name }) {
            faults.append("\(place).\(name) is missing")
        }
        for member in members {
            let inside = "\(place).\(member.name)"
            if let property = properties?.member(member.name) {
                faults += self.faults(member.value, property, at: inside)
            } else if let rest = schema.member("additionalProperties") {
                if rest == .boolean(false) {
                    faults.append("\(inside) is not in the contract")
                } else {
                    faults += self.faults(member.value, rest, at: inside)
                }
            }
        }
        return faults
    }

    private func texts(_ value: JSONValue?) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let elements):
            elements.compactMap { if case .string(let text) = $0 { text } else { nil } }
        default: []
        }
    }

    private func fits(_ value: JSONValue, type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.boolean, "boolean"), (.number, "number"), (.string, "string"),
            (.array, "array"), (.object, "object"):
            true
        case (.number(let digits), "integer"): Int64(digits) != nil
        default: false
        }
    }
}

extension JSONValue {
    /// A value as the YAML reader gives it.
    init(yaml value: Any?) {
        switch value {
        case let flag as Bool: self = .boolean(flag)
        case let number as Int: self = .integer(number)
        case let number as Double: self = .number("\(number)")
        case let text as String: self = .string(text)
        case let elements as [Any]: self = .array(elements.map { JSONValue(yaml: $0) })
        case let members as [AnyHashable: Any]:
            self = .object(
                members.map { JSONMember("\($0.key)", JSONValue(yaml: $0.value)) }
                    .sorted { $0.name < $1.name }
            )
        default: self = .null
        }
    }
}
