import Units

/// A rated bill as JSON: money in paise, energy in watt-hours, exact fractions as texts such as
/// `"115000/3"`.
package enum TariffJSON {
    /// The rating as one line of JSON.
    package static func text(_ rating: Rating) -> String {
        String(decoding: value(rating).bytes(), as: UTF8.self)
    }

    /// The rating as a JSON value, for a caller that puts it into a larger one.
    package static func value(_ rating: Rating) -> JSONValue {
        .object([
            JSONMember("tariff", .string(rating.document.id)),
            JSONMember("family", .string(rating.document.family)),
            JSONMember("unitsWattHours", .integer(rating.units.wattHours)),
            JSONMember("surplusWattHours", .integer(rating.surplus.wattHours)),
            JSONMember("parts", .array(rating.parts.map(part))),
            JSONMember("lines", .array(rating.lines.map { line($0, rating) })),
            JSONMember(
                "leftOut",
                .array(
                    rating.leftOut.map {
                        .object([
                            JSONMember("id", .string($0.id)),
                            JSONMember("reason", .string($0.reason.description)),
                        ])
                    }
                )
            ),
            JSONMember("totalUnroundedPaise", .integer(rating.totalUnrounded.paise)),
            JSONMember("carriedInPaise", .integer(rating.carriedIn.paise)),
            JSONMember("totalPaise", .integer(rating.total.paise)),
            JSONMember("roundingCarryPaise", .integer(rating.roundingCarry.paise)),
            JSONMember(
                "totalRounding",
                rounding(rating.document.total.stepPaise, rating.document.total.mode)
            ),
        ])
    }

    private static func part(_ part: RatedPart) -> JSONValue {
        var members = [JSONMember("tariff", .string(part.document.id))]
        if let period = part.period { members += days(period) }
        return .object(
            members + [
                JSONMember("share", .string(part.share.description)),
                JSONMember("unitsWattHours", .string(part.units.exactText)),
                JSONMember("baseMonths", .integer(part.document.baseMonths)),
                JSONMember("factor", .string(part.factor.description)),
                JSONMember("wholeMonths", .integer(part.months)),
                JSONMember("fixedFactor", .string(part.fixedFactor.description)),
            ]
        )
    }

    private static func days(_ period: BillingPeriod) -> [JSONMember] {
        [
            JSONMember("from", .string(period.first.description)),
            JSONMember("to", .string(period.last.description)),
        ]
    }

    private static func rounding(_ step: Int64, _ mode: RoundingMode) -> JSONValue {
        .object([
            JSONMember("stepPaise", .integer(step)), JSONMember("mode", .string(mode.rawValue)),
        ])
    }

    private static func line(_ line: RatedLine, _ rating: Rating) -> JSONValue {
        var members = [
            JSONMember("id", .string(line.id)), JSONMember("label", .string(line.label)),
            JSONMember("part", .integer(line.part)),
            JSONMember("amountPaise", .integer(line.amount.paise)),
            JSONMember("exactPaise", .string(line.exact.description)),
            JSONMember("rounding", rounding(line.rounding.stepPaise, line.rounding.mode)),
        ]
        let slabs = rating.slabs(of: line)
        if !slabs.isEmpty {
            let isCharge = line.line.chargesLoad
            members.append(
                JSONMember(
                    isCharge ? "charges" : "slabs",
                    .array(slabs.map { slab($0, isCharge: isCharge) })
                )
            )
        }
        let pieces = rating.pieces(of: line)
        if !pieces.isEmpty { members.append(JSONMember("percentages", .array(pieces.map(piece)))) }
        return .object(members)
    }

    private static func slab(_ slab: RatedSlab, isCharge: Bool) -> JSONValue {
        var members: [JSONMember] = []
        if isCharge {
            members.append(JSONMember("quantityThousandths", .string(slab.quantity.exactText)))
        } else {
            members.append(JSONMember("fromWattHours", .string(slab.from.exactText)))
            members.append(
                JSONMember("toWattHours", slab.to.map { .string($0.exactText) } ?? .null)
            )
            members.append(JSONMember("quantityWattHours", .string(slab.quantity.exactText)))
        }
        return .object(
            members + [
                JSONMember("rateRupees", .string(slab.rate.text)),
                JSONMember("exactPaise", .string(slab.amount.description)),
            ]
        )
    }

    private static func piece(_ piece: RatedPiece) -> JSONValue {
        .object(
            (piece.period.map(days) ?? []) + [
                JSONMember("basePaise", .string(piece.base.description)),
                JSONMember("percent", .string(piece.percentage.text)),
                JSONMember("exactPaise", .string(piece.amount.description)),
            ]
        )
    }
}

extension TariffLine {
    /// Whether the working counts kW, kVA or connections rather than units.
    var chargesLoad: Bool {
        switch form {
        case .band(let line): line.bands[0].basis != .unit
        case .minimum(let line):
            if case .charge(let floor) = line.floor { floor.bands[0].basis != .unit } else { false }
        case .demand: true
        case .blocks, .like, .perUnit, .percent, .windows, .freeUnits, .cases, .timeOfDay,
            .powerFactor:
            false
        }
    }
}
