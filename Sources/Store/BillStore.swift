package import Billing
package import Metering
import Postgres
package import Registry
package import Units

extension TenantTransaction {
    /// Stores a draft; nil when the service has a bill for this cycle already (R4).
    package func insert(_ content: BillContent) throws -> Bill.ID? {
        let rows = try connection.query(
            """
            insert into bill (tenant_id, service_id, cycle, period_first, period_last,
                consumer_number, consumer_name, service_number, address, category,
                tariff_documents, energy_wh, total_paise, missing_days, proof, proof_digest)
            values (\(tenant.value), \(content.service.value), \(content.cycle.description),
                \(content.period.first), \(content.period.last), \(content.consumerNumber),
                \(content.consumerName), \(content.serviceNumber), \(content.address),
                \(content.category), \(content.tariffDocuments.joined(separator: ",")),
                \(content.energy.wattHours), \(content.total.paise), \(content.missingDays),
                \(content.proof), \(Bytes(content.proofDigest)))
            on conflict on constraint bill_once do nothing
            returning bill_id
            """
        )
        guard let row = rows.first else { return nil }
        let id = Bill.ID(try row[0])
        try insertSegments(content.segments, bill: id)
        try insertLines(content.lines, bill: id)
        return id
    }

    private func insertSegments(_ segments: [ConsumptionSegment], bill: Bill.ID) throws {
        for (position, segment) in segments.enumerated() {
            try connection.execute(
                """
                insert into bill_segment (tenant_id, bill_id, position, meter_id, meter_serial,
                    multiplier, opening_at, opening_register_wh, closing_at, closing_register_wh,
                    energy_wh)
                values (\(tenant.value), \(bill.value), \(Int16(clamping: position)),
                    \(segment.meter.id.value), \(segment.meter.serial),
                    \(Int32(clamping: segment.meter.multiplier)), \(segment.opening.at),
                    \(segment.opening.register.wattHours), \(segment.closing.at),
                    \(segment.closing.register.wattHours), \(segment.energy.wattHours))
                """
            )
        }
    }

    private func insertLines(_ lines: [BillLine], bill: Bill.ID) throws {
        try connection.execute(
            """
            insert into bill_line (tenant_id, bill_id, position, line_id, label, working,
                amount_exact, amount_paise)
            select \(tenant.value), \(bill.value), l.* from unnest(
                \(lines.indices.map { Int16(clamping: $0) }), \(lines.map(\.lineID)),
                \(lines.map(\.label)), \(lines.map(\.working)), \(lines.map(\.amountExact)),
                \(lines.map(\.amount.paise))) as l
            """
        )
        let slabs = lines.enumerated().flatMap { line, content in
            content.slabs.enumerated().map { (line, $0.offset, $0.element) }
        }
        guard !slabs.isEmpty else { return }
        try connection.execute(
            """
            insert into bill_slab (tenant_id, bill_id, line_position, position, from_units,
                to_units, quantity, rate, amount_exact)
            select \(tenant.value), \(bill.value), s.* from unnest(
                \(slabs.map { Int16(clamping: $0.0) }), \(slabs.map { Int16(clamping: $0.1) }),
                \(slabs.map(\.2.fromUnits)), \(slabs.map(\.2.toUnits)),
                \(slabs.map(\.2.quantity)), \(slabs.map(\.2.rate)),
                \(slabs.map(\.2.amountExact))) as s
            """
        )
    }

    /// The next bill number of a year, taken in this transaction: no gap, no race (R6).
    package func nextBillNumber(year: Int) throws -> Int {
        let rows = try connection.query(
            """
            insert into bill_number_series (tenant_id, year, last_number)
            values (\(tenant.value), \(Int32(clamping: year)), 1)
            on conflict on constraint bill_number_series_pkey
                do update set last_number = bill_number_series.last_number + 1
            returning last_number
            """
        )
        return Int(try firstRow(rows, "bill number series")[0] as Int32)
    }

    /// Issues a draft and books it: receivable against revenue, in the same transaction.
    package func issue(
        _ bill: Bill.ID,
        service: Service.ID,
        number: String,
        total: Money,
        at: Instant,
        dueOn: CivilDate
    ) throws {
        let changed = try connection.execute(
            """
            update bill set state = 'issued', number = \(number), issued_at = \(at),
                due_on = \(dueOn)
            where tenant_id = \(tenant.value) and bill_id = \(bill.value) and state = 'draft'
            """
        )
        guard changed == 1 else {
            throw StateConflict("bill_not_draft", "the bill is not a draft")
        }
        let rows = try connection.query(
            """
            insert into ledger_transaction (tenant_id, kind, bill_id)
            values (\(tenant.value), 'bill', \(bill.value)) returning transaction_id
            """
        )
        let transaction: Int64 = try firstRow(rows, "ledger transaction")[0]
        try connection.execute(
            """
            insert into ledger_entry (tenant_id, transaction_id, position, account, service_id,
                amount_paise)
            values (\(tenant.value), \(transaction), 0, 'receivable', \(service.value),
                    \(total.paise)),
                (\(tenant.value), \(transaction), 1, 'revenue', \(service.value),
                    \((-total).paise))
            """
        )
    }

    /// What a service owes by the ledger.
    package func balance(of service: Service.ID) throws -> Money {
        let value: Int64? = try connection.query(
            """
            select coalesce(sum(amount_paise), 0)::int8 from ledger_entry
            where tenant_id = \(tenant.value) and service_id = \(service.value)
                and account = 'receivable'
            """
        ).first?[0]
        return Money(paise: value ?? 0)
    }

    /// What the ledger has booked for a bill.
    package func ledgerAmount(of bill: Bill.ID) throws -> Money? {
        let value: Int64? = try connection.query(
            """
            select e.amount_paise from ledger_transaction t
            join ledger_entry e on e.tenant_id = t.tenant_id
                and e.transaction_id = t.transaction_id and e.account = 'receivable'
            where t.tenant_id = \(tenant.value) and t.bill_id = \(bill.value)
            """
        ).first?[0]
        return value.map { Money(paise: $0) }
    }

    /// What the issued bill of the cycle just before closed with on a meter; nil when there is none.
    package func lastBilledRegister(
        of meter: Meter.ID,
        service: Service.ID,
        before date: CivilDate
    ) throws -> RegisterReading? {
        try connection.query(
            """
            select g.closing_at, g.closing_register_wh from bill b
            join bill_segment g on g.tenant_id = b.tenant_id and g.bill_id = b.bill_id
            where b.tenant_id = \(tenant.value) and b.service_id = \(service.value)
                and b.state = 'issued' and b.period_last = \(date.adding(days: -1))
                and g.meter_id = \(meter.value)
            """
        ).first.map { try RegisterReading(row: $0) }
    }
}
