import Passwords
import Postgres
import Store
package import UseCases

/// Verbs whose database nobody can reach, and who does not wait long for it.
package func useCasesWithoutDatabase(clock: FakeClock) throws -> UseCaseSet {
    var configuration = PostgresConfiguration(
        host: "127.0.0.1",
        port: 1,
        database: "nowhere",
        user: "nobody"
    )
    configuration.connectPatience = .milliseconds(50)
    let pool = PostgresPool(configuration: configuration, logger: TestCluster.logger)
    return UseCaseSet(store: Store(pool: pool), work: BlockingWork(), clock: clock.wall)
}
