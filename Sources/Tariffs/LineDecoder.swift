import Units

/// Reads the lines of a document in order; each line may name only lines above it.
struct LineDecoder {
    let rounding: LineRounding
    /// Parameters the document declares; nil when it declares none and any name is allowed.
    let declaredParameters: [String]?
    private(set) var lines: [TariffLine] = []
    /// Every parameter that a line reads, in order of the lines.
    private(set) var parameterNames: [String] = []
    /// Those of the line at work, by position.
    private var parameters: [Int] = []
    /// What the line at work needs to apply.
    private(set) var lineConditions: [Condition] = []

    init(rounding: LineRounding, declaredParameters: [String]?) {
        self.rounding = rounding
        self.declaredParameters = declaredParameters
    }

    private static let commonKeys = [
        "id", "kind", "label", "optional", "opt_in", "valid_from", "valid_to", "season", "when",
        "rounding", "note",
    ]

    private enum Kind: String, CaseIterable {
        case blocks, band, percent, cases, demand, minimum
        case perUnit = "per_unit"
        case percentWindows = "percent_windows"
        case freeUnits = "free_units"
        case timeOfDay = "time_of_day"
        case powerFactor = "power_factor"
    }

    mutating func append(_ node: JSONNode) throws(TariffDocumentError) {
        guard case .object = node.value else {
            return try node.report(node.fails("an object {…} is expected"))
        }
        parameters = []
        let open = try node.anyObject()
        let kind = try open.attempt(try open.required("kind").word(Kind.self), or: nil)
        let fields =
            try kind.map { kind throws(TariffDocumentError) in
                try node.object(LineDecoder.commonKeys + LineDecoder.keys(of: kind))
            } ?? open
        let id = try fields.attempt(try lineID(try fields.required("id")), or: "")
        let common = try common(fields)
        lineConditions = common.conditions
        let rule = try fields.optional("rounding").map { node throws(TariffDocumentError) in
            try node.attempt(try lineRounding(node), or: rounding)
        }
        // What a line with a mistake stands for: lines after it may still name it.
        var form = LineForm.blocks(BlockLine(quantity: .units, chooseBy: .units, tables: []))
        if let kind { form = try fields.attempt(try self.form(kind, fields), or: form) }
        lines.append(
            TariffLine(
                id: id,
                label: try fields.text("label"),
                form: form,
                common: common,
                rounding: rule ?? rounding,
                parameters: parameters,
                named: parameterNames
            )
        )
    }

    private func lineID(_ node: JSONNode) throws(TariffDocumentError) -> String {
        let id = try node.text()
        guard id.utf8.allSatisfy({ ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == 95 }),
            id.utf8.count <= 60, id != "total", id != "total_unrounded"
        else { throw node.fails("small letters, digits and \"_\" are expected, not a total") }
        guard !lines.contains(where: { $0.id == id }) else {
            throw node.fails("\"\(id)\" stands twice in this document")
        }
        return id
    }

    private func lineRounding(_ node: JSONNode) throws(TariffDocumentError) -> LineRounding {
        let fields = try node.object(["line", "line_mode"])
        return LineRounding(
            stepPaise: try fields.optional("line").map(RoundingRules.step) ?? rounding.stepPaise,
            mode: try fields.word("line_mode", RoundingMode.self) ?? rounding.mode
        )
    }

    private mutating func common(_ fields: JSONFields) throws(TariffDocumentError) -> LineCommon {
        var common = LineCommon()
        common.isOptional = try fields.boolean("optional")
        common.needsOptIn = try fields.boolean("opt_in")
        common.validFrom = try fields.date("valid_from")
        common.validTo = try fields.date("valid_to")
        if let from = common.validFrom, let to = common.validTo, from > to,
            let node = fields.optional("valid_from")
        {
            try node.report(node.fails("\"valid_from\" is after \"valid_to\""))
        }
        common.season = try fields.attempt(try fields.optional("season").map(Season.init))
        _ = try fields.text("note")
        common.conditions = try fields.attempt(try conditions(fields.optional("when")), or: [])
        return common
    }

    private static func keys(of kind: Kind) -> [String] {
        let load = ["times", "load_rounding", "load_step", "load_minimum", "load_from_units"]
        return switch kind {
        case .blocks:
            ["quantity", "choose_by", "tables", "blocks", "mode", "bounds_per", "rates", "like"]
        case .band: ["by", "select", "per", "bands", "rate"] + load
        case .perUnit: ["quantity", "rate"]
        case .percent: ["of", "rate", "cap", "cap_per"]
        case .percentWindows: ["of_line", "windows", "split"]
        case .freeUnits: ["line", "lines", "by", "bands"]
        case .cases: ["by", "cases"]
        case .demand:
            ["billed", "excess_over", "excess_multiple", "excess", "per", "bands", "rate"] + load
        case .minimum: ["of", "by", "select", "per", "bands", "rate", "units", "at"] + load
        case .timeOfDay: ["of_line", "slots", "units"]
        case .powerFactor:
            ["of", "penalty", "incentive", "select", "power_factor", "part_counts"]
        }
    }

