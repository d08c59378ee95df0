import Units

extension RatingPass {
    func band(_ line: BandLine) throws(RatingError) -> ExactMoney {
        let times = try count(line.times)
        if line.isMarginal, let by = line.by { return try marginal(line, by, times) }
        let band =
            line.bands.count == 1 && line.bands[0].bound == unbounded
            ? line.bands[0] : try self.band(line.bands, line.by, line.load)
        return try charge(band, line.load, times)
    }

    private func band(
        _ bands: [ChargeBand],
        _ by: Measure?,
        _ rule: LoadRule
    ) throws(RatingError) -> ChargeBand {
        let total: Int64
        switch by {
        case .load?: total = try counted(try loadWatts(by: rule, .kw), rule)
        case .demand?: total = try counted(try loadWatts(by: rule, .kva), rule)
        case let measure?: total = try whole(measure)
        case nil: total = 0
        }
        let scales = by?.scalesWithPeriod ?? false
        for band in bands where try isWithin(total, band.bound, scales: scales) { return band }
        throw .aboveLastBound(line: current.id)
    }

    /// One rate for the whole of what it is per; by the unit the times of a bill do not matter.
    private func charge(
        _ band: ChargeBand,
        _ rule: LoadRule,
        _ times: Ratio
    ) throws(RatingError) -> ExactMoney {
        let rate = try rate(band)
        switch band.basis {
        case .unit: return slab(0, unbounded, try inPart(.units), at: rate)
        case .connection: return try record(0, unbounded, 1_000, rate, times)
        case .kw, .kva:
            let value = try counted(try loadWatts(by: rule, band.basis), rule)
            return try record(0, unbounded, value, rate, times)
        }
    }

    /// Each band's rate for the part of the load (or of the units) inside it.
    private func marginal(
        _ line: BandLine,
        _ by: Measure,
        _ times: Ratio
    ) throws(RatingError) -> ExactMoney {
        let isUnit = line.bands[0].basis == .unit
        let value =
            isUnit
            ? try inPart(by)
            : try counted(try loadWatts(by: line.load, line.bands[0].basis), line.load)
        var sum = ExactMoney.zero
        var lower: Int64 = 0
        for band in line.bands where lower < value {
            let upper =
                isUnit ? try limit(band.bound, scales: by.scalesWithPeriod) : band.bound
            let inside = min(value, upper) - lower
            let rate = try rate(band)
            let amount =
                isUnit
                ? slab(lower, upper, inside, at: rate)
                : try record(lower, upper, inside, rate, times)
            sum = try exact(sum.plus(amount))
            lower = upper
        }
        guard value <= lower else { throw .aboveLastBound(line: current.id) }
        return sum
    }

    /// Records a charge for so many thousandths of a kW, kVA or connection.
    private func record(
        _ lower: Int64,
        _ upper: Int64,
        _ value: Int64,
        _ rate: Int64,
        _ times: Ratio
    ) throws(RatingError) -> ExactMoney {
        let amount = try exact(
            ExactMoney(value, at: rate, over: 1)
                .times(times.numerator, of: times.denominator)
        )
        rating.slabs.append(
            RatedSlab(
                lower: lower,
                upper: upper,
                amountOfThing: value,
                denominator: 1,
                rate: Rate(millionths: rate),
                amount: amount
            )
        )
        return amount
    }

    private func rate(_ band: ChargeBand) throws(RatingError) -> Int64 {
        guard let name = band.parameter else { return band.rate }
        return try number(name)
    }

    // MARK: Loads

    /// The sanctioned load, the greater of load and demand for kVA, or what the units stand for.
    private func loadWatts(by rule: LoadRule, _ basis: ChargeBasis) throws(RatingError) -> Int64 {
        if let derived = rule.derived {
            // Steps are stated for the base period: a longer bill needs more units for each.
            let step = Int128(derived.perWattHours) * Int128(term.factor.numerator)
            let units = Int128(netUnits) * Int128(term.factor.denominator)
            let steps = RoundingMode.up.quotient(units, over: step)
            return try product(try exact(Int64(exactly: steps)), derived.watts)
        }
        return basis == .kva ? try greaterOfLoadAndDemand() : try loadWatts()
    }

    /// The load that counts, rounded to steps and not below the least.
    private func counted(_ watts: Int64, _ rule: LoadRule) throws(RatingError) -> Int64 {
        let mode: RoundingMode
        switch rule.rounding {
        case .none: return max(watts, rule.least)
        case .ceil: mode = .up
        case .floor: mode = .down
        case .nearest: mode = .halfUp
        }
        let steps = mode.quotient(Int128(watts), over: Int128(rule.step))
        return max(try product(try exact(Int64(exactly: steps)), rule.step), rule.least)
    }

    // MARK: Demand and minimum

    func demand(_ line: DemandLine) throws(RatingError) -> ExactMoney {
        let times = try count(line.times)
        var highest: Int64 = 0
        for billed in line.billed { highest = max(highest, try volts(billed)) }
        let total = try counted(highest, line.load)
        var excess: Int64 = 0
        if let over = line.excessOver {
            excess = min(total, max(0, try counted(try recorded(), line.load) - (try volts(over))))
        }
        guard let band = line.bands.first(where: { total <= $0.bound }) else {
            throw .aboveLastBound(line: current.id)
        }
        let rate = try rate(band)
        let normal = try record(0, unbounded, total - excess, rate, times)
        guard excess > 0 else { return normal }
        let dearer = RoundingMode.halfUp.quotient(
            Int128(rate) * Int128(line.excessMultiple),
            over: 1_000_000
        )
        let above = try record(
            total - excess,
            unbounded,
            excess,
            try exact(Int64(exactly: dearer)),
            times
        )
        return try exact(normal.plus(above))
    }

    private func recorded() throws(RatingError) -> Int64 {
        guard let demand = inputs.demandVoltAmperes else {
            throw .missingInput(name: "demand", line: current.id)
        }
        return demand
    }

    /// A term of the billing demand in volt-amperes, to the nearest one.
    private func volts(_ billed: DemandTerm) throws(RatingError) -> Int64 {
        let value: Int64
        switch billed.source {
        case .recorded: value = try recorded()
        case .contract:
            if let contract = inputs.contractDemandVoltAmperes {
                value = contract
            } else {
                value = try loadWatts()
            }
        }
        let share = RoundingMode.halfUp.quotient(
            Int128(value) * Int128(billed.percent),
            over: Int128(Percentage.whole.millionths)
        )
        return try exact(Int64(exactly: share))
    }

    /// What the named lines are short of the least amount; zero when they reach it.
    func minimum(_ line: MinimumLine) throws(RatingError) -> ExactMoney {
        let floor = try band(line.floor)
        let charged = ExactMoney(try sum(line.of))
        let short = try exact(floor.plus(-charged))
        return short.isNegative ? .zero : short
    }
}
