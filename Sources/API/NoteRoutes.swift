import Billing
import Hummingbird
import Registry
import Units
import UseCases
import Web

/// Credit and debit notes: how an issued bill is corrected without being changed.
struct NoteRoutes: Sendable {
    let useCases: UseCaseSet

    /// What a person may write; a true-up comes with its bill.
    private enum Kind: String, CaseIterable {
        case correction, adjustment
    }

    func add(to group: RouterGroup<WebContext>) {
        group.get("notes") { request, context in
            var query = QueryFields(request)
            let service = query.text("service")
            let bill = query.text("bill")
            let page = try query.page()
            try query.finish()
            let caller = try context.officeCaller()
            let notes = try await useCases.showBills.notes(
                page,
                serviceNumber: service,
                bill: bill,
                by: caller
            )
            return try Response.json(ListResponse(notes) { NoteResponse($0, for: caller) })
        }
        group.get("notes/{id}") { _, context in
            let caller = try context.officeCaller()
            let note = try await useCases.showBills.note(context.pathParameter("id"), by: caller)
            return try Response.json(NoteResponse(note, for: caller))
        }
        group.post("bills/{id}/notes") { request, context in try await write(request, context) }
        group.post("notes/{id}/issue") { request, context in
            let caller = try context.officeCaller()
            try caller.require(.manager)
            let id = try noteID(context)
            return try await useCases.answers(
                request,
                key: .optional,
                status: .ok,
                by: caller
            ) { _ in
                NoteResponse(try await useCases.writeNotes.issue(id, by: caller), for: caller)
            }
        }
        group.delete("notes/{id}") { _, context in
            try await useCases.writeNotes.withdraw(noteID(context), by: context.officeCaller())
            return Response(status: .noContent)
        }
    }

    /// A note that is not issued has no number yet.
    private func noteID(_ context: WebContext) throws -> Note.ID {
        let name = try context.pathParameter("id")
        guard let id = Int32(name) else { throw NotFound("note '\(name)'") }
        return Note.ID(id)
    }

    private func write(_ request: Request, _ context: WebContext) async throws -> Response {
        let caller = try context.officeCaller()
        try caller.require(.manager, .clerk)
        let bill = try context.pathParameter("id")
        return try await useCases.answers(
            request,
            key: .required,
            status: .created,
            by: caller
        ) { body in
            var fields = try BodyFields(bytes: body)
            let kind = fields.word("kind", else: Kind.correction)
            let reason = fields.text("reason")
            let note: Note
            switch kind {
            case .adjustment:
                let amount = Money(paise: Int64(fields.integer("amountPaise")))
                try fields.finish()
                note = try await useCases.writeNotes.adjust(
                    bill,
                    amount: amount,
                    reason: reason,
                    by: caller
                )
            case .correction:
                if fields.optionalInteger("amountPaise") != nil {
                    fields.refuse("amountPaise", "for an adjustment only; a correction is computed")
                }
                try fields.finish()
                note = try await useCases.writeNotes.rebook(bill, reason: reason, by: caller)
            }
            return NoteResponse(note, for: caller)
        }
    }
}

/// A note on the wire.
struct NoteResponse: Encodable {
    /// A bill that the note reverses and rebooks.
    struct Item: Encodable {
        var bill: String
        var cycle: String
        var period: BillRunResponse.Period
        var reversedPaise: Int64
        var rebookedPaise: Int64
        var energyWattHours: Int64

        init(_ item: NoteItem) {
            bill = item.billNumber.isEmpty ? "\(item.bill.value)" : item.billNumber
            cycle = item.cycle
            period = BillRunResponse.Period(item.period)
            reversedPaise = item.reversed.paise
            rebookedPaise = item.rebooked.paise
            energyWattHours = item.energy.wattHours
        }
    }

    var id: Int32
    var number: String?
    var state: String
    var kind: String
    var service: String
    /// To be paid when positive, credited when negative.
    var amountPaise: Int64
    var reason: String
    var issuedAt: String?
    /// Who wrote it and who issued it; for staff only.
    var draftedBy: String?
    var draftedAt: String
    var approvedBy: String?
    var items: [Item]

    init(_ note: Note, for caller: Caller) {
        id = note.id.value
        number = note.number
        state = note.state.rawValue
        kind = note.cause.rawValue
        service = note.serviceNumber
        amountPaise = note.amount.paise
        reason = note.reason
        issuedAt = note.issuedAt?.description
        draftedBy = caller.isStaff ? note.draftedBy : nil
        draftedAt = note.draftedAt.description
        approvedBy = caller.isStaff ? note.approvedBy : nil
        items = note.items.map { Item($0) }
    }
}
