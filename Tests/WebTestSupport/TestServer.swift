package import Hummingbird
import NIOCore
import ServiceLifecycle
import TestSupport
package import UseCases
package import Web

/// Runs the real server on a free port of 127.0.0.1 while the body runs, with the writers of readings.
///
/// `addRoutes` adds the doors under test.
package func withServer<Value: Sendable>(
    _ useCases: UseCaseSet,
    page: @escaping @Sendable (Problem, Request, WebContext) -> Response? = { _, _, _ in nil },
    connections: OpenConnections = OpenConnections(),
    addRoutes: @escaping @Sendable (Router<WebContext>) -> Void,
    _ body: @escaping @Sendable (HTTPClient) async throws -> Value
) async throws -> Value {
    let (ports, announcement) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        router: makeRouter(page: page, addRoutes: addRoutes),
        server: connections.server,
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { channel in
            announcement.yield(channel.localAddress?.port ?? 0)
            announcement.finish()
        },
        logger: TestCluster.logger
    )
    let group = ServiceGroup(
        configuration: ServiceGroupConfiguration(
            services: [application, connections],
            logger: TestCluster.logger
        )
    )
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask {
            // A server that cannot start must not leave the test waiting for its port.
            defer { announcement.finish() }
            try await group.run()
        }
        tasks.addTask { await useCases.acceptReadings.run() }
        var result: Result<Value, any Error> = .failure(CancellationError())
        if let port = await ports.first(where: { _ in true }) {
            let client = HTTPClient(port: port)
            do { result = .success(try await body(client)) } catch { result = .failure(error) }
            client.close()
        }
        await useCases.acceptReadings.close()
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
        return try result.get()
    }
}
