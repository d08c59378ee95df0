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
        case .load?: total = try counted(rule, .kw).value
        case .demand?: total = try counted(rule, .kva).value
        case .loadHorsepower?: total = try counted(rule, .hp).ceiling
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
        case .kw, .kva, .hp:
            let load = try counted(rule, band.basis)
            return try record(0, unbounded, load.value, rate, times, over: load.over)
        }
    }

    /// Each band's rate for the part of the load (or of the units) inside it; a band for the
    /// connection counts once where it is reached.
    private func marginal(
        _ line: BandLine,
        _ by: Measure,
        _ times: Ratio
    ) throws(RatingError) -> ExactMoney {
        let basis = line.bands.first { $0.basis != .connection }?.basis ?? .kw
        let isUnit = basis == .unit
        let load =
            isUnit ? CountedLoad(value: try inPart(by), over: 1) : try counted(line.load, basis)
        var sum = ExactMoney.zero
        var lower: Int64 = 0
        for (index, band) in line.bands.enumerated() {
            let isFirstCharge = index == 0 && band.basis == .connection
            guard lower < load.value || isFirstCharge else { break }
            let upper =
                isUnit
                ? try limit(band.bound, scales: by.scalesWithPeriod)
                : band.bound == unbounded ? unbounded : try product(band.bound, load.over)
            let inside = min(load.value, upper) - lower
            let rate = try rate(band)
            let amount: ExactMoney
            switch band.basis {
            case .unit: amount = slab(lower, upper, inside, at: rate)
            case .connection: amount = try record(lower, upper, 1_000, rate, times)
            case .kw, .kva, .hp:
                amount = try record(lower, upper, inside, rate, times, over: load.over)
            }
            sum = try exact(sum.plus(amount))
            lower = upper
        }
        guard load.value <= lower else { throw .aboveLastBound(line: current.id) }
        return sum
    }

    /// Records a charge for so many thousandths of a kW, kVA, HP or connection.
    func record(
        _ lower: Int64,
        _ upper: Int64,
        _ value: Int64,
        _ rate: Int64,
        _ times: Ratio,
        over denominator: Int64 = 1
    ) throws(RatingError) -> ExactMoney {
        let amount = try exact(
            ExactMoney(value, at: rate, over: denominator)
                .times(times.numerator, of: times.denominator)
        )
        rating.slabs.append(
            RatedSlab(
                lower: lower,
                upper: upper,
                amountOfThing: value,
                denominator: denominator,
                rate: Rate(millionths: rate),
                amount: amount
            )
        )
        return amount
    }

    func rate(_ band: ChargeBand) throws(RatingError) -> Int64 {
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
            let watts = try product(try exact(Int64(exactly: steps)), derived.watts)
            return rule.orLoad ? max(watts, try stated(basis)) : watts
        }
        return try stated(basis)
    }

    private func stated(_ basis: ChargeBasis) throws(RatingError) -> Int64 {
        basis == .kva ? try greaterOfLoadAndDemand() : try loadWatts()
    }

    /// The load that counts, in thousandths of a kW, kVA or HP.
    func counted(_ rule: LoadRule, _ basis: ChargeBasis) throws(RatingError) -> CountedLoad {
        let watts = try loadWatts(by: rule, basis)
        guard basis == .hp else { return CountedLoad(value: try counted(watts, rule), over: 1) }
        let top = try product(watts, 1_000)
        let perHorsepower = CountedLoad.wattsPerHorsepower
        guard let mode = rule.rounding.mode else {
            let least = try product(rule.least, perHorsepower)
            return CountedLoad(value: max(top, least), over: perHorsepower)
        }
        let steps = mode.quotient(Int128(top), over: Int128(rule.step) * Int128(perHorsepower))
        let value = try product(try exact(Int64(exactly: steps)), rule.step)
        return CountedLoad(value: max(value, rule.least), over: 1)
    }

    /// The load that counts, rounded to steps and not below the least.
    func counted(_ watts: Int64, _ rule: LoadRule) throws(RatingError) -> Int64 {
        guard let mode = rule.rounding.mode else { return max(watts, rule.least) }
        let steps = mode.quotient(Int128(watts), over: Int128(rule.step))
        return max(try product(try exact(Int64(exactly: steps)), rule.step), rule.least)
    }
}

/// A load in thousandths of a kW, kVA or HP, over a denominator.
struct CountedLoad {
    /// 1 HP is 0.746 kW.
    static let wattsPerHorsepower: Int64 = 746

    let value: Int64
    let over: Int64

    /// The next whole thousandth: bounds are thousandths, so it lies within the same ones.
    var ceiling: Int64 {
        let (whole, rest) = value.quotientAndRemainder(dividingBy: over)
        return rest > 0 ? whole + 1 : whole
    }
}

extension LoadRule.Rounding {
    /// Nil where the load counts as it is.
    var mode: RoundingMode? {
        switch self {
        case .none: nil
        case .ceil: .up
        case .floor: .down
        case .nearest: .halfUp
        }
    }
}
