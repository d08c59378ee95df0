import PrivateServices
import UseCases

/// Gives the broker the credentials of all meters and the listeners of the old ones.
typealias BrokerAccessWriter =
    @Sendable ([(user: String, hash: String)], [ShowGateway.Listener]) async throws -> Void

/// The broker that a running server keeps for a state directory; nil when there is none.
func runningBroker(stateDirectory: String) -> BrokerAddress? {
    PrivateBroker.running(stateDirectory: stateDirectory).map {
        BrokerAddress(
            host: "127.0.0.1",
            port: $0.port,
            username: $0.credential.user,
            password: $0.credential.password
        )
    }
}

extension PrivateBroker {
    /// Puts credentials and listeners in force.
    func write(
        _ credentials: [(user: String, hash: String)],
        _ listeners: [ShowGateway.Listener]
    ) async throws {
        try await writePasswords(
            credentials,
            listeners: listeners.map { GatewayListener(meterName: $0.meterName, port: $0.port) }
        )
    }
}
