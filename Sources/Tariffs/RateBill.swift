import Units

/// Rates a bill under one document; a bill with days is split where a dated line begins or ends.
package func rate(_ document: TariffDocument, _ inputs: RatingInputs) throws(RatingError) -> Rating
{
    var parts = [VersionPart(document: document, period: inputs.period)]
    if document.hasDatedLines, inputs.date == nil, let period = inputs.period {
        parts = datedParts(document, period)
    }
    return try rate(parts, inputs)
}

/// Rates a bill over the versions in force in its period: one slab allowance shared, tables chosen
/// by the
/// whole period's units, units split by days or by real blocks.
package func rate(_ versions: TariffVersions, _ inputs: RatingInputs) throws(RatingError) -> Rating
{
    guard let period = inputs.period else {
        guard let date = inputs.date else {
            throw .missingInput(name: "from and to, or a date", line: nil)
        }
        guard let document = versions.inForce(on: date) else {
            throw .noVersion(
                family: versions.family,
                days: [BillingPeriod(first: date, last: date)].compactMap(\.self)
            )
        }
        return try rate(document, inputs)
    }
    let found: [VersionPart]
    do { found = try versions.inForce(during: period) } catch {
        guard case .uncovered(let family, let days) = error else {
            throw .badInput(name: "tariff", reason: error.description)
        }
        throw .noVersion(family: family, days: days)
    }
    var parts: [VersionPart] = []
    for part in found {
        guard let days = part.period, part.document.hasDatedLines else {
            parts.append(part)
            continue
        }
        parts += datedParts(part.document, days)
    }
    return try rate(parts, inputs)
}

/// The days of a document's stretch, cut where one of its lines begins or has ended.
private func datedParts(_ document: TariffDocument, _ period: BillingPeriod) -> [VersionPart] {
    var starts: [CivilDate] = [period.first]
    for line in document.lines {
        if let from = line.validFrom { starts.append(from) }
        if let to = line.validTo { starts.append(to.adding(days: 1)) }
    }
    starts = Array(Set(starts.filter(period.contains))).sorted()
    var parts: [VersionPart] = []
    for (index, start) in starts.enumerated() {
        let end = index + 1 < starts.count ? starts[index + 1].adding(days: -1) : period.last
        if let days = BillingPeriod(first: start, last: end) {
            parts.append(VersionPart(document: document, period: days))
        }
    }
    return parts
}

private func rate(_ parts: [VersionPart], _ inputs: RatingInputs) throws(RatingError) -> Rating {
    guard let first = parts.first, let firstLine = first.document.lines.first else {
        throw .missingInput(name: "a tariff document", line: nil)
    }
    try validate(inputs, parts)
    let (net, surplus) = try netUnits(inputs, first.document)
    var pass = RatingPass(
        inputs: inputs,
        document: first.document,
        term: try RatingTerm(
            first.document,
            inputs,
            period: first.period,
            share: try share(first, inputs)
        ),
        rating: Rating(
            parts: [],
            units: Energy(wattHours: net),
            surplus: Energy(wattHours: surplus)
        ),
        netUnits: net,
        current: firstLine
    )
    pass.rating.lines.reserveCapacity(first.document.lines.count * parts.count)
    pass.rating.slabs.reserveCapacity(first.document.likelySlabs)
    for (index, part) in parts.enumerated() {
        if index > 0 {
            pass.document = part.document
            pass.term = try RatingTerm(
                part.document,
                inputs,
                period: part.period,
                share: try share(part, inputs)
            )
        }
        pass.part = index
        if parts.count > 1, !inputs.dailyUnits.isEmpty, net == inputs.units.wattHours,
            let days = part.period, let whole = inputs.period
        {
            pass.blockUnits = RatingPass.units(inputs.dailyUnits, of: days, in: whole)
        }
        pass.rating.parts.append(
            RatedPart(
                document: part.document,
                period: part.period,
                share: pass.term.share,
                factor: pass.term.factor,
                months: pass.term.wholeMonths,
                fixedFactor: pass.term.fixedFactor,
                units: ScaledQuantity(
                    numerator: try pass.inPart(.units),
                    denominator: pass.term.denominator
                )
            )
        )
        try pass.ratePart()
    }
    try settle(&pass.rating, inputs)
    return pass.rating
}

