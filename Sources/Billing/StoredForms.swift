package import Metering
package import Tariffs
package import Units

// What a stored text says: a proof's slabs and registers, and the holds of a bill.

extension BillHold {
    /// `[{"code", "reason"}]`; empty where nothing holds.
    package static func text(_ holds: [BillHold]) -> String {
        guard !holds.isEmpty else { return "" }
        let value = JSONValue.array(
            holds.map {
                .object([
                    JSONMember("code", .string($0.code.rawValue)),
                    JSONMember("reason", .string($0.reason)),
                ])
            }
        )
        return String(decoding: value.bytes(), as: UTF8.self)
    }

    /// Reads `text`; nil when it is none of ours.
    package static func list(_ text: String) -> [BillHold]? {
        guard !text.isEmpty else { return [] }
        guard case .array(let elements)? = try? JSONValue(parsing: Array(text.utf8)) else {
            return nil
        }
        var holds: [BillHold] = []
        for element in elements {
            guard let code = element.text("code").flatMap(Code.init(rawValue:)),
                let reason = element.text("reason")
            else { return nil }
            holds.append(BillHold(code, reason))
        }
        return holds
    }
}

/// A proof as it was stored, opened for reading.
package struct StoredProof: Sendable {
    package let json: JSONValue

    /// Nil when the text is not JSON.
    package init?(_ text: String) {
        guard let json = try? JSONValue(parsing: Array(text.utf8)) else { return nil }
        self.json = json
    }

    /// The slabs of each line, in the order of the lines.
    package var slabs: [[BillSlab]] {
        json.list("lines").map { line in
            line.list("slabs").map { slab in
                BillSlab(
                    fromUnits: slab.text("from") ?? "",
                    toUnits: slab.text("to"),
                    quantity: slab.text("quantity") ?? "",
                    rate: slab.text("rate") ?? "",
                    amountExact: slab.text("amountExact") ?? ""
                )
            }
        }
    }

    /// The rule that rounded each line, in the order of the lines; nil where the proof does not say.
    package var roundings: [String?] { json.list("lines").map { $0.text("rounding") } }

    /// What the load curve told, where the bill rests on it.
    package var curve: BilledCurve? { json.member("loadCurve").flatMap(BilledCurve.init(json:)) }

    /// Whole months that the bill was rated by; nil where it was rated by days.
    package var months: Int? {
        json.member("inputs")?.text("months").flatMap { Int($0) }
    }

    /// The last register of each meter by its serial.
    package var closings: [String: RegisterReading] { registers("closing") }

    /// The register that each meter opened with, by its serial.
    package var openings: [String: RegisterReading] { registers("opening") }

    private func registers(_ end: String) -> [String: RegisterReading] {
        var registers: [String: RegisterReading] = [:]
        for segment in json.list("registers") {
            guard let serial = segment.text("meter"), let value = segment.member(end),
                let reading = RegisterReading(proof: value)
            else { continue }
            registers[serial] = reading
        }
        return registers
    }
}

extension RegisterReading {
    /// A register of a proof; nil when it is not whole.
    init?(proof value: JSONValue) {
        guard let id = value.text("id"), let instant = id.split(separator: "@").last,
            let at = Instant(String(instant)), let wattHours = value.integer("wattHours")
        else { return nil }
        self.init(
            at: at,
            register: Energy(wattHours: wattHours),
            isEstimated: value.text("origin") == "estimated"
        )
    }
}

extension JSONValue {
    /// The text of a member; nil when it is missing, null, or no text.
    package func text(_ name: String) -> String? {
        guard case .string(let text)? = member(name) else { return nil }
        return text
    }

    /// The whole number of a member.
    package func integer(_ name: String) -> Int64? {
        guard case .number(let text)? = member(name) else { return nil }
        return Int64(text)
    }

    /// The elements of a member; none when it is no array.
    package func list(_ name: String) -> [JSONValue] {
        guard case .array(let elements)? = member(name) else { return [] }
        return elements
    }
}

extension StoredProof {
    /// The proof's text within a `.vbill` file; nil when it is none.
    package static func text(inFile text: String) -> String? {
        (try? JSONValue(parsing: Array(text.utf8)))?.text("proof")
    }
}
