import Hummingbird
import Registry
import Tariffs
import Units
import Web

/// The members of a JSON body, read strictly: every fault is collected, and a name that nobody asked
/// for is one.
struct BodyFields {
    private let members: [JSONMember]
    private let place: String
    private var asked: [String] = []
    private(set) var faults: [FieldFault] = []

    /// Reads the body of a request.
    ///
    /// - Throws: `Problem` when it is no JSON (400), too long (413) or of another type (415).
    init(_ request: Request) async throws {
        guard request.mediaType == nil || request.mediaType == "application/json" else {
            throw Problem(.unsupportedMediaType, detail: "send application/json")
        }
        try self.init(bytes: await request.bytes())
    }

    /// Reads a body that is known already.
    init(bytes: [UInt8]) throws {
        let value: JSONValue
        do throws(JSONFault) {
            value = try JSONValue(parsing: bytes)
        } catch {
            throw Problem(.unreadable, code: "malformed_json", detail: error.description)
        }
        guard case .object(let members) = value else {
            throw Problem(
                .invalid,
                detail: "the body must be an object {…}",
                faults: [Problem.Fault(pointer: "", code: "wrong_type", detail: "an object {…}")]
            )
        }
        self.init(members, place: "")
    }

    private init(_ members: [JSONMember], place: String) {
        self.members = members
        self.place = place
    }

    private mutating func value(_ name: String) -> JSONValue? {
        asked.append(name)
        let value = members.first { $0.name == name }?.value
        return value == .null ? nil : value
    }

    private mutating func note(_ name: String, _ code: String, _ detail: String) {
        faults.append(FieldFault(place + name, code, detail))
    }

    /// Notes that a field is missing, and gives what stands in until `finish` throws.
    private mutating func required<Value>(_ value: Value?, _ name: String, else: Value) -> Value {
        if let value { return value }
        if !faults.contains(where: { $0.field == place + name }) {
            note(name, "missing", "\(name) is required")
        }
        return `else`
    }

    /// Collects a fault that the caller has found.
    mutating func refuse(_ name: String, _ detail: String) { note(name, "invalid", detail) }

    mutating func optionalText(_ name: String) -> String? {
        switch value(name) {
        case nil: return nil
        case .string(let text):
            let clean = text.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
            if text.utf8.count > Limits.textBytes || !clean {
                note(name, "invalid", "at most \(Limits.textBytes) bytes of printable text")
                return nil
            }
            return text
        default:
            note(name, "wrong_type", "a text in quotes")
            return nil
        }
    }

    mutating func text(_ name: String) -> String {
        required(optionalText(name), name, else: "")
    }

    mutating func optionalInteger(_ name: String) -> Int? {
        switch value(name) {
        case nil: return nil
        case .number(let digits):
            if let number = Int(digits) { return number }
            note(name, "out_of_range", "a whole number that fits 64 bits")
        default: note(name, "wrong_type", "a whole number")
        }
        return nil
    }

    /// Whole numbers of an array that must be given.
    mutating func integers(_ name: String) -> [Int] {
        switch value(name) {
        case nil: note(name, "missing", "\(name) is required")
        case .array(let elements):
            let numbers = elements.compactMap { element -> Int? in
                if case .number(let digits) = element { return Int(digits) }
                return nil
            }
            if numbers.count == elements.count { return numbers }
            note(name, "wrong_type", "an array of whole numbers")
        default: note(name, "wrong_type", "an array of whole numbers")
        }
        return []
    }

    mutating func integer(_ name: String) -> Int {
        required(optionalInteger(name), name, else: 0)
    }

    /// A register or an energy: a whole number that is not negative.
    mutating func optionalEnergy(_ name: String) -> Energy? {
        guard let wattHours = optionalInteger(name) else { return nil }
        guard wattHours >= 0 else {
            note(name, "negative_register", "0 or more watt-hours")
            return nil
        }
        return Energy(wattHours: Int64(wattHours))
    }

    mutating func energy(_ name: String) -> Energy {
        required(optionalEnergy(name), name, else: .zero)
    }

    mutating func optionalFlag(_ name: String) -> Bool? {
        switch value(name) {
        case nil: return nil
        case .boolean(let flag): return flag
        default:
            note(name, "wrong_type", "true or false")
            return nil
        }
    }

    mutating func optionalInstant(_ name: String) -> Instant? {
        optionalText(name).flatMap { text in
            let instant = Instant(text)
            if instant == nil { note(name, "invalid", "an instant such as 2026-11-23T10:15:00Z") }
            return instant
        }
    }

    mutating func instant(_ name: String) -> Instant {
        required(optionalInstant(name), name, else: Instant(secondsSince1970: 0))
    }

    mutating func optionalDate(_ name: String) -> CivilDate? {
        optionalText(name).flatMap { text in
            let date = CivilDate(text)
            if date == nil { note(name, "invalid", "a date such as 2026-11-23") }
            return date
        }
    }

    mutating func date(_ name: String) -> CivilDate {
        required(optionalDate(name), name, else: CivilDate(daysSince1970: 0))
    }

    /// One of the words of an enumeration.
    mutating func optionalWord<Word: RawRepresentable & CaseIterable>(_ name: String) -> Word?
    where Word.RawValue == String { optionalWord(name, among: Array(Word.allCases)) }

    /// One of some of the words.
    mutating func optionalWord<Word: RawRepresentable>(_ name: String, among words: [Word]) -> Word?
    where Word.RawValue == String {
        guard let text = optionalText(name) else { return nil }
        if let word = words.first(where: { $0.rawValue == text }) { return word }
        note(name, "unknown", "one of \(words.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ name: String,
        else fallback: Word
    ) -> Word where Word.RawValue == String {
        required(optionalWord(name), name, else: fallback)
    }

    /// Whole numbers of an array; nil when absent.
    mutating func optionalIntegers(_ name: String) -> [Int]? {
        switch value(name) {
        case nil: return nil
        case .array(let elements):
            return elements.compactMap { element in
                if case .number(let digits) = element, let number = Int(digits) { return number }
                note(name, "wrong_type", "an array of whole numbers")
                return nil
            }
        default:
            note(name, "wrong_type", "an array of whole numbers")
            return nil
        }
    }

    /// Texts of an array; empty when absent.
    mutating func texts(_ name: String) -> [String] {
        switch value(name) {
        case nil: return []
        case .array(let elements):
            return elements.compactMap { element in
                if case .string(let text) = element { return text }
                note(name, "wrong_type", "an array of texts")
                return nil
            }
        default:
            note(name, "wrong_type", "an array of texts")
            return []
        }
    }

    /// The members of an object whose names are free; empty when absent.
    mutating func anyMembers(_ name: String) -> [JSONMember] {
        switch value(name) {
        case nil: return []
        case .object(let members): return members
        default:
            note(name, "wrong_type", "an object {…}")
            return []
        }
    }

    /// Throws when something was found, unknown names included.
    mutating func finish() throws {
        for member in members where !asked.contains(member.name) {
            let known = asked.joined(separator: ", ")
            note(member.name, "unknown", "unknown field; known here: \(known)")
        }
        if !faults.isEmpty { throw InvalidInput(faults) }
    }
}
