package import Units

/// The documents, parameters and terms of one period, found once to rate many quantities.
package struct PeriodRating: Sendable {
    let parts: [VersionPart]
    let inputs: RatingInputs

    /// By the versions in force on these days; with `continuing` the last version goes on beyond its
    /// last day.
    ///
    /// The inputs must have a period; their units do not matter.
    package init(
        _ versions: TariffVersions,
        _ inputs: RatingInputs,
        continuing: Bool = false
    ) throws(RatingError) {
        guard let period = inputs.period else {
            throw .missingInput(name: "from and to", line: nil)
        }
        parts = try Tariffs.parts(of: versions, period, continuing: continuing)
        self.inputs = inputs
    }

    /// By one document, whatever its dates.
    package init(_ document: TariffDocument, _ inputs: RatingInputs) {
        if document.hasDatedLines, inputs.date == nil, let period = inputs.period {
            parts = datedParts(document, period)
        } else {
            parts = [VersionPart(document: document, period: inputs.period)]
        }
        self.inputs = inputs
    }

    /// The documents in order of days, each once.
    package var documents: [TariffDocument] {
        var found: [TariffDocument] = []
        for part in parts where found.last !== part.document { found.append(part.document) }
        return found
    }

    /// What the period costs with this energy: the same as `rate` gives.
    package func callAsFunction(_ units: Energy) throws(RatingError) -> Rating {
        var inputs = inputs
        inputs.units = units
        return try rate(parts, inputs)
    }

    /// A run over the lines of one part, before anything is rated.
    private func pass(_ part: VersionPart) throws(RatingError) -> RatingPass {
        RatingPass(part.document, inputs, try term(of: part, inputs), net: 0, surplus: 0)
    }

    /// The bounds of units at which a rate, a table or a subsidy changes for this connection, lowest
    /// first: the most that is still within each, of the whole period.
    ///
    /// Bounds of tables that hold for other totals are left out.
    package func unitBounds() throws(RatingError) -> [Energy] {
        var bounds: Set<Int64> = []
        for part in parts {
            let pass = try pass(part)
            try pass.eachLine { line throws(RatingError) in
                for bound in try pass.unitBounds(of: line) where bound > 0 {
                    bounds.insert(bound)
                }
            }
        }
        return bounds.sorted().map { Energy(wattHours: $0) }
    }

    /// What the lines that apply need to know besides imported energy and the connection.
    package func needs() throws(RatingError) -> [(need: MeteredNeed, line: String)] {
        var found: [(need: MeteredNeed, line: String)] = []
        try eachLine { line, _, _ throws(RatingError) in
            for need in line.needs { found.append((need, line.id)) }
        }
        return found
    }

    /// Every line that applies, with its document and the days of its part.
    func eachLine(
        _ look: (TariffLine, TariffDocument, BillingPeriod?) throws(RatingError) -> Void
    ) throws(RatingError) {
        for part in parts {
            try (try pass(part)).eachLine { line throws(RatingError) in
                try look(line, part.document, part.period)
            }
        }
    }
}

/// What only a meter for it tells, beside the register of imported energy.
package enum MeteredNeed: Sendable, Hashable {
    case timeOfDay, demand, exportedEnergy, reactive
}

extension TariffLine {
    /// What it reads that is neither imported energy nor the connection's size.
    var needs: [MeteredNeed] {
        var needs: [MeteredNeed] = measures.compactMap { measure in
            switch measure {
            case .exported: .exportedEnergy
            case .apparentEnergy: .reactive
            case .loadFactor: .demand
            default: nil
            }
        }
        switch form {
        case .timeOfDay: needs.append(.timeOfDay)
        case .powerFactor: needs.append(.reactive)
        case .demand(let line):
            let terms = line.billed + line.excess.map(\.over)
            if terms.contains(where: { $0.source == .recorded }) || !line.excess.isEmpty {
                needs.append(.demand)
            }
        case .blocks(let line): if line.boundsPer == .recorded { needs.append(.demand) }
        default: break
        }
        return needs
    }

