package import Billing
import Metering
import Postgres
package import Registry
import Units

/// Which bills of an office are asked for; nil means all.
package struct BillFilter: Sendable {
    package var cycle: String?
    package var service: Service.ID?
    package var consumer: Consumer.ID?
    package var state: BillState?
    /// Only bills that an exception of this kind holds.
    package var hold: BillHold.Code?

    package init(
        cycle: String? = nil,
        service: Service.ID? = nil,
        consumer: Consumer.ID? = nil,
        state: BillState? = nil,
        hold: BillHold.Code? = nil
    ) {
        self.cycle = cycle
        self.service = service
        self.consumer = consumer
        self.state = state
        self.hold = hold
    }
}

extension TenantTransaction {
    /// Bills, newest first, before the given one.
    package func bills(_ filter: BillFilter, before: Bill.ID?, limit: Int) throws
        -> [BillSummary]
    {
        try connection.query(
            """
            select b.bill_id, b.number, b.state, b.service_number, b.consumer_name, b.cycle,
                b.period_first, b.period_last, b.energy_wh, b.total_paise, b.due_on, b.basis, b.holds
            from bill b
            join service s on s.tenant_id = b.tenant_id and s.service_id = b.service_id
            where b.tenant_id = \(tenant.value)
                and (\(before?.value)::int4 is null or b.bill_id < \(before?.value))
                and (\(filter.cycle)::text is null or b.cycle = \(filter.cycle))
                and (\(filter.service?.value)::int4 is null
                    or b.service_id = \(filter.service?.value))
                and (\(filter.consumer?.value)::int4 is null
                    or coalesce(b.consumer_id, s.consumer_id) = \(filter.consumer?.value))
                and (\(filter.hold?.rawValue)::text is null
                    or b.holds like '%"code":"' || \(filter.hold?.rawValue) || '"%')
                and (\(filter.state?.rawValue)::text is null or b.state = \(filter.state?.rawValue))
            order by b.bill_id desc limit \(Int32(clamping: limit))
            """
        ).map(BillSummary.init(row:))
    }

    /// A bill by key, with its lines, slabs and segments.
    package func bill(_ id: Bill.ID) throws -> Bill? {
        let rows = try connection.query(
            """
            \(fragment: selectBill) where tenant_id = \(tenant.value) and bill_id = \(id.value)
            """
        )
        return try rows.first.map(completed)
    }

    /// A bill by the number printed on it.
    package func bill(number: String) throws -> Bill? {
        let rows = try connection.query(
            "\(fragment: selectBill) where tenant_id = \(tenant.value) and number = \(number)"
        )
        return try rows.first.map(completed)
    }

    private func completed(_ row: Row) throws -> Bill {
        var bill = try Bill(row: row)
        bill.content.segments = try segments(of: [bill.id])[bill.id] ?? []
        let proof = StoredProof(bill.content.proof)
        bill.content.lines = try lines(of: bill, proof)
        bill.content.curve = proof?.curve
        return bill
    }

    /// The segments of bills, by meter in order.
    func segments(of bills: [Bill.ID]) throws -> [Bill.ID: [ConsumptionSegment]] {
        var result: [Bill.ID: [ConsumptionSegment]] = [:]
        guard !bills.isEmpty else { return result }
        for row in try connection.query(
            """
            select b.meter_id, b.meter_serial, b.register_digits, b.multiplier, m.channels,
                b.opening_at, b.opening_register_wh, b.opening_estimated, b.closing_at,
                b.closing_register_wh, b.closing_estimated, b.energy_wh, b.bill_id
            from bill_segment b
            join meter m on m.tenant_id = b.tenant_id and m.meter_id = b.meter_id
            where b.tenant_id = \(tenant.value) and b.bill_id = any(\(bills.map(\.value)))
            order by b.bill_id, b.position
            """
        ) {
            result[Bill.ID(try row[12]), default: []].append(
                ConsumptionSegment(
                    meter: try Meter(row: row),
                    opening: RegisterReading(
                        at: try row[5],
                        register: Energy(wattHours: try row[6]),
                        isEstimated: try row[7]
                    ),
                    closing: RegisterReading(
                        at: try row[8],
                        register: Energy(wattHours: try row[9]),
                        isEstimated: try row[10]
                    ),
                    energy: Energy(wattHours: try row[11])
                )
            )
        }
        return result
    }