    private mutating func form(_ kind: Kind, _ fields: JSONFields) throws(TariffDocumentError)
        -> LineForm
    {
        switch kind {
        case .blocks:
            if fields.has("like") { return .like(try likeLine(fields)) }
            return .blocks(try blockLine(fields))
        case .band: return .band(try bandLine(fields))
        case .perUnit:
            let quantity = try fields.attempt(try energy(fields.optional("quantity")), or: .units)
            let rate = try rateSource(try fields.required("rate"))
            return .perUnit(PerUnitLine(quantity: quantity, rate: rate))
        case .percent:
            let of = try fields.attempt(try bases(try fields.required("of")), or: [])
            let cap = try fields.attempt(try cap(fields))
            let rate = try rateSource(try fields.required("rate"))
            return .percent(PercentLine(of: of, rate: rate, cap: cap))
        case .percentWindows: return .windows(try windowLine(fields))
        case .freeUnits: return .freeUnits(try freeUnitsLine(fields))
        case .cases: return .cases(try caseLine(fields))
        case .demand: return .demand(try demandLine(fields))
        case .minimum: return .minimum(try minimumLine(fields))
        case .timeOfDay: return .timeOfDay(try timeOfDayLine(fields))
        case .powerFactor: return .powerFactor(try powerFactorLine(fields))
        }
    }

    // MARK: Parts that several kinds share

    /// The name in `{"param": name}` or in a bare text.
    mutating func parameter(_ node: JSONNode) throws(TariffDocumentError) -> Int {
        let name: String
        if case .string = node.value {
            name = try node.text()
        } else {
            name = try node.object(["param"]).required("param").text()
        }
        if let declaredParameters, !declaredParameters.contains(name) {
            throw node.fails(
                "\"\(name)\" is no parameter of this document; declared: "
                    + declaredParameters.joined(separator: ", ")
            )
        }
        let position = parameterNames.firstIndex(of: name) ?? parameterNames.count
        if position == parameterNames.count { parameterNames.append(name) }
        if !parameters.contains(position) { parameters.append(position) }
        return position
    }

    /// A decimal in millionths, or the parameter that gives it.
    mutating func rate(_ node: JSONNode) throws(TariffDocumentError) -> (Int64, Int?) {
        if case .object = node.value { return (0, try parameter(node)) }
        return (try node.millionths(), nil)
    }

    mutating func rateSource(_ node: JSONNode) throws(TariffDocumentError) -> RateSource {
        guard case .object = node.value else { return .fixed(try node.millionths()) }
        if node.value.member("param") != nil { return .parameter(try parameter(node)) }
        let fields = try node.object(["by", "bands"])
        let by = try fields.attempt(try measure(try fields.required("by")), or: .units)
        var bands: [RateBand] = []
        for (bound, value) in try pairs(try fields.required("bands")) {
            let number = try value.attempt(try value.millionths(), or: 0)
            bands.append(RateBand(bound: bound, value: number))
        }
        return .banded(by, bands)
    }

    private static let measureNames = [
        "units", "imported", "exported", "kvah", "load_kw", "load_hp", "demand", "contract_demand",
        "load_factor", "contract_load_factor",
    ]
    private static let measures: [String: Measure] = [
        "units": .units, "imported": .imported, "exported": .exported, "kvah": .apparentEnergy,
        "load_kw": .load, "load_hp": .loadHorsepower, "demand": .demand,
        "contract_demand": .contractDemand, "load_factor": .loadFactor,
        "contract_load_factor": .contractLoadFactor,
    ]

    mutating func measure(_ node: JSONNode) throws(TariffDocumentError) -> Measure {
        if case .object = node.value { return .parameter(try parameter(node)) }
        guard case .string(let name) = node.value, let measure = LineDecoder.measures[name] else {
            throw node.fails(
                "one of these is expected: "
                    + LineDecoder.measureNames.joined(separator: ", ") + ", {\"param\": name}"
            )
        }
        return measure
    }

    /// What a key names; nil when it is left out.
    mutating func measure(_ fields: JSONFields, _ name: String) throws(TariffDocumentError)
        -> Measure?
    {
        guard let node = fields.optional(name) else { return nil }
        return try node.attempt(try measure(node), or: .units)
    }

    mutating func energy(_ node: JSONNode?) throws(TariffDocumentError) -> Measure {
        guard let node else { return .units }
        let quantity = try measure(node)
        guard quantity.isEnergy else { throw node.fails("a quantity of energy is expected") }
        return quantity
    }

