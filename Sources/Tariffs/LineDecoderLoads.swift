import Units

extension LineDecoder {
    private enum Select: String, CaseIterable { case band, marginal }
    private enum Per: String, CaseIterable { case connection, kw, kva, hp, unit, mixed }

    // MARK: Fixed charges

    mutating func bandLine(_ fields: JSONFields) throws(TariffDocumentError) -> BandLine {
        let before = fields.faultCount
        let marginal = try fields.word("select", Select.self) == .marginal
        let by = try measure(fields, "by")
        let times = try fields.word("times", Times.self) ?? .months
        let load = try fields.attempt(try loadRule(fields), or: LoadRule())
        let bands = try chargeBands(fields)
        if marginal, fields.faultCount == before { try checkMarginal(bands, by, fields) }
        if by == nil, bands.count > 1 {
            throw .invalid(path: fields.path + ".bands", reason: "several bands need \"by\"")
        }
        return BandLine(
            by: by,
            isMarginal: marginal,
            bands: bands,
            times: times,
            load: load
        )
    }

    /// Marginal bands are of one thing; with kW, kVA or HP some may be a charge for the connection.
    private func checkMarginal(_ bands: [ChargeBand], _ by: Measure?, _ fields: JSONFields)
        throws(TariffDocumentError)
    {
        let things = Set(bands.map(\.basis)).subtracting([.connection])
        let isMixed = bands.contains { $0.basis == .connection }
        guard by != nil, things.count == 1, let thing = things.first, !isMixed || thing != .unit
        else {
            throw .invalid(
                path: fields.path + ".select",
                reason: "marginal bands need \"by\" and one \"per\": kw, kva, hp or unit; some may "
                    + "be per connection where the others are not per unit"
            )
        }
        guard thing != .hp || by == .loadHorsepower else {
            throw .invalid(
                path: fields.path + ".by",
                reason: "marginal bands per hp are by \"load_hp\""
            )
        }
    }

    /// `bands` of `[bound, rate]` or `[bound, {"per", "rate"}]`, or a single `rate`.
    mutating func chargeBands(_ fields: JSONFields) throws(TariffDocumentError) -> [ChargeBand] {
        let per = try fields.word("per", Per.self) ?? .connection
        if let node = fields.optional("rate") {
            guard !fields.has("bands") else {
                throw node.fails("a line has either \"bands\" or \"rate\"")
            }
            return [try chargeBand(unbounded, node, per)]
        }
        var bands: [ChargeBand] = []
        for (bound, value) in try pairs(try fields.required("bands")) {
            let band = try value.attempt(try chargeBand(bound, value, per), or: nil)
            if let band { bands.append(band) }
        }
        return bands
    }

    private mutating func chargeBand(_ bound: Int64, _ node: JSONNode, _ per: Per)
        throws(TariffDocumentError) -> ChargeBand
    {
        if case .object = node.value, node.value.member("param") == nil {
            let fields = try node.object(["per", "rate"])
            let basis = try fields.required("per").word(ChargeBasis.self)
            let (rate, parameter) = try rate(try fields.required("rate"))
            return ChargeBand(bound: bound, basis: basis, rate: rate, parameter: parameter)
        }
        guard let basis = ChargeBasis(rawValue: per.rawValue) else {
            throw node.fails("with \"per\": \"mixed\" a band is {\"per\", \"rate\"}")
        }
        let (rate, parameter) = try rate(node)
        return ChargeBand(bound: bound, basis: basis, rate: rate, parameter: parameter)
    }

    func loadRule(_ fields: JSONFields) throws(TariffDocumentError) -> LoadRule {
        var rule = LoadRule()
        rule.rounding = try fields.word("load_rounding", LoadRule.Rounding.self) ?? .none
        if let node = fields.optional("load_step") {
            rule.step = try node.thousandths()
            guard rule.step > 0 else { throw node.fails("a step above zero is expected") }
        }
        rule.least = try fields.thousandths("load_minimum") ?? 0
        if let node = fields.optional("load_from_units") {
            let inner = try node.object(["per_units", "counts_kw", "or_load"])
            rule.orLoad = try inner.boolean("or_load")
            let units = try inner.required("per_units").thousandths()
            guard units > 0 else { throw node.fails("\"per_units\" must be above zero") }
            rule.derived = (units, try inner.required("counts_kw").thousandths())
        }
        return rule
    }

    // MARK: Demand

