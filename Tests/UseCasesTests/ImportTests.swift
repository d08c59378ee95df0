import Foundation
import Metering
import ReadingFiles
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Files of readings of any length and order: checked whole, stored piece by piece, gone on with.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ImportTests {
    private let path = FileManager.default.temporaryDirectory
        .appendingPathComponent("vidyut-import-\(UUID().uuidString).csv").path

    private func write(_ lines: [String]) throws {
        try (lines.joined(separator: "\n") + "\n").write(
            toFile: path,
            atomically: true,
            encoding: .utf8
        )
    }

    private func importFile(_ office: TestOffice, only: [String] = []) async throws
        -> ImportReadings.Report
    {
        try await office.useCases.importReadings(
            ReadingSource(path: path),
            options: ImportReadings.Options(only: only, createWithTariff: "tneb-lt1a"),
            by: office.manager
        )
    }

    /// What is stored of every meter, as text.
    private func stored(_ office: TestOffice) async throws -> [String] {
        try await office.store.withTenant(office.office.id, readOnly: true) { transaction in
            let from = Instant(secondsSince1970: 0)
            let to = Instant(secondsSince1970: 4_000_000_000)
            return try transaction.metersBySerial().sorted { $0.key < $1.key }.flatMap { entry in
                try transaction.readings(of: entry.value.id, from: from, to: to, limit: 100_000)
                    .map {
                        "\(entry.key) \($0.at) \($0.main.energyWattHours) \($0.flags.rawValue)"
                    }
                    + (try transaction.days(
                        of: entry.value.id,
                        from: CivilDate(daysSince1970: 0),
                        to: CivilDate(daysSince1970: 30_000)
                    ).map {
                        "\(entry.key) \($0.day) \(String(describing: $0.first)) \(String(describing: $0.last))"
                    })
            }
        }
    }

    private func days(_ meters: Int, _ count: Int) throws -> [String] {
        let first = try #require(CivilDate("2026-03-01"))
        return (0..<meters).flatMap { meter in
            (0..<count).compactMap { day in
                day == 5
                    ? nil
                    : "h-\(meter),\(first.adding(days: day)),\(meter).\(String(100 + day).suffix(3))"
            }
        }
    }

    private func registers(_ meters: Int, _ count: Int) -> [String] {
        (0..<count).flatMap { number in
            (0..<meters).map { meter in
                "r-\(meter),\(Instant(secondsSince1970: 1_772_323_200 + Int64(number) * 900)),"
                    + "\(meter * 1_000 + number * 37),\(number % 7 == 0 ? "estimated" : "")"
            }
        }
    }

    @Test func `days in any order are summed as days in order are`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = try days(3, 40)
        var seen: [[String]] = []
        for order in [rows, rows.reversed(), rows.sorted { $0.hashValue < $1.hashValue }] {
            let office = try await TestOffice.make()
            try write(["meter,date,kwh"] + order)
            let report = try await importFile(office)
            #expect(report.rows == rows.count)
            #expect(report.stored == rows.count)
            #expect(report.missingDays.map(\.meter) == ["h-0", "h-1", "h-2"])
            #expect(report.missingDays.allSatisfy { $0.ranges == "2026-03-06" && $0.days == 1 })
            #expect(try await importFile(office).duplicates == rows.count)
            seen.append(try await stored(office))
        }
        #expect(seen[0].count == 2 * rows.count)
        #expect(seen[1] == seen[0])
        #expect(seen[2] == seen[0])
    }

    @Test func `every fault is named by its line and nothing is stored`() async throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let office = try await TestOffice.make()
        try write([
            "meter,date,kwh", "h-1,2026-03-02,1", "h-1,2026-03-01,1", "h-1,2026-03-02,2",
            "h-2,2026-03-01,x", "h-2,2027-03-01,1",
        ])
        let refused = try await #require(throws: InvalidInput.self) { try await importFile(office) }
        #expect(refused.faults.map(\.field) == ["line 4", "line 5", "line 6"])
        #expect(refused.faults[0].detail.contains("stands on line 2 already"))
        #expect(refused.faults[2].detail.contains("lies in the future"))
        #expect(try await stored(office) == [])
        #expect(try await office.useCases.importReadings.imports(by: office.manager).isEmpty)

        // More months than any office holds: a clock in the file was wrong.
        try write(
            ["meter,at,register_wh"]
                + (0..<300).map {
                    "h-1,\(1_995 + $0 / 12)-\(($0 % 12 + 1).padded(2))-01T00:00:00Z,1"
                }
        )
        let many = try await #require(throws: InvalidInput.self) { try await importFile(office) }
        #expect(many.faults[0].code == "too_many")
        #expect(try await stored(office) == [])
    }

    @Test(arguments: [true, false])
    func `an import that was interrupted goes on and comes to the same`(isDaily: Bool)
        async throws
    {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let rows = isDaily ? try days(60, 90) : registers(20, 400)
        try write([isDaily ? "meter,date,kwh" : "meter,at,register_wh,quality"] + rows)
        let calm = try await TestOffice.make()
        let whole = try await importFile(calm)
        #expect(whole.stored == rows.count)

        let office = try await TestOffice.make()
        await #expect(throws: (any Error).self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    _ = try await office.useCases.importReadings(
                        ReadingSource(path: path),
                        options: ImportReadings.Options(createWithTariff: "tneb-lt1a"),
                        by: office.manager
                    ) { stage, done, _ in
                        if stage == .storing, done >= 2_000 {
                            withUnsafeCurrentTask { $0?.cancel() }
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        let left = try #require(
            try await office.useCases.importReadings.imports(by: office.manager).first
        )
        #expect(left.state == .storing)
        #expect(left.position == 2_000)

        let rest = try await importFile(office)
        #expect(rest.resumedAfter == 2_000)
        #expect(rest.stored == rows.count)
        #expect(rest.duplicates == 0)
        #expect(try await stored(office) == stored(calm))
        let done = try await office.useCases.importReadings.imports(by: office.manager)
        #expect(done.map(\.state) == [.stored])
        #expect(done.map(\.position) == [rows.count])
    }
}
