import Metering
import Tariffs
import Units

/// Everything a bill's figures were computed from, as JSON with sorted keys: readings, tariff
/// documents with their digests, every intermediate figure.
struct BillProof {
    let json: String

    init(content: BillContent, rating: Rating, months: Int, digests: [String: [UInt8]]) {
        let value = JSONValue.object([
            JSONMember("format", .string("vidyut-bill-proof-1")),
            JSONMember("service", .string(content.serviceNumber)),
            JSONMember("cycle", .string(content.cycle.description)),
            JSONMember("periodFirst", .string(content.period.first.description)),
            JSONMember("periodLast", .string(content.period.last.description)),
            JSONMember("months", .integer(months)),
            JSONMember("segments", .array(content.segments.map(BillProof.segment))),
            JSONMember("missingDays", .string(content.missingDays)),
            JSONMember(
                "tariffs",
                .array(
                    content.tariffDocuments.map { id in
                        .object([
                            JSONMember("id", .string(id)),
                            JSONMember("sha256", .string(hexadecimal(digests[id] ?? []))),
                        ])
                    }
                )
            ),
            JSONMember("factor", .string(rating.factor.description)),
            JSONMember("energyWattHours", .integer(content.energy.wattHours)),
            JSONMember("lines", .array(content.lines.map(BillProof.line))),
            JSONMember("totalPaise", .integer(content.total.paise)),
        ])
        json = String(decoding: value.bytes(sortedKeys: true), as: UTF8.self)
    }

    private static func segment(_ segment: ConsumptionSegment) -> JSONValue {
        .object([
            JSONMember("meter", .string(segment.meter.serial)),
            JSONMember("multiplier", .integer(segment.meter.multiplier)),
            JSONMember("openingAt", .string(segment.opening.at.description)),
            JSONMember("openingWattHours", .integer(segment.opening.register.wattHours)),
            JSONMember("closingAt", .string(segment.closing.at.description)),
            JSONMember("closingWattHours", .integer(segment.closing.register.wattHours)),
            JSONMember("energyWattHours", .integer(segment.energy.wattHours)),
        ])
    }

    private static func line(_ line: BillLine) -> JSONValue {
        .object([
            JSONMember("id", .string(line.lineID)),
            JSONMember("working", .string(line.working)),
            JSONMember("amountExact", .string(line.amountExact)),
            JSONMember("amountPaise", .integer(line.amount.paise)),
            JSONMember(
                "slabs",
                .array(
                    line.slabs.map { slab in
                        .object([
                            JSONMember("from", .string(slab.fromUnits)),
                            JSONMember("to", slab.toUnits.map { .string($0) } ?? .null),
                            JSONMember("quantity", .string(slab.quantity)),
                            JSONMember("rate", .string(slab.rate)),
                            JSONMember("amountExact", .string(slab.amountExact)),
                        ])
                    }
                )
            ),
        ])
    }
}