    mutating func demandLine(_ fields: JSONFields) throws(TariffDocumentError) -> DemandLine {
        if let per = fields.optional("per"),
            ![.kw, .kva, nil].contains(try fields.word("per", Per.self))
        {
            try per.report(per.fails("a demand is billed per \"kva\" or \"kw\""))
        }
        var billed: [DemandTerm] = []
        if let node = fields.optional("billed") {
            for element in try node.array(1...Limits.terms) {
                let term = try element.attempt(try demandTerm(element), or: nil)
                if let term { billed.append(term) }
            }
        } else {
            billed = [
                DemandTerm(source: .contract, percent: 100_000_000),
                DemandTerm(source: .recorded, percent: 100_000_000),
            ]
        }
        return DemandLine(
            billed: billed,
            excess: try fields.attempt(try excess(fields), or: []),
            bands: try chargeBands(fields),
            times: try fields.word("times", Times.self) ?? .months,
            load: try fields.attempt(try loadRule(fields), or: LoadRule())
        )
    }

    /// `excess` `[{"over", "multiple"}, …]`, or one step as `excess_over` and `excess_multiple`.
    private func excess(_ fields: JSONFields) throws(TariffDocumentError) -> [ExcessStep] {
        let over = try fields.optional("excess_over").map(demandTerm)
        let multiple = try fields.optional("excess_multiple")?.millionths(signed: false)
        guard (over == nil) == (multiple == nil) else {
            throw .invalid(
                path: fields.path,
                reason: "\"excess_over\" and \"excess_multiple\" go together"
            )
        }
        guard let node = fields.optional("excess") else {
            guard let over, let multiple else { return [] }
            return [ExcessStep(over: over, multiple: multiple)]
        }
        guard over == nil else {
            throw node.fails("a line has either \"excess\" or \"excess_over\"")
        }
        var steps: [ExcessStep] = []
        for element in try node.array(1...Limits.entries) {
            let inner = try element.object(["over", "multiple"])
            let step = ExcessStep(
                over: try demandTerm(try inner.required("over")),
                multiple: try inner.required("multiple").millionths(signed: false)
            )
            if let last = steps.last?.over, last.source == step.over.source,
                last.percent >= step.over.percent
            {
                throw element.fails("each step is over more than the one before")
            }
            steps.append(step)
        }
        return steps
    }

    // MARK: Minimum

    mutating func minimumLine(_ fields: JSONFields) throws(TariffDocumentError) -> MinimumLine {
        var of: [Int]?
        let node = try fields.required("of")
        if node.value != .string("everything") {
            of = try fields.attempt(try lineIndices(node), or: [])
        }
        guard let units = fields.optional("units") else {
            if let at = fields.optional("at") { throw at.fails("\"at\" goes with \"units\"") }
            return MinimumLine(of: of, floor: .charge(try bandLine(fields)))
        }
        for key in ["by", "select", "bands", "rate"] {
            if let other = fields.optional(key) {
                throw other.fails("a minimum in \"units\" has no \"\(key)\"")
            }
        }
        let at = try fields.required("at")
        let line = try lineIndex(at)
        switch lines[line].form {
        case .blocks, .perUnit: break
        default: throw at.fails("\"at\" names a line of kind blocks or per_unit")
        }
        let per = try fields.word("per", Per.self) ?? .connection
        guard let basis = ChargeBasis(rawValue: per.rawValue), basis != .unit else {
            throw (fields.optional("per") ?? units).fails("units are per connection, kw, kva or hp")
        }
        return MinimumLine(
            of: of,
            floor: .units(
                UnitFloor(
                    line: line,
                    wattHours: try units.thousandths(),
                    basis: basis,
                    times: try fields.word("times", Times.self) ?? .months,
                    load: try loadRule(fields)
                )
            )
        )
    }

    // MARK: Terms

    /// `"contract"`, `"recorded"` or `{"percent": "80", "of": "contract"}`.
    private func demandTerm(_ node: JSONNode) throws(TariffDocumentError) -> DemandTerm {
        guard case .object = node.value else {
            if case .string(let text) = node.value, text.contains("%") {
                throw node.fails(
                    "a percentage is written {\"percent\": \"85\", \"of\": \"contract\"}"
                )
            }
            return DemandTerm(
                source: try node.word(DemandTerm.Source.self),
                percent: 100_000_000
            )
        }
        let fields = try node.object(["percent", "of"])
        return DemandTerm(
            source: try fields.required("of").word(DemandTerm.Source.self),
            percent: try fields.required("percent").millionths(signed: false)
        )
    }
}
