import Foundation
import Glibc
package import Logging
package import Postgres
package import PrivateServices

/// One throw-away PostgreSQL cluster for the whole test process: started by the first test that asks,
/// removed when the process exits. Nothing of a developer's own databases is ever touched.
package actor TestCluster {
    package static let shared = TestCluster()

    /// False where PostgreSQL is not installed: such tests are skipped with
    /// `.enabled(if: TestCluster.isAvailable)`.
    package static let isAvailable = PrivateCluster.isInstalled

    private static let folderPrefix = "vidyut-test-"
    private var starting: Task<PrivateCluster, any Error>?
    private var databases = 0

    /// The running cluster.
    package func cluster() async throws -> PrivateCluster {
        if let starting { return try await starting.value }
        let task = Task { try await Self.start() }
        starting = task
        return try await task.value
    }

    /// A new, empty database of the owner's, or a copy of another one to which nobody is connected.
    ///
    /// The name is unique in this process; nobody has to drop it.
    package func makeDatabase(copyOf template: TestDatabase? = nil) async throws -> TestDatabase {
        let cluster = try await cluster()
        databases += 1
        let name = "test_\(databases)"
        let source = template?.name ?? "template0"
        let pool = PostgresPool(
            configuration: try PostgresConfiguration(url: cluster.superuserURL),
            logger: Self.logger
        )
        do {
            try await pool.withConnection { connection in
                // All three names are made here and contain nothing to quote.
                try connection.executeScript(
                    "create database \(name) owner vidyut_owner template \(source)"
                )
                try connection.executeScript(
                    "grant connect, temporary on database \(name) to vidyut_app"
                )
            }
        } catch {
            await pool.shutdown()
            throw error
        }
        await pool.shutdown()
        return TestDatabase(
            name: name,
            owner: try PostgresConfiguration(url: cluster.ownerURL).with(database: name),
            application: try PostgresConfiguration(url: cluster.applicationURL)
                .with(database: name),
            superuser: try PostgresConfiguration(url: cluster.superuserURL).with(database: name)
        )
    }

    /// A logger that keeps the tests' output readable.
    package static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func start() async throws -> PrivateCluster {
        removeAbandoned()
        let folder = "/tmp/\(folderPrefix)\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let cluster = try PrivateCluster(
            stateDirectory: folder,
            settings: ClusterSettings(
                sharedBuffersMegabytes: 64,
                maximumConnections: 200,
                throwAway: true
            ),
            logger: logger
        )
        CleanUp.atExit {
            cluster.discard()
            try? FileManager.default.removeItem(atPath: folder)
        }
        try await cluster.start()
        return cluster
    }

    /// Ends clusters of test processes that were killed before they could clean up.
    private static func removeAbandoned() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/tmp")) ?? []
        for name in names where name.hasPrefix(folderPrefix) {
            let parts = name.dropFirst(folderPrefix.count).split(separator: "-")
            guard let processID = parts.first.flatMap({ Int32($0) }), kill(processID, 0) != 0,
                errno == ESRCH
            else { continue }
            let folder = "/tmp/\(name)"
            try? PrivateCluster(stateDirectory: folder, logger: logger).discard()
            try? FileManager.default.removeItem(atPath: folder)
        }
    }
}

/// A database of the test cluster, seen by its three roles.
package struct TestDatabase: Sendable {
    package let name: String
    package let owner: PostgresConfiguration
    package let application: PostgresConfiguration
    package let superuser: PostgresConfiguration
}
