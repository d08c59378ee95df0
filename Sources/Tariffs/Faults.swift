import Units

/// What is wrong with a text, gathered where reading goes on after a mistake.
final class Faults {
    private(set) var list: [TariffDocumentError] = []
    /// What is no mistake but may not be meant.
    private(set) var notices: [TariffDocumentError] = []

    /// Keeps a notice.
    func notice(_ notice: TariffDocumentError) {
        if notices.count < Limits.faults { notices.append(notice) }
    }

    /// Keeps a fault once; beyond so many nobody reads on.
    func add(_ fault: TariffDocumentError) {
        guard list.count < Limits.faults, !list.contains(fault) else { return }
        list.append(fault)
    }

    /// The value, or what stands in for it after a mistake; without anybody who gathers, the
    /// mistake ends the reading.
    static func attempt<Value>(
        _ faults: Faults?,
        _ body: () throws(TariffDocumentError) -> Value,
        _ fallback: () -> Value
    ) throws(TariffDocumentError) -> Value {
        do { return try body() } catch {
            guard let faults else { throw error }
            faults.add(error)
            return fallback()
        }
    }
}

extension JSONNode {
    /// Gathers the fault, or throws it when nobody gathers.
    func report(_ fault: TariffDocumentError) throws(TariffDocumentError) {
        guard let faults else { throw fault }
        faults.add(fault)
    }

    /// The value, or what stands in for it while faults are gathered.
    func attempt<Value>(
        _ body: @autoclosure () throws(TariffDocumentError) -> Value,
        or fallback: @autoclosure () -> Value
    ) throws(TariffDocumentError) -> Value {
        try Faults.attempt(faults, body, fallback)
    }

    /// How many faults are gathered: one more means that something before was wrong.
    var faultCount: Int { faults?.list.count ?? 0 }
}

extension JSONFields {
    /// The value, or what stands in for it while faults are gathered.
    func attempt<Value>(
        _ body: @autoclosure () throws(TariffDocumentError) -> Value,
        or fallback: @autoclosure () -> Value
    ) throws(TariffDocumentError) -> Value {
        try Faults.attempt(faults, body, fallback)
    }

    var faultCount: Int { faults?.list.count ?? 0 }

    /// As `attempt`, for a key that may be left out.
    func attempt<Value>(
        _ body: @autoclosure () throws(TariffDocumentError) -> Value?
    ) throws(TariffDocumentError) -> Value? {
        try Faults.attempt(faults, body) { nil }
    }
}

/// Keys that may be left out; a mistake in one counts as leaving it out while faults are gathered.
extension JSONFields {
    func text(_ name: String) throws(TariffDocumentError) -> String? {
        guard let node = optional(name) else { return nil }
        return try node.attempt(try node.text(), or: nil)
    }

    func boolean(_ name: String) throws(TariffDocumentError) -> Bool {
        guard let node = optional(name) else { return false }
        return try node.attempt(try node.boolean(), or: false)
    }

    func date(_ name: String) throws(TariffDocumentError) -> CivilDate? {
        guard let node = optional(name) else { return nil }
        return try node.attempt(try node.date(), or: nil)
    }

    func integer(_ name: String, _ range: ClosedRange<Int>) throws(TariffDocumentError) -> Int? {
        guard let node = optional(name) else { return nil }
        return try node.attempt(try node.integer(range), or: nil)
    }

    func word<Word: RawRepresentable & CaseIterable>(_ name: String, _ words: Word.Type)
        throws(TariffDocumentError) -> Word? where Word.RawValue == String
    {
        guard let node = optional(name) else { return nil }
        return try node.attempt(try node.word(words), or: nil)
    }

    func millionths(_ name: String, signed: Bool = true) throws(TariffDocumentError) -> Int64? {
        guard let node = optional(name) else { return nil }
        return try node.attempt(try node.millionths(signed: signed), or: nil)
    }

    func thousandths(_ name: String) throws(TariffDocumentError) -> Int64? {
        guard let node = optional(name) else { return nil }
        return try node.attempt(try node.thousandths(), or: nil)
    }
}

/// The documents of a text and everything that is wrong with it.
package struct TariffExamination: Sendable {
    /// The documents without a mistake.
    package let documents: [TariffDocument]
    /// All mistakes, each with its path; in order of the paths.
    package let faults: [TariffDocumentError]
    /// What is no mistake but may not be meant: units that no table prices.
    package let notices: [TariffDocumentError]

    /// Reads what `TariffDocument.decodeAll` reads, but goes on after a mistake.
    package init(_ json: [UInt8]) {
        let faults = Faults()
        var documents: [TariffDocument] = []
        do throws(TariffDocumentError) {
            documents = try TariffDocument.decodeAll(json, faults: faults)
        } catch {
            faults.add(error)
        }
        self.documents = documents
        self.faults = faults.list.sorted { $0.place < $1.place }
        notices = faults.notices.sorted { $0.place < $1.place }
    }
}

extension TariffDocument {
    /// Everything that is wrong with a text of one document or several; nothing when it can be
    /// read.
    package static func faults(in json: [UInt8]) -> [TariffDocumentError] {
        TariffExamination(json).faults
    }
}

extension TariffDocumentError {
    /// The path, its numbers padded so that it sorts as the text stands.
    fileprivate var place: String {
        guard case .invalid(let path, _) = self else { return "" }
        let parts = path.split(separator: "[", omittingEmptySubsequences: false)
        return parts.map { part in
            let digits = part.prefix { $0.isNumber }.count
            guard digits > 0 else { return String(part) }
            return String(repeating: "0", count: max(0, 9 - digits)) + part
        }.joined(separator: "[")
    }
}
