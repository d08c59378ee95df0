package import Billing
import Metering
import Postgres
package import Registry
package import Units

/// A bill to be stored, with its number where it is issued at once.
package struct NewBill: Sendable {
    package var id: Bill.ID
    package var content: BillContent
    package var holds: [BillHold]
    package var state: BillState
    package var issue: BillIssue?

    package init(
        id: Bill.ID,
        content: BillContent,
        holds: [BillHold],
        state: BillState,
        issue: BillIssue?
    ) {
        self.id = id
        self.content = content
        self.holds = holds
        self.state = state
        self.issue = issue
    }
}

/// What issuing gives a bill.
package struct BillIssue: Hashable, Sendable {
    package var number: String
    package var at: Instant
    package var dueOn: CivilDate

    package init(number: String, at: Instant, dueOn: CivilDate) {
        self.number = number
        self.at = at
        self.dueOn = dueOn
    }
}

/// A bill that a cycle has already, as far as a rerun must know it.
package struct StandingBill: Sendable {
    package var id: Bill.ID
    package var state: BillState
    package var basis: BillBasis
    package var digest: [UInt8]
    package var holds: [BillHold]
    package var total: Money
    package var consumer: Consumer.ID?
    package var period: BillingPeriod?
}

/// A document to be booked: what its consumer owes more, or less.
package struct Posting: Sendable {
    package var service: Service.ID
    /// Who owes it: the consumer of the document, also after they moved out.
    package var consumer: Consumer.ID?
    package var bill: Bill.ID?
    package var note: Note.ID?
    package var amount: Money

    package init(
        service: Service.ID,
        consumer: Consumer.ID?,
        bill: Bill.ID?,
        note: Note.ID?,
        amount: Money
    ) {
        self.service = service
        self.consumer = consumer
        self.bill = bill
        self.note = note
        self.amount = amount
    }
}

extension TenantTransaction {
    /// Keys for bills that are about to be stored.
    package func nextBillIDs(_ count: Int) throws -> [Bill.ID] {
        guard count > 0 else { return [] }
        return try connection.query(
            """
            select nextval(pg_get_serial_sequence('bill', 'bill_id'))
            from generate_series(1, \(Int32(clamping: count)))
            """
        ).map { Bill.ID(Int32(clamping: try $0[0] as Int64)) }
    }

    /// The bills that services have for a cycle.
    ///
    /// `limit` keeps the planner from reading every bill of the cycle, which a run would do for each
    /// chunk.
    package func standingBills(
        of services: [Service.ID],
        cycle: CivilMonth
    ) throws -> [Service.ID: [BillKind: StandingBill]] {
        var result: [Service.ID: [BillKind: StandingBill]] = [:]
        for row in try connection.query(
            """
            select b.service_id, b.kind, b.bill_id, b.state, b.proof_digest, b.total_paise, b.basis,
                b.consumer_id, b.period_first, b.period_last, b.holds
            from unnest(\(services.map(\.value))) as w (service_id)
            cross join lateral (
                select * from bill where tenant_id = \(tenant.value)
                    and service_id = w.service_id and cycle = \(cycle.description)
                limit \(Int32(clamping: BillKind.allCases.count))
            ) b
            """
        ) {
            let digest: Bytes = try row[4]
            let kind = try known(BillKind.self, try row[1])
            let id = Bill.ID(try row[2])
            guard let holds = BillHold.list(try row[10]) else { throw DamagedBill(id: id) }
            result[Service.ID(try row[0]), default: [:]][kind] = StandingBill(
                id: id,
                state: try known(BillState.self, try row[3]),
                basis: try known(BillBasis.self, try row[6]),
                digest: digest.bytes,
                holds: holds,
                total: Money(paise: try row[5]),
                consumer: (try row[7] as Int32?).map { Consumer.ID($0) },
                period: BillingPeriod(first: try row[8], last: try row[9])
            )
        }
        return result
    }

    /// Takes back bills that are not issued, with their notes; the database refuses any other.
    package func withdraw(_ bills: [Bill.ID]) throws {
        guard !bills.isEmpty else { return }
        let ids = bills.map(\.value)
        try connection.execute(
            """
            delete from bill_note_item where tenant_id = \(tenant.value) and note_id in (
                select note_id from bill_note where tenant_id = \(tenant.value)
                    and trues_up_bill_id = any(\(ids)) and state = 'draft')
            """
        )
        try connection.execute(
            """
            delete from bill_note where tenant_id = \(tenant.value)
                and trues_up_bill_id = any(\(ids)) and state = 'draft'
            """
        )
        for sql: SQL in [
            "delete from bill_line where tenant_id = \(tenant.value) and bill_id = any(\(ids))",
            "delete from bill_segment where tenant_id = \(tenant.value) and bill_id = any(\(ids))",
            "delete from bill where tenant_id = \(tenant.value) and bill_id = any(\(ids))",
        ] {
            try connection.execute(sql)
        }
    }

