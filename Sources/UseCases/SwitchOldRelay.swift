package import Metering
import Registry
package import Store
import Units

/// Switches the relays of an old meter, and releases a trip.
///
/// The command is a row first; whichever server holds the broker sends it.
package struct SwitchOldRelay: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Puts a command on its way: the consumer's for their own meter, managers' and engineers' for all.
    ///
    /// A supply that was switched off above the voltage limit is not switched on by anybody before
    /// it is released (`StateConflict`). More than a few in a minute are refused (`Overloaded`).
    package func callAsFunction(
        serial: String,
        channel: Channel,
        on: Bool,
        by caller: Caller
    ) async throws -> OldRelayCommand {
        if caller.role != .consumer, caller.role != .meter {
            try caller.require(.manager, .engineer)
        }
        let command = OldRelayCommand(channel, on: on)
        let now = clock.now()
        try await store.withTenant(caller.office) { transaction in
            let (meter, _) = try transaction.visibleMeter(serial, caller)
            let state = try transaction.oldState(meter)
            if command == .mainOn, state.protection.trippedAt != nil {
                throw StateConflict(
                    "tripped",
                    "the supply was switched off because of over-voltage; the office releases it"
                )
            }
            let minute = now.adding(seconds: -60)
            guard
                try transaction.commandCount(to: meter.id, since: minute)
                    < Limits.oldCommandsPerMinute
            else { throw Overloaded(retryAfterSeconds: 60, isOwnShare: true) }
            try transaction.insert([command], to: meter.id, at: now)
            let event = OldMeterEvent(.switched, "\(command.rawValue) by \(caller.name)")
            try transaction.insert([event], of: meter.id, at: now)
        }
        return command
    }

    /// Lets a tripped supply be switched on again; it stays off until it is.
    package func release(serial: String, by caller: Caller) async throws {
        try caller.require(.manager, .engineer)
        let now = clock.now()
        try await store.withTenant(caller.office) { transaction in
            let (meter, _) = try transaction.visibleMeter(serial, caller)
            var state = try transaction.oldState(meter)
            guard state.protection.trippedAt != nil else {
                throw StateConflict("not_tripped", "meter '\(serial)' has not tripped")
            }
            state.protection.release()
            try transaction.update(meter.id, state)
            let event = OldMeterEvent(.released, "by \(caller.name)")
            try transaction.insert([event], of: meter.id, at: now)
        }
    }
}

extension TenantTransaction {
    /// What is remembered of an old meter; `StateConflict` is thrown for any other.
    fileprivate func oldState(_ meter: Meter) throws -> OldMeterState {
        guard let state = try lockOldMeter(meter.id) else {
            throw StateConflict(
                "not_an_old_meter",
                "meter '\(meter.serial)' is not registered as an old one"
            )
        }
        return state
    }
}
