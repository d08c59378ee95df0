import Units

extension LineDecoder {
    private enum Mode: String, CaseIterable { case telescopic, whole }
    private enum Select: String, CaseIterable { case band, marginal }
    private enum Per: String, CaseIterable { case connection, kw, kva, unit, mixed }

    // MARK: Slabs

    mutating func blockLine(_ fields: JSONFields) throws(TariffDocumentError) -> BlockLine {
        if let rates = fields.optional("rates") {
            throw rates.fails("\"rates\" goes with \"like\"")
        }
        let quantity = try fields.attempt(try energy(fields.optional("quantity")), or: .units)
        let chooseBy = try measure(fields, "choose_by")
        if fields.has("blocks") {
            if let tables = fields.optional("tables") {
                throw tables.fails("a line has either \"tables\" or \"blocks\"")
            }
            let table = try self.table(fields, upto: unbounded, conditions: [])
            noticeOpenEnd(table, quantity, fields)
            return BlockLine(quantity: quantity, chooseBy: chooseBy ?? quantity, tables: [table])
        }
        if let mode = fields.optional("mode") {
            throw mode.fails("\"mode\" belongs into each table")
        }
        let node = try fields.required("tables")
        let tables = try tables(node, sameMeasure: (chooseBy ?? quantity) == quantity)
        noticeOpenEnds(tables, quantity, chooseBy ?? quantity, fields, node)
        return BlockLine(quantity: quantity, chooseBy: chooseBy ?? quantity, tables: tables)
    }

    /// Says that a single table prices nothing above its last bound, unless `when` holds there.
    private func noticeOpenEnd(_ table: SlabTable, _ quantity: Measure, _ fields: JSONFields) {
        guard let end = table.blocks.last?.bound, end != unbounded,
            let node = fields.optional("blocks")
        else { return }
        guard !lineConditions.bounds(quantity, to: end) else { return }
        notice(node, end)
    }

    /// The same of several tables, each reaching to its `upto` or as far as its `when` holds.
    private func noticeOpenEnds(
        _ tables: [SlabTable],
        _ quantity: Measure,
        _ chooseBy: Measure,
        _ fields: JSONFields,
        _ node: JSONNode
    ) {
        for table in tables {
            guard let end = table.blocks.last?.bound, end != unbounded else { continue }
            if chooseBy == quantity, table.upto <= end { continue }
            guard !(table.conditions + lineConditions).bounds(quantity, to: end) else { continue }
            notice(node, end)
        }
        guard let last = tables.last(where: \.conditions.isEmpty)?.upto, last != unbounded,
            !lineConditions.bounds(chooseBy, to: last), chooseBy == quantity || !chooseBy.scalesWithPeriod
        else { return }
        notice(node, last)
    }

    private func notice(_ node: JSONNode, _ end: Int64) {
        node.faults?.notice(
            node.fails(
                "nothing above \(decimalText(end, places: 3)) has a rate: such a bill is refused; "
                    + "end with [null, rate] unless that is meant"
            )
        )
    }

    /// Tables rise by `upto`; a table with conditions stands beside the others and closes no gap.
    private mutating func tables(_ node: JSONNode, sameMeasure: Bool) throws(TariffDocumentError)
        -> [SlabTable]
    {
        var tables: [SlabTable] = []
        var last: Int64 = -1
        let before = node.faultCount
        for element in try node.array(1...Limits.entries) {
            let table = try element.attempt(
                try self.table(element, after: &last, sameMeasure: sameMeasure),
                or: nil
            )
            if let table { tables.append(table) }
        }
        if last < 0, node.faultCount == before {
            throw node.fails("the last table must hold without \"when\"")
        }
        return tables
    }

    /// One of several tables; one without conditions moves the bound.
    private mutating func table(
        _ node: JSONNode,
        after last: inout Int64,
        sameMeasure: Bool
    ) throws(TariffDocumentError) -> SlabTable {
        let fields = try node.object(["upto", "mode", "blocks", "when", "note"])
        let bound = JSONNode(
            value: fields.optional("upto")?.value ?? .null,
            path: node.path + ".upto",
            faults: node.faults
        )
        let conditions = try fields.attempt(try conditions(fields.optional("when")), or: [])
        var upto = unbounded
        if fields.optional("when") == nil || conditions.isEmpty {
            last = try bound.attempt(try risingBound(bound, after: last), or: last)
            upto = last
        } else if !bound.isNull {
            upto = try bound.attempt(try bound.thousandths(), or: unbounded)
        }
        let table = try self.table(
            fields,
            upto: sameMeasure ? upto : unbounded,
            conditions: conditions
        )
        return SlabTable(
            upto: upto,
            isWhole: table.isWhole,
            conditions: conditions,
            blocks: table.blocks
        )
    }

