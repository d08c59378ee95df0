import Foundation
import Glibc
import Metering
import Postgres
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// An import of a long file that is killed again and again comes to what an uninterrupted one does.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && BuiltProgram.path != nil,
        "PostgreSQL or the built program is missing"
    )
)
struct KilledImportTests {
    private static let meters = 100
    private static let instants = 1_000

    private func write(to path: String) throws {
        var text = "meter,at,register_wh\n"
        for number in 0..<Self.instants {
            let at = Instant(secondsSince1970: 1_771_000_000 + Int64(number) * 3_600)
            for meter in 0..<Self.meters {
                text += "k-\(meter),\(at),\(meter * 100_000 + number * (meter + 1))\n"
            }
        }
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// Sums over everything an import leaves behind in an office.
    private func traces(_ office: TestOffice) async throws -> [Int64] {
        let pool = try await SharedDatabase.shared.open().pool
        let tenant = office.office.id.value
        return try await pool.transaction { connection in
            _ = try connection.query("select set_config('vidyut.tenant', \(String(tenant)), true)")
            let row = try connection.query(
                """
                select (select count(*) from reading),
                    (select sum(main_energy_wh * (extract(epoch from at)::int8 % 9973))::int8
                        from reading),
                    (select count(*) from consumption_day),
                    (select sum(last_register_wh * 3 + first_register_wh + readings)::int8
                        from consumption_day),
                    (select count(*) from consumption_dirty),
                    (select count(*) from reading_conflict)
                """
            )[0]
            return try (0..<6).map { try row[$0] as Int64? ?? -1 }
        }
    }

    private func start(_ office: TestOffice, _ path: String) async throws -> Process {
        let name = try await SharedDatabase.shared.open().database.name
        let url = try await TestCluster.shared.cluster().applicationURL
        let program = BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": url.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
        return try program.start([
            "reading", "import", path, "--office", office.office.code, "--json",
            "--create-with-tariff", "tneb-lt1a",
        ])
    }

    @Test(.timeLimit(.minutes(10)))
    func `an import of a hundred thousand rows, killed at any moment, is whole`() async throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-killed-\(UUID().uuidString).csv").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try write(to: path)
        let calm = try await TestOffice.make()
        let process = try await start(calm, path)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let expected = try await traces(calm)
        #expect(expected[0] == Int64(Self.meters * Self.instants))
        #expect(expected[4] == 0)

        let killed = try await TestOffice.make()
        var kills = 0
        var resumed = 0
        var ended = false
        for attempt in 0..<60 where !ended {
            let process = try await start(killed, path)
            // Once it stores, it is killed a few batches later; the last attempts are left alone.
            let before = try await position(killed)
            let target = before + 2_000 * (1 + attempt % 7)
            // It stands still while it is looked at, so that a slow look does not let it finish.
            while attempt < 40, await process.run(for: 20, then: SIGSTOP) {
                let isFar = try await position(killed) >= target
                kill(process.processIdentifier, isFar ? SIGKILL : SIGCONT)
                guard isFar else { continue }
                kills += 1
                if before > 0 { resumed += 1 }
                break
            }
            ended = process.endedWell
        }
        #expect(ended && kills > 2 && resumed > 1, "\(kills) kills, \(resumed) resumed")
        #expect(try await traces(killed) == expected)
        let states = try await killed.useCases.importReadings.imports(by: killed.manager)
        #expect(states.map(\.state) == [.stored])
        #expect(states.map(\.stored) == [Self.meters * Self.instants])
        #expect(states.map(\.duplicates) == [0])
    }

    private func position(_ office: TestOffice) async throws -> Int {
        try await office.useCases.importReadings.imports(by: office.manager).first?.position ?? 0
    }
}
