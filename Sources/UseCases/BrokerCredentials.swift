import Registry
package import Store

/// What the broker's password file must hold: every meter of every office.
package struct BrokerCredentials: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// User names `office.serial` and their hashes, office by office.
    package func callAsFunction() async throws -> [(user: String, hash: String)] {
        var credentials: [(user: String, hash: String)] = []
        for id in try await store.withoutTenant({ try $0.officeIDs() }) {
            credentials += try await store.withTenant(id, readOnly: true) { transaction in
                let code = try transaction.office().code
                return try transaction.brokerCredentials().map {
                    ("\(code).\($0.serial)", $0.hash)
                }
            }
        }
        return credentials
    }

    /// Emits when meters or credentials changed somewhere.
    package func changes() -> any AsyncSequence<Void, Never> & Sendable { store.changes() }
}
