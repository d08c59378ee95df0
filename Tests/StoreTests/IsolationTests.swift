import Metering
import Postgres
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// No query without an office (invariant 6), asked of the database itself as the application's role.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct IsolationTests {
    /// Every table and partition of the schema.
    private func tables(_ pool: PostgresPool) async throws -> [String] {
        try await pool.transaction { connection in
            try connection.query(
                """
                select c.relname::text from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                    and c.relname <> 'migration'
                order by 1
                """
            ).map { try $0[0] }
        }
    }

    private func count(
        _ pool: PostgresPool,
        _ table: String,
        tenant: Int32?
    ) async throws -> Int64? {
        try await pool.transaction { connection in
            if let tenant {
                try connection.execute(
                    "select set_config('vidyut.tenant', \(String(tenant)), true)"
                )
            }
            let allowed: Bool? = try connection.query(
                "select has_table_privilege(\(table), 'select')"
            ).first?[0]
            guard allowed == true else { return nil }
            let rows = try connection.query(
                """
                select (xpath('/row/c/text()', query_to_xml(
                    format('select count(*) as c from %I', \(table)::text), false, true, '')))[1]
                    ::text::int8
                """
            )
            return try rows.first?[0]
        }
    }

    @Test func `every table shows nothing without an office and nothing of another office`()
        async throws
    {
        let one = try await TestOffice.make()
        let other = try await TestOffice.make()
        try await fill(one)
        let pool = try await SharedDatabase.shared.open().pool

        for table in try await tables(pool) {
            #expect(try await count(pool, table, tenant: nil) ?? 0 == 0, "\(table)")
            let seen = try await count(pool, table, tenant: other.office.id.value) ?? 0
            #expect(seen == (table == "office" ? 1 : 0), "\(table)")
        }
        #expect(try await count(pool, "consumer", tenant: one.office.id.value) == 1)
        #expect(try await count(pool, "reading", tenant: one.office.id.value) == 1)
    }

    @Test func `writing into another office is refused in every table`() async throws {
        let one = try await TestOffice.make()
        let other = try await TestOffice.make()
        try await fill(one)
        let pool = try await SharedDatabase.shared.open().pool

        await #expect(throws: PostgresError.self) {
            try await pool.transaction { connection in
                try connection.execute(
                    "select set_config('vidyut.tenant', \(String(other.office.id.value)), true)"
                )
                try connection.execute(
                    """
                    insert into consumer (tenant_id, number, name)
                    values (\(one.office.id.value), 'X-1', 'intruder')
                    """
                )
            }
        }
        let changed = try await pool.transaction { connection in
            try connection.execute(
                "select set_config('vidyut.tenant', \(String(other.office.id.value)), true)"
            )
            return try connection.execute("update consumer set name = 'taken'")
                + connection.execute("delete from reading")
                + connection.execute("update meter set serial = 'taken'")
        }
        #expect(changed == 0)
    }

    @Test
    func `every table has a forced policy that compares with the office for reads and writes`()
        async throws
    {
        let pool = try await SharedDatabase.shared.open().pool
        let open = try await pool.transaction { connection in
            try connection.query(
                """
                select c.relname::text from pg_class c
                where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
                    and c.relname <> 'migration'
                    and not (c.relrowsecurity and c.relforcerowsecurity
                        and exists (select from pg_policy p where p.polrelid = c.oid
                            and p.polname = 'tenant' and p.polcmd = '*'))
                """
            ).map { row -> String in try row[0] }
        }
        #expect(open == [])
    }

    @Test func `the application's role owns nothing and bypasses nothing`() async throws {
        let pool = try await SharedDatabase.shared.open().pool
        let row = try await pool.transaction { connection in
            try connection.query(
                """
                select current_user::text, r.rolsuper or r.rolbypassrls or r.rolcreaterole,
                    (select count(*) from pg_class c where c.relowner = r.oid)
                from pg_roles r where r.rolname = current_user
                """
            ).map { (try $0[0] as String, try $0[1] as Bool, try $0[2] as Int64) }
        }
        let first = try #require(row.first)
        #expect(first.0 == "vidyut_app")
        #expect(first.1 == false)
        #expect(first.2 == 0)
    }

    private func fill(_ office: TestOffice) async throws {
        let (_, meter) = try await office.connect("iso")
        _ = try await office.useCases.makePartitions()
        _ = try await office.store.withTenant(office.office.id) { transaction in
            try transaction.insert([
                ReadingInsertion(
                    meter: meter.meter.id,
                    reading: AcceptedReading(
                        at: office.clock.now,
                        epoch: 0,
                        sequence: 1,
                        main: ChannelReading(energyWattHours: 5)
                    )
                )
            ])
        }
    }
}
