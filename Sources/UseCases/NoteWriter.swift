import Billing
import Registry
import Store
import Tariffs
import Units

/// The rebookings of a bill's true-up that concern one consumer, as a note needs them.
struct Rebooked {
    let service: Service.ID
    let consumer: Consumer.ID?
    let serviceNumber: String
    let items: [Rebooking]

    /// One for each consumer whose estimates the bill settles: who moved out gets a note of their
    /// own.
    static func byConsumer(_ made: MadeBill) -> [Rebooked] {
        var result: [Rebooked] = []
        for item in made.trueUp {
            let earlier = result.last { $0.consumer == item.content.consumer }?.items ?? []
            result.removeAll { $0.consumer == item.content.consumer }
            result.append(
                Rebooked(
                    service: made.content.service,
                    consumer: item.content.consumer,
                    serviceNumber: made.content.serviceNumber,
                    items: earlier + [item]
                )
            )
        }
        return result
    }
}

/// Writes notes into an open transaction: drafts them, and issues them with number, ledger and
/// notice.
struct NoteWriter {
    let office: Office
    let by: String
    let now: Instant

    /// The true-up that is issued with an actual bill.
    func draft(
        _ rebooked: Rebooked,
        with bill: Bill.ID,
        in transaction: TenantTransaction
    ) throws -> Note {
        let cycles = rebooked.items.map(\.content.cycle.description).joined(separator: ", ")
        return try draft(
            cause: .trueUp,
            reason: "registers read after the provisional bills of \(cycles)",
            service: rebooked.service,
            serviceNumber: rebooked.serviceNumber,
            consumer: rebooked.consumer,
            items: rebooked.items.map { NoteItem($0) },
            truesUp: bill,
            in: transaction
        )
    }

    /// A note on one or several bills of a service.
    func draft(
        cause: NoteCause,
        reason: String,
        service: Service.ID,
        serviceNumber: String,
        consumer: Consumer.ID?,
        items: [NoteItem],
        truesUp: Bill.ID? = nil,
        in transaction: TenantTransaction
    ) throws -> Note {
        let amount = items.reduce(Money.zero) { $0 + $1.rebooked - $1.reversed }
        var note = Note(
            id: Note.ID(0),
            service: service,
            serviceNumber: serviceNumber,
            cause: cause,
            reason: reason,
            state: .draft,
            amount: amount,
            draftedBy: by,
            draftedAt: now,
            items: items
        )
        let proof = note.proofText
        note.id = try transaction.insert(
            note,
            consumer: consumer,
            truesUp: truesUp,
            proof: proof,
            digest: sha256(Array(proof.utf8))
        )
        return note
    }

    /// Gives a draft its number and books it.
    func issue(_ note: Note, in transaction: TenantTransaction) throws {
        let year = office.zone.date(of: now).components.year
        let series = Note.series(of: note.amount)
        let number = try transaction.takeNumbers(series, year: year, count: 1)
        try transaction.issue(
            note.id,
            number: office.documentNumber(series, year: year, number),
            at: now,
            approvedBy: by
        )
        try transaction.post([
            Posting(
                service: note.service,
                consumer: try transaction.consumer(of: note.id),
                bill: nil,
                note: note.id,
                amount: note.amount
            )
        ])
    }
}

extension NoteItem {
    /// The bill as it stood, and as it was computed anew.
    init(_ rebooking: Rebooking) {
        self.init(
            bill: rebooking.bill,
            billNumber: "",
            cycle: rebooking.content.cycle.description,
            period: rebooking.content.period,
            reversed: rebooking.reversed,
            rebooked: rebooking.content.total,
            energy: rebooking.content.energy,
            content: rebooking.content.proof
        )
    }
}
