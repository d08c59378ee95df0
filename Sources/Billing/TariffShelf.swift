package import Metering
package import Registry
package import Tariffs
package import Units

/// Why a service gets no bill in a run: by name, never a guess.
package struct BillRefusal: Error, Sendable, Hashable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// How the slabs of a bill are scaled.
enum BillScaling {
    /// Whole cycles by their months, parts of one by days.
    case automatic
    case byDays
    /// However long the bill is, the slabs of one cycle: what a late reading costs elsewhere.
    case asOneCycle
}

/// The published tariffs and monthly parameters of an office, decoded once for a whole run.
package struct TariffShelf: Sendable {
    private let versions: [String: TariffVersions]
    private let digests: [String: String]
    private let parameters: ParameterSeries?

    /// Decodes published documents; their overlaps are refused when they are published.
    package init(
        _ published: [PublishedTariff],
        parameters: ParameterSeries? = nil
    ) throws {
        let documents = try published.map { tariff in
            (document: try TariffDocument.load(Array(tariff.body.utf8)), digest: tariff.digest)
        }
        try self.init(documents: documents, parameters: parameters)
    }

    /// Takes documents that are decoded already, each with the digest of its text.
    package init(
        documents: [(document: TariffDocument, digest: [UInt8])],
        parameters: ParameterSeries? = nil
    ) throws {
        var byFamily: [String: [TariffDocument]] = [:]
        var digests: [String: String] = [:]
        for (document, digest) in documents {
            byFamily[document.family, default: []].append(document)
            digests[document.id] = hexadecimal(digest)
        }
        var versions: [String: TariffVersions] = [:]
        for (family, documents) in byFamily { versions[family] = try TariffVersions(documents) }
        self.versions = versions
        self.digests = digests
        self.parameters = parameters
    }

    /// Prices a period by the versions in force on its days.
    package func price(
        family: String,
        inputs: RatingInputs
    ) throws(BillRefusal) -> Rating {
        do {
            return try rate(try found(family), inputs)
        } catch let refusal as BillRefusal {
            throw refusal
        } catch {
            throw BillRefusal("\(error)")
        }
    }

    private func found(_ family: String) throws(BillRefusal) -> TariffVersions {
        guard let versions = versions[family] else {
            throw BillRefusal("no tariff of family \(family) is published")
        }
        return versions
    }

    /// What the lines of a bill would be.
    func price(
        _ input: ServiceToBill,
        _ consumption: Consumption,
        scaling: BillScaling = .automatic
    ) throws(BillRefusal) -> Rating {
        var inputs = try inputs(input, consumption.energy, scaling)
        _ = try addCurve(of: input, to: &inputs)
        return try price(family: input.service.tariffFamily, inputs: inputs)
    }

    /// The bill of a service for its days: party, tariff and figures copied in, with the proof.
    func bill(
        _ input: ServiceToBill,
        _ consumption: Consumption,
        scaling: BillScaling = .automatic,
        estimate: Estimate? = nil,
        asPrinted: Money? = nil,
        trueUp: [Rebooking] = []
    ) throws(BillRefusal) -> BillContent {
        let service = input.service
        var inputs = try inputs(input, consumption.energy, scaling)
        let curve = try addCurve(of: input, to: &inputs)
        let rating = try price(family: service.tariffFamily, inputs: inputs)
        var content = BillContent(
            service: service.id,
            consumer: input.occupancy.consumer,
            kind: input.kind,
            basis: estimate == nil ? .actual : .provisional,
            cycle: input.cycle,
            period: input.period,
            consumerNumber: input.occupancy.consumerNumber,
            consumerName: input.occupancy.consumerName,
            serviceNumber: service.number,
            address: service.address,
            category: service.category,
            tariffDocuments: rating.documentIDs,
            segments: consumption.segments,
            energy: consumption.energy,
            missingDays: dayRanges(consumption.missingDays),
            lines: billLines(rating),
            total: rating.total,
            surplus: rating.surplus,
            carried: rating.carriesRounding ? rating.roundingCarry : .zero,
            asPrinted: asPrinted,
            curve: curve,
            proof: "",
            proofDigest: []
        )
        let proof = BillProof(
            content: content,
            inputs: inputs,
            rating: rating,
            digests: digests,
            estimate: estimate,
            trueUp: trueUp
        ).json.bytes()
        content.proof = String(decoding: proof, as: UTF8.self)
        content.proofDigest = sha256(proof)
        return content
    }

    /// An issued bill computed again: by whole months where it was billed so, else by days.
    package func rebill(
        _ input: ServiceToBill,
        _ consumption: Consumption,
        wholeMonths: Int?
    ) throws(BillRefusal) -> BillContent {
        var again = input
        again.months = wholeMonths ?? input.months
        return try bill(again, consumption, scaling: wholeMonths == nil ? .byDays : .asOneCycle)
    }

    /// Optional lines that no service asked for and whose monthly parameter is not published: left
    /// out of the bill, and never silently.
    func linesWithoutParameter(
        _ input: ServiceToBill
    ) throws(BillRefusal) -> [(line: String, parameter: String)] {
        guard let versions = versions[input.service.tariffFamily], versions.hasOptionalParameters
        else { return [] }
        let given = try inputs(input, .zero, .automatic).parameters
        var missing: [(line: String, parameter: String)] = []
        for document in versions.documents where document.isInForce(during: input.period) {
            for line in document.lines where line.isOptional {
                guard !input.service.optionalLines.contains(line.id),
                    let name = line.parameterNames.first(where: { given[$0] == nil }),
                    !missing.contains(where: { $0.line == line.id })
                else { continue }
                missing.append((line.id, name))
            }
        }
        return missing
    }

    private func inputs(
        _ input: ServiceToBill,
        _ energy: Energy,
        _ scaling: BillScaling
    ) throws(BillRefusal) -> RatingInputs {
        var inputs = plainInputs(input, energy, scaling)
        guard let parameters else { return inputs }
        do {
            for part in try found(input.service.tariffFamily).inForce(during: input.period) {
                let known = try parameters.values(for: part.document, during: input.period)
                inputs.parameters.merge(known) { first, _ in first }
            }
        } catch let refusal as BillRefusal {
            throw refusal
        } catch {
            throw BillRefusal("\(error)")
        }
        return inputs
    }

    /// The inputs without what is published from month to month.
    private func plainInputs(
        _ input: ServiceToBill,
        _ energy: Energy,
        _ scaling: BillScaling
    ) -> RatingInputs {
        var inputs = RatingInputs(units: energy, period: input.period)
        switch scaling {
        case .automatic:
            if input.period == input.whole { inputs.months = Ratio(whole: Int64(input.months)) }
        case .asOneCycle: inputs.months = Ratio(whole: Int64(input.months))
        case .byDays: break
        }
        inputs.load = Power(milliwatts: Int64(input.service.sanctionedLoadWatts) * 1_000)
        inputs.optIn = input.service.optIn
        inputs.linesOn = input.service.optionalLines
        if let past = input.history.first {
            inputs.banked = past.surplus
            inputs.carriedIn = past.carried
        }
        return inputs
    }

    // MARK: Load curves

    /// Whether a version of a family may want to know something from a load curve.
    package func readsLoadCurve(_ family: String) -> Bool {
        versions[family]?.documents.contains(where: \.readsLoadCurve) ?? false
    }

    /// What the tariff bills by the load curve, where it does; refuses by name where the curve does not
    /// tell it.
    private func addCurve(
        of input: ServiceToBill,
        to inputs: inout RatingInputs
    ) throws(BillRefusal) -> BilledCurve? {
        let family = input.service.tariffFamily
        guard readsLoadCurve(family), let period = inputs.period else { return nil }
        let needs: CurveNeeds
        do {
            needs = try PeriodRating(try found(family), inputs).curveNeeds()
        } catch let refusal as BillRefusal {
            throw refusal
        } catch {
            throw BillRefusal("\(error)")
        }
        if let line = needs.exportLines.first {
            throw BillRefusal("line \"\(line)\" reads exported energy, which no meter here reports")
        }
        guard !needs.isEmpty else { return nil }
        let curve = try CurveBilling(
            needs: needs,
            period: period,
            energy: inputs.units,
            curves: input.curves
        ).billed()
        for (name, table) in curve.tables { inputs.parameters[name] = table }
        if let demand = curve.demand { inputs.demandVoltAmperes = demand.watts }
        return curve
    }

    // MARK: Bills to come

    /// The rating of a period that is not over: as a bill's, but what is not published yet goes on
    /// as it is, and is told.
    ///
    /// `tariff` stands for the service's own: a family, or the id of one document, which then holds
    /// whatever its dates.
    func coming(
        _ input: ServiceToBill,
        tariff: String? = nil
    ) throws(BillRefusal) -> (rating: PeriodRating, assumptions: [ForecastAssumption]) {
        do {
            let family = tariff ?? input.service.tariffFamily
            var inputs = plainInputs(input, .zero, .automatic)
            if versions[family] == nil, let tariff, let document = document(tariff) {
                inputs.linesOn = inputs.linesOn.filter(document.optionalLineIDs.contains)
                let assumptions = try addParameters(of: [document], to: &inputs, input.period)
                return (PeriodRating(document, inputs), assumptions)
            }
            let versions = try found(family)
            let bare = try PeriodRating(versions, inputs, continuing: true)
            if tariff != nil {
                let known = bare.documents.flatMap(\.optionalLineIDs)
                inputs.linesOn = inputs.linesOn.filter(known.contains)
            }
            var assumptions: [ForecastAssumption] = []
            if let last = bare.documents.last, let end = last.effectiveTo, end < input.period.last {
                assumptions.append(.tariffContinues(document: last.id, inForceTo: end))
            }
            assumptions += try addParameters(of: bare.documents, to: &inputs, input.period)
            return (try PeriodRating(versions, inputs, continuing: true), assumptions)
        } catch let refusal as BillRefusal {
            throw refusal
        } catch {
            throw BillRefusal("\(error)")
        }
    }

    private func document(_ id: String) -> TariffDocument? {
        for (_, versions) in versions {
            if let document = versions.documents.first(where: { $0.id == id }) { return document }
        }
        return nil
    }

    private func addParameters(
        of documents: [TariffDocument],
        to inputs: inout RatingInputs,
        _ period: BillingPeriod
    ) throws -> [ForecastAssumption] {
        guard let parameters else { return [] }
        var assumptions: [ForecastAssumption] = []
        for document in documents {
            let values = try parameters.values(for: document, during: period, continuing: true)
            inputs.parameters.merge(values.known) { first, _ in first }
            for one in values.continued {
                let assumption = ForecastAssumption.parameterContinues(
                    name: one.parameter,
                    knownTo: one.lastDay
                )
                if !assumptions.contains(assumption) { assumptions.append(assumption) }
            }
        }
        return assumptions
    }
}

