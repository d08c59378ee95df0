import Units

/// One run over the lines of a bill's parts; files named for the kinds of lines extend it.
///
/// A class, though nothing shares it: a value of its size would be copied at every call. One call
/// of `rate` owns it, so checking each access at run time could find nothing, and costs a tenth.
final class RatingPass {
    let inputs: RatingInputs
    /// Net units of the whole bill in Wh.
    let netUnits: Int64
    @exclusivity(unchecked) private(set) var document: TariffDocument
    @exclusivity(unchecked) private(set) var term: RatingTerm
    /// What is given for each of `document.parameterNames`.
    @exclusivity(unchecked) private var parameters: [ParameterValue?]
    @exclusivity(unchecked) var rating: Rating
    @exclusivity(unchecked) private var part = 0
    /// Imported units of this part where real blocks split the bill; nil when days do.
    @exclusivity(unchecked) private var blockUnits: Int64?
    /// Where the lines of this part begin in `rating.lines`.
    @exclusivity(unchecked) private(set) var firstLine = 0
    /// Position of the line at work in the document.
    @exclusivity(unchecked) private var lineIndex = 0

    init(
        _ document: TariffDocument,
        _ inputs: RatingInputs,
        _ term: RatingTerm,
        net: Int64,
        surplus: Int64
    ) {
        self.inputs = inputs
        self.document = document
        self.term = term
        netUnits = net
        parameters = RatingPass.parameters(document, inputs)
        rating = Rating(
            parts: [],
            units: Energy(wattHours: net),
            surplus: Energy(wattHours: surplus)
        )
    }

    /// Goes on with the next part of the bill.
    func enter(_ document: TariffDocument, _ term: RatingTerm) {
        if document !== self.document {
            parameters = RatingPass.parameters(document, inputs)
            self.document = document
        }
        self.term = term
        part += 1
    }

    /// What is given for each parameter of a document; names are compared, which for the few that
    /// a bill has is quicker than looking them up.
    private static func parameters(_ document: TariffDocument, _ inputs: RatingInputs)
        -> [ParameterValue?]
    {
        let names = document.parameterNames
        guard !names.isEmpty else { return [] }
        var values: [ParameterValue?] = names.map { _ in nil }
        for (name, value) in inputs.parameters {
            if let position = names.firstIndex(of: name) { values[position] = value }
        }
        return values
    }

    /// Splits units by the real blocks of the part's days, where they are known and nothing is
    /// netted.
    func useBlocks() {
        guard let days = term.period, let whole = term.whole, !inputs.dailyUnits.isEmpty,
            netUnits == inputs.units.wattHours
        else { return }
        blockUnits = RatingPass.units(inputs.dailyUnits, of: days, in: whole)
    }

    /// Appends the part and its lines to the rating, in the document's order.
    func ratePart() throws(RatingError) {
        rating.parts.append(
            RatedPart(
                document: document,
                period: term.period,
                share: term.share,
                factor: term.factor,
                months: term.wholeMonths,
                fixedFactor: term.fixedFactor,
                units: ScaledQuantity(
                    numerator: try inPart(.units),
                    denominator: term.denominator
                )
            )
        )
        firstLine = rating.lines.count
        for index in document.lines.indices {
            lineIndex = index
            let slabs = rating.slabs.count
            let pieces = rating.pieces.count
            do {
                guard try applies() else { continue }
                try append(try amount(), slabs, pieces)
            } catch {
                guard case .leavesLineOut = inputs.missing, error.isMissing else { throw error }
                rating.slabs.removeSubrange(slabs...)
                rating.pieces.removeSubrange(pieces...)
                rating.leftOut.append(LeftOutLine(id: current.id, reason: error))
            }
        }
    }

    /// The rating with its total, rounded by the rule in force at the end of the bill.
    func settled() throws(RatingError) -> Rating {
        let rule = document.total
        if rule.carries { rating.carriedIn = inputs.carriedIn }
        let sum = try total(rating.totalUnrounded, rating.carriedIn)
        let rounding = LineRounding(stepPaise: rule.stepPaise, mode: rule.mode)
        rating.total = try exact(ExactMoney(sum).rounded(rounding))
        // Handed over rather than copied.
        var result = Rating(parts: [], units: .zero, surplus: .zero)
        swap(&result, &rating)
        return result
    }

    private func append(
        _ amount: ExactMoney,
        _ slabs: Int,
        _ pieces: Int
    ) throws(RatingError) {
        let money = try exact(amount.rounded(current.rounding))
        rating.totalUnrounded = try total(rating.totalUnrounded, money)
        rating.lines.append(
            RatedLine(
                line: current,
                part: part,
                index: lineIndex,
                exact: amount,
                amount: money,
                firstSlab: Int32(slabs),
                endSlab: Int32(rating.slabs.count),
                firstPiece: Int32(pieces),
                endPiece: Int32(rating.pieces.count)
            )
        )
    }

