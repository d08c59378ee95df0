import Foundation
import TestSupport
import Testing

/// What needs no database.
@Suite(.enabled(if: BuiltProgram.path != nil))
struct TariffCommandTests {
    let program = BuiltProgram()

    @Test func `help names every command and ends well`() async throws {
        let outcome = try await program.run("--help")

        #expect(outcome.status == 0)
        for name in ["serve", "config", "db", "office", "reading", "tariff", "bill"] {
            #expect(outcome.output.contains("\n  \(name)"))
        }
    }

    @Test(arguments: [["bill", "run"], ["nonsense"], ["tariff", "quote", "seed-2023"]])
    func `wrong use is told from failure`(arguments: [String]) async throws {
        let outcome = try await program.run(arguments)

        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.errors.contains("Usage: vidyut"))
    }

    @Test func `600 units over 75 days cost 2098.75 by scaled limits`() async throws {
        let outcome = try await program.run(
            "tariff",
            "quote",
            "tneb-lt1a-2024-07",
            "--units",
            "600",
            "--days",
            "75"
        )

        #expect(outcome.status == 0)
        #expect(outcome.output.contains("₹2,098.75"))
    }

    @Test(arguments: [(400, 112_500), (501, 173_300), (2_000, 1_732_500)])
    func `the seed project's bills come out`(units: Int, paise: Int) async throws {
        let outcome = try await program.run(
            "tariff",
            "quote",
            "seed-2023",
            "--units",
            "\(units)",
            "--months",
            "2",
            "--json"
        )

        #expect(try outcome.json()["totalPaise"] as? Int == paise)
    }

    @Test func `an unknown tariff fails in one sentence`() async throws {
        let outcome = try await program.run(
            "tariff",
            "quote",
            "nowhere",
            "--units",
            "1",
            "--months",
            "1"
        )

        #expect(outcome.status == 1)
        #expect(outcome.errors.split(separator: "\n").count == 1)
        #expect(outcome.errors.hasPrefix("vidyut: there is no document or family nowhere"))
    }

    private func quote(_ tariff: String, _ options: String) async throws
        -> (status: Int32, errors: String)
    {
        let words = options.split(separator: " ").map(String.init)
        let outcome = try await program.run(["tariff", "quote", tariff] + words)
        return (outcome.status, outcome.errors)
    }

    @Test func `a whole cycle counts by months and its days count where they are given`()
        async throws
    {
        let cycle = ["--units", "600", "--from", "2025-09-01", "--to", "2025-10-31"]
        func total(_ options: [String]) async throws -> Int? {
            let words = ["tariff", "quote", "tneb-lt1a-2024-07", "--json"] + cycle + options
            return try await program.run(words).json()["totalPaise"] as? Int
        }
        // As the bill of these days, and as a bill of 61 days of 60.
        #expect(try await total([]) == 288_000)
        #expect(try await total(["--days", "61"]) != 288_000)
    }

    @Test func `days on which a document is not in force are refused unless they are ignored`()
        async throws
    {
        let days = "--units 100 --from 2020-01-01 --to 2020-02-29"
        let refused = try await quote("tneb-lt1a-2024-07", days)
        #expect(refused.status == 1)
        #expect(
            refused.errors.contains(
                "tneb-lt1a-2024-07 is not in force on 2020-01-01 to 2020-02-29"
            )
        )
        #expect(try await quote("tneb-lt1a-2024-07", days + " --ignore-dates").status == 0)
    }

    @Test func `lengths that disagree are refused and every input can be given`() async throws {
        let refused = try await quote("seed-2023", "--units 1 --months 7 --days 75")
        #expect(refused.errors.contains("months and days disagree: 7 months are not 75 days"))
        let all = """
            --units 60 --from 2026-06-01 --to 2026-06-02 --daily-units 20,40 --kvah 70 --export 5 \
            --banked 1 --carried-in -0.50 --load-kw 2 --demand 2 --contract-demand 3 --opt-in
            """
        #expect(try await quote("seed-2023", all).status == 0)
    }

    @Test(.enabled(if: SourceTree.shared != nil))
    func `every published bill agrees to the paisa`() async throws {
        let shared = try #require(SourceTree.shared)
        let outcome = try await program.run(
            "tariff",
            "check",
            "\(shared)/tariffs/cases.json",
            "--tariffs",
            "\(shared)/tariffs/tariffs.json"
        )

        #expect(outcome.status == 0)
        #expect(outcome.output.hasSuffix("102 of 102 cases agree to the paisa\n"))
    }

    @Test func `a figure that differs is printed and fails`() async throws {
        let cases = #"""
            {"cases": [{"id": "wrong", "tariff": "seed-2023", "inputs": {"units": 400, "months": 2},
            "expected": {"total": "1125.01"}}]}
            """#
        let outcome = try await withFile(cases) { try await program.run("tariff", "check", $0) }

        #expect(outcome.status == 1)
        #expect(outcome.output.contains("wrong (seed-2023) total: expected 1125.01, computed 1125"))
    }

    @Test func `a document at fault is refused by place`() async throws {
        let outcome = try await withFile(#"{"id": "x", "utility": "U", "category": "C"}"#) {
            try await program.run("tariff", "validate", $0)
        }

        #expect(outcome.status == 1)
        #expect(outcome.output.contains("lines"))
    }
}
