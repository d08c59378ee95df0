import PrivateServices

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
