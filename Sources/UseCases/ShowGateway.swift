package import Metering
import Registry
package import Store
import Units

/// Shows the gateway for old meters: which there are, what happened, which listeners the broker needs.
package struct ShowGateway: Sendable {
    /// The listener of one old meter.
    package struct Listener: Sendable, Hashable {
        /// The meter's name in the installation, `office.serial`.
        package let meterName: String
        package let port: Int
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// The old meters of the caller's office.
    package func list(by caller: Caller) async throws -> [OldMeter] {
        try caller.requireStaff()
        return try await store.withTenant(caller.office, readOnly: true) { try $0.oldMeters() }
    }

    /// What happened to them, newest first.
    package func events(
        _ page: PageRequest,
        by caller: Caller
    ) async throws -> Page<RecordedGatewayEvent> {
        try caller.requireStaff()
        var before: Int64?
        if !page.after.isEmpty {
            guard let cursor = Int64(page.after) else {
                throw InvalidInput("after", "invalid", "a cursor that a list gave")
            }
            before = cursor
        }
        let (start, limit) = (before, page.limit)
        let events = try await store.withTenant(caller.office, readOnly: true) {
            try $0.gatewayEvents(before: start, limit: limit + 1)
        }
        return Page(cutting: events, limit: limit) { "\($0.id)" }
    }

    /// The listeners of all offices, by port.
    package func listeners() async throws -> [Listener] {
        var listeners: [Listener] = []
        for office in try await FindOffices(store: store).all() {
            listeners += try await store.withTenant(office.id, readOnly: true) { transaction in
                try transaction.oldMeters().map {
                    Listener(meterName: "\(office.code).\($0.meter.serial)", port: $0.port)
                }
            }
        }
        return listeners.sorted { $0.port < $1.port }
    }
}