    private mutating func table(
        _ fields: JSONFields,
        upto: Int64,
        conditions: [Condition]
    ) throws(TariffDocumentError) -> SlabTable {
        let mode = try fields.word("mode", Mode.self) ?? .telescopic
        let node = try fields.required("blocks")
        let before = node.faultCount
        var blocks: [SlabBlock] = []
        for (bound, value) in try pairs(node) {
            let (rate, parameter) = try value.attempt(try rate(value), or: (0, nil))
            blocks.append(SlabBlock(bound: bound, rate: rate, parameter: parameter))
        }
        if let end = blocks.last?.bound, end < upto, upto != unbounded, node.faultCount == before {
            throw node.fails(
                "the blocks end at \(decimalText(end, places: 3)) but the table reaches to "
                    + "\(decimalText(upto, places: 3)): a gap"
            )
        }
        return SlabTable(
            upto: upto,
            isWhole: mode == .whole,
            conditions: conditions,
            blocks: blocks
        )
    }

    mutating func likeLine(_ fields: JSONFields) throws(TariffDocumentError) -> LikeLine {
        for key in ["tables", "blocks", "mode"] {
            if let node = fields.optional(key) {
                throw node.fails("a line with \"like\" takes its tables from that line")
            }
        }
        let node = try fields.required("like")
        let index = try lineIndex(node)
        guard case .blocks(let model) = lines[index].form else {
            throw node.fails("\"like\" names a line of kind blocks")
        }
        if let own = fields.optional("quantity"), try energy(own) != model.quantity {
            throw own.fails("the quantity is that of the line named in \"like\"")
        }
        _ = try measure(fields, "choose_by")
        let rates = try fields.required("rates")
        if case .object = rates.value {
            return LikeLine(line: index, rates: [], parameter: try parameter(rates))
        }
        var values: [Int64] = []
        for rate in try rates.array(1...Limits.entries) {
            values.append(try rate.attempt(try rate.millionths(), or: 0))
        }
        for table in model.tables where table.blocks.count != values.count {
            throw rates.fails("as many rates as the table has blocks: \(table.blocks.count)")
        }
        return LikeLine(line: index, rates: values, parameter: nil)
    }

    // MARK: Fixed charges

    mutating func bandLine(_ fields: JSONFields) throws(TariffDocumentError) -> BandLine {
        let before = fields.faultCount
        let marginal = try fields.word("select", Select.self) == .marginal
        let by = try measure(fields, "by")
        let times = try fields.word("times", Times.self) ?? .months
        let load = try fields.attempt(try loadRule(fields), or: LoadRule())
        let bands = try chargeBands(fields)
        if marginal, fields.faultCount == before {
            let scaled = bands.contains { $0.basis == .connection }
            guard by != nil, !scaled, Set(bands.map(\.basis)).count == 1 else {
                throw .invalid(
                    path: fields.path + ".select",
                    reason: "marginal bands need \"by\" and one \"per\": kw, kva or unit"
                )
            }
        }
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
            let inner = try node.object(["per_units", "counts_kw"])
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
        let over = try fields.optional("excess_over").map(demandTerm)
        let multiple = try fields.optional("excess_multiple")?.millionths(signed: false)
        guard (over == nil) == (multiple == nil) else {
            throw .invalid(
                path: fields.path,
                reason: "\"excess_over\" and \"excess_multiple\" go together"
            )
        }
        return DemandLine(
            billed: billed,
            excessOver: over,
            excessMultiple: multiple ?? 1_000_000,
            bands: try chargeBands(fields),
            times: try fields.word("times", Times.self) ?? .months,
            load: try fields.attempt(try loadRule(fields), or: LoadRule())
        )
    }

    /// `"contract"`, `"recorded"` or `{"percent": "80", "of": "contract"}`.
    private func demandTerm(_ node: JSONNode) throws(TariffDocumentError) -> DemandTerm {
        guard case .object = node.value else {
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
