package import Units

/// A dated tariff: parameters and lines, decoded strictly and compiled for rating; immutable.
package final class TariffDocument: Sendable {
    package let id: String
    /// What links the dated versions of one tariff; the id without its date unless stated.
    package let family: String
    package let utility: String
    package let state: String
    package let category: String
    package let effectiveFrom: CivilDate?
    package let effectiveTo: CivilDate?
    /// What the limits are stated for: 1, 2 or 3 months and so on.
    package let baseMonths: Int
    package let sources: [String]
    package let note: String?
    package let lines: [TariffLine]
    /// What belongs to the account rather than to the bill: late surcharge, rebates, deposit
    /// interest.
    package let account: AccountTerms
    let scaling: SlabScaling
    let fixedScaling: SlabScaling?
    let total: TotalRounding
    let netMetering: NetMetering
    private let value: JSONValue
    /// The names of all parameters that some line reads, in order of the lines.
    package let parameterNames: [String]
    /// Whether some line holds only from or to a date, so that a bill may have to be split there.
    let hasDatedLines: Bool
    /// Slabs, charges and percentages that a bill may have, so that rating allocates once.
    let likelySlabs: Int
    let likelyPieces: Int

    /// The document with sorted keys and without spaces, decimals as written: what digests are made
    /// of.
    package var canonicalJSON: [UInt8] { value.bytes(sortedKeys: true) }

    /// The slots of the day that some line prices apart; empty when none does.
    package var timeOfDaySlots: [TimeOfDaySlot] {
        for line in lines {
            if case .timeOfDay(let form) = line.form { return form.slots }
        }
        return []
    }

    /// Ids of lines that apply only when a service asks for them.
    package var optionalLineIDs: [String] { lines.filter(\.isOptional).map(\.id) }

    /// What a line of energy bills; nil for other lines.
    func quantity(of index: Int) -> Measure? {
        switch lines[index].form {
        case .blocks(let form): form.quantity
        case .perUnit(let form): form.quantity
        case .like(let form): quantity(of: form.line)
        default: nil
        }
    }

    /// Whether the tariff is in force on this day.
    package func isInForce(on date: CivilDate) -> Bool {
        date >= effectiveFrom ?? date && date <= effectiveTo ?? date
    }

    /// Whether it is in force on any of these days.
    package func isInForce(during period: BillingPeriod) -> Bool {
        effectiveFrom ?? period.last <= period.last && effectiveTo ?? period.first >= period.first
    }

    /// Reads a single document, an array of them, or `{"tariffs": […]}`; ids are unique.
    package static func decodeAll(_ json: [UInt8]) throws(TariffDocumentError) -> [TariffDocument] {
        try decodeAll(json, faults: nil)
    }

    /// The same; with `faults` mistakes are gathered there and only whole documents are answered.
    static func decodeAll(_ json: [UInt8], faults: Faults?) throws(TariffDocumentError)
        -> [TariffDocument]
    {
        let value: JSONValue
        do { value = try JSONParser.parse(json) } catch {
            throw .notJSON(error)
        }
        let root = JSONNode(value: value, path: "$", faults: faults)
        if let other = value.otherText { throw root.fails(other) }
        let nodes: [JSONNode]
        if case .array = value {
            nodes = try root.array(0...Limits.documents)
        } else if value.member("tariffs") != nil {
            let fields = try root.object(["format", "note", "tariffs"])
            nodes = try fields.required("tariffs").array(0...Limits.documents)
        } else {
            nodes = [root]
        }
        guard !nodes.isEmpty else { throw root.fails("there are no documents in this text") }
        var documents: [TariffDocument] = []
        var ids: Set<String> = []
        for node in nodes {
            let before = node.faultCount
            guard let document = try node.attempt(try TariffDocument(node), or: nil) else {
                continue
            }
            if !document.id.isEmpty, !ids.insert(document.id).inserted {
                let path = node.path + ".id"
                try node.report(.invalid(path: path, reason: "\"\(document.id)\" stands twice"))
            }
            if node.faultCount == before { documents.append(document) }
        }
        return documents
    }

    /// Reads exactly one document.
    package static func load(_ json: [UInt8]) throws(TariffDocumentError) -> TariffDocument {
        let documents = try decodeAll(json)
        guard documents.count == 1, let document = documents.first else {
            throw .invalid(path: "$", reason: "one document is expected, not \(documents.count)")
        }
        return document
    }

    private init(_ node: JSONNode) throws(TariffDocumentError) {
        let fields = try node.object([
            "id", "family", "utility", "state", "category", "currency", "effective",
            "base_months", "lines", "source", "confidence", "rounding", "note", "slab_scaling",
            "fixed_scaling", "net_metering", "account", "parameters",
        ])
        value = node.value
        id = try fields.attempt(try TariffDocument.name(try fields.required("id")), or: "")
        family =
            try fields.attempt(try fields.optional("family").map(TariffDocument.name))
            ?? TariffDocument.family(of: id)
        utility = try fields.attempt(try fields.required("utility").text(), or: "")
        state = try fields.text("state") ?? ""
        category = try fields.attempt(try fields.required("category").text(), or: "")
        note = try fields.text("note")
        _ = try fields.text("confidence")
        if let currency = fields.optional("currency"), currency.value != .string("INR") {
            try currency.report(currency.fails("amounts are in \"INR\""))
        }
        var sources: [String] = []
        for source in try fields.attempt(try fields.optional("source")?.array()) ?? [] {
            sources.append(try source.attempt(try source.text(), or: ""))
        }
        self.sources = sources
        (effectiveFrom, effectiveTo) = try fields.attempt(
            try TariffDocument.effective(fields.optional("effective")),
            or: (nil, nil)
        )
        baseMonths = try fields.integer("base_months", 1...12) ?? 1
        scaling =
            try fields.attempt(try fields.optional("slab_scaling").map(SlabScaling.init))
            ?? SlabScaling()
        fixedScaling = try fields.attempt(
            try fields.optional("fixed_scaling").map(SlabScaling.init)
        )
        netMetering =
            try fields.attempt(try fields.optional("net_metering").map(NetMetering.init))
            ?? NetMetering()
        account =
            try fields.attempt(try fields.optional("account").map(AccountTerms.init))
            ?? AccountTerms()
        let rounding = try fields.attempt(
            try RoundingRules(fields.optional("rounding")),
            or: RoundingRules()
        )
        total = rounding.total
        let declared = try fields.attempt(
            try fields.optional("parameters")?.anyObject().members.map(\.name)
        )
        var decoder = LineDecoder(rounding: rounding.line, declaredParameters: declared)
        let lineNodes = try fields.attempt(
            try fields.required("lines").array(1...Limits.lines),
            or: []
        )
        for line in lineNodes { try decoder.append(line) }
        lines = decoder.lines
        hasDatedLines = lines.contains(where: \.isDated)
        likelySlabs = lines.reduce(0) { $0 + $1.likelySlabs }
        likelyPieces = decoder.lines.reduce(0) { $0 + $1.likelyPieces(after: decoder.lines) }
        parameterNames = decoder.parameterNames
    }

    private static func effective(_ node: JSONNode?) throws(TariffDocumentError)
        -> (CivilDate?, CivilDate?)
    {
        guard let node else { return (nil, nil) }
        let fields = try node.object(["from", "to"])
        let from = try fields.date("from")
        let to = try fields.date("to")
        if let from, let to, from > to { throw node.fails("\"from\" is after \"to\"") }
        return (from, to)
    }

    /// Ids are lower-case words, digits and hyphens, as file names and commands want them.
    private static func name(_ node: JSONNode) throws(TariffDocumentError) -> String {
        let text = try node.text()
        let allowed = text.utf8.allSatisfy {
            ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || [45, 46, 95].contains($0)
        }
        guard allowed, text.utf8.count <= 80 else {
            throw node.fails("small letters, digits, \"-\", \"_\" and \".\" are expected")
        }
        return text
    }

    /// The id without a trailing `-2024`, `-2024-07` or `-2024-07-01`.
    private static func family(of id: String) -> String {
        let parts = id.split(separator: "-", omittingEmptySubsequences: false)
        for count in [3, 2, 1] where parts.count > count {
            let widths = parts.suffix(count).map { decimalDigits($0.utf8) == nil ? 0 : $0.count }
            if widths == Array([4, 2, 2].prefix(count)) {
                return parts.dropLast(count).joined(separator: "-")
            }
        }
        return id
    }
}

/// How import, export and banked units become the units of the slabs.
struct NetMetering: Sendable {
    enum Mode: String, Sendable, CaseIterable { case bank, none }

    /// `bank`: import less export less banked units, a surplus carried; `none`: import counts
    /// alone.
    var mode = Mode.bank

    init() {}

    init(_ node: JSONNode) throws(TariffDocumentError) {
        mode = try node.object(["mode"]).required("mode").word(Mode.self)
    }
}

extension JSONValue {
    /// What a text is that is no tariff but belongs to one.
    fileprivate var otherText: String? {
        guard member("lines") == nil, member("tariffs") == nil else { return nil }
        var first: JSONValue?
        if case .array(let elements) = self { first = elements.first }
        if member("series") != nil {
            return "this is a series of monthly parameters, not a tariff: "
                + "`vidyut tariff parameters FILE` publishes it"
        }
        if member("cases") != nil || first?.member("inputs") != nil {
            return "these are cases, not a tariff: `vidyut tariff check FILE` runs them"
        }
        return nil
    }
}
