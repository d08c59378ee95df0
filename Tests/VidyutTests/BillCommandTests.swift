import Foundation
import PrivateServices
import TestSupport
import Testing

/// What a person sees of bills at the command line.
@Suite(.enabled(if: BuiltProgram.path != nil && TestCluster.isAvailable))
struct BillCommandTests {
    private static let tariff = """
        {"id": "duty-2026", "family": "duty", "utility": "U", "category": "C",
         "effective": {"from": "2026-01-01", "to": null}, "base_months": 2,
         "lines": [
           {"id": "energy", "kind": "per_unit", "rate": "5.13"},
           {"id": "duty", "kind": "percent", "of": ["energy"], "rate": "10.5"}],
         "rounding": {"line": "0.01", "total": "1"}}
        """

    private func programWithEmptyDatabase() async throws -> BuiltProgram {
        let cluster = try await TestCluster.shared.cluster()
        let name = try await TestCluster.shared.makeDatabase().name
        return BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": cluster.applicationURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_DATABASE_OWNER_URL": cluster.ownerURL.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
    }

    /// A file of its own with this text.
    private func file(_ text: String, _ name: String) throws -> String {
        let folder = FileManager.default.temporaryDirectory
            .appending(path: "vidyut-bill-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let url = folder.appending(path: name)
        try Data(text.utf8).write(to: url)
        return url.path
    }

    /// An office with a service that can be billed, one connected later and one that nobody read.
    private func town() async throws -> BuiltProgram {
        let program = try await programWithEmptyDatabase()
        func succeeds(_ arguments: String..., input: String = "") async throws -> String {
            let outcome = try await program.run(arguments, input: input)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }
        _ = try await succeeds("db", "migrate")
        _ = try await succeeds("office", "add", "town", "--name", "Town office")
        _ = try await succeeds("tariff", "publish", try file(Self.tariff, "t.json"))
        _ = try await succeeds("consumer", "add", "C-1", "--name", "Raman")
        _ = try await succeeds(
            "service",
            "import",
            "-",
            input: "number,consumer,category,tariff,sanctionedLoadWatts,connectedOn\n"
                + "S-1,C-1,LT,duty,5000,2026-07-01\nS-2,C-1,LT,duty,5000,2026-09-15\n"
                + "S-3,C-1,LT,duty,5000,2026-07-01\n"
        )
        _ = try await succeeds(
            "meter",
            "import",
            "-",
            input: "serial,service,installedAt\nm-1,S-1,2026-06-30T18:30:00Z\n"
                + "m-3,S-3,2026-06-30T18:30:00Z\n"
        )
        _ = try await succeeds(
            "reading",
            "import",
            "-",
            input: "meter,at,register_wh\nm-1,2026-08-31T18:30:00Z,101500\n"
        )
        return program
    }

    @Test func `every mistake of a tariff is told when it is published`() async throws {
        let program = try await town()
        let bad = try await program.run(
            "tariff",
            "publish",
            try file(
                Self.tariff.replacing("5.13", with: "x").replacing("10.5", with: "y"),
                "t.json"
            )
        )
        #expect(bad.status == 1)
        #expect(bad.errors.contains("t.json: $.lines[0].rate"), "\(bad.errors)")
        #expect(bad.errors.contains("t.json: $.lines[1].rate"), "\(bad.errors)")
    }

    @Test func `a run names every outcome, a bill its working, a file whether it is right`()
        async throws
    {
        let program = try await town()
        func succeeds(_ arguments: String..., input: String = "") async throws -> String {
            let outcome = try await program.run(arguments, input: input)
            #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
            return outcome.output
        }
        let run = try await program.run("bill", "run", "--cycle", "2026-08", "--issue")
        #expect(
            run.output.contains("1 issued, 0 drafted, 0 held, 0 there already, 1 refused, 1 not "),
            "\(run.output)"
        )
        #expect(run.errors.contains("S-3: refused: "))
        let again = try await program.run("bill", "run", "--cycle", "2026-08", "--json").json()
        let outcomes = try #require(again["outcomes"] as? [[String: Any]])
        #expect(
            outcomes.map { "\($0["service"] ?? "") \($0["outcome"] ?? "")" } == [
                "S-1 existing", "S-2 not_connected", "S-3 refused",
            ]
        )

        let bills = try await succeeds("bill", "export", "--cycle", "2026-08")
        let number = "TOWN-\(try #require(bills.split(separator: "TOWN-").last).prefix(11))"
        // 101.5 units at 5.13 are 520.695; 10.5 % of 520.70 are 54.6735.
        let shown = try await succeeds("bill", "show", number)
        #expect(
            shown.contains("10.5 % of 520.70 = 54.6735, rounded to 0.01, half up"),
            "\(shown)"
        )
        let text = try await succeeds("bill", "file", number)
        let right = try await succeeds("bill", "verify", try file(text, "right.vbill"))
        #expect(right.contains("right.vbill: the bill is right: bill \(number) of"))
        let wrong = try await program.run(
            "bill",
            "verify",
            try file(text.replacing("\"totalPaise\":", with: "\"totalPaise\":9"), "wrong.vbill")
        )
        #expect(wrong.status == 1)
        #expect(
            wrong.output.contains(
                "the bill is NOT right; the first difference is at $.totalPaise: the file says "
            ),
            "\(wrong.output)"
        )
    }
}