    /// Stores bills, drafts and issued ones, with their segments and lines.
    ///
    /// Throws `StateConflict` when a service has a bill of this cycle and kind already (R4).
    package func insert(_ bills: [NewBill], draftedBy: String) throws {
        guard !bills.isEmpty else { return }
        let contents = bills.map(\.content)
        try connection.execute(
            """
            insert into bill (tenant_id, drafted_by, bill_id, service_id, consumer_id, cycle, kind,
                basis, state, holds, number, issued_at, due_on, period_first, period_last,
                consumer_number, consumer_name, service_number, address, category,
                tariff_documents, energy_wh, total_paise, surplus_wh, carried_paise,
                as_printed_paise, missing_days, proof, proof_digest)
            select \(tenant.value), \(draftedBy), b.* from unnest(
                \(bills.map(\.id.value)), \(contents.map(\.service.value)),
                \(contents.map { $0.consumer?.value }), \(contents.map(\.cycle.description)),
                \(contents.map(\.kind.rawValue)), \(contents.map(\.basis.rawValue)),
                \(bills.map(\.state.rawValue)), \(bills.map { BillHold.text($0.holds) }),
                \(bills.map { $0.issue?.number }), \(bills.map { $0.issue?.at }),
                \(bills.map { $0.issue?.dueOn }), \(contents.map(\.period.first)),
                \(contents.map(\.period.last)), \(contents.map(\.consumerNumber)),
                \(contents.map(\.consumerName)), \(contents.map(\.serviceNumber)),
                \(contents.map(\.address)), \(contents.map(\.category)),
                \(contents.map { $0.tariffDocuments.joined(separator: ",") }),
                \(contents.map(\.energy.wattHours)), \(contents.map(\.total.paise)),
                \(contents.map(\.surplus.wattHours)), \(contents.map(\.carried.paise)),
                \(contents.map { $0.asPrinted?.paise }), \(contents.map(\.missingDays)),
                \(contents.map(\.proof)), \(contents.map { Bytes($0.proofDigest) })) as b
            """
        )
        try insertSegments(bills)
        try insertLines(bills)
    }