    /// The lines of a bill, with the slabs that its proof holds.
    private func lines(of bill: Bill, _ proof: StoredProof?) throws -> [BillLine] {
        let slabs = proof?.slabs ?? []
        let roundings = proof?.roundings ?? []
        return try connection.query(
            """
            select line_id, label, working, amount_exact, amount_paise from bill_line
            where tenant_id = \(tenant.value) and bill_id = \(bill.id.value) order by position
            """
        ).enumerated().map { index, row in
            BillLine(
                lineID: try row[0],
                label: try row[1],
                working: try row[2],
                amountExact: try row[3],
                amount: Money(paise: try row[4]),
                slabs: slabs.indices.contains(index) ? slabs[index] : [],
                rounding: roundings.indices.contains(index) ? roundings[index] : nil
            )
        }
    }
}

private let selectBill: SQL = """
    select bill_id, state, number, issued_at, due_on, service_id, cycle, period_first,
        period_last, consumer_number, consumer_name, service_number, address, category,
        tariff_documents, missing_days, total_paise, proof, proof_digest, consumer_id, kind, basis,
        energy_wh, surplus_wh, carried_paise, as_printed_paise, holds, drafted_by, approved_by,
        approved_at, approval_reason
    from bill
    """

/// A stored bill that breaks an invariant: the database was changed by other hands.
struct DamagedBill: Error {
    let id: Bill.ID
}

extension Bill {
    init(row: Row) throws {
        let id = ID(try row[0])
        guard let cycle = CivilMonth(try row[6] as String),
            let period = BillingPeriod(first: try row[7], last: try row[8])
        else { throw DamagedBill(id: id) }
        let documents: String = try row[14]
        let digest: Bytes = try row[18]
        let consumer: Int32? = try row[19]
        let printed: Int64? = try row[25]
        guard let holds = BillHold.list(try row[26]) else { throw DamagedBill(id: id) }
        var approval: Approval?
        if let by: String = try row[28], let at: Instant = try row[29] {
            approval = Approval(by: by, at: at, reason: try row[30])
        }
        self.init(
            id: id,
            state: try known(BillState.self, try row[1]),
            number: try row[2],
            issuedAt: try row[3],
            dueOn: try row[4],
            holds: holds,
            draftedBy: try row[27],
            approval: approval,
            content: BillContent(
                service: Service.ID(try row[5]),
                consumer: consumer.map { Consumer.ID($0) },
                kind: try known(BillKind.self, try row[20]),
                basis: try known(BillBasis.self, try row[21]),
                cycle: cycle,
                period: period,
                consumerNumber: try row[9],
                consumerName: try row[10],
                serviceNumber: try row[11],
                address: try row[12],
                category: try row[13],
                tariffDocuments: documents.split(separator: ",").map(String.init),
                segments: [],
                energy: Energy(wattHours: try row[22]),
                missingDays: try row[15],
                lines: [],
                total: Money(paise: try row[16]),
                surplus: Energy(wattHours: try row[23]),
                carried: Money(paise: try row[24]),
                asPrinted: printed.map { Money(paise: $0) },
                proof: try row[17],
                proofDigest: digest.bytes
            )
        )
    }
}

extension BillSummary {
    init(row: Row) throws {
        let id = Bill.ID(try row[0])
        guard let period = BillingPeriod(first: try row[6], last: try row[7]) else {
            throw DamagedBill(id: id)
        }
        self.init(
            id: id,
            number: try row[1],
            state: try known(BillState.self, try row[2]),
            serviceNumber: try row[3],
            consumerName: try row[4],
            cycle: try row[5],
            period: period,
            energy: Energy(wattHours: try row[8]),
            total: Money(paise: try row[9]),
            dueOn: try row[10],
            basis: try known(BillBasis.self, try row[11]),
            holds: BillHold.list(try row[12]) ?? []
        )
    }
}
