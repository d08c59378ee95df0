import Foundation
import TestSupport
import Testing

@testable import Postgres

@Suite(.enabled(if: TestCluster.isAvailable)) struct MigratorTests {
    private let first = ("0001_town.sql", "create table town (id int primary key, name text);\n")
    private let second = (
        "0002_names.sql",
        "insert into town values (1, 'Madurai');\nalter table town add area int;\n"
    )

    private func migrator(
        _ database: TestDatabase,
        _ files: [(String, String)]
    ) throws -> Migrator {
        try Migrator(
            configuration: database.owner,
            migrations: files.map { try Migration(name: $0.0, text: $0.1) },
            logger: TestCluster.logger
        )
    }

    private func ask<Value: PostgresField>(
        _ database: TestDatabase,
        _ sql: SQL
    ) async throws -> Value {
        let pool = PostgresPool(configuration: database.owner, logger: TestCluster.logger)
        let value: Value = try await pool.transaction { try $0.query(sql)[0][0] }
        await pool.shutdown()
        return value
    }

    /// What migrating says when it must fail.
    private func refusal(
        _ database: TestDatabase,
        _ files: [(String, String)]
    ) async throws -> MigrationError? {
        await #expect(throws: MigrationError.self) {
            _ = try await migrator(database, files).migrate()
        }
    }

    @Test func `missing files are applied in order, and only once`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let before = try await migrator(database, [first, second]).status()
        #expect(before.map(\.appliedAt) == [nil, nil])

        let one = try await migrator(database, [first]).migrate()
        #expect(one.map(\.name) == ["0001_town.sql"])
        let two = try await migrator(database, [second, first]).migrate()
        #expect(two.map(\.name) == ["0002_names.sql"])
        let three = try await migrator(database, [first, second]).migrate()
        #expect(three.isEmpty)

        let status = try await migrator(database, [first, second]).status()
        #expect(status.map(\.name) == ["0001_town.sql", "0002_names.sql"])
        #expect(status.allSatisfy { $0.appliedAt != nil && ($0.durationMilliseconds ?? -1) >= 0 })
        let digest: String = try await ask(
            database,
            "select sha256 from migration where number = 1"
        )
        #expect(digest == (try Migration(name: first.0, text: first.1)).digest)
        #expect(digest.count == 64)
    }

    @Test func `an edited file is refused by its name`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        _ = try await migrator(database, [first, second]).migrate()
        let edited = (first.0, first.1 + "-- harmless\n")
        #expect(try await refusal(database, [edited, second]) == .edited("0001_town.sql"))
        await #expect(throws: MigrationError.edited("0001_town.sql")) {
            _ = try await migrator(database, [edited, second]).status()
        }
    }

    @Test func `a renamed file and a newer database are refused`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        _ = try await migrator(database, [first, second]).migrate()
        #expect(
            try await refusal(database, [("0001_city.sql", first.1), second])
                == .renamed(applied: "0001_town.sql", found: "0001_city.sql")
        )
        #expect(try await refusal(database, [first]) == .unknown(applied: "0002_names.sql"))
    }

    @Test func `a file that fails leaves nothing of itself, and the files before it stay`()
        async throws
    {
        let database = try await TestCluster.shared.makeDatabase()
        let bad = ("0002_bad.sql", "create table half (n int);\nselect 1/0;\n")
        let error = try await refusal(database, [first, bad])
        guard case .failed("0002_bad.sql", let cause) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(cause.sqlState == "22012")
        let state: [String?] = try await ask(
            database,
            "select array[to_regclass('town')::text, to_regclass('half')::text]"
        )
        #expect(state == ["town", nil])
        #expect(try await migrator(database, [first, second]).migrate().count == 1)
    }

    @Test func `a file may not end its transaction`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let sly = ("0001_sly.sql", "create table sly (n int); commit;")
        #expect(try await refusal(database, [sly]) == .endedTransaction("0001_sly.sql"))
    }

    @Test func `a file can do without a transaction`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let concurrent = (
            "0002_index.sql",
            """
            -- vidyut: no-transaction
            create index concurrently town_name on town (name); -- by name; for search
            create index concurrently town_id on town (id);
            """
        )
        _ = try await migrator(database, [first, concurrent]).migrate()
        let indexes: Int = try await ask(
            database,
            "select count(*) from pg_indexes where tablename = 'town'"
        )
        #expect(indexes == 3)
    }

    @Test func `two programs at once apply each file once`() async throws {
        let database = try await TestCluster.shared.makeDatabase()
        let files = [first, second]
        let applied = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<4 {
                group.addTask { try await self.migrator(database, files).migrate().count }
            }
            return try await group.reduce(0, +)
        }
        #expect(applied == 2)
    }

    @Test func `gaps, doubles and odd names are refused`() throws {
        func check(_ names: [String]) throws(MigrationError) -> [String] {
            var migrations: [Migration] = []
            for name in names { migrations.append(try Migration(name: name, text: "")) }
            return try Migration.inOrder(migrations).map(\.name)
        }
        #expect(try check(["0002_b.sql", "0001_a.sql"]) == ["0001_a.sql", "0002_b.sql"])
        #expect(throws: MigrationError.gap(missing: 2, before: "0003_c.sql")) {
            try check(["0001_a.sql", "0003_c.sql"])
        }
        #expect(throws: MigrationError.gap(missing: 1, before: "0002_b.sql")) {
            try check(["0002_b.sql"])
        }
        #expect(throws: MigrationError.duplicate("0001_a.sql", "0001_b.sql")) {
            try check(["0001_b.sql", "0001_a.sql"])
        }
        for name in [
            "1_a.sql", "0001-a.sql", "0001_a.txt", "0000_a.sql", "0001_A.sql", "0001_.sql",
        ] {
            #expect(throws: MigrationError.badName(name)) { try check([name]) }
        }
    }

    @Test func `a folder is read in order, and what is no migration is passed over`() throws {
        let folder = "/tmp/vidyut-migrations-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for name in ["0002_b.sql", "schema.sql", "0001_a.sql", "README.md"] {
            try Data("select 1;".utf8).write(to: URL(filePath: "\(folder)/\(name)"))
        }
        #expect(try Migration.load(directory: folder).map(\.number) == [1, 2])
        try Data().write(to: URL(filePath: "\(folder)/0003-c.sql"))
        #expect(throws: MigrationError.badName("0003-c.sql")) {
            try Migration.load(directory: folder)
        }
        #expect(throws: MigrationError.unreadable("/no/such")) {
            try Migration.load(directory: "/no/such")
        }
    }
}

@Suite struct StatementSplitterTests {
    @Test(arguments: [
        ("select 1; select 2", ["select 1", "select 2"]),
        ("-- only a comment;\n", []),
        (";;\n;", []),
        ("select ';'; select \";\"", ["select ';'", "select \";\""]),
        ("select 'it''s; fine'; x", ["select 'it''s; fine'", "x"]),
        (#"select 'a\'; select E'\';' ; y"#, [#"select 'a\'"#, #"select E'\';'"#, "y"]),
        ("do $$ begin; end $$; z", ["do $$ begin; end $$", "z"]),
        ("do $a$ $b$; $a$; z", ["do $a$ $b$; $a$", "z"]),
        ("select $1; a$b$c; d", ["select $1", "a$b$c", "d"]),
        ("/* ; /* ; */ ; */ select 1 -- ;\n + 2;", ["/* ; /* ; */ ; */ select 1 -- ;\n + 2"]),
        ("select 'never closed; ", ["select 'never closed;"]),
    ])
    func `statements end at their own semicolons`(text: String, statements: [String]) {
        let found = splitStatements(text).map {
            $0.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        #expect(found == statements)
    }
}
