import Billing
import Foundation
import Metering
import Passwords
import Postgres
import Registry
import Store
import Tariffs
import TestSupport
import Testing
import Units
import UseCases

/// Two offices with readings over five old months, in a database of their own: what is archived in one
/// test is archived for every office of its database.
struct RetentionTown: Sendable {
    /// An office of the town.
    struct House: Sendable {
        let office: Office
        let useCases: UseCaseSet
        let manager: Caller

        func importRegister(at: Instant, wattHours: Int64) async throws {
            _ = try await useCases.importReadings(
                [
                    ReadingImportRow(
                        line: 2,
                        meter: "m-1",
                        value: .register(at, Energy(wattHours: wattHours), isEstimated: false)
                    )
                ],
                options: ImportReadings.Options(),
                by: manager
            )
        }

        /// Bills the cycle of a month; the number of the bill.
        func issueBill(of month: CivilMonth) async throws -> String {
            let folder = SourceTree.root + "/Sources/Tariffs/Documents"
            let documents = try SourceTree.files(in: folder, suffix: ".json").flatMap {
                try TariffDocument.decodeAll(try SourceTree.bytes(of: $0))
            }
            _ = try await useCases.publishTariff(
                documents.filter { $0.family == "tneb-lt1a" && $0.effectiveFrom != nil },
                by: manager
            )
            _ = try await useCases.runBilling(
                cycle: month.description,
                issue: true,
                by: manager
            )
            let bills = try await useCases.showBills.list(try PageRequest(), by: manager)
            return try #require(bills.items.first?.number)
        }
    }

    let pool: PostgresPool
    let store: Store
    let clock: FakeClock
    let folder: String
    let offices: [House]
    /// Five months in a row that no office keeps, oldest first.
    let months: [CivilMonth]

    var archive: ArchiveMonths { offices[0].useCases.archive(in: folder) }

