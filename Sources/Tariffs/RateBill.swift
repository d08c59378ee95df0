import Units

/// Rates a bill under one document; a bill with days is split where a dated line begins or ends.
package func rate(_ document: TariffDocument, _ inputs: RatingInputs) throws(RatingError) -> Rating
{
    if document.hasDatedLines, inputs.date == nil, let period = inputs.period {
        return try rate(datedParts(document, period), inputs)
    }
    return try rate(
        CollectionOfOne(VersionPart(document: document, period: inputs.period)),
        inputs
    )
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
    return try rate(try parts(of: versions, period), inputs)
}

/// The documents in force in a period with the days of each, cut where a dated line begins or ends;
/// with `continuing` the last version goes on beyond its last day.
func parts(
    of versions: TariffVersions,
    _ period: BillingPeriod,
    continuing: Bool = false
) throws(RatingError) -> [VersionPart] {
    let found: [VersionPart]
    do {
        found = try versions.inForce(during: period, continuing: continuing)
    } catch {
        guard case .uncovered(let family, let days) = error else {
            throw .badInput(name: "tariff", reason: error.description)
        }
        throw .noVersion(family: family, days: days)
    }
    guard found.contains(where: \.document.hasDatedLines) else { return found }
    var parts: [VersionPart] = []
    for part in found {
        guard let days = part.period, part.document.hasDatedLines else {
            parts.append(part)
            continue
        }
        parts += datedParts(part.document, days)
    }
    return parts
}

/// The days of a document's stretch, cut where one of its lines begins or has ended.
func datedParts(_ document: TariffDocument, _ period: BillingPeriod) -> [VersionPart] {
    var starts: [CivilDate] = [period.first]
    for line in document.lines {
        if let from = line.validFrom { starts.append(from) }
        if let to = line.validTo { starts.append(to.adding(days: 1)) }
        if let season = line.season { starts += season.changes(in: period) }
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

/// Rates a bill over these parts of its days.
func rate(
    _ parts: some RandomAccessCollection<VersionPart>,
    _ inputs: RatingInputs
) throws(RatingError) -> Rating {
    guard let first = parts.first else {
        throw .missingInput(name: "a tariff document", line: nil)
    }
    try validate(inputs, parts)
    let (net, surplus) = try netUnits(inputs, first.document)
    let pass = RatingPass(
        first.document,
        inputs,
        try term(of: first, inputs),
        net: net,
        surplus: surplus
    )
    pass.rating.parts.reserveCapacity(parts.count)
    pass.rating.lines.reserveCapacity(first.document.lines.count * parts.count)
    pass.rating.slabs.reserveCapacity(first.document.likelySlabs * parts.count)
    pass.rating.pieces.reserveCapacity(first.document.likelyPieces * parts.count)
    if parts.count > 1 { pass.useBlocks() }
    try pass.ratePart()
    for part in parts.dropFirst() {
        pass.enter(part.document, try term(of: part, inputs))
        pass.useBlocks()
        try pass.ratePart()
    }
    return try pass.settled()
}

func term(of part: VersionPart, _ inputs: RatingInputs) throws(RatingError) -> RatingTerm {
    try RatingTerm(part.document, inputs, period: part.period, share: try share(part, inputs))
}

private func share(_ part: VersionPart, _ inputs: RatingInputs) throws(RatingError) -> Ratio {
    guard let days = part.period?.days, let whole = inputs.period?.days, days != whole else {
        return .one
    }
    return try exact(Ratio(Int64(days), Int64(whole)))
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

private func validate(
    _ inputs: RatingInputs,
    _ parts: some RandomAccessCollection<VersionPart>
) throws(RatingError) {
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
    guard inputs.demandVoltAmperes ?? 0 >= 0, inputs.contractDemandVoltAmperes ?? 0 >= 0 else {
        throw .badInput(name: "demand", reason: "it must not be below 0")
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
    try validateNames(inputs, parts)
}

private func validateNames(
    _ inputs: RatingInputs,
    _ parts: some RandomAccessCollection<VersionPart>
) throws(RatingError) {
    let unknown = inputs.parameters.keys.filter { name in
        !parts.contains { $0.document.parameterNames.contains(name) }
    }
    if let name = unknown.min() {
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