private func share(_ part: VersionPart, _ inputs: RatingInputs) throws(RatingError) -> Ratio {
    guard let days = part.period?.days, let whole = inputs.period?.days else { return .one }
    return try exact(Ratio(Int64(days), Int64(whole)))
}

/// Rounds the total by the rule in force at the end of the bill.
private func settle(_ rating: inout Rating, _ inputs: RatingInputs) throws(RatingError) {
    let rule = rating.document.total
    if rule.carries { rating.carriedIn = inputs.carriedIn }
    let (sum, overflow) = rating.totalUnrounded.paise
        .addingReportingOverflow(rating.carriedIn.paise)
    guard !overflow else { throw .overflow }
    rating.total = try exact(
        ExactMoney(Money(paise: sum)).rounded(step: rule.stepPaise, mode: rule.mode)
    )
}

/// Units that go through the slabs, and the surplus of export and bank over import.
private func netUnits(_ inputs: RatingInputs, _ document: TariffDocument) throws(RatingError)
    -> (net: Int64, surplus: Int64)
{
    let credit = inputs.exported.wattHours + inputs.banked.wattHours
    guard credit > 0, document.netMetering.mode == .bank else {
        return (inputs.units.wattHours, 0)
    }
    let net = inputs.units.wattHours - credit
    return net >= 0 ? (net, 0) : (0, -net)
}

private func validate(_ inputs: RatingInputs, _ parts: [VersionPart]) throws(RatingError) {
    func energy(_ energy: Energy, _ name: String) throws(RatingError) {
        guard (0...Limits.wattHours).contains(energy.wattHours) else {
            throw .badInput(name: name, reason: "from 0 to 10^12 units are expected")
        }
    }
    try energy(inputs.units, "units")
    try energy(inputs.exported, "export")
    try energy(inputs.banked, "banked")
    try energy(Energy(wattHours: inputs.apparentEnergyVoltAmpereHours ?? 0), "kvah")
    if let months = inputs.months,
        months.numerator <= 0 || months.numerator / months.denominator > Limits.months
    {
        throw .badInput(name: "months", reason: "above 0 to \(Limits.months) are expected")
    }
    if let days = inputs.days ?? inputs.period?.days, !(1...Limits.days).contains(days) {
        throw .badInput(name: "days", reason: "1 to \(Limits.days) are expected")
    }
    if let days = inputs.daysInMonth, !(28...31).contains(days) {
        throw .badInput(name: "days_in_month", reason: "28 to 31 are expected")
    }
    if let load = inputs.load, load.milliwatts < 0 || load.milliwatts % 1_000 != 0 {
        throw .badInput(name: "load_kw", reason: "whole watts, not below 0, are expected")
    }
    for demand in [inputs.demandVoltAmperes, inputs.contractDemandVoltAmperes] {
        if let demand, demand < 0 {
            throw .badInput(name: "demand", reason: "it must not be below 0")
        }
    }
    if !inputs.dailyUnits.isEmpty {
        for day in inputs.dailyUnits { try energy(day, "dailyUnits") }
        let sum = inputs.dailyUnits.reduce(Int64(0)) { $0 &+ $1.wattHours }
        guard inputs.dailyUnits.count == inputs.period?.days, sum == inputs.units.wattHours else {
            throw .badInput(
                name: "dailyUnits",
                reason: "one value for each day, adding to the units"
            )
        }
    }
    guard case .refused = inputs.missing else { return }
    try validateNames(inputs, parts)
}

private func validateNames(_ inputs: RatingInputs, _ parts: [VersionPart]) throws(RatingError) {
    for name in inputs.parameters.keys
    where !parts.contains(where: { $0.document.parameterNames.contains(name) }) {
        throw .unknownParameter(
            name: name,
            known: parts.flatMap(\.document.parameterNames)
        )
    }
    for name in inputs.linesOn {
        let optional = parts.flatMap(\.document.lines).filter(\.isOptional).map(\.id)
        guard optional.contains(name) else { throw .unknownLine(name: name, optional: optional) }
    }
}
