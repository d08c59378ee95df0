import Billing
package import Metering
import Passwords
package import Postgres
package import Registry
package import Store
import Synchronization
import Tariffs
package import Units
package import UseCases

/// The migrated database that all tests of a process share, each in an office of its own.
package actor SharedDatabase {
    package static let shared = SharedDatabase()

    private var opening: Task<Opened, any Error>?

    /// The database with a pool of the application's role.
    package struct Opened: Sendable {
        package let database: TestDatabase
        package let pool: PostgresPool
        package let store: Store
    }

    /// Migrated by the program's own migrator at the first call.
    package func open() async throws -> Opened {
        if let opening { return try await opening.value }
        let task = Task {
            let database = try await TestCluster.shared.makeDatabase()
            try await Self.migrate(database)
            var configuration = database.application
            configuration.connections = 6
            let pool = PostgresPool(configuration: configuration, logger: TestCluster.logger)
            return Opened(database: database, pool: pool, store: Store(pool: pool))
        }
        opening = task
        return try await task.value
    }

    /// Brings a database to the newest schema.
    package static func migrate(_ database: TestDatabase) async throws {
        let migrations = try Migration.load(directory: SourceTree.root + "/Migrations")
        _ = try await Migrator(
            configuration: database.owner,
            migrations: migrations,
            logger: TestCluster.logger
        ).migrate()
    }
}

/// A clock that stands where a test puts it.
package final class FakeClock: Sendable {
    private let instant: Mutex<Instant>

    package init(_ instant: Instant) { self.instant = Mutex(instant) }

    package var now: Instant {
        get { instant.withLock { $0 } }
        set { instant.withLock { $0 = newValue } }
    }

    package var wall: WallClock { WallClock { self.now } }
}

/// A fresh office with its verbs, for one test.
package struct TestOffice: Sendable {
    package let office: Office
    package let useCases: UseCaseSet
    package let store: Store
    package let clock: FakeClock
    package let manager: Caller

    /// The default instant of tests: a Monday noon in Kolkata.
    package static let noon = Instant(secondsSince1970: 1_795_415_400)

    private static let numbers = Mutex(0)

    /// Adds an office with a code nobody has.
    package static func make(
        at now: Instant = noon,
        cycleMonths: Int = 2,
        cycleDay: Int = 1,
        oldestReadingDays: Int = 395
    ) async throws -> TestOffice {
        let opened = try await SharedDatabase.shared.open()
        let clock = FakeClock(now)
        let useCases = UseCaseSet(
            store: opened.store,
            work: BlockingWork(),
            clock: clock.wall
        )
        let number = numbers.withLock { number in
            number += 1
            return number
        }
        let office = try await useCases.addOffice(
            AddOffice.Input(
                code: "test-\(number)-office",
                name: "Test office \(number)",
                cycleMonths: cycleMonths,
                cycleDay: cycleDay,
                oldestReadingDays: oldestReadingDays
            )
        )
        return TestOffice(
            office: office,
            useCases: useCases,
            store: opened.store,
            clock: clock,
            manager: Caller(office: office.id, name: "manager", role: .manager)
        )
    }

    /// A service with a consumer of its own, and a meter hanging at it.
    package func connect(
        _ name: String,
        on day: String = "2026-01-01",
        tariff: String = "tneb-lt1a",
        openingRegisterWattHours: Int = 0
    ) async throws -> (service: Service, meter: RegisterMeter.Registered) {
        _ = try await useCases.registerConsumer(
            RegisterConsumer.Input(number: "C-\(name)", name: "Consumer \(name)"),
            by: manager
        )
        let service = try await useCases.registerService(
            RegisterService.Input(
                number: "S-\(name)",
                consumerNumber: "C-\(name)",
                category: "LT I-A",
                tariffFamily: tariff,
                sanctionedLoadWatts: 5_000,
                connectedOn: day
            ),
            by: manager
        )
        let installedAt = office.zone.start(of: CivilDate(day) ?? office.zone.date(of: clock.now))
        let meter = try await useCases.registerMeter(
            RegisterMeter.Input(
                serial: "m-\(name)",
                serviceNumber: service.number,
                installedAt: installedAt.description,
                openingRegisterWattHours: openingRegisterWattHours
            ),
            by: manager
        )
        return (service, meter)
    }

    /// The meter as intake knows it.
    package func identity(of meter: Meter) -> MeterIdentity {
        MeterIdentity(office: office, meter: meter)
    }

    /// Publishes the shipped documents of a family.
    package func publish(family: String) async throws {
        let folder = SourceTree.root + "/Sources/Tariffs/Documents"
        let documents = try SourceTree.files(in: folder, suffix: ".json").flatMap {
            try TariffDocument.decodeAll(try SourceTree.bytes(of: $0))
        }
        _ = try await useCases.publishTariff(
            documents.filter { $0.family == family && $0.effectiveFrom != nil },
            by: manager
        )
    }
}
