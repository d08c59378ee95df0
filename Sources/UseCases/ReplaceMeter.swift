import Metering
import Registry
package import Store
package import Units

/// Exchanges the meter of a service: the old one closes, the new one opens (R13).
package struct ReplaceMeter: Sendable {
    /// The registers read at the exchange.
    package struct Input: Sendable {
        package var serviceNumber: String
        package var newSerial: String
        package var at: Instant
        package var closingRegister: Energy
        package var openingRegister: Energy

        package init(
            serviceNumber: String,
            newSerial: String,
            at: Instant,
            closingRegister: Energy,
            openingRegister: Energy
        ) {
            self.serviceNumber = serviceNumber
            self.newSerial = newSerial
            self.at = at
            self.closingRegister = closingRegister
            self.openingRegister = openingRegister
        }
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Takes the standing meter off and hangs the new one, in one transaction.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws {
        try caller.require(.manager, .engineer)
        try await store.withTenant(caller.office) { transaction in
            let service = try transaction.visibleService(input.serviceNumber, caller)
            guard let meter = try transaction.meter(serial: input.newSerial) else {
                throw InvalidInput("newSerial", "unknown", "no meter '\(input.newSerial)'")
            }
            let hanging = try transaction.installations(of: service.id).last { $0.removedAt == nil }
            let standing = hanging?.meter
            var faults = FaultCollector()
            faults.check(
                meter.id != standing?.id,
                "newSerial",
                "invalid",
                "meter \(meter.serial) hangs there already; its successor is another meter"
            )
            faults.check(
                input.at <= clock.now().adding(seconds: Limits.exchangeAheadSeconds),
                "at",
                "out_of_range",
                "not in the future"
            )
            faults.check(
                input.closingRegister >= .zero
                    && input.closingRegister < standing?.registerModulus ?? meter.registerModulus,
                "closingRegisterWattHours",
                "out_of_range",
                "0 or more, and below what the old meter's register can show"
            )
            faults.check(
                input.openingRegister >= .zero && input.openingRegister < meter.registerModulus,
                "openingRegisterWattHours",
                "out_of_range",
                "0 or more, and below what the new meter's register can show"
            )
            try faults.finish()
            if let hanging {
                try transaction.checkClosing(input.closingRegister, of: hanging, at: input.at)
            }
            let removed = try transaction.removeMeter(
                from: service.id,
                at: input.at,
                closingRegister: input.closingRegister
            )
            guard removed != nil else {
                throw StateConflict("service_without_meter", "the service has no meter now")
            }
            try transaction.install(
                meter: meter.id,
                service: service.id,
                at: input.at,
                openingRegister: input.openingRegister
            )
        }
    }
}