    private func insertSegments(_ bills: [NewBill]) throws {
        let rows = bills.flatMap { bill in
            bill.content.segments.enumerated().map { (bill.id, $0.offset, $0.element) }
        }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            insert into bill_segment (tenant_id, bill_id, position, meter_id, meter_serial,
                register_digits, multiplier, opening_at, opening_register_wh, opening_estimated,
                closing_at, closing_register_wh, closing_estimated, energy_wh)
            select \(tenant.value), s.* from unnest(
                \(rows.map(\.0.value)), \(rows.map { Int16(clamping: $0.1) }),
                \(rows.map(\.2.meter.id.value)), \(rows.map(\.2.meter.serial)),
                \(rows.map { Int16(clamping: $0.2.meter.registerDigits) }),
                \(rows.map { Int32(clamping: $0.2.meter.multiplier) }),
                \(rows.map(\.2.opening.at)), \(rows.map(\.2.opening.register.wattHours)),
                \(rows.map(\.2.opening.isEstimated)), \(rows.map(\.2.closing.at)),
                \(rows.map(\.2.closing.register.wattHours)),
                \(rows.map(\.2.closing.isEstimated)), \(rows.map(\.2.energy.wattHours))) as s
            """
        )
    }

    private func insertLines(_ bills: [NewBill]) throws {
        let rows = bills.flatMap { bill in
            bill.content.lines.enumerated().map { (bill.id, $0.offset, $0.element) }
        }
        guard !rows.isEmpty else { return }
        try connection.execute(
            """
            insert into bill_line (tenant_id, bill_id, position, line_id, label, working,
                amount_exact, amount_paise)
            select \(tenant.value), l.* from unnest(
                \(rows.map(\.0.value)), \(rows.map { Int16(clamping: $0.1) }),
                \(rows.map(\.2.lineID)), \(rows.map(\.2.label)), \(rows.map(\.2.working)),
                \(rows.map(\.2.amountExact)), \(rows.map(\.2.amount.paise))) as l
            """
        )
    }

    /// The first of so many numbers of a year's series, taken in this transaction: no gap, no
    /// race (R6).
    package func takeNumbers(_ series: NumberSeries, year: Int, count: Int) throws -> Int {
        let rows = try connection.query(
            """
            insert into bill_number_series (tenant_id, series, year, last_number)
            values (\(tenant.value), \(series.rawValue), \(Int32(clamping: year)),
                \(Int32(clamping: count)))
            on conflict on constraint bill_number_series_pkey
                do update set last_number = bill_number_series.last_number
                    + \(Int32(clamping: count))
            returning last_number
            """
        )
        return Int(try firstRow(rows, "number series")[0] as Int32) - count + 1
    }

    /// Issues bills that stand as drafts or approved.
    package func issue(_ bills: [(id: Bill.ID, issue: BillIssue)]) throws {
        guard !bills.isEmpty else { return }
        let changed = try connection.execute(
            """
            update bill b set state = 'issued', number = i.number, issued_at = i.at,
                due_on = i.due_on
            from unnest(\(bills.map(\.id.value)), \(bills.map(\.issue.number)),
                \(bills.map(\.issue.at)), \(bills.map(\.issue.dueOn)))
                as i (bill_id, number, at, due_on)
            where b.tenant_id = \(tenant.value) and b.bill_id = i.bill_id
                and b.state in ('draft', 'approved')
            """
        )
        guard changed == bills.count else {
            throw StateConflict("bill_not_draft", "a bill is neither a draft nor approved")
        }
    }

    /// Says yes to a bill that waits; false when it does not wait any more.
    package func approve(_ bill: Bill.ID, by name: String, at: Instant, reason: String) throws
        -> Bool
    {
        try connection.execute(
            """
            update bill set state = 'approved', approved_by = \(name), approved_at = \(at),
                approval_reason = \(reason)
            where tenant_id = \(tenant.value) and bill_id = \(bill.value)
                and state in ('draft', 'held')
            """
        ) == 1
    }

    // MARK: Ledger and notices

    /// Books documents: receivable against revenue, two entries each.
    package func post(_ postings: [Posting]) throws {
        guard !postings.isEmpty else { return }
        let ids: [Int64] = try connection.query(
            """
            select nextval(pg_get_serial_sequence('ledger_transaction', 'transaction_id'))
            from generate_series(1, \(Int32(clamping: postings.count)))
            """
        ).map { try $0[0] }
        try connection.execute(
            """
            insert into ledger_transaction (tenant_id, transaction_id, kind, bill_id, note_id)
            select \(tenant.value), p.id,
                case when p.note_id is null then 'bill' else 'note' end, p.bill_id, p.note_id
            from unnest(\(ids), \(postings.map { $0.bill?.value }),
                \(postings.map { $0.note?.value })) as p (id, bill_id, note_id)
            """
        )
        try connection.execute(
            """
            insert into ledger_entry (tenant_id, transaction_id, position, account, service_id,
                consumer_id, amount_paise)
            select \(tenant.value), p.id, side.position, side.account, p.service_id,
                p.consumer_id, side.sign * p.amount
            from unnest(\(ids), \(postings.map(\.service.value)),
                \(postings.map { $0.consumer?.value }), \(postings.map(\.amount.paise)))
                as p (id, service_id, consumer_id, amount)
            cross join (values (0::int2, 'receivable', 1), (1::int2, 'revenue', -1))
                as side (position, account, sign)
            """
        )
        try connection.execute(
            """
            insert into notice (tenant_id, kind, service_id, bill_id, note_id)
            select \(tenant.value),
                case when p.note_id is null then 'bill_issued' else 'note_issued' end, p.*
            from unnest(\(postings.map(\.service.value)), \(postings.map { $0.bill?.value }),
                \(postings.map { $0.note?.value })) as p (service_id, bill_id, note_id)
            """
        )
    }

    /// What is owed for a service by the ledger: by one of its consumers, and by all others who had
    /// it before.
    package func balance(
        of service: Service.ID,
        consumer: Consumer.ID
    ) throws -> (own: Money, others: Money) {
        let rows = try connection.query(
            """
            select coalesce(sum(amount_paise)
                    filter (where coalesce(consumer_id, \(consumer.value)) = \(consumer.value)),
                    0)::int8,
                coalesce(sum(amount_paise) filter (where consumer_id <> \(consumer.value)),
                    0)::int8
            from ledger_entry
            where tenant_id = \(tenant.value) and service_id = \(service.value)
                and account = 'receivable'
            """
        )
        let row = try firstRow(rows, "ledger")
        return (Money(paise: try row[0]), Money(paise: try row[1]))
    }

    /// What all services of the office owe by the ledger.
    package func receivables() throws -> Money {
        let rows = try connection.query(
            """
            select coalesce(sum(amount_paise), 0)::int8 from ledger_entry
            where tenant_id = \(tenant.value) and account = 'receivable'
            """
        )
        return Money(paise: try firstRow(rows, "ledger")[0])
    }

    /// What the ledger has booked for a bill.
    package func ledgerAmount(of bill: Bill.ID) throws -> Money? {
        let value: Int64? = try connection.query(
            """
            select e.amount_paise from ledger_transaction t
            join ledger_entry e on e.tenant_id = t.tenant_id
                and e.transaction_id = t.transaction_id and e.account = 'receivable'
            where t.tenant_id = \(tenant.value) and t.bill_id = \(bill.value)
                and t.kind = 'bill'
            """
        ).first?[0]
        return value.map { Money(paise: $0) }
    }
}