extension Rating {
    /// Ids of the documents that priced the bill, in order, each once.
    var documentIDs: [String] {
        parts.count == 1 ? [parts[0].document.id] : parts.map(\.document.id).uniqued()
    }
}

/// The lines of a rating as a bill shows them; what rounding the total did is a line of its own
/// (R20), so that the lines always sum to the total.
package func billLines(_ rating: Rating) -> [BillLine] {
    var lines = rating.lines.map { line in
        BillLine(
            lineID: line.id,
            label: line.label,
            working: working(of: line, in: rating),
            amountExact: line.exact.rupeesText,
            amount: line.amount,
            slabs: rating.slabs(of: line).map { slab in
                BillSlab(
                    fromUnits: slab.from.text,
                    toUnits: slab.to?.text,
                    quantity: slab.quantity.text,
                    rate: slab.rate.text,
                    amountExact: slab.amount.rupeesText
                )
            },
            rounding: line.rounding.text
        )
    }
    let rounding = rating.total - rating.totalUnrounded
    if rounding != .zero {
        lines.append(
            BillLine(
                lineID: "rounding",
                label: "Rounding of the total",
                working: rating.carriedIn == .zero
                    ? "\(rating.totalUnrounded.plainText) to \(rating.total.plainText)"
                    : "\(rating.totalUnrounded.plainText) and \(rating.carriedIn.plainText) carried "
                        + "from the last bill, to \(rating.total.plainText)",
                amountExact: rounding.plainText,
                amount: rounding,
                slabs: [],
                rounding: rating.totalRoundingText
            )
        )
    }
    return lines
}

/// How a line's amount came about, as one would write it down.
private func working(of line: RatedLine, in rating: Rating) -> String {
    let slabs = rating.slabs(of: line).map { "\($0.quantity.text) × \($0.rate.text)" }
    let pieces = rating.pieces(of: line).map {
        "\($0.percentage.text) % of \($0.base.rupeesText)"
    }
    let parts = slabs + pieces
    guard !parts.isEmpty else { return line.exact.rupeesText }
    return parts.joined(separator: " + ") + " = " + line.exact.rupeesText
}

extension Array where Element: Hashable {
    /// Each element once, in the order of its first appearance.
    func uniqued() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}