    /// A call of its own: inlined, each of its kinds would be retained and released.
    @inline(never)
    private func amount() throws(RatingError) -> ExactMoney {
        switch current.form {
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

    private func applies() throws(RatingError) -> Bool {
        guard try isAskedFor() else { return false }
        return current.conditions.isEmpty ? true : try holds(current.conditions)
    }

    /// Whether the line applies to this connection on these days, its conditions aside.
    private func isAskedFor() throws(RatingError) -> Bool {
        if current.needsOptIn, !inputs.optIn { return false }
        if current.isOptional, !inputs.linesOn.contains(current.id) {
            // An optional line whose parameters are all given is meant to apply.
            guard !current.parameters.isEmpty,
                current.parameters.allSatisfy({ parameters[$0] != nil })
            else { return false }
        }
        if current.isDated {
            guard let date = inputs.date ?? term.period?.first else {
                throw .missingInput(name: "a date, or from and to", line: current.id)
            }
            if let from = current.validFrom, date < from { return false }
            if let to = current.validTo, date > to { return false }
            if let season = current.season, !season.contains(date) { return false }
        }
        return true
    }

    /// Looks at the lines that apply to this connection on these days, however much is used.
    func eachLine(
        _ look: (TariffLine) throws(RatingError) -> Void
    ) throws(RatingError) {
        for index in document.lines.indices {
            lineIndex = index
            guard try isAskedFor(), try mayHold(current.conditions) else { continue }
            try look(current)
        }
    }

    /// Whether the conditions that do not depend on what is used hold.
    func mayHold(_ conditions: [Condition]) throws(RatingError) -> Bool {
        try holds(conditions.filter { !$0.measure.dependsOnUse })
    }

    /// Whether all conditions hold, by the whole bill.
    func holds(_ conditions: [Condition]) throws(RatingError) -> Bool {
        for condition in conditions {
            let value = try whole(condition.measure)
            let scales = condition.measure.scalesWithPeriod
            if let above = condition.above, try isWithin(value, above, scales: scales) {
                return false
            }
            if let upto = condition.upto, try !isWithin(value, upto, scales: scales) {
                return false
            }
        }
        return true
    }

    /// The line at work, for messages and rounding.
    var current: TariffLine { document.lines[lineIndex] }

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
        case .loadHorsepower: return try horsepower()
        case .contractDemand: return try contracted()
        case .loadFactor: return try loadFactor(of: try recorded())
        case .contractLoadFactor: return try loadFactor(of: try contracted())
        case .parameter(let index): return try number(index) / 1_000
        }
    }

    /// The measure over this part, over the term's denominator.
    func inPart(_ measure: Measure) throws(RatingError) -> Int64 {
        if let blockUnits, measure == .units || measure == .imported {
            return try product(blockUnits, term.denominator)
        }
        return try part(of: try whole(measure))
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

    func parameter(_ index: Int) throws(RatingError) -> ParameterValue {
        guard let value = parameters[index] else {
            throw .missingParameter(name: document.parameterNames[index], line: current.id)
        }
        return value
    }

    func number(_ index: Int) throws(RatingError) -> Int64 {
        switch try parameter(index) {
        case .number(let number): return number
        case .windows(let windows): return try only(windows, index)
        case .list, .listWindows, .table: throw bad(index, "one value is expected")
        }
    }

    /// What is wrong with a parameter, or with the windows that the document itself states.
    func bad(_ index: Int?, _ reason: String) -> RatingError {
        .badParameter(
            name: index.map { document.parameterNames[$0] } ?? "windows",
            line: current.id,
            reason: reason
        )
    }

    // MARK: Earlier lines of this part

    /// Where in `rating.lines` the line at this position of the document is; nil when it did not
    /// apply.
    func rated(_ index: Int) -> Int? {
        // Lines that did not apply are left out, so none stands after its own place.
        var place = min(firstLine + index, rating.lines.count - 1)
        while place >= firstLine, rating.lines[place].index > index { place -= 1 }
        return place >= firstLine && rating.lines[place].index == index ? place : nil
    }

    /// The rounded amount of an earlier line; nothing when it did not apply.
    func amount(of index: Int) -> Money { rated(index).map { rating.lines[$0].amount } ?? .zero }

    /// The rounded sum of these lines.
    func sum(_ indices: [Int]) throws(RatingError) -> Money {
        var sum = Money.zero
        for index in indices { sum = try total(sum, amount(of: index)) }
        return sum
    }

    /// The rounded sum of all lines of this part until now.
    func sumOfLines() throws(RatingError) -> Money {
        var sum = Money.zero
        for place in firstLine..<rating.lines.count {
            sum = try total(sum, rating.lines[place].amount)
        }
        return sum
    }
}

/// The sum of two amounts that must fit 64 bits.
func total(_ left: Money, _ right: Money) throws(RatingError) -> Money {
    let (sum, overflow) = left.paise.addingReportingOverflow(right.paise)
    guard !overflow else { throw .overflow }
    return Money(paise: sum)
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
