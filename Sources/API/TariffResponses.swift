import Billing
import Tariffs
import Units

/// A published tariff of the list.
struct TariffResponse: Encodable {
    var id: String
    var family: String
    var effectiveFrom: String
    var effectiveTo: String?
    /// SHA-256 of the document as it is served.
    var digest: String

    init(_ tariff: PublishedTariff) {
        id = tariff.id
        family = tariff.family
        effectiveFrom = tariff.effectiveFrom.description
        effectiveTo = tariff.effectiveTo?.description
        digest = hexadecimal(tariff.digest)
    }
}

/// A document that was published, now or before.
struct PublishedResponse: Encodable {
    var id: String
    var isNew: Bool
}

/// What a consumption would cost.
struct QuoteResponse: Encodable {
    /// A line of the quote.
    struct Line: Encodable {
        var id: String
        var label: String
        var amountPaise: Int64
        var amountExact: String
        var slabs: [SlabResponse]
    }

    var tariff: String
    var energyWattHours: Int64
    var lines: [Line]
    var totalPaise: Int64

    init(_ id: String, _ rating: Rating) {
        tariff = id
        energyWattHours = rating.units.wattHours
        lines = rating.lines.map { line in
            Line(
                id: line.id,
                label: line.label,
                amountPaise: line.amount.paise,
                amountExact: line.exact.rupeesText,
                slabs: rating.slabs(of: line).map { SlabResponse($0) }
            )
        }
        totalPaise = rating.total.paise
    }
}

/// A slab of a line; figures are exact decimals, as text.
struct SlabResponse: Encodable {
    var fromUnits: String
    var toUnits: String?
    var quantity: String
    var rate: String
    var amountExact: String

    init(_ slab: RatedSlab) {
        fromUnits = slab.from.text
        toUnits = slab.to?.text
        quantity = slab.quantity.text
        rate = slab.rate.text
        amountExact = slab.amount.rupeesText
    }

    init(_ slab: BillSlab) {
        fromUnits = slab.fromUnits
        toUnits = slab.toUnits
        quantity = slab.quantity
        rate = slab.rate
        amountExact = slab.amountExact
    }
}

/// Bytes as digits, as digests are written.
func hexadecimal(_ bytes: [UInt8]) -> String {
    var text = ""
    for byte in bytes {
        let digits = String(byte, radix: 16)
        text += digits.count < 2 ? "0\(digits)" : digits
    }
    return text
}
