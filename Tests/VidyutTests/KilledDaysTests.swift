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

/// The same readings in a hundred random orders, with duplicates, and with the program that makes their
/// days killed again and again, come to the same blocks, days and exceptions, byte for byte.
@Suite(
    .enabled(
        if: TestCluster.isAvailable && BuiltProgram.path != nil,
        "PostgreSQL or the built program is missing"
    )
)
struct KilledDaysTests {
    private static let meters = 100
    private static let rounds = 8

    private func program() async throws -> BuiltProgram {
        let name = try await SharedDatabase.shared.open().database.name
        let url = try await TestCluster.shared.cluster().applicationURL
        return BuiltProgram(environment: [
            "VIDYUT_DATABASE_URL": url.replacing("/vidyut?", with: "/\(name)?"),
            "VIDYUT_MIGRATIONS_DIR": SourceTree.root + "/Migrations",
        ])
    }

    /// The readings in reports of up to a dozen, shuffled, a fifth of them twice.
    private func shuffled(_ readings: [SentReading], seed: UInt64) -> [[SentReading]] {
        var random = SeededRandom(seed: seed)
        var reports: [[SentReading]] = [[]]
        for reading in readings {
            let isNext = reports.last?.last.map { $0.sequence + 1 == reading.sequence } ?? true
            if !isNext || random.next() % 12 == 0 { reports.append([]) }
            reports[reports.count - 1].append(reading)
        }
        reports.removeAll(where: \.isEmpty)
        reports += reports.filter { _ in random.next() % 5 == 0 }
        reports.shuffle(using: &random)
        return reports
    }

    @Test(.timeLimit(.minutes(10)))
    func `a hundred orders, duplicates and kills make the same days`() async throws {
        // The program has the real clock.
        let now = Instant(secondsSince1970: Int64(Date().timeIntervalSince1970))
        let office = try await TestOffice.make(at: now)
        let zone = office.office.zone
        let first = zone.date(of: now).adding(days: -6)
        let readings = SentReading.faultyWeek(endingAt: now, zone: zone)
        var meters: [(meter: Meter, reports: [[SentReading]])] = []
        for number in 0..<Self.meters {
            let (_, registered) = try await office.connect(
                "order-\(number)",
                on: first.description,
                openingRegisterWattHours: 1_000_000
            )
            meters.append((registered.meter, shuffled(readings, seed: UInt64(number) + 1)))
        }
        let sent = meters
        let program = try await program()
        let rebuild = [
            "reading", "rebuild", "--office", office.office.code, "--from", first.description,
        ]
        try await office.storing {
            var kills = 0
            var patience: UInt32 = 100
            for round in 0..<Self.rounds {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (meter, reports) in sent {
                        group.addTask {
                            let size = (reports.count + Self.rounds - 1) / Self.rounds
                            for own in reports.dropFirst(round * size).prefix(size) {
                                try await office.report(own, of: meter)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
                let process = try program.start(rebuild)
                if await process.run(for: patience, then: SIGKILL) { kills += 1 }
                process.waitUntilExit()
                patience += patience / 2
            }
            #expect(kills > 3, "\(kills) kills")
        }
        let last = try program.start(rebuild)
        #expect(last.endedWell)

        let yesterday = zone.date(of: now).adding(days: -1)
        let truth = try await office.keptDays(of: sent[0].meter, from: first, to: yesterday)
        #expect(truth.count > 12)
        for (meter, _) in sent.dropFirst() {
            let own = try await office.keptDays(of: meter, from: first, to: yesterday)
            #expect(own == truth, "\(meter.serial)")
        }
    }
}
