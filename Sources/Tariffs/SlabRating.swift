import Units

extension RatingPass {
    /// Thousandths over the term's denominator times millionths of a rupee.
    func charge(_ quantity: Int64, at rate: Int64) -> ExactMoney {
        ExactMoney(quantity, at: rate, over: term.denominator)
    }

    /// Records a slab and answers its amount.
    func slab(
        _ lower: Int64,
        _ upper: Int64,
        _ quantity: Int64,
        at rate: Int64
    ) -> ExactMoney {
        let amount = charge(quantity, at: rate)
        rating.slabs.append(
            RatedSlab(
                lower: lower,
                upper: upper,
                amountOfThing: quantity,
                denominator: term.denominator,
                rate: Rate(millionths: rate),
                amount: amount
            )
        )
        return amount
    }

    func blocks(_ line: BlockLine) throws(RatingError) -> ExactMoney {
        try inside(try table(line), line.quantity, rates: nil)
    }

    /// The table that holds for the whole bill.
    private func table(_ line: BlockLine) throws(RatingError) -> SlabTable {
        line.boundsPer == nil ? line.tables[try tableIndex(line)] : try sizedTable(line)
    }

    /// What a quantity of the part, so much in the whole bill, would cost by a line's tables.
    func blocks(_ line: BlockLine, charging quantity: Int64, of total: Int64)
        throws(RatingError) -> ExactMoney
    {
        let isChosenByUnits = line.chooseBy.scalesWithPeriod
        let table = try sizedTable(line, total: isChosenByUnits ? total : nil)
        let scales = line.quantity.scalesWithPeriod
        return try inside(table, quantity, of: total, scales: scales, rates: nil)
    }

    /// The table that holds for the whole bill or another total, bounds for the connection's size.
    @inline(never)
    private func sizedTable(_ line: BlockLine, total: Int64? = nil) throws(RatingError)
        -> SlabTable
    {
        let scales = line.chooseBy.scalesWithPeriod
        let size = if let per = line.boundsPer { try size(per) } else { Ratio.one }
        for table in line.tables {
            let upto = scales ? try sized(table.upto, size) : table.upto
            if upto != unbounded {
                let measure = if let total { total } else { try whole(line.chooseBy) }
                guard try isWithin(measure, upto, scales: scales) else { continue }
            }
            guard try holds(table.conditions) else { continue }
            var blocks: [SlabBlock] = []
            for block in table.blocks {
                blocks.append(
                    SlabBlock(
                        bound: try sized(block.bound, size),
                        rate: block.rate,
                        parameter: block.parameter
                    )
                )
            }
            return SlabTable(
                upto: upto,
                isWhole: table.isWhole,
                conditions: table.conditions,
                blocks: blocks
            )
        }
        throw .noTable(line: current.id)
    }

    /// A bound for each kW, kVA or HP times so many of them, to the nearest Wh.
    func sized(_ bound: Int64, _ size: Ratio) throws(RatingError) -> Int64 {
        guard bound != unbounded else { return unbounded }
        let scaled = RoundingMode.halfUp.quotient(
            Int128(bound) * Int128(size.numerator),
            over: Int128(size.denominator)
        )
        return try exact(Int64(exactly: scaled))
    }

    /// The slabs of another line at rates of this one.
    func like(_ line: LikeLine) throws(RatingError) -> ExactMoney {
        guard case .blocks(let model) = document.lines[line.line].form else {
            throw .noTable(line: current.id)
        }
        let table = try table(model)
        guard let name = line.parameter else {
            return try inside(table, model.quantity, rates: line.rates)
        }
        switch try parameter(name) {
        case .list(let rates):
            return try inside(table, model.quantity, rates: try enough(rates, table, name))
        case .number(let number):
            return try inside(table, model.quantity, rates: table.blocks.map { _ in number })
        case .listWindows(let windows):
            return try inside(table, model.quantity, windows, name)
        case .windows, .table: throw bad(name, "a list of rates is expected, one for each slab")
        }
    }

    private func enough(_ rates: [Int64], _ table: SlabTable, _ name: Int) throws(RatingError)
        -> [Int64]
    {
        guard rates.count >= table.blocks.count else {
            throw bad(name, "\(table.blocks.count) rates are expected, not \(rates.count)")
        }
        return rates
    }

