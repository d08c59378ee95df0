import Billing
import Foundation
import Glibc
import Metering
import PrivateServices
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// R5 and R6 on the real program: a run that is killed again and again, and two runs at once, come to
/// the same bills with numbers without a gap.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && BuiltProgram.path != nil,
        "PostgreSQL or the built program is missing"
    )
)
struct KilledRunTests {
    private static let services = 1_300

    /// An office with many services, each with two registers around a cycle.
    private func town(_ code: String) async throws -> TestOffice {
        let office = try await TestOffice.make(at: try #require(Instant("2026-11-20T06:00:00Z")))
        try await office.publish(family: "tneb-lt1a")
        var rows: [ReadingImportRow] = []
        for number in 0..<Self.services {
            for (day, energy) in [("2024-08-31", 0), ("2024-10-31", number % 700)] {
                let end = office.office.zone.start(of: try #require(CivilDate(day)).adding(days: 1))
                rows.append(
                    ReadingImportRow(
                        line: rows.count + 2,
                        meter: "k-\(number)",
                        value: .register(
                            end,
                            Energy(wattHours: Int64(energy) * 1_000),
                            isEstimated: false
                        )
                    )
                )
            }
        }
        _ = try await office.useCases.importReadings(
            rows,
            options: ImportReadings.Options(createWithTariff: "tneb-lt1a"),
            by: office.manager
        )
        return office
    }

    /// Every issued bill: service, number and total, in order of service.
    private func bills(_ office: TestOffice) async throws -> [(String, String, Money)] {
        var bills: [(String, String, Money)] = []
        var after: String?
        repeat {
            let page = try await office.useCases.showBills.list(
                try PageRequest(after: after, limit: 200),
                by: office.manager
            )
            for bill in page.items {
                #expect(bill.state == .issued)
                bills.append((bill.serviceNumber, bill.number ?? "", bill.total))
            }
            after = page.next
        } while after != nil
        return bills.sorted { $0.0 < $1.0 }
    }

    private func start(_ office: TestOffice) async throws -> Process {
        let name = try await SharedDatabase.shared.open().database.name
        let url = try await TestCluster.shared.cluster().applicationURL
        let program = BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": url.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
        return try program.start([
            "bill", "run", "--office", office.office.code, "--cycle", "2024-10", "--issue",
            "--json",
        ])
    }

    private func check(_ office: TestOffice, against calm: [(String, String, Money)]) async throws {
        let own = try await bills(office)
        #expect(own.map(\.0) == calm.map(\.0))
        #expect(own.map(\.2) == calm.map(\.2))
        let numbers = own.map { Int($0.1.suffix(6)) ?? 0 }.sorted()
        #expect(numbers == Array(1...Self.services), "a gap or a double in the numbers")
        let owed = try await SharedDatabase.shared.open().store.withTenant(office.office.id) {
            try $0.receivables()
        }
        #expect(owed == calm.reduce(.zero) { $0 + $1.2 })
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run killed at any moment, and two at once, bill as one calm run does`() async throws {
        let calm = try await town("calm")
        _ = try await calm.useCases.runBilling(cycle: "2024-10", issue: true, by: calm.manager)
        let expected = try await bills(calm)
        #expect(expected.count == Self.services)

        let killed = try await town("killed")
        // Each attempt is killed a little later, until one comes to its end.
        var ended = false
        var kills = 0
        for attempt in 0..<60 where !ended {
            let process = try await start(killed)
            if await process.run(for: UInt32(160 + attempt * 40), then: SIGKILL) { kills += 1 }
            ended = process.endedWell
        }
        #expect(ended && kills > 2, "\(kills) kills")
        try await check(killed, against: expected)

        let shared = try await town("shared")
        let both = [try await start(shared), try await start(shared)]
        for process in both {
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
        try await check(shared, against: expected)
    }
}
