package import Metering
package import Registry
package import Tariffs
package import Units

/// Why a service gets no bill in a run: by name, never a guess.
package struct BillRefusal: Error, Sendable, Hashable {
    package let reason: String

    package init(_ reason: String) { self.reason = reason }
}

/// The published tariffs of an office, decoded once for a whole run.
package struct TariffShelf: Sendable {
    private let versions: [String: TariffVersions]
    private let digests: [String: [UInt8]]

    /// Decodes published documents; their overlaps are refused when they are published.
    package init(_ published: [PublishedTariff]) throws {
        var byFamily: [String: [TariffDocument]] = [:]
        var digests: [String: [UInt8]] = [:]
        for tariff in published {
            let document = try TariffDocument.load(Array(tariff.body.utf8))
            byFamily[document.family, default: []].append(document)
            digests[document.id] = tariff.digest
        }
        var versions: [String: TariffVersions] = [:]
        for (family, documents) in byFamily { versions[family] = try TariffVersions(documents) }
        self.versions = versions
        self.digests = digests
    }

    /// Prices a period by the versions in force on its days.
    ///
    /// `months`: whole months the period stands for; 0 where it is cut by days.
    package func price(
        family: String,
        inputs: RatingInputs
    ) throws(BillRefusal) -> Rating {
        guard let versions = versions[family] else {
            throw BillRefusal("no tariff of family \(family) is published")
        }
        do {
            return try rate(versions, inputs)
        } catch {
            throw BillRefusal(error.description)
        }
    }

    /// The bill of a service for a cycle: party, tariff and figures copied in.
    package func bill(
        _ service: Service,
        cycle: CivilMonth,
        period: BillingPeriod,
        cycleMonths: Int,
        consumption: Consumption
    ) throws(BillRefusal) -> BillContent {
        let energy = consumption.energy
        var inputs = RatingInputs(units: energy, months: cycleMonths)
        inputs.period = period
        inputs.load = Power(milliwatts: Int64(service.sanctionedLoadWatts) * 1_000)
        let rating = try price(family: service.tariffFamily, inputs: inputs)
        var content = BillContent(
            service: service.id,
            cycle: cycle,
            period: period,
            consumerNumber: service.consumerNumber,
            consumerName: service.consumerName,
            serviceNumber: service.number,
            address: service.address,
            category: service.category,
            tariffDocuments: rating.parts.map(\.document.id).uniqued(),
            segments: consumption.segments,
            missingDays: dayRanges(consumption.missingDays),
            lines: billLines(rating),
            total: rating.total,
            proof: "",
            proofDigest: []
        )
        let proof = BillProof(
            content: content,
            rating: rating,
            months: cycleMonths,
            digests: digests
        )
        content.proof = proof.json
        content.proofDigest = sha256(Array(proof.json.utf8))
        return content
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
            }
        )
    }
    let rounding = rating.total - rating.totalUnrounded
    if rounding != .zero {
        lines.append(
            BillLine(
                lineID: "rounding",
                label: "Rounding of the total",
                working: "\(rating.totalUnrounded.plainText) to \(rating.total.plainText)",
                amountExact: rounding.plainText,
                amount: rounding,
                slabs: []
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
