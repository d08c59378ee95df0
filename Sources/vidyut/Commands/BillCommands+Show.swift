import ArgumentParser
import Billing
import Metering
import Registry
import Units
import UseCases

extension BillCommands {
    /// `vidyut bill show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a bill with its registers, lines and working."
        )

        @Argument(help: "Number of the bill, or the id of a draft.")
        var bill: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, name) = (options.json, bill)
            try await options.withOffice { useCases, office, caller in
                let bill = try await useCases.showBills.show(name, by: caller)
                let notes = try await allPages {
                    try await useCases.showBills.notes($0, bill: name, by: caller)
                }
                if asJSON { return try Output.json(WholeBillEntry(bill, notes: notes)) }
                Terminal.print("\(office.name)")
                printBill(bill, zone: office.zone)
                printNotes(notes, on: bill)
            }
        }
    }
}

/// The notes on a bill, and what stands with those that are issued.
private func printNotes(_ notes: [Note], on bill: Bill) {
    guard !notes.isEmpty else { return }
    Terminal.print("")
    Output.table(
        ["Note", "Cause", "State", "Amount>", "Reason"],
        notes.reversed().map {
            [
                $0.number ?? "draft \($0.id.value)", $0.cause.rawValue, $0.state.rawValue,
                $0.amount.formatted, $0.reason,
            ]
        },
        none: ""
    )
    Terminal.print(
        "The bill stands at \((bill.content.total + change(of: bill, by: notes)).formatted)."
    )
}

/// What issued notes changed of a bill.
private func change(of bill: Bill, by notes: [Note]) -> Money {
    notes.filter { $0.state == .issued }.flatMap(\.items).filter { $0.bill == bill.id }
        .reduce(Money.zero) { $0 + $1.rebooked - $1.reversed }
}

/// An instant as the office's clocks show it; the midnight that ends a day belongs to that day.
private func localTime(_ instant: Instant, _ zone: OfficeZone) -> String {
    let day = zone.date(of: instant)
    let seconds = instant.secondsSince1970 - zone.start(of: day).secondsSince1970
    guard seconds > 0 else { return "\(day.adding(days: -1)) 24:00" }
    let (hours, minutes) = (seconds / 3_600, seconds / 60 % 60)
    return "\(day) \(hours < 10 ? "0" : "")\(hours):\(minutes < 10 ? "0" : "")\(minutes)"
}

private func printBill(_ bill: Bill, zone: OfficeZone) {
    let content = bill.content
    Output.pairs([
        ("Bill", bill.number ?? "draft \(bill.id.value)"),
        ("Issued", bill.issuedAt?.description), ("Due", bill.dueOn?.description),
        ("Consumer", "\(content.consumerNumber) \(content.consumerName)"),
        ("Service", "\(content.serviceNumber), \(content.category)"),
        ("Address", content.address), ("Cycle", "\(content.cycle) (\(content.period))"),
        ("Tariff", content.tariffDocuments.joined(separator: ", ")),
        ("Days missing", content.missingDays),
        ("State", bill.state == .issued ? nil : bill.state.rawValue),
        ("Kind", content.kind == .final ? "final bill" : nil),
        ("Basis", content.basis == .provisional ? "provisional: estimated, to be trued up" : nil),
        ("Held", bill.holds.map(\.reason).joined(separator: "; ")),
        ("Approved", bill.approval.map { "by \($0.by) at \($0.at): \($0.reason)" }),
        (
            "As printed",
            content.asPrinted.map {
                "\($0.formatted) without scaled slabs; you save \(($0 - content.total).formatted)"
            }
        ),
    ])
    Terminal.print("")
    Output.table(
        ["Meter", "From", "kWh>", "To", "kWh>", "Used kWh>"],
        content.segments.map {
            [
                $0.meter.serial, localTime($0.opening.at, zone),
                $0.opening.register.kilowattHoursText + ($0.opening.isEstimated ? " est." : ""),
                localTime($0.closing.at, zone),
                $0.closing.register.kilowattHoursText + ($0.closing.isEstimated ? " est." : ""),
                $0.energy.kilowattHoursText,
            ]
        },
        none: ""
    )
    Terminal.print("")
    var rows: [[String]] = []
    for line in content.lines {
        rows.append([line.label, "", line.amount.formatted])
        if let working = line.percentageWorking { rows.append(["", working, ""]) }
        for slab in line.slabs {
            let end = slab.toUnits.map { " to \($0)" } ?? " and above"
            rows.append([
                "  \(slab.fromUnits)\(end)",
                "\(slab.quantity) × \(slab.rate) = \(slab.amountExact)", "",
            ])
        }
    }
    rows.append([
        "Total for \(content.energy.kilowattHoursText) units", "", content.total.formatted,
    ])
    Output.table(["Line", "Working>", "Amount>"], rows, none: "")
    for sentence in content.curve?.sentences ?? [] { Terminal.print("\(sentence).") }
}

