import Billing
import Metering
import Units

/// A bill as it is read: what was measured, what each line is, what is due.
struct BillPage: Sendable {
    /// What one meter showed at both ends.
    struct Segment: Sendable {
        let meter: String
        let openingAt: String
        let opening: String
        let closingAt: String
        let closing: String
        let openingUnit: String
        let closingUnit: String
        let multiplier: String?
        let used: String
    }

    /// A slab in whole words.
    struct Slab: Sendable {
        let span: String
        let quantity: String
        let rate: String
        let amount: String
    }

    /// A charge with its working.
    struct Line: Sendable {
        let label: String
        let amount: String
        let working: String?
        let slabs: [Slab]
        let hasSlabs: Bool
    }

    /// A correction that was issued for this bill.
    struct NoteRow: Sendable {
        let title: String
        let amount: String
        let issued: String
        let reason: String
    }

    /// What the bill is while it is not issued.
    let state: String?
    /// What a reader must know before the figures.
    let remarks: [String]
    let notes: [NoteRow]
    let hasNotes: Bool
    let standing: String
    /// Where the bill with its proof can be had; nil for a draft.
    let file: String?
    let number: String?
    let issued: String?
    let due: String?
    let period: String
    let units: String
    let totalLabel: String
    let total: String
    let consumerName: String
    let consumerNumber: String
    let serviceNumber: String
    let serviceAddress: String
    let place: String
    let category: String
    let segments: [Segment]
    let missingDays: String?
    let lines: [Line]
    let tariffs: String
    let digest: String

    init(_ bill: Bill, notes: [Note] = [], wording: Wording) {
        let content = bill.content
        state =
            switch bill.state {
            case .issued: nil
            case .draft: "Draft, not issued"
            case .held: "Held for approval"
            case .approved: "Approved, not issued"
            }
        remarks = remarksOf(bill)
        let issued = notes.filter { $0.state == .issued }
        self.notes = issued.map { note in
            NoteRow(
                title: "\(note.amount < .zero ? "Credit" : "Debit") note \(note.number ?? "")",
                amount: note.amount.formatted,
                issued: note.issuedAt.map { wording.zone.date(of: $0).text } ?? "",
                reason: note.reason
            )
        }
        hasNotes = !issued.isEmpty
        let change = issued.flatMap(\.items).filter { $0.bill == bill.id }
            .reduce(Money.zero) { $0 + $1.rebooked - $1.reversed }
        standing = (content.total + change).formatted
        file = bill.state == .issued ? bill.number.map { "/bills/\(pathPiece($0))/file" } : nil
        number = bill.number
        self.issued = bill.issuedAt.map { wording.zone.date(of: $0).text }
        due = bill.dueOn?.text
        period = "\(content.period.text), \(counted(content.period.days, "day"))"
        units = "\(content.energy.exactText) kWh"
        totalLabel = content.total < .zero ? "In your favour" : "To pay"
        total = (content.total < .zero ? -content.total : content.total).formatted
        consumerName = content.consumerName
        consumerNumber = content.consumerNumber
        serviceNumber = content.serviceNumber
        serviceAddress = "/services/" + pathPiece(content.serviceNumber)
        place = content.address
        category = content.category
        segments = content.segments.map { Segment($0, zone: wording.zone) }
        missingDays = content.missingDays.isEmpty ? nil : readableDayRanges(content.missingDays)
        lines = content.lines.map(Line.init)
        tariffs = content.tariffDocuments.joined(separator: ", ")
        digest = content.proofDigest.map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }
}

/// Estimates, fairness and exceptions, in sentences.
private func remarksOf(_ bill: Bill) -> [String] {
    let content = bill.content
    var remarks: [String] = []
    if content.kind == .final { remarks.append("This is the final bill.") }
    if content.basis == .provisional {
        remarks.append(
            "Nobody could read the meter: the units are estimated. When it is read, every rupee too "
                + "much or too little is settled by a note."
        )
    } else if content.segments.contains(where: { $0.closing.isEstimated }) {
        remarks.append(
            "The meter was read after the cycle had ended; its units are shared by days, and the "
                + "rest is on the next bill."
        )
    }
    if let asPrinted = content.asPrinted {
        remarks.append(
            "The meter was read late. As one printed bill the same units would cost "
                + "\(asPrinted.formatted); with slabs for the real days you pay "
                + "\(content.total.formatted)."
        )
    }
    remarks += content.curve?.sentences.map { $0 + "." } ?? []
    if bill.state == .held || bill.state == .approved {
        remarks += bill.holds.map { "Held: \($0.reason)" }
    }
    return remarks
}

extension BillPage.Segment {
    init(_ segment: ConsumptionSegment, zone: OfficeZone) {
        meter = segment.meter.serial
        openingAt = edge(segment.opening.at, zone: zone)
        opening = segment.opening.register.exactText
        openingUnit = segment.opening.isEstimated ? "kWh, estimated" : "kWh"
        closingAt = edge(segment.closing.at, zone: zone)
        closing = segment.closing.register.exactText
        closingUnit = segment.closing.isEstimated ? "kWh, estimated" : "kWh"
        multiplier = segment.meter.multiplier == 1 ? nil : grouped(Int64(segment.meter.multiplier))
        used = segment.energy.exactText
    }
}

/// The instant a register was read: midnight belongs to the day that ends.
private func edge(_ instant: Instant, zone: OfficeZone) -> String {
    let day = zone.date(of: instant)
    if zone.start(of: day) == instant { return "End of \(day.adding(days: -1).text)" }
    return Wording(zone: zone, now: instant).fullTime(instant)
}

extension BillPage.Line {
    init(_ line: BillLine) {
        label = line.label
        amount = line.amount.formatted
        // Slabs are shown as a table; their working would only repeat it.
        let repeats = !line.slabs.isEmpty && !line.working.contains("%")
        working = repeats || line.working == line.amountExact ? nil : line.working
        slabs = line.slabs.map { slab in
            BillPage.Slab(
                span: slabSpan(from: slab.fromUnits, to: slab.toUnits),
                quantity: groupedDecimal(slab.quantity),
                rate: slab.rate,
                amount: groupedDecimal(slab.amountExact)
            )
        }
        hasSlabs = !slabs.isEmpty
    }
}

/// A decimal as bills keep it, with its whole part grouped.
private func groupedDecimal(_ text: String) -> String {
    let sign = text.hasPrefix("-") ? "−" : ""
    let parts = text.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
    guard let whole = parts.first else { return text }
    return sign + indianGrouping(whole) + (parts.count > 1 ? ".\(parts[1])" : "")
}

/// `up to 100`, `above 100 to 200`, `above 500`.
private func slabSpan(from: String, to: String?) -> String {
    guard let to else { return from == "0" ? "all" : "above \(groupedDecimal(from))" }
    return from == "0"
        ? "up to \(groupedDecimal(to))" : "\(groupedDecimal(from)) to \(groupedDecimal(to))"
}
