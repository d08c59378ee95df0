import Units

/// Demand, sizes of a connection and least charges.
extension RatingPass {
    func demand(_ line: DemandLine) throws(RatingError) -> ExactMoney {
        let times = try count(line.times)
        var highest: Int64 = 0
        for billed in line.billed { highest = max(highest, try volts(billed)) }
        let total = try counted(highest, line.load)
        let excess = try excess(line, upto: total)
        guard let band = line.bands.first(where: { total <= $0.bound }) else {
            throw .aboveLastBound(line: current.id)
        }
        let rate = try rate(band)
        var lower = total - (excess.first ?? 0)
        var sum = try record(0, unbounded, lower, rate, times)
        for (index, step) in line.excess.enumerated() {
            let next = index + 1 < excess.count ? excess[index + 1] : 0
            let inside = excess[index] - next
            guard inside > 0 else { continue }
            let dearer = RoundingMode.halfUp.quotient(
                Int128(rate) * Int128(step.multiple),
                over: 1_000_000
            )
            let above = try record(
                lower,
                unbounded,
                inside,
                try exact(Int64(exactly: dearer)),
                times
            )
            sum = try exact(sum.plus(above))
            lower += inside
        }
        return sum
    }

    /// What is recorded above each step, at most the billed demand; none more than the one before.
    private func excess(_ line: DemandLine, upto total: Int64) throws(RatingError) -> [Int64] {
        guard !line.excess.isEmpty else { return [] }
        let demand = try counted(try recorded(), line.load)
        var most = total
        var excess: [Int64] = []
        for step in line.excess {
            most = min(most, max(0, demand - (try volts(step.over))))
            excess.append(most)
        }
        return excess
    }

    func recorded() throws(RatingError) -> Int64 {
        guard let demand = inputs.demandVoltAmperes else {
            throw .missingInput(name: "demand", line: current.id)
        }
        return demand
    }

    /// The contract demand; the load stands for it where none is given.
    func contracted() throws(RatingError) -> Int64 {
        if let contract = inputs.contractDemandVoltAmperes { return contract }
        guard let load = inputs.load else {
            throw .missingInput(name: "contract_demand (or load_kw)", line: current.id)
        }
        return load.milliwatts / 1_000
    }

    /// A term of the billing demand in volt-amperes, to the nearest one.
    private func volts(_ billed: DemandTerm) throws(RatingError) -> Int64 {
        let value: Int64 =
            switch billed.source {
            case .recorded: try recorded()
            case .contract: try contracted()
            }
        let share = RoundingMode.halfUp.quotient(
            Int128(value) * Int128(billed.percent),
            over: Int128(Percentage.whole.millionths)
        )
        return try exact(Int64(exactly: share))
    }

    // MARK: Sizes

    /// The load in thousandths of an HP, the next one up.
    func horsepower() throws(RatingError) -> Int64 {
        let thousandths = try product(try loadWatts(), 1_000)
        return CountedLoad(value: thousandths, over: CountedLoad.wattsPerHorsepower).ceiling
    }

    /// Thousandths of a percent of what a demand would use in every hour of the bill, the next one
    /// up: bounds are such thousandths, so it lies within the same ones.
    func loadFactor(of demand: Int64) throws(RatingError) -> Int64 {
        guard netUnits > 0 else { return 0 }
        guard demand > 0 else {
            throw .badInput(name: "demand", reason: "above 0 is expected for a load factor")
        }
        // Days have 24 hours; a month without days 730, a twelfth of a year's.
        let length =
            if let days = term.days {
                Ratio(whole: Int64(days) * 24)
            } else {
                try exact(term.length.times(Ratio(whole: 730)))
            }
        let factor = RoundingMode.up.quotient(
            Int128(netUnits) * Int128(length.denominator) * 100_000,
            over: Int128(demand) * Int128(length.numerator)
        )
        return try exact(Int64(exactly: factor))
    }

    /// How many kW, kVA or HP bounds are stated for each of.
    func size(_ per: BoundsPer) throws(RatingError) -> Ratio {
        switch per {
        case .kw: return try exact(Ratio(try loadWatts(), 1_000))
        case .hp: return try exact(Ratio(try loadWatts(), CountedLoad.wattsPerHorsepower))
        case .kva: return try exact(Ratio(try greaterOfLoadAndDemand(), 1_000))
        case .contract: return try exact(Ratio(try contracted(), 1_000))
        case .recorded: return try exact(Ratio(try recorded(), 1_000))
        }
    }

    // MARK: Least charges

    /// What the named lines are short of the least amount; zero when they reach it.
    func minimum(_ line: MinimumLine) throws(RatingError) -> ExactMoney {
        let charged = if let of = line.of { try sum(of) } else { try sumOfLines() }
        let floor: ExactMoney =
            switch line.floor {
            case .charge(let charge): try band(charge)
            case .units(let units): try charge(of: units)
            }
        let short = try exact(floor.plus(-ExactMoney(charged)))
        return short.isNegative ? .zero : short
    }

    /// What so many units a connection, kW, kVA or HP would cost at the rates of a line.
    private func charge(of floor: UnitFloor) throws(RatingError) -> ExactMoney {
        let load =
            floor.basis == .connection
            ? CountedLoad(value: 1_000, over: 1) : try counted(floor.load, floor.basis)
        let times = try count(floor.times)
        func wattHours(_ times: Ratio, over denominator: Int64) throws(RatingError) -> Int64 {
            let units = try product(try product(floor.wattHours, load.value), times.numerator)
            let part = RoundingMode.halfUp.quotient(
                Int128(units) * Int128(denominator),
                over: Int128(load.over) * 1_000 * Int128(times.denominator)
            )
            return try exact(Int64(exactly: part))
        }
        let inPart = try wattHours(times, over: term.denominator)
        switch document.lines[floor.line].form {
        case .blocks(let line):
            let whole = try exact(times.over(term.share))
            return try blocks(line, charging: inPart, of: try wattHours(whole, over: 1))
        case .perUnit(let line): return slab(0, unbounded, inPart, at: try value(line.rate))
        default: throw .noTable(line: current.id)
        }
    }
}

extension Ratio {
    /// This over another; nil when that is zero or does not fit.
    fileprivate func over(_ other: Ratio) -> Ratio? {
        Ratio(other.denominator, other.numerator).flatMap { times($0) }
    }
}
