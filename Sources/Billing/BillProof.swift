import Metering
import Tariffs
import Units

/// Everything a bill's figures were computed from, and every figure on the way, as JSON in a fixed
/// order: registers with digests, tariff documents with digests, lines with their slabs.
struct BillProof {
    static let format = "vidyut-proof-4"
    /// Formats that are still verified; 3 did not hold the rounding of lines and the load curve, 2 nor
    /// the party.
    static let knownFormats = [format, "vidyut-proof-3", "vidyut-proof-2"]

    let json: JSONValue

    init(
        content: BillContent,
        inputs: RatingInputs,
        rating: Rating,
        digests: [String: String],
        estimate: Estimate?,
        trueUp: [Rebooking] = []
    ) {
        var members = [
            JSONMember("format", .string(BillProof.format)),
            JSONMember("service", .string(content.serviceNumber)),
            JSONMember("consumer", .string(content.consumerNumber)),
            JSONMember("consumerName", .string(content.consumerName)),
            JSONMember("address", .string(content.address)),
            JSONMember("category", .string(content.category)),
            JSONMember("kind", .string(content.kind.rawValue)),
            JSONMember("basis", .string(content.basis.rawValue)),
            JSONMember("cycle", .string(content.cycle.description)),
            JSONMember("registers", .array(content.segments.map(BillProof.segment))),
            JSONMember("missingDays", .string(content.missingDays)),
        ]
        if let curve = content.curve { members.append(JSONMember("loadCurve", curve.json)) }
        if let estimate { members.append(JSONMember("estimate", BillProof.estimate(estimate))) }
        members += [
            JSONMember("inputs", inputs.json),
            JSONMember(
                "tariffs",
                .array(
                    content.tariffDocuments.map { id in
                        .object([
                            JSONMember("id", .string(id)),
                            JSONMember("sha256", .string(digests[id] ?? "")),
                        ])
                    }
                )
            ),
        ]
        members += BillProof.figures(rating, lines: content.lines)
        if let asPrinted = content.asPrinted {
            members.append(JSONMember("asPrintedPaise", .integer(asPrinted.paise)))
        }
        if !trueUp.isEmpty {
            members.append(JSONMember("trueUp", .array(trueUp.map(BillProof.rebooking))))
        }
        json = .object(members)
    }

    private static func rebooking(_ rebooking: Rebooking) -> JSONValue {
        .object([
            JSONMember("cycle", .string(rebooking.content.cycle.description)),
            JSONMember("reversedPaise", .integer(rebooking.reversed.paise)),
            JSONMember("rebookedPaise", .integer(rebooking.content.total.paise)),
            JSONMember("sha256", .string(hexadecimal(rebooking.content.proofDigest))),
        ])
    }

    /// What the rating came to: the part that a verification computes again.
    static func figures(_ rating: Rating, lines: [BillLine]) -> [JSONMember] {
        [
            JSONMember("parts", .array(rating.parts.map(part))),
            JSONMember("lines", .array(lines.map(line))),
            JSONMember("sumPaise", .integer(rating.totalUnrounded.paise)),
            JSONMember("surplusWattHours", .integer(rating.surplus.wattHours)),
            JSONMember("totalPaise", .integer(rating.total.paise)),
        ]
    }

    private static func estimate(_ estimate: Estimate) -> JSONValue {
        .object([
            JSONMember("method", .string(estimate.method.rawValue)),
            JSONMember("cycles", .array(estimate.cycles.map { .string($0) })),
            JSONMember("energyWattHours", .integer(estimate.base.wattHours)),
            JSONMember("energyDays", .integer(estimate.baseDays)),
            JSONMember("days", .integer(estimate.days)),
        ])
    }

    private static func segment(_ segment: ConsumptionSegment) -> JSONValue {
        .object([
            JSONMember("meter", .string(segment.meter.serial)),
            JSONMember("digits", .integer(segment.meter.registerDigits)),
            JSONMember("multiplier", .integer(segment.meter.multiplier)),
            JSONMember("opening", reading(segment.opening, of: segment.meter)),
            JSONMember("closing", reading(segment.closing, of: segment.meter)),
            JSONMember("energyWattHours", .integer(segment.energy.wattHours)),
        ])
    }

    /// A register with the id it is found by, meter and instant, and its digest.
    private static func reading(_ reading: RegisterReading, of meter: Meter) -> JSONValue {
        let at = reading.at.description
        return .object([
            JSONMember("id", .string("\(meter.serial)@\(at)")),
            JSONMember("wattHours", .integer(reading.register.wattHours)),
            JSONMember("origin", .string(reading.isEstimated ? "estimated" : "read")),
            JSONMember(
                "sha256",
                .string(
                    readingDigest(
                        id: "\(meter.serial)@\(at)",
                        wattHours: reading.register.wattHours,
                        isEstimated: reading.isEstimated
                    )
                )
            ),
        ])
    }

    /// SHA-256 of `id|watt-hours|origin`.
    static func readingDigest(id: String, wattHours: Int64, isEstimated: Bool) -> String {
        hexadecimal(
            sha256(Array("\(id)|\(wattHours)|\(isEstimated ? "estimated" : "read")".utf8))
        )
    }

    private static func part(_ part: RatedPart) -> JSONValue {
        var members = [JSONMember("tariff", .string(part.document.id))]
        if let period = part.period {
            members.append(JSONMember("from", .string(period.first.description)))
            members.append(JSONMember("to", .string(period.last.description)))
        }
        return .object(
            members + [
                JSONMember("share", .string(part.share.description)),
                JSONMember("factor", .string(part.factor.description)),
                JSONMember("units", .string(part.units.text)),
            ]
        )
    }

    private static func line(_ line: BillLine) -> JSONValue {
        .object(
            [
                JSONMember("id", .string(line.lineID)),
                JSONMember("label", .string(line.label)),
                JSONMember("working", .string(line.working)),
                JSONMember("amountExact", .string(line.amountExact)),
            ]
                + (line.rounding.map { [JSONMember("rounding", .string($0))] } ?? [])
                + [
                    JSONMember("amountPaise", .integer(line.amount.paise)),
                    JSONMember("slabs", .array(line.slabs.map(slab))),
                ]
        )
    }

    private static func slab(_ slab: BillSlab) -> JSONValue {
        .object([
            JSONMember("from", .string(slab.fromUnits)),
            JSONMember("to", slab.toUnits.map { .string($0) } ?? .null),
            JSONMember("quantity", .string(slab.quantity)),
            JSONMember("rate", .string(slab.rate)),
            JSONMember("amountExact", .string(slab.amountExact)),
        ])
    }
}