    /// `[[bound, value], …]`: bounds in thousandths rise, and only the last may be null.
    func pairs(_ node: JSONNode) throws(TariffDocumentError) -> [(bound: Int64, value: JSONNode)] {
        var pairs: [(bound: Int64, value: JSONNode)] = []
        var last: Int64 = -1
        for element in try node.array(1...Limits.entries) {
            let pair = try element.attempt(try element.array(0...Limits.entries), or: [])
            guard pair.count == 2 else {
                try element.report(element.fails("a pair [upper bound, value] is expected"))
                continue
            }
            last = try element.attempt(try risingBound(pair[0], after: last), or: last)
            pairs.append((last, pair[1]))
        }
        return pairs
    }

    /// A bound above the one before; null is unbounded and must be last.
    func risingBound(_ node: JSONNode, after last: Int64) throws(TariffDocumentError) -> Int64 {
        guard last != unbounded else {
            throw node.fails("nothing may follow an unbounded (null) bound")
        }
        let bound = node.isNull ? unbounded : try node.thousandths()
        guard bound > last else {
            throw node.fails(
                "bounds must rise: \(decimalText(bound, places: 3)) is not above "
                    + decimalText(last, places: 3)
            )
        }
        return bound
    }

    mutating func conditions(_ node: JSONNode?) throws(TariffDocumentError) -> [Condition] {
        guard let node else { return [] }
        let fields = try node.object(LineDecoder.measureNames + ["params"])
        var conditions: [Condition] = []
        for (name, inner) in fields.nodes where LineDecoder.measures[name] != nil {
            let measure = LineDecoder.measures[name] ?? .units
            if let condition = try inner.attempt(try condition(inner, measure), or: nil) {
                conditions.append(condition)
            }
        }
        for (name, inner) in try fields.optional("params")?.anyObject().nodes ?? [] {
            let named = JSONNode(value: .string(name), path: inner.path, faults: inner.faults)
            let index = try named.attempt(try parameter(named), or: 0)
            if let condition = try inner.attempt(try condition(inner, .parameter(index)), or: nil) {
                conditions.append(condition)
            }
        }
        return conditions
    }

    private func condition(_ node: JSONNode, _ measure: Measure) throws(TariffDocumentError)
        -> Condition
    {
        let fields = try node.object(["above", "upto"])
        let above = try fields.optional("above")?.thousandths()
        let upto = try fields.optional("upto")?.thousandths()
        guard above != nil || upto != nil else {
            throw node.fails("\"above\", \"upto\" or both are expected")
        }
        if let above, let upto, above >= upto {
            throw node.fails("\"above\" is not below \"upto\"")
        }
        return Condition(measure: measure, above: above, upto: upto)
    }

    /// The position of an earlier line.
    func lineIndex(_ node: JSONNode) throws(TariffDocumentError) -> Int {
        let id = try node.text()
        guard let index = lines.firstIndex(where: { $0.id == id }) else {
            throw node.fails(
                "\"\(id)\" is no line above this one; above stand: "
                    + (lines.isEmpty ? "none" : lines.map(\.id).joined(separator: ", "))
            )
        }
        return index
    }

    func lineIndices(_ node: JSONNode) throws(TariffDocumentError) -> [Int] {
        if case .string = node.value { return [try lineIndex(node)] }
        var indices: [Int] = []
        for element in try node.array(1...Limits.terms) {
            guard let index = try element.attempt(try lineIndex(element), or: nil) else { continue }
            if indices.contains(index) { try element.report(element.fails("a line stands twice")) }
            indices.append(index)
        }
        return indices
    }

    /// `["energy", {"percent": 8, "of": "energy"}]`, `"energy"` or `"everything"`.
    func bases(_ node: JSONNode) throws(TariffDocumentError) -> [PercentBase] {
        if case .string("everything") = node.value { return [.everything] }
        if case .string = node.value { return [.line(try lineIndex(node))] }
        var bases: [PercentBase] = []
        for element in try node.array(1...Limits.terms) {
            let base = try element.attempt(try self.base(element), or: nil)
            guard let base else { continue }
            if case .line(let index) = base {
                for case .line(index) in bases {
                    try element.report(element.fails("a line stands twice"))
                }
            }
            bases.append(base)
        }
        return bases
    }

    private func base(_ node: JSONNode) throws(TariffDocumentError) -> PercentBase {
        guard case .object = node.value else { return .line(try lineIndex(node)) }
        let fields = try node.object(["percent", "of"])
        let percent = try fields.attempt(try fields.required("percent").millionths(), or: 0)
        return .share(percent, of: try lineIndices(try fields.required("of")))
    }

    func cap(_ fields: JSONFields) throws(TariffDocumentError) -> Cap? {
        guard let node = fields.optional("cap") else {
            if let per = fields.optional("cap_per") { throw per.fails("there is no \"cap\"") }
            return nil
        }
        return Cap(
            amount: try node.millionths(signed: false),
            per: try fields.word("cap_per", Cap.Per.self) ?? .bill
        )
    }
}
