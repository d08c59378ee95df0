import Postgres
import TestSupport
import Testing

/// Rows that stand in a database when it is brought up to date: migrations fill what they add, in
/// every office, although the owner of the tables is under row-level security as well.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct MigratedDataTests {
    private func migrate(_ database: TestDatabase, through number: Int) async throws {
        let all = try Migration.load(directory: SourceTree.root + "/Migrations")
        _ = try await Migrator(
            configuration: database.owner,
            migrations: Array(all.prefix(number)),
            logger: TestCluster.logger
        ).migrate()
    }

    private func pool(_ configuration: PostgresConfiguration) -> PostgresPool {
        PostgresPool(configuration: configuration, logger: TestCluster.logger)
    }

    @Test func `services, bills and ledger entries of every office get who they belong to`()
        async throws
    {
        let database = try await TestCluster.shared.makeDatabase()
        let superuser = pool(database.superuser)
        try await superuser.withConnection { connection in
            try connection.executeScript("create extension if not exists btree_gist")
        }
        try await migrate(database, through: 5)
        try await superuser.withConnection { connection in
            try connection.executeScript(
                """
                insert into office (tenant_id, code, name, time_zone, utc_offset_seconds,
                    cycle_months) overriding system value
                    values (1, 'one', 'One', 'Asia/Kolkata', 19800, 2),
                        (2, 'two', 'Two', 'Asia/Kolkata', 19800, 2);
                insert into consumer (tenant_id, consumer_id, number, name, address)
                    overriding system value
                    values (1, 11, 'C-1', 'Meena', ''), (2, 21, 'C-1', 'Ravi', '');
                insert into service (tenant_id, service_id, number, consumer_id, category,
                    tariff_family, sanctioned_load_watts, address, connected_on)
                    overriding system value
                    values (1, 12, 'S-1', 11, 'LT', 'x', 5000, '', '2020-01-01'),
                        (2, 22, 'S-1', 21, 'LT', 'x', 5000, '', '2020-01-01');
                insert into bill (tenant_id, bill_id, service_id, cycle, state, number, issued_at,
                    due_on, period_first, period_last, consumer_number, consumer_name,
                    service_number, address, category, tariff_documents, energy_wh, total_paise,
                    missing_days, proof, proof_digest) overriding system value
                    values (2, 23, 22, '2024-10', 'issued', 'TWO-2024-000001', now(), '2024-11-30',
                        '2024-09-01', '2024-10-31', 'C-1', 'Ravi', 'S-1', '', 'LT', 'x', 1000, 500,
                        '', '{}', '');
                insert into ledger_transaction (tenant_id, transaction_id, kind, bill_id)
                    overriding system value values (2, 24, 'bill', 23);
                insert into ledger_entry (tenant_id, transaction_id, position, account, service_id,
                    amount_paise)
                    values (2, 24, 0, 'receivable', 22, 500), (2, 24, 1, 'revenue', 22, -500);
                """
            )
        }
        try await migrate(database, through: .max)

        let (occupancies, bills, entries, forced) = try await superuser.withConnection {
            connection -> (Int64, Int32?, Int64, Int64) in
            (
                try connection.query("select count(*) from occupancy")[0][0],
                try connection.query("select consumer_id from bill")[0][0],
                try connection.query(
                    "select count(*) from ledger_entry where consumer_id = 21"
                )[0][0],
                try connection.query(
                    """
                    select count(*) from pg_class where relname in ('ledger_entry', 'bill',
                        'occupancy', 'service', 'consumer', 'bill_note', 'ledger_transaction')
                        and relforcerowsecurity
                    """
                )[0][0]
            )
        }
        await superuser.shutdown()
        #expect(occupancies == 2)
        #expect(bills == 21)
        #expect(entries == 2)
        #expect(forced == 7)
    }
}
