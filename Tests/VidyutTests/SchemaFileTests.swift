import Foundation
import TestSupport
import Testing

/// `Migrations/schema.sql` is what the migrations add up to, for people to read.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && BuiltProgram.path != nil,
        "PostgreSQL or the built program is missing"
    )
)
struct SchemaFileTests {
    @Test func `the committed schema is what the migrations make`() async throws {
        let folder = "/tmp/vidyut-schema-\(UUID().uuidString.prefix(8))"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let program = BuiltProgram(environment: ["VIDYUT_STATE_DIR": folder])
        let made = folder + ".sql"
        defer { try? FileManager.default.removeItem(atPath: made) }

        let outcome = try await program.run("db", "schema", "--output", made)

        #expect(outcome.status == 0, "\(outcome.errors)")
        let committed = try String(
            contentsOfFile: SourceTree.root + "/Migrations/schema.sql",
            encoding: .utf8
        )
        let fresh = try String(contentsOfFile: made, encoding: .utf8)
        #expect(fresh == committed, "run ./dev schema and commit Migrations/schema.sql")
    }
}
