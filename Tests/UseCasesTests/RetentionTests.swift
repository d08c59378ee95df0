import Billing
import Foundation
import Metering
import Passwords
import Postgres
import ReadingFiles
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Months of readings leave for files and come back, and nothing is lost on the way.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct RetentionTests {
    @Test func `a month leaves when no office keeps it, and days, usage and bills remain`()
        async throws
    {
        let town = try await RetentionTown.make()
        defer { town.removeFiles() }
        let first = town.offices[0]
        let bill = try await first.issueBill(of: town.months[1])
        let before = try await town.traces()
        let rows = try await town.rowCounts()
        #expect(rows.count == 5)

        // Five months at once: is the clock right?
        let refused = try await #require(throws: StateConflict.self) { try await town.archive() }
        #expect(refused.code == "too_many_months")
        #expect(try await town.rowCounts() == rows)

        #expect(try await town.archive.expired().map(\.month) == town.months)
        #expect(try await town.archive(anyNumber: true) == town.months)
        #expect(try await town.rowCounts().isEmpty)
        #expect(try await town.traces() == before)
        #expect(try await town.archive.expired().isEmpty)
        #expect(try await town.archive() == [])

        let entries = try await town.archive.entries()
        #expect(entries.count == 10)
        #expect(entries.allSatisfy { $0.archive.state == .archived })
        for month in town.months {
            let sum = entries.filter { $0.archive.month == month }.reduce(0) {
                $0 + $1.archive.rows
            }
            #expect(sum == rows[month])
        }

        let text = try await first.useCases.showBills.file(bill, by: first.manager)
        #expect(try BillFile.verify(Array(text.utf8)).figures > 20)
        #expect(try await first.useCases.showBills.show(bill, by: first.manager).isConsistent)
    }

    @Test func `nothing is added to an archived month by any door, and each says why`()
        async throws
    {
        let town = try await RetentionTown.make()
        defer { town.removeFiles() }
        let second = town.offices[1]
        _ = try await town.archive(anyNumber: true)
        let old = try #require(town.months.last).first.adding(days: 20)
        let late = try await #require(throws: InvalidInput.self) {
            try await second.importRegister(at: second.office.zone.start(of: old), wattHours: 5)
        }
        #expect(late.faults[0].detail.contains("are in the archive"))
        let now = try await town.reloaded(second)
        #expect(now.office.archivedThrough == town.months.last)
        let report = MeterReport(
            epoch: 0,
            sequence: 1,
            oldestSequence: nil,
            items: [
                .success(
                    ReportedReading(
                        at: second.office.zone.start(of: old),
                        sequence: 1,
                        main: ChannelReading(energyWattHours: 1)
                    )
                )
            ]
        )
        let meter = try await town.meter(of: second)
        let result = try await town.storing(second) {
            try await second.useCases.acceptReadings(
                report,
                from: MeterIdentity(office: now.office, meter: meter)
            )
        }
        #expect(result.stored == 0)
        #expect(result.rejected.first?.fault.code == .tooOld)
        let corrected = try await #require(throws: StateConflict.self) {
            _ = try await second.useCases.correctReading(
                serial: meter.serial,
                at: second.office.zone.start(of: old),
                register: Energy(wattHours: 7),
                reason: "a slip",
                by: second.manager
            )
        }
        #expect(corrected.code == "month_archived")
    }

    @Test func `an office that keeps longer keeps the month for all`() async throws {
        let town = try await RetentionTown.make(keeping: [395, 500])
        defer { town.removeFiles() }
        let expired = try await town.archive.expired().map(\.month)
        #expect(!expired.isEmpty && expired.count < 5)
        #expect(try await town.archive() == expired)
        #expect(
            try await town.rowCounts().keys.sorted() == Array(town.months.dropFirst(expired.count))
        )
        // Not even when somebody asks the database itself.
        let kept = town.months[4]
        let refused = try await #require(throws: StateConflict.self) {
            try await town.store.withoutTenant { try $0.closeReadingMonth(kept) }
        }
        #expect(refused.code == "month_not_expired")
    }

    @Test func `a server clock ten years ahead archives nothing`() async throws {
        let town = try await RetentionTown.make(keeping: [395, 36_500])
        defer { town.removeFiles() }
        let rows = try await town.rowCounts()
        town.clock.now = town.clock.now.adding(seconds: 200 * 366 * 86_400)
        let refused = try await #require(throws: StateConflict.self) { try await town.archive() }
        #expect(refused.code == "too_many_months")
        let database = try await #require(throws: StateConflict.self) {
            try await town.archive(anyNumber: true)
        }
        #expect(database.code == "month_not_expired")
        #expect(try await town.rowCounts() == rows)
        #expect(try await town.archive.entries().isEmpty)
        // Nor does it make partitions by the thousand: the database refuses the first.
        await #expect(throws: (any Error).self) {
            try await town.offices[0].useCases.makePartitions()
        }
    }

    @Test func `an export that is stopped at any step is gone on with`() async throws {
        let town = try await RetentionTown.make()
        defer { town.removeFiles() }
        let before = try await town.traces()
        let rows = try await town.rowCounts()
        // Cancelled after each thing it reports, ten exports and five drops.
        var stops = 0
        for _ in 0..<40 {
            do {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        _ = try await town.archive(anyNumber: true) { _ in
                            withUnsafeCurrentTask { $0?.cancel() }
                        }
                    }
                    try await group.waitForAll()
                }
                if try await town.archive.expired().isEmpty { break }
            } catch {
                stops += 1
            }
            let left = try await town.rowCounts()
            let archived = try await town.archive.entries().filter {
                $0.archive.state == .archived
            }.reduce(0) { $0 + $1.archive.rows }
            #expect(left.values.reduce(0, +) + archived == rows.values.reduce(0, +))
        }
        #expect(stops >= 10)
        #expect(try await town.archive.entries().count == 10)
        #expect(try await town.traces() == before)
        let files = try FileManager.default.subpathsOfDirectory(atPath: town.folder)
        #expect(files.filter { $0.hasSuffix(".csv.gz") }.count == 10)
    }

    @Test func `a month comes back whole, to be read only, and a damaged file is refused`()
        async throws
    {
        let town = try await RetentionTown.make()
        defer { town.removeFiles() }
        let month = town.months[2]
        let all = try await town.readings(of: month)
        #expect(all.count > 100)
        _ = try await town.archive(anyNumber: true)
        #expect(try await town.readings(of: month).isEmpty)

        let entry = try #require(
            try await town.archive.entries().first { $0.archive.month == month }
        )
        let path = town.folder + "/" + entry.archive.file
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        var damaged = whole
        damaged[whole.count / 2] ^= 1
        try damaged.write(to: URL(fileURLWithPath: path))
        let refused = try await #require(throws: StateConflict.self) {
            try await town.archive.attach(month)
        }
        #expect(refused.code == "archive_damaged")
        try FileManager.default.removeItem(atPath: path)
        await #expect(throws: ArchiveError.self) { try await town.archive.attach(month) }
        #expect(try await town.readings(of: month).isEmpty)

        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try await town.archive.attach(month) == all.count)
        #expect(try await town.readings(of: month) == all)
        let twice = try await #require(throws: StateConflict.self) {
            try await town.archive.attach(month)
        }
        #expect(twice.code == "month_without_archive")
        // The daily job leaves it, and nobody writes there.
        #expect(try await town.archive() == [])
        #expect(try await town.readings(of: month) == all)
        let (office, meter) = (town.offices[0], try await town.meter(of: town.offices[0]))
        let inside = Instant(secondsSince1970: Int64(month.first.daysSince1970) * 86_400 + 777)
        let closed = try await #require(throws: StateConflict.self) {
            try await town.store.withTenant(office.office.id) { transaction in
                _ = try transaction.insert([
                    ReadingInsertion(
                        meter: meter.id,
                        reading: AcceptedReading(
                            at: inside,
                            epoch: 0,
                            sequence: nil,
                            main: ChannelReading(energyWattHours: 1)
                        )
                    )
                ])
            }
        }
        #expect(closed.code == "month_archived")

        try await town.archive.detach(month)
        #expect(try await town.readings(of: month).isEmpty)
        #expect(try await town.archive.entries().allSatisfy { $0.archive.state == .archived })
        #expect(try await town.archive.attach(month) == all.count)
    }

    @Test func `an office that came later keeps its rows when the month comes back`()
        async throws
    {
        let town = try await RetentionTown.make()
        defer { town.removeFiles() }
        let month = town.months[3]
        let all = try await town.readings(of: month)
        _ = try await town.archive(anyNumber: true)
        let late = try await town.add(keeping: 3_000)
        let at = Instant(secondsSince1970: Int64(month.first.daysSince1970) * 86_400 + 86_400)
        try await late.importRegister(at: at, wattHours: 9_000)
        #expect(try await town.archive() == [])
        // What others have archived stays closed to them in the month made anew.
        let closed = try await #require(throws: InvalidInput.self) {
            try await town.offices[0].importRegister(at: at, wattHours: 1)
        }
        #expect(closed.faults[0].detail.contains("in the archive"))
        #expect(try await town.archive.attach(month) == all.count)
        #expect(try await town.readings(of: month) == all)
        let meter = try await town.meter(of: late)
        let own = try await town.store.withTenant(late.office.id) {
            try $0.register(of: meter.id, atOrBefore: at)
        }
        #expect(own == RegisterReading(at: at, register: Energy(wattHours: 9_000)))
    }

    @Test func `the program's role can detach, drop or close nothing by itself`() async throws {
        let town = try await RetentionTown.make()
        defer { town.removeFiles() }
        let name = "reading_" + town.months[0].description.replacing("-", with: "_")
        for statement in [
            "alter table reading detach partition \(name)", "drop table \(name)",
            "delete from reading_archive", "alter table \(name) disable trigger all",
            "select require_expired_month(date '2000-01-01')",
        ] {
            await #expect(throws: PostgresError.self) {
                try await town.pool.withConnection { try $0.executeScript(statement) }
            }
        }
        // A month that nobody exported is not dropped, closed or not.
        let month = town.months[0]
        for close in [false, true] {
            let refused = try await #require(throws: StateConflict.self) {
                try await town.store.withoutTenant { lookup in
                    if close { _ = try lookup.closeReadingMonth(month) }
                    _ = try lookup.dropReadingMonth(month)
                }
            }
            #expect(refused.code == (close ? "month_not_archived" : "month_open"))
        }
    }
}
