package import Billing
import Postgres
package import Registry
package import Units

extension TenantTransaction {
    /// Stores the draft of a note with what it reverses and rebooks.
    ///
    /// `truesUp`: the actual bill that it is issued with.
    package func insert(
        _ note: Note,
        consumer: Consumer.ID?,
        truesUp: Bill.ID?,
        proof: String,
        digest: [UInt8]
    ) throws -> Note.ID {
        let rows = try connection.query(
            """
            insert into bill_note (tenant_id, service_id, consumer_id, cause, reason, amount_paise,
                trues_up_bill_id, drafted_by, drafted_at, proof, proof_digest)
            values (\(tenant.value), \(note.service.value), \(consumer?.value),
                \(note.cause.rawValue), \(note.reason), \(note.amount.paise), \(truesUp?.value),
                \(note.draftedBy), \(note.draftedAt), \(proof), \(Bytes(digest)))
            returning note_id
            """
        )
        let id = Note.ID(try firstRow(rows, "note")[0])
        try connection.execute(
            """
            insert into bill_note_item (tenant_id, note_id, position, bill_id, reversed_paise,
                rebooked_paise, energy_wh, content)
            select \(tenant.value), \(id.value), i.* from unnest(
                \(note.items.indices.map { Int16(clamping: $0) }),
                \(note.items.map(\.bill.value)), \(note.items.map(\.reversed.paise)),
                \(note.items.map(\.rebooked.paise)), \(note.items.map(\.energy.wattHours)),
                \(note.items.map(\.content))) as i
            """
        )
        return id
    }

    /// Issues a draft note; the caller posts it.
    package func issue(_ note: Note.ID, number: String, at: Instant, approvedBy: String) throws {
        let changed = try connection.execute(
            """
            update bill_note set state = 'issued', number = \(number), issued_at = \(at),
                approved_by = \(approvedBy), approved_at = \(at)
            where tenant_id = \(tenant.value) and note_id = \(note.value) and state = 'draft'
            """
        )
        guard changed == 1 else {
            throw StateConflict("note_not_draft", "the note is not a draft any more")
        }
    }

    /// Takes a draft note back.
    package func withdraw(_ note: Note.ID) throws {
        let changed = try connection.execute(
            """
            update bill_note set state = 'withdrawn'
            where tenant_id = \(tenant.value) and note_id = \(note.value) and state = 'draft'
            """
        )
        guard changed == 1 else {
            throw StateConflict("note_not_draft", "the note is not a draft any more")
        }
    }

    /// A note by key, with its items.
    package func note(_ id: Note.ID) throws -> Note? {
        try connection.query(
            """
            \(fragment: selectNote) where n.tenant_id = \(tenant.value)
                and n.note_id = \(id.value)
            """
        ).first.map(wholeNote)
    }

    /// A note by the number printed on it.
    package func note(number: String) throws -> Note? {
        try connection.query(
            "\(fragment: selectNote) where n.tenant_id = \(tenant.value) and n.number = \(number)"
        ).first.map(wholeNote)
    }

    /// Whom a note is for; the consumer of its service where the note does not say.
    package func consumer(of note: Note.ID) throws -> Consumer.ID? {
        try connection.query(
            """
            select coalesce(n.consumer_id, s.consumer_id) from bill_note n
            join service s on s.tenant_id = n.tenant_id and s.service_id = n.service_id
            where n.tenant_id = \(tenant.value) and n.note_id = \(note.value)
            """
        ).first.map { Consumer.ID(try $0[0]) }
    }

    /// The draft notes that are issued with these bills.
    package func draftTrueUps(of bills: [Bill.ID]) throws -> [Note] {
        try connection.query(
            """
            \(fragment: selectNote) where n.tenant_id = \(tenant.value)
                and n.trues_up_bill_id = any(\(bills.map(\.value))) and n.state = 'draft'
            order by n.note_id
            """
        ).map(wholeNote)
    }