extension BillLine {
    /// What no slab shows: the base and rate of percentages, the amount before rounding, and the rule
    /// that rounds it.
    fileprivate var percentageWorking: String? {
        let isRounded = amountExact != amount.plainText
        let rule = rounding.map { ", rounded \($0)" } ?? (isRounded ? ", rounded" : "")
        if working.contains("%") { return working + rule }
        if lineID == "rounding" { return working + (rounding.map { ", \($0.dropFirst(3))" } ?? "") }
        return isRounded ? amountExact + rule : nil
    }
}

/// A whole bill as JSON.
private struct WholeBillEntry: Encodable {
    struct Segment: Encodable {
        let meter: String
        let openedAt: String
        let openingRegisterWattHours: Int64
        let closedAt: String
        let closingRegisterWattHours: Int64
        let energyWattHours: Int64
    }

    struct Slab: Encodable {
        let fromUnits: String
        let toUnits: String?
        let quantityUnits: String
        let rateRupees: String
        let amountExact: String
    }

    struct Line: Encodable {
        let id: String
        let label: String
        let working: String
        let amountExact: String
        let amountPaise: Int64
        let rounding: String?
        let slabs: [Slab]
    }

    let id: Int32
    let number: String?
    let state: String
    let issuedAt: String?
    let dueOn: String?
    let cycle: String
    let from: String
    let to: String
    let consumer: String
    let consumerName: String
    let service: String
    let tariffs: [String]
    let missingDays: String
    let energyWattHours: Int64
    let segments: [Segment]
    let lines: [Line]
    let totalPaise: Int64
    let proofDigest: String
    let kind: String
    let basis: String
    let holds: [String]
    let approvedBy: String?
    let asPrintedPaise: Int64?
    /// What the load curve told, where the tariff bills by it.
    let loadCurve: [String]?
    let notes: [NoteEntry]
    /// The bill with its issued notes.
    let standingPaise: Int64

    struct NoteEntry: Encodable {
        let id: Int32
        let number: String?
        let cause: String
        let state: String
        let amountPaise: Int64
        let reason: String
    }

    init(_ bill: Bill, notes: [Note]) {
        self.notes = notes.map {
            NoteEntry(
                id: $0.id.value,
                number: $0.number,
                cause: $0.cause.rawValue,
                state: $0.state.rawValue,
                amountPaise: $0.amount.paise,
                reason: $0.reason
            )
        }
        standingPaise = (bill.content.total + change(of: bill, by: notes)).paise
        let content = bill.content
        id = bill.id.value
        number = bill.number
        state = bill.state.rawValue
        issuedAt = bill.issuedAt?.description
        dueOn = bill.dueOn?.description
        cycle = content.cycle.description
        from = content.period.first.description
        to = content.period.last.description
        consumer = content.consumerNumber
        consumerName = content.consumerName
        service = content.serviceNumber
        tariffs = content.tariffDocuments
        missingDays = content.missingDays
        energyWattHours = content.energy.wattHours
        segments = content.segments.map {
            Segment(
                meter: $0.meter.serial,
                openedAt: $0.opening.at.description,
                openingRegisterWattHours: $0.opening.register.wattHours,
                closedAt: $0.closing.at.description,
                closingRegisterWattHours: $0.closing.register.wattHours,
                energyWattHours: $0.energy.wattHours
            )
        }
        lines = content.lines.map { line in
            Line(
                id: line.lineID,
                label: line.label,
                working: line.working,
                amountExact: line.amountExact,
                amountPaise: line.amount.paise,
                rounding: line.rounding,
                slabs: line.slabs.map {
                    Slab(
                        fromUnits: $0.fromUnits,
                        toUnits: $0.toUnits,
                        quantityUnits: $0.quantity,
                        rateRupees: $0.rate,
                        amountExact: $0.amountExact
                    )
                }
            )
        }
        totalPaise = content.total.paise
        kind = content.kind.rawValue
        basis = content.basis.rawValue
        holds = bill.holds.map(\.reason)
        approvedBy = bill.approval?.by
        asPrintedPaise = content.asPrinted?.paise
        loadCurve = content.curve?.sentences
        proofDigest = content.proofDigest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            .joined()
    }
}
