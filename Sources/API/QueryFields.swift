import Hummingbird
import Registry
import Units
import UseCases

/// The parameters behind the `?`, read strictly: an unknown or repeated one is a fault.
struct QueryFields {
    private var values: [String: String] = [:]
    private var asked: Set<String> = []
    private var faults: [FieldFault] = []

    init(_ request: Request) {
        for (key, value) in request.uri.queryParameters {
            let name = String(key)
            if values[name] != nil { note(name, "invalid", "given twice") }
            let clean = value.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 127 }
            if !clean { note(name, "invalid", "control characters are not allowed") }
            values[name] = String(value)
        }
    }

    private mutating func note(_ name: String, _ code: String, _ detail: String) {
        faults.append(FieldFault(name, code, detail))
    }

    /// Collects a fault that the caller has found.
    mutating func refuse(_ name: String, _ code: String, _ detail: String) {
        note(name, code, detail)
    }

    mutating func text(_ name: String) -> String? {
        asked.insert(name)
        return values[name]
    }

    mutating func integer(_ name: String) -> Int? {
        guard let text = text(name) else { return nil }
        let number = Int(text)
        if number == nil { note(name, "invalid", "a whole number") }
        return number
    }

    mutating func instant(_ name: String) -> Instant? {
        guard let text = text(name) else { return nil }
        let instant = Instant(text)
        if instant == nil { note(name, "invalid", "an instant such as 2026-11-23T10:15:00Z") }
        return instant
    }

    /// A date that must be given.
    mutating func date(_ name: String) -> CivilDate {
        guard let text = text(name) else {
            note(name, "missing", "\(name) is required")
            return CivilDate(daysSince1970: 0)
        }
        guard let date = CivilDate(text) else {
            note(name, "invalid", "a date such as 2026-11-23")
            return CivilDate(daysSince1970: 0)
        }
        return date
    }

    mutating func optionalDate(_ name: String) -> CivilDate? {
        text(name) == nil ? nil : date(name)
    }

    /// One of the words of an enumeration.
    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ name: String,
        default fallback: Word
    ) -> Word where Word.RawValue == String {
        optionalWord(name) ?? fallback
    }

    /// The same where leaving it out means all of them.
    mutating func optionalWord<Word: RawRepresentable & CaseIterable>(_ name: String) -> Word?
    where Word.RawValue == String {
        guard let text = text(name) else { return nil }
        if let word = Word(rawValue: text) { return word }
        let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
        note(name, "unknown", "one of \(words)")
        return nil
    }

    /// `after` and `limit`.
    mutating func page() throws -> PageRequest {
        let after = text("after")
        let limit = integer("limit")
        if !faults.isEmpty { throw InvalidInput(faults) }
        return try PageRequest(after: after, limit: limit)
    }

    /// Throws when something was found, unknown names included.
    mutating func finish() throws {
        for name in values.keys.sorted() where !asked.contains(name) {
            note(name, "unknown", "unknown; known here: \(asked.sorted().joined(separator: ", "))")
        }
        if !faults.isEmpty { throw InvalidInput(faults) }
    }
}