    /// Notes of the office, newest first, before the given one; of one service or bill where
    /// asked.
    package func notes(
        service: Service.ID? = nil,
        bill: Bill.ID? = nil,
        consumer: Consumer.ID? = nil,
        issuedOnly: Bool = false,
        before: Note.ID?,
        limit: Int
    ) throws -> [Note] {
        try connection.query(
            """
            \(fragment: selectNote) where n.tenant_id = \(tenant.value)
                and (\(before?.value)::int4 is null or n.note_id < \(before?.value))
                and (\(service?.value)::int4 is null or n.service_id = \(service?.value))
                and (\(consumer?.value)::int4 is null
                    or coalesce(n.consumer_id, s.consumer_id) = \(consumer?.value))
                and (not \(issuedOnly) or n.state = 'issued')
                and (\(bill?.value)::int4 is null or exists (select from bill_note_item i
                    where i.tenant_id = n.tenant_id and i.note_id = n.note_id
                        and i.bill_id = \(bill?.value)))
            order by n.note_id desc limit \(Int32(clamping: limit))
            """
        ).map(wholeNote)
    }

    /// Whether a bill has a note that waits.
    package func hasDraftNote(_ bill: Bill.ID) throws -> Bool {
        try !notes(bill: bill, before: nil, limit: 50).filter { $0.state == .draft }.isEmpty
    }

    /// A bill with its issued notes, in paise.
    package func standing(_ bill: Bill.ID) throws -> Money {
        let rows = try connection.query(
            """
            select b.total_paise + coalesce((select sum(i.rebooked_paise - i.reversed_paise)
                from bill_note_item i join bill_note n
                    on n.tenant_id = i.tenant_id and n.note_id = i.note_id
                where i.tenant_id = b.tenant_id and i.bill_id = b.bill_id
                    and n.state = 'issued'), 0)::int8
            from bill b where b.tenant_id = \(tenant.value) and b.bill_id = \(bill.value)
            """
        )
        return Money(paise: try firstRow(rows, "bill")[0])
    }

    /// Locks a bill for the rest of the transaction, so that two notes on it take turns.
    package func lock(_ bill: Bill.ID) throws {
        try connection.execute(
            """
            select from bill where tenant_id = \(tenant.value) and bill_id = \(bill.value)
            for no key update
            """
        )
    }

    private func wholeNote(_ row: Row) throws -> Note {
        var note = try Note(row: row)
        note.items = try connection.query(
            """
            select i.bill_id, coalesce(b.number, ''), b.cycle, b.period_first, b.period_last,
                i.reversed_paise, i.rebooked_paise, i.energy_wh, i.content
            from bill_note_item i
            join bill b on b.tenant_id = i.tenant_id and b.bill_id = i.bill_id
            where i.tenant_id = \(tenant.value) and i.note_id = \(note.id.value)
            order by i.position
            """
        ).map { row in
            let id = Bill.ID(try row[0])
            guard let period = BillingPeriod(first: try row[3], last: try row[4]) else {
                throw DamagedBill(id: id)
            }
            return NoteItem(
                bill: id,
                billNumber: try row[1],
                cycle: try row[2],
                period: period,
                reversed: Money(paise: try row[5]),
                rebooked: Money(paise: try row[6]),
                energy: Energy(wattHours: try row[7]),
                content: try row[8]
            )
        }
        return note
    }
}

private let selectNote: SQL = """
    select n.note_id, n.service_id, s.number, n.cause, n.reason, n.state, n.number,
        n.amount_paise, n.drafted_by, n.drafted_at, n.approved_by, n.issued_at
    from bill_note n
    join service s on s.tenant_id = n.tenant_id and s.service_id = n.service_id
    """

extension Note {
    init(row: Row) throws {
        self.init(
            id: ID(try row[0]),
            service: Service.ID(try row[1]),
            serviceNumber: try row[2],
            cause: try known(NoteCause.self, try row[3]),
            reason: try row[4],
            state: try known(NoteState.self, try row[5]),
            number: try row[6],
            amount: Money(paise: try row[7]),
            draftedBy: try row[8],
            draftedAt: try row[9],
            approvedBy: try row[10],
            issuedAt: try row[11]
        )
    }
}
