import Foundation
import Glibc
import Metering
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// `vidyut db retention` and `vidyut db attach`, killed again and again, lose no reading and bring back
/// every one.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && BuiltProgram.path != nil,
        "PostgreSQL or the built program is missing"
    )
)
struct KilledRetentionTests {
    private let folder = FileManager.default.temporaryDirectory
        .appendingPathComponent("vidyut-killed-archive-\(UUID().uuidString)").path

    private struct Town: Sendable {
        let database: TestDatabase
        let store: Store
        let office: Office
        let month: CivilMonth
    }

    private func town() async throws -> Town {
        let database = try await TestCluster.shared.makeDatabase()
        try await SharedDatabase.migrate(database)
        let pool = PostgresPool(configuration: database.application, logger: TestCluster.logger)
        let now: Instant = try await pool.transaction { try $0.query("select now()")[0][0] }
        let month = OfficeZone.india.date(of: now).month.adding(months: -20)
        let start = Instant(secondsSince1970: Int64(month.first.daysSince1970 + 1) * 86_400)
        let useCases = UseCaseSet(
            store: Store(pool: pool),
            work: BlockingWork(),
            clock: WallClock { now }
        )
        let office = try await useCases.addOffice(AddOffice.Input(code: "town", name: "Town"))
        _ = try await useCases.importReadings(
            (0..<12_000).map { number in
                ReadingImportRow(
                    line: number + 2,
                    meter: "m-\(number % 30)",
                    value: .register(
                        start.adding(seconds: Int64(number / 30) * 1_000),
                        Energy(wattHours: Int64(number)),
                        isEstimated: number % 11 == 0
                    )
                )
            },
            options: ImportReadings.Options(createWithTariff: "tneb-lt1a"),
            by: Caller(office: office.id, name: "manager", role: .manager)
        )
        return Town(database: database, store: Store(pool: pool), office: office, month: month)
    }

    private func program(_ town: Town) async throws -> BuiltProgram {
        let url = try await TestCluster.shared.cluster().applicationURL
        return BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": url.replacing("/vidyut?", with: "/\(town.database.name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
            "VIDYUT_ARCHIVE_DIR": folder,
        ])
    }

    /// Every row of the month, as text.
    private func readings(_ town: Town) async throws -> [String] {
        let month = town.month
        return try await town.store.withTenant(town.office.id, readOnly: true) { transaction in
            var rows: [String] = []
            var after: (meter: Meter.ID, at: Instant)?
            while true {
                let page = try transaction.readingPage(of: month, after: after, limit: 5_000)
                rows += page.map { "\($0.serial) \($0.reading)" }
                guard let last = page.last else { return rows }
                after = (last.meter, last.reading.at)
            }
        }
    }

    /// Kills the command a little later each time until it ends by itself; how often it was killed.
    private func killUntilDone(_ town: Town, _ arguments: [String]) async throws -> Int {
        let program = try await program(town)
        var kills = 0
        // A fourth longer each time: often while the command works, however fast the machine is.
        var patience: UInt32 = 20
        for _ in 0..<40 {
            let process = try program.start(arguments)
            if await process.run(for: patience, then: SIGKILL) { kills += 1 }
            if process.endedWell { return kills }
            patience += patience / 4
        }
        Issue.record("it never came to its end")
        return kills
    }

    @Test(.timeLimit(.minutes(10)))
    func `a killed export and a killed return lose nothing`() async throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let town = try await town()
        let before = try await readings(town)
        #expect(before.count == 12_000)

        let exports = try await killUntilDone(town, ["db", "retention"])
        #expect(exports > 2, "\(exports) kills")
        #expect(try await readings(town).isEmpty)
        let archives = try await town.store.withTenant(town.office.id) { try $0.readingArchives() }
        #expect(archives.map(\.rows) == [12_000])
        #expect(archives.map(\.state) == [.archived])

        let returns = try await killUntilDone(town, ["db", "attach", town.month.description])
        #expect(returns > 2, "\(returns) kills")
        #expect(try await readings(town) == before)
    }
}