    func archive(
        anyNumber: Bool = false,
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> [CivilMonth] {
        let archive: ArchiveMonths = archive
        return try await archive(anyNumber: anyNumber, progress: progress)
    }

    func removeFiles() { try? FileManager.default.removeItem(atPath: folder) }

    static func make(keeping days: [Int] = [395, 395]) async throws -> RetentionTown {
        let database = try await TestCluster.shared.makeDatabase()
        try await SharedDatabase.migrate(database)
        let pool = PostgresPool(
            configuration: database.application,
            logger: TestCluster.logger
        )
        let store = Store(pool: pool)
        // The database judges by its own clock what is old.
        let now: Instant = try await pool.transaction { try $0.query("select now()")[0][0] }
        let clock = FakeClock(now)
        let useCases = UseCaseSet(store: store, work: BlockingWork(), clock: clock.wall)
        let today = OfficeZone(name: "UTC", offsetSeconds: 0).date(of: now)
        let months = (0..<5).map { today.month.adding(months: -19 + $0) }
        var offices: [House] = []
        for (index, kept) in days.enumerated() {
            let office = try await useCases.addOffice(
                AddOffice.Input(
                    code: "town-\(index)",
                    name: "Town \(index)",
                    cycleMonths: 1,
                    oldestReadingDays: kept
                )
            )
            let house = House(
                office: office,
                useCases: useCases,
                manager: Caller(office: office.id, name: "manager", role: .manager)
            )
            _ = try await useCases.importReadings(
                rows(office, months: months, step: 6 + index),
                options: ImportReadings.Options(createWithTariff: "tneb-lt1a"),
                by: house.manager
            )
            offices.append(house)
        }
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("vidyut-retention-\(UUID().uuidString)").path
        return RetentionTown(
            pool: pool,
            store: store,
            clock: clock,
            folder: folder,
            offices: offices,
            months: months
        )
    }

    /// A third office, with a meter and no readings.
    func add(keeping days: Int) async throws -> House {
        let verbs = offices[0].useCases
        let office = try await verbs.addOffice(
            AddOffice.Input(code: "late", name: "Late", cycleMonths: 1, oldestReadingDays: days)
        )
        let house = House(
            office: office,
            useCases: verbs,
            manager: Caller(office: office.id, name: "manager", role: .manager)
        )
        _ = try await verbs.registerMeter(RegisterMeter.Input(serial: "m-1"), by: house.manager)
        return house
    }

    /// A reading every few hours of two meters, from the first local midnight of the first month to the
    /// last of the last.
    private static func rows(
        _ office: Office,
        months: [CivilMonth],
        step: Int
    ) -> [ReadingImportRow] {
        let start = office.zone.start(of: months[0].first)
        // Readings end with the month in UTC, so that exactly five months have any.
        let end = Instant(
            secondsSince1970: Int64(months[4].last.adding(days: 1).daysSince1970) * 86_400
        )
        var rows: [ReadingImportRow] = []
        var at = office.zone.offsetSeconds > 0 ? start.adding(seconds: 86_400) : start
        while at < end {
            let hours = (at.secondsSince1970 - start.secondsSince1970) / 3_600
            for meter in 1...2 {
                rows.append(
                    ReadingImportRow(
                        line: rows.count + 2,
                        meter: "m-\(meter)",
                        value: .register(
                            at,
                            Energy(wattHours: hours * Int64(300 + meter)),
                            isEstimated: false
                        )
                    )
                )
            }
            at = at.adding(seconds: Int64(step) * 3_600)
        }
        return rows
    }

    /// The office as it is now.
    func reloaded(_ house: House) async throws -> House {
        House(
            office: try await house.useCases.findOffices(house.office.id),
            useCases: house.useCases,
            manager: house.manager
        )
    }

    func meter(of house: House) async throws -> Meter {
        try await store.withTenant(house.office.id) {
            try #require(try $0.meter(serial: "m-1"))
        }
    }

    /// Rows of the table by month, those without any left out.
    func rowCounts() async throws -> [CivilMonth: Int] {
        var counts: [CivilMonth: Int] = [:]
        for month in months {
            let rows = try await readings(of: month).count
            if rows > 0 { counts[month] = rows }
        }
        return counts
    }

    /// Every reading of a month in UTC, of both offices.
    func readings(of month: CivilMonth) async throws -> [String] {
        var all: [String] = []
        for house in offices {
            all += try await store.withTenant(house.office.id, readOnly: true) { transaction in
                var rows: [String] = []
                var after: (meter: Meter.ID, at: Instant)?
                while true {
                    let page = try transaction.readingPage(of: month, after: after, limit: 500)
                    rows += page.map { "\(house.office.code) \($0.serial) \($0.reading)" }
                    guard let last = page.last else { return rows }
                    after = (last.meter, last.reading.at)
                }
            }
        }
        return all
    }

    /// What must be the same before and after: days, usage, and registers at any instant.
    func traces() async throws -> [String] {
        var all: [String] = []
        for house in offices {
            let meter = try await meter(of: house)
            let (zone, months) = (house.office.zone, months)
            all += try await store.withTenant(house.office.id, readOnly: true) { transaction in
                let span = (months[0].first.adding(days: -3), months[4].last.adding(days: 3))
                var lines = try transaction.days(of: meter.id, from: span.0, to: span.1).map {
                    "\($0)"
                }
                for month in months {
                    let at = zone.start(of: month.first)
                    lines.append(
                        "\(at) \(try transaction.register(of: meter.id, atOrAfter: at) as Any)"
                    )
                    lines.append(
                        "\(at) \(try transaction.register(of: meter.id, atOrBefore: at) as Any)"
                    )
                }
                return lines
            }
            all += try await house.useCases.showUsage(
                serviceNumber: "m-1",
                by: .day,
                from: months[1].first,
                to: months[4].last,
                caller: house.manager
            ).map { "\($0)" }
        }
        return all
    }

    /// Runs the body while readings are written.
    func storing<Value: Sendable>(
        _ house: House,
        _ body: @Sendable @escaping () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await house.useCases.acceptReadings.run() }
            let value = try await body()
            await house.useCases.acceptReadings.close()
            try await group.waitForAll()
            return value
        }
    }
}
