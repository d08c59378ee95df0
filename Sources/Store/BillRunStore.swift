package import Billing
import Postgres
import Registry
package import Units

extension TenantTransaction {
    /// The unfinished run of a cycle that does the same, to be gone on with; a new one otherwise.
    package func openRun(_ wanted: BillRun, provisional: String) throws -> BillRun.ID {
        // One at a time decides, so that two that begin at once share one run.
        try connection.execute("select pg_advisory_xact_lock(\(runLock), \(tenant.value))")
        let mode = wanted.issues ? "issue" : "draft"
        let found = try connection.query(
            """
            select run_id from bill_run where tenant_id = \(tenant.value)
                and cycle = \(wanted.cycle) and mode = \(mode) and group_code = \(wanted.group)
                and provisional = \(provisional) and requested_by = \(wanted.requestedBy)
                and finished_at is null
            order by run_id desc limit 1
            """
        )
        if let row = found.first { return BillRun.ID(try row[0]) }
        let rows = try connection.query(
            """
            insert into bill_run (tenant_id, cycle, period_first, period_last, requested_by,
                started_at, mode, group_code, provisional)
            values (\(tenant.value), \(wanted.cycle), \(wanted.period.first),
                \(wanted.period.last), \(wanted.requestedBy), \(wanted.startedAt), \(mode),
                \(wanted.group), \(provisional))
            returning run_id
            """
        )
        return BillRun.ID(try firstRow(rows, "bill run")[0])
    }

    /// Says how many services a run sets out to bill.
    package func setServices(_ count: Int, of run: BillRun.ID) throws {
        try connection.execute(
            """
            update bill_run set total_services = greatest(total_services, \(Int32(clamping: count)))
            where tenant_id = \(tenant.value) and run_id = \(run.value)
            """
        )
    }

    /// Keeps what a run did for a service.
    package func record(_ outcomes: [BillRunOutcome], run: BillRun.ID) throws {
        guard !outcomes.isEmpty else { return }
        try connection.execute(
            """
            insert into bill_run_outcome (tenant_id, run_id, service_id, outcome, reason)
            select \(tenant.value), \(run.value), o.* from unnest(
                \(outcomes.map(\.service.value)), \(outcomes.map(\.outcome.rawValue)),
                \(outcomes.map(\.reason))) as o
            """
        )
    }

    /// Closes a run.
    package func finishRun(_ run: BillRun.ID, at: Instant) throws {
        try connection.execute(
            """
            update bill_run set finished_at = \(at)
            where tenant_id = \(tenant.value) and run_id = \(run.value)
                and finished_at is null
            """
        )
    }

    /// Runs of the office, newest first, before the given one.
    package func runs(before: BillRun.ID?, limit: Int) throws -> [BillRun] {
        try connection.query(
            """
            \(fragment: selectRun)
            where r.tenant_id = \(tenant.value)
                and (\(before?.value)::int4 is null or r.run_id < \(before?.value))
            group by r.tenant_id, r.run_id order by r.run_id desc
            limit \(Int32(clamping: limit))
            """
        ).map { try BillRun(row: $0) }
    }

    /// A run by key.
    package func run(_ id: BillRun.ID) throws -> BillRun? {
        try connection.query(
            """
            \(fragment: selectRun)
            where r.tenant_id = \(tenant.value) and r.run_id = \(id.value)
            group by r.tenant_id, r.run_id
            """
        ).first.map { try BillRun(row: $0) }
    }

    /// What a run did, by service number, after the given one.
    package func outcomes(of run: BillRun.ID, after number: String, limit: Int) throws
        -> [BillRunOutcome]
    {
        try connection.query(
            """
            select s.service_id, s.number, o.outcome, o.reason from bill_run_outcome o
            join service s on s.tenant_id = o.tenant_id and s.service_id = o.service_id
            where o.tenant_id = \(tenant.value) and o.run_id = \(run.value)
                and s.number > \(number)
            order by s.number limit \(Int32(clamping: limit))
            """
        ).map { row in
            BillRunOutcome(
                service: Service.ID(try row[0]),
                serviceNumber: try row[1],
                outcome: try known(BillOutcome.self, try row[2]),
                reason: try row[3]
            )
        }
    }
}

private let runLock: Int32 = 0x6269_6C6C

private let selectRun: SQL = """
    select r.run_id, r.cycle, r.period_first, r.period_last, r.requested_by, r.started_at,
        r.finished_at, r.group_code, r.mode, r.total_services,
        count(*) filter (where o.outcome = 'drafted')::int4,
        count(*) filter (where o.outcome = 'held')::int4,
        count(*) filter (where o.outcome = 'issued')::int4,
        count(*) filter (where o.outcome = 'existing')::int4,
        count(*) filter (where o.outcome = 'refused')::int4,
        count(*) filter (where o.outcome = 'not_connected')::int4
    from bill_run r
    left join bill_run_outcome o on o.tenant_id = r.tenant_id and o.run_id = r.run_id
    """

extension BillRun {
    init(row: Row) throws {
        let id = ID(try row[0])
        guard let period = BillingPeriod(first: try row[2], last: try row[3]) else {
            throw UnknownWord(word: "period", type: "bill_run \(id.value)")
        }
        var counts: [BillOutcome: Int] = [:]
        for (offset, outcome) in BillOutcome.allCases.enumerated() {
            counts[outcome] = Int(try row[10 + offset] as Int32)
        }
        self.init(
            id: id,
            cycle: try row[1],
            period: period,
            group: try row[7],
            issues: try row[8] == "issue",
            requestedBy: try row[4],
            startedAt: try row[5],
            finishedAt: try row[6],
            services: Int(try row[9] as Int32),
            counts: counts
        )
    }
}
