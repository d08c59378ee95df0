import Units

extension LineDecoder {
    private enum Mode: String, CaseIterable { case telescopic, whole }

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
            return BlockLine(
                quantity: quantity,
                chooseBy: chooseBy ?? quantity,
                tables: [table],
                boundsPer: try boundsPer(fields)
            )
        }
        if let mode = fields.optional("mode") {
            throw mode.fails("\"mode\" belongs into each table")
        }
        guard let node = fields.optional("tables") else {
            throw .invalid(path: fields.path, reason: "\"blocks\" or \"tables\" is missing")
        }
        let tables = try tables(node, sameMeasure: (chooseBy ?? quantity) == quantity)
        noticeOpenEnds(tables, quantity, chooseBy ?? quantity, fields, node)
        return BlockLine(
            quantity: quantity,
            chooseBy: chooseBy ?? quantity,
            tables: tables,
            boundsPer: try boundsPer(fields)
        )
    }

    private func boundsPer(_ fields: JSONFields) throws(TariffDocumentError) -> BoundsPer? {
        try fields.word("bounds_per", BoundsPer.self)
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
            !lineConditions.bounds(chooseBy, to: last),
            chooseBy == quantity || !chooseBy.scalesWithPeriod
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
        for key in ["tables", "blocks", "mode", "bounds_per"] {
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
}
