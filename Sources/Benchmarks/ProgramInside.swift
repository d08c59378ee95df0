import Foundation
import Passwords
import Postgres
import PrivateServices
import Registry
import Store
import Synchronization
import Units
import UseCases

/// The program's own verbs inside this process, over the office's database, at a time that stands
/// where the benchmark puts it.
struct ProgramInside: Sendable {
    let useCases: UseCaseSet
    let store: Store
    let office: Office
    let caller: Caller
    let clock: SetClock

    /// A clock that is set.
    final class SetClock: Sendable {
        private let instant: Mutex<Instant>

        init(_ instant: Instant) { self.instant = Mutex(instant) }

        var now: Instant {
            get { instant.withLock { $0 } }
            set { instant.withLock { $0 = newValue } }
        }
    }

    /// Runs the body while readings are stored.
    static func with<Value: Sendable>(
        _ place: BenchmarkOffice,
        at now: Instant,
        connections: Int = Limits.insertWriters + 2,
        _ body: (ProgramInside) async throws -> Value
    ) async throws -> Value {
        var configuration = try PostgresConfiguration(url: place.cluster.applicationURL)
        configuration.connections = connections
        configuration.statementTimeout = .seconds(300)
        let pool = PostgresPool(configuration: configuration, logger: Benchmarks.logger)
        let clock = SetClock(now)
        let store = Store(pool: pool)
        let useCases = UseCaseSet(
            store: store,
            work: BlockingWork(),
            clock: WallClock { clock.now }
        )
        let office = try await useCases.findOffices(Office.ID(place.tenant))
        let inside = ProgramInside(
            useCases: useCases,
            store: store,
            office: office,
            caller: .operatorOfMachine(office.id),
            clock: clock
        )
        let result: Result<Value, any Error> = await withTaskGroup(of: Void.self) { group in
            group.addTask { await useCases.acceptReadings.run() }
            do {
                let value = try await body(inside)
                await useCases.acceptReadings.close()
                return .success(value)
            } catch {
                await useCases.acceptReadings.close()
                return .failure(error)
            }
        }
        await pool.shutdown()
        return try result.get()
    }
}
