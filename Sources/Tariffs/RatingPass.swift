import Units

/// One run over the lines of a bill's parts; files named for the kinds of lines extend it.
struct RatingPass {
    let inputs: RatingInputs
    var document: TariffDocument
    var term: RatingTerm
    var part = 0
    var rating: Rating
    /// Net units of the whole bill in Wh.
    let netUnits: Int64
    /// Imported units of this part where real blocks split the bill; nil when days do.
    var blockUnits: Int64?
    /// Where the lines of this part begin in `rating.lines`.
    var firstLine = 0
    /// The line at work, for messages and rounding.
    var current: TariffLine

    /// Appends the part's lines to the rating, in the document's order.
    mutating func ratePart() throws(RatingError) {
        firstLine = rating.lines.count
        for (index, line) in document.lines.enumerated() {
            current = line
            let slabs = rating.slabs.count
            let pieces = rating.pieces.count
            do {
                guard try applies(line) else { continue }
                let exact = try amount(line.form)
                try append(line, index, exact, slabs, pieces)
            } catch {
                guard case .leavesLineOut = inputs.missing, error.isMissing else { throw error }
                rating.slabs.removeSubrange(slabs...)
                rating.pieces.removeSubrange(pieces...)
                rating.leftOut.append(LeftOutLine(id: line.id, reason: error))
            }
        }
    }

    private mutating func append(
        _ line: TariffLine,
        _ index: Int,
        _ amount: ExactMoney,
        _ slabs: Int,
        _ pieces: Int
    ) throws(RatingError) {
        let rounding = line.rounding
        let money = try exact(amount.rounded(step: rounding.stepPaise, mode: rounding.mode))
        let (sum, overflow) = rating.totalUnrounded.paise.addingReportingOverflow(money.paise)
        guard !overflow else { throw .overflow }
        rating.totalUnrounded.paise = sum
        rating.lines.append(
            RatedLine(
                line: line,
                part: part,
                index: index,
                exact: amount,
                amount: money,
                firstSlab: Int32(slabs),
                endSlab: Int32(rating.slabs.count),
                firstPiece: Int32(pieces),
                endPiece: Int32(rating.pieces.count)
            )
        )
    }

    private mutating func amount(_ form: LineForm) throws(RatingError) -> ExactMoney {
        switch form {
        case .blocks(let line): try blocks(line)
        case .like(let line): try like(line)
        case .band(let line): try band(line)
        case .perUnit(let line): try perUnit(line)
        case .percent(let line): try percent(line)
        case .windows(let line): try windowed(line)
        case .freeUnits(let line): try freeUnits(line)
        case .cases(let line): try subsidy(line)
        case .demand(let line): try demand(line)
        case .minimum(let line): try minimum(line)
        case .timeOfDay(let line): try timeOfDay(line)
        case .powerFactor(let line): try powerFactor(line)
        }
    }

    private func applies(_ line: TariffLine) throws(RatingError) -> Bool {
        if line.needsOptIn, !inputs.optIn { return false }
        if line.isOptional, !inputs.linesOn.contains(line.id) {
            // An optional line whose parameters are all given is meant to apply.
            guard !line.parameterNames.isEmpty,
                line.parameterNames.allSatisfy({ inputs.parameters[$0] != nil })
            else { return false }
        }
        if line.validFrom != nil || line.validTo != nil {
            guard let date = inputs.date ?? term.period?.first else {
                throw .missingInput(name: "a date, or from and to", line: line.id)
            }
            if let from = line.validFrom, date < from { return false }
            if let to = line.validTo, date > to { return false }
        }
        return try holds(line.conditions)
    }

    /// Whether all conditions hold, by the whole bill.
    func holds(_ conditions: [Condition]) throws(RatingError) -> Bool {
        for condition in conditions {
            let value = try whole(condition.measure)
            let scales = condition.measure.scalesWithPeriod
            if let above = condition.above, try term.isWithin(value, above, scales: scales) {
                return false
            }
            if let upto = condition.upto, try !term.isWithin(value, upto, scales: scales) {
                return false
            }
        }
        return true
    }

    // MARK: Quantities, in thousandths

    /// The measure over the whole bill.
    func whole(_ measure: Measure) throws(RatingError) -> Int64 {
        switch measure {
        case .units: return netUnits
        case .imported: return inputs.units.wattHours
        case .exported: return inputs.exported.wattHours
        case .apparentEnergy:
            guard let energy = inputs.apparentEnergyVoltAmpereHours else {
                throw .missingInput(name: "kvah", line: current.id)
            }
            return energy
        case .load: return try loadWatts()
        case .demand: return try greaterOfLoadAndDemand()
        case .parameter(let name): return try number(name) / 1_000
        }
    }

    /// The measure over this part, over the term's denominator.
    func inPart(_ measure: Measure) throws(RatingError) -> Int64 {
        if let blockUnits, measure == .units || measure == .imported {
            return try product(blockUnits, term.denominator)
        }
        return try term.part(of: try whole(measure))
    }

    func loadWatts() throws(RatingError) -> Int64 {
        guard let load = inputs.load else { throw .missingInput(name: "load_kw", line: current.id) }
        return load.milliwatts / 1_000
    }

    func greaterOfLoadAndDemand() throws(RatingError) -> Int64 {
        guard let demand = inputs.demandVoltAmperes else { return try loadWatts() }
        guard let load = inputs.load else { return demand }
        return max(demand, load.milliwatts / 1_000)
    }

    // MARK: Parameters, in millionths

    func parameter(_ name: String) throws(RatingError) -> ParameterValue {
        guard let value = inputs.parameters[name] else {
            throw .missingParameter(name: name, line: current.id)
        }
        return value
    }

    func number(_ name: String) throws(RatingError) -> Int64 {
        switch try parameter(name) {
        case .number(let number): return number
        case .windows(let windows):
            if windows.count == 1, let window = windows.first { return window.value }
            throw bad(name, "one value is expected here, not windows")
        case .list, .listWindows, .table: throw bad(name, "one value is expected")
        }
    }

    func bad(_ name: String, _ reason: String) -> RatingError {
        .badParameter(name: name, line: current.id, reason: reason)
    }

    // MARK: Earlier lines of this part

    /// The rated line at this position of the document; nil when it did not apply.
    func rated(_ index: Int) -> RatedLine? {
        for line in rating.lines[firstLine...] where line.index == index { return line }
        return nil
    }

    /// The rounded sum of these lines.
    func sum(_ indices: [Int]) throws(RatingError) -> Money {
        var sum: Int64 = 0
        for index in indices {
            let (value, overflow) = sum.addingReportingOverflow(rated(index)?.amount.paise ?? 0)
            guard !overflow else { throw .overflow }
            sum = value
        }
        return Money(paise: sum)
    }
}

extension RatingError {
    /// Whether giving one more parameter or input would do.
    var isMissing: Bool {
        switch self {
        case .missingParameter, .missingInput: true
        default: false
        }
    }
}