    /// Rates by slab that change inside the bill: each window's share of every slab at its rates.
    private func inside(
        _ table: SlabTable,
        _ measure: Measure,
        _ windows: [ParameterListWindow],
        _ name: Int
    ) throws(RatingError) -> ExactMoney {
        let plain = windows.map { ParameterWindow(value: 0, period: $0.period) }
        var sum = ExactMoney.zero
        for share in try split(plain, name) {
            let window = windows.first { window in
                share.period.map { window.period.contains($0.first) } ?? true
            }
            guard let window else { throw bad(name, "no rates for a window") }
            let start = rating.slabs.count
            let all = try inside(
                table,
                measure,
                rates: try enough(window.values, table, name)
            )
            for index in start..<rating.slabs.count {
                rating.slabs[index] = try exact(
                    rating.slabs[index].share(share.units, of: share.unitsOfAll)
                )
            }
            let part = all.times(share.units, of: share.unitsOfAll)
            sum = try exact(sum.plus(try exact(part)))
        }
        return sum
    }

    /// The first table whose bound and conditions hold for the whole bill.
    private func tableIndex(_ line: BlockLine) throws(RatingError) -> Int {
        if line.tables.count == 1, line.tables[0].upto == unbounded,
            line.tables[0].conditions.isEmpty
        {
            return 0
        }
        let measure = try whole(line.chooseBy)
        let scales = line.chooseBy.scalesWithPeriod
        for (index, table) in line.tables.enumerated() {
            if try isWithin(measure, table.upto, scales: scales), try holds(table.conditions) {
                return index
            }
        }
        throw .noTable(line: current.id)
    }

    private func inside(
        _ table: SlabTable,
        _ measure: Measure,
        rates: [Int64]?
    ) throws(RatingError) -> ExactMoney {
        try inside(
            table,
            try inPart(measure),
            of: table.isWhole ? try whole(measure) : 0,
            scales: measure.scalesWithPeriod,
            rates: rates
        )
    }

    /// A quantity of the part, so much in the whole bill, by a table.
    @inline(__always)
    private func inside(
        _ table: SlabTable,
        _ quantity: Int64,
        of total: Int64,
        scales: Bool,
        rates: [Int64]?
    ) throws(RatingError) -> ExactMoney {
        if table.isWhole {
            for (index, block) in table.blocks.enumerated()
            where try isWithin(total, block.bound, scales: scales) {
                let rate = try self.rate(block, rates?[index])
                return slab(0, unbounded, quantity, at: rate)
            }
            throw .aboveLastBound(line: current.id)
        }
        var sum: Int128 = 0
        var lower: Int64 = 0
        for (index, block) in table.blocks.enumerated() where lower < quantity {
            let upper = try limit(block.bound, scales: scales)
            guard upper > lower else { continue }
            let inside = min(quantity, upper) - lower
            let rate = try self.rate(block, rates?[index])
            _ = slab(lower, upper, inside, at: rate)
            let (total, overflow) = sum.addingReportingOverflow(Int128(inside) * Int128(rate))
            guard !overflow else { throw .overflow }
            sum = total
            lower = upper
        }
        guard quantity <= lower else { throw .aboveLastBound(line: current.id) }
        return ExactMoney(millionthsOfThousandths: sum, over: term.denominator)
    }

    private func rate(_ block: SlabBlock, _ other: Int64?) throws(RatingError) -> Int64 {
        if let other { return other }
        guard let name = block.parameter else { return block.rate }
        return try number(name)
    }

    // MARK: Per unit

    func perUnit(_ line: PerUnitLine) throws(RatingError) -> ExactMoney {
        let quantity = try inPart(line.quantity)
        if case .parameter(let name) = line.rate,
            case .windows(let windows) = try parameter(name), windows.hasSplit
        {
            var sum = ExactMoney.zero
            for window in try split(windows, name) {
                let whole = RatedSlab(
                    lower: 0,
                    upper: unbounded,
                    amountOfThing: quantity,
                    denominator: term.denominator,
                    rate: Rate(millionths: window.value),
                    amount: charge(quantity, at: window.value)
                )
                let part = try exact(whole.share(window.units, of: window.unitsOfAll))
                rating.slabs.append(part)
                sum = try exact(sum.plus(part.amount))
            }
            return sum
        }
        return slab(0, unbounded, quantity, at: try value(line.rate))
    }

    /// The one value of a rate source, in millionths.
    func value(_ source: RateSource) throws(RatingError) -> Int64 {
        switch source {
        case .fixed(let value): return value
        case .parameter(let name): return try number(name)
        case .banded(let measure, let bands):
            let total = try whole(measure)
            for band in bands
            where try isWithin(total, band.bound, scales: measure.scalesWithPeriod) {
                return band.value
            }
            throw .noTable(line: current.id)
        }
    }
}
