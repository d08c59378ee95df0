package import Metering
import Registry
package import Store
import Units

/// Takes waiting commands of old meters out of the database, so that a server may send them.
package struct SendOldCommands: Sendable {
    /// One command with the meter's name in the installation.
    package struct Outgoing: Sendable {
        package let meterName: String
        package let command: OldRelayCommand
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Sends what waits in every office; a failed one stays and is tried again until it is too old.
    ///
    /// `send` returns when the broker has the command.
    package func callAsFunction(
        send: @Sendable (Outgoing) async throws -> Void
    ) async throws {
        for office in try await FindOffices(store: store).all() {
            while try await sendSome(of: office, send) {}
        }
    }

    /// Emits when something is to be sent somewhere.
    package func wishes() -> any AsyncSequence<Void, Never> & Sendable { store.gatewayCommands() }

    /// Whether there may be more.
    private func sendSome(
        of office: Office,
        _ send: (Outgoing) async throws -> Void
    ) async throws -> Bool {
        let now = clock.now()
        let claimed = try await store.withTenant(office.id) { transaction in
            _ = try transaction.expireCommands(
                requestedBefore: now.adding(seconds: -Limits.oldCommandSeconds),
                at: now
            )
            return try transaction.claimCommands(
                at: now,
                abandonedBefore: now.adding(seconds: -Limits.oldCommandClaimSeconds),
                limit: Limits.oldCommandsAtOnce
            )
        }
        for command in claimed {
            // Those before it may have taken long: another server may have taken this one over.
            let before = clock.now()
            let isOurs = try await store.withTenant(office.id) {
                try $0.renewClaim(
                    of: command.id,
                    claimedAt: now,
                    requestedAfter: before.adding(seconds: -Limits.oldCommandSeconds),
                    at: before
                )
            }
            guard isOurs else { continue }
            let name = "\(office.code).\(command.meterSerial)"
            try await send(Outgoing(meterName: name, command: command.command))
            let sentAt = clock.now()
            try await store.withTenant(office.id) {
                try $0.markSent([command.id], at: sentAt)
            }
        }
        return !claimed.isEmpty
    }
}