    /// What its conditions, tables and bands are chosen by, and what it bills.
    private var measures: [Measure] {
        var found = conditions.map(\.measure)
        func add(_ rate: RateSource) {
            if case .banded(let measure, _) = rate { found.append(measure) }
        }
        switch form {
        case .blocks(let line):
            found += [line.quantity, line.chooseBy]
            found += line.tables.flatMap { $0.conditions.map(\.measure) }
        case .band(let line): if let by = line.by { found.append(by) }
        case .perUnit(let line):
            found.append(line.quantity)
            add(line.rate)
        case .percent(let line): add(line.rate)
        case .freeUnits(let line): found.append(line.by)
        case .cases(let line): found.append(line.by)
        case .like, .windows, .demand, .minimum, .timeOfDay, .powerFactor: break
        }
        return found
    }
}

extension RatingPass {
    /// Where the line changes with the units of the whole bill.
    fileprivate func unitBounds(of line: TariffLine) throws(RatingError) -> [Int64] {
        var stated = line.conditions.map { ($0.measure, $0.above ?? unbounded) }
        stated += line.conditions.map { ($0.measure, $0.upto ?? unbounded) }
        func add(_ rate: RateSource) {
            guard case .banded(let measure, let bands) = rate else { return }
            stated += bands.map { (measure, $0.bound) }
        }
        switch line.form {
        case .blocks(let line): stated += try tableBounds(line)
        case .band(let line): if let by = line.by { stated += line.bands.map { (by, $0.bound) } }
        case .perUnit(let line): add(line.rate)
        case .percent(let line): add(line.rate)
        case .freeUnits(let line):
            stated += line.bands.flatMap { [(line.by, $0.bound), (.units, $0.wattHours)] }
        case .cases(let line): stated += line.cases.map { (line.by, $0.bound) }
        case .like, .windows, .demand, .minimum, .timeOfDay, .powerFactor: break
        }
        var bounds: [Int64] = []
        for (measure, bound) in stated where bound != unbounded {
            if let units = try units(within: bound, of: measure) { bounds.append(units) }
        }
        return bounds
    }

    /// The bounds of the tables that may hold, and of the slabs of each as far as it reaches.
    private func tableBounds(_ line: BlockLine) throws(RatingError) -> [(Measure, Int64)] {
        let size = if let per = line.boundsPer { try size(per) } else { Ratio.one }
        let isChosenByUse = line.chooseBy.dependsOnUse
        var found: [(Measure, Int64)] = []
        // Up to here a table before has it.
        var reached: Int64 = 0
        for table in line.tables where try mayHold(table.conditions) {
            if !isChosenByUse,
                try !isWithin(try whole(line.chooseBy), table.upto, scales: false)
            {
                continue
            }
            let upto =
                line.chooseBy.scalesWithPeriod ? try sized(table.upto, size) : table.upto
            let isOfUnits = isChosenByUse && line.chooseBy == line.quantity
            for block in table.blocks {
                let bound = try sized(block.bound, size)
                if !isOfUnits || bound > reached && bound < upto {
                    found.append((line.quantity, bound))
                }
            }
            for condition in table.conditions {
                found.append((condition.measure, condition.above ?? unbounded))
                found.append((condition.measure, condition.upto ?? unbounded))
            }
            if isChosenByUse { found.append((line.chooseBy, upto)) }
            guard table.conditions.isEmpty else { continue }
            if !isChosenByUse || upto == unbounded { break }
            reached = max(reached, upto)
        }
        return found
    }

    /// The most imported Wh of the whole bill with which a measure is still within a stated bound;
    /// nil where they do not change it.
    private func units(within bound: Int64, of measure: Measure) throws(RatingError) -> Int64? {
        switch measure {
        case .units:
            let netted = document.netMetering.mode == .bank
            return try most(within: bound) + (netted ? inputs.banked.wattHours : 0)
        case .imported: return try most(within: bound)
        case .contractLoadFactor:
            let hours =
                if let days = term.days {
                    Ratio(whole: Int64(days) * 24)
                } else {
                    try exact(term.length.times(Ratio(whole: 730)))
                }
            let most = RoundingMode.down.quotient(
                Int128(bound) * Int128(try contracted()) * Int128(hours.numerator),
                over: Int128(hours.denominator) * 100_000
            )
            return Int64(exactly: most)
        default: return nil
        }
    }
}
