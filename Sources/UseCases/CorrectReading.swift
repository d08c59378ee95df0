import Metering
import Registry
package import Store
package import Units

/// Corrects a register that was read or typed wrongly; the wrong one is kept with who and why.
package struct CorrectReading: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Puts the right register in place, also one that was read when the meter was hung or taken off
    /// at that instant, and marks the day to be made again; bills not yet issued
    /// follow with the next run, issued ones by a note.
    /// - Returns: the register that stood there.
    package func callAsFunction(
        serial: String,
        at instant: Instant,
        register: Energy,
        reason: String,
        by caller: Caller
    ) async throws -> Energy {
        try caller.require(.manager, .engineer)
        guard !reason.isBlank, reason.count <= Limits.reasonCharactersMaximum else {
            throw InvalidInput("reason", "missing", "a reason of 1 to 500 characters")
        }
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let office = try transaction.office()
            guard let meter = try transaction.meter(serial: serial) else {
                throw NotFound("meter '\(serial)'")
            }
            guard register >= .zero, register < meter.registerModulus else {
                throw InvalidInput(
                    "registerWattHours",
                    "out_of_range",
                    "0 or more, and below what the meter's register can show"
                )
            }
            let utc = OfficeZone(name: "UTC", offsetSeconds: 0)
            let months = [instant, office.zone.start(of: office.zone.meteringDay(of: instant))]
                .map { utc.date(of: $0).month }
            if let month = try transaction.archivedMonths().first(where: months.contains) {
                throw StateConflict(
                    "month_archived",
                    "the readings of \(month) are in the archive: nothing in them is changed"
                )
            }
            let exchanged = try transaction.correctExchange(
                of: meter.id,
                at: instant,
                register: register,
                reason: reason,
                by: caller.name,
                madeAt: now
            )
            let read = try transaction.correct(
                meter.id,
                at: instant,
                register: register,
                reason: reason,
                by: caller.name,
                madeAt: now
            )
            guard let old = read ?? exchanged else {
                throw NotFound("reading of meter '\(serial)' at \(instant)")
            }
            try transaction.markDirty([
                MeterDayKey(meter: meter.id, day: office.zone.meteringDay(of: instant))
            ])
            return old
        }
    }
}
