import Testing

/// The rule about tables, on schemas as people and as pg_dump write them.
@Suite struct SchemaRuleTests {
    private func lacking(_ schema: String) -> [String] {
        SchemaRules.violations(path: "schema.sql", schema: schema).map(\.reason)
    }

    @Test func `a table with everything passes`() {
        let schema = """
            -- create table ignored (a int);
            CREATE TABLE public.meter (
                tenant_id integer NOT NULL,
                name text DEFAULT 'a;b'
            );
            ALTER TABLE ONLY public.meter FORCE ROW LEVEL SECURITY;
            COMMENT ON TABLE public.meter IS 'A meter; it''s one.';
            ALTER TABLE public.meter ENABLE ROW LEVEL SECURITY;
            """

        #expect(lacking(schema) == [])
    }

    @Test func `a bare table lacks four things`() {
        let found = SchemaRules.violations(
            path: "schema.sql",
            schema: "\n\ncreate table meter (id int, note text default 'tenant_id');"
        )

        #expect(found.map(\.line) == [3, 3, 3, 3])
        #expect(found.allSatisfy { $0.reason.hasPrefix("meter lacks") })
    }

    @Test func `security that is enabled and not forced is not enough`() {
        let schema = """
            create table if not exists meter (tenant_id int4);
            comment on table meter is 'x';
            alter table meter enable row level security;
            alter table meter no force row level security;
            """

        #expect(lacking(schema) == ["meter lacks forced row level security"])
    }

    @Test func `a partition has its parent's columns, not its walls`() {
        let walls = "alter table a enable row level security, force row level security;"
        let parent = "create table a (tenant_id int) partition by list (tenant_id);"
        let comment = "comment on table a is 'x';"
        let made = "create table a_1 partition of a default;"
        let attached = "create table a_1 (b int); alter table only a attach partition public.a_1;"

        for partition in [made, attached] {
            #expect(
                lacking(parent + walls + comment + partition) == [
                    "a_1 lacks row level security", "a_1 lacks forced row level security",
                ]
            )
        }
    }

    @Test func `the text of functions is not looked at`() {
        let schema = "create function f() returns void as $body$ create table a (b int); $body$;"

        #expect(lacking(schema) == [])
        #expect(SchemaRules.statements(of: schema).count == 1)
    }
}
