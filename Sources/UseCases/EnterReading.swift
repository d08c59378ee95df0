import Billing
import Metering
package import Registry
package import Store
package import Units

/// Takes a register that a person read: an assessor on a round, or the consumer at their own meter.
///
/// It is checked against the history of meter and service first. What fits is a reading at once; what
/// is doubtful is held for a person; what cannot be is refused by name and not kept.
package struct EnterReading: Sendable {
    /// What an assessor found at a service.
    package struct Visit: Sendable {
        package var serviceNumber: String
        package var cycle: String?
        package var group: String
        /// Now, when not said.
        package var at: Instant?
        package var outcome: VisitOutcome
        package var register: Energy?
        package var note: String

        package init(
            serviceNumber: String,
            cycle: String? = nil,
            group: String = "",
            at: Instant? = nil,
            outcome: VisitOutcome = .read,
            register: Energy?,
            note: String = ""
        ) {
            self.serviceNumber = serviceNumber
            self.cycle = cycle
            self.group = group
            self.at = at
            self.outcome = outcome
            self.register = register
            self.note = note
        }
    }

    /// What a consumer read, with a photo of the meter as it was sent.
    package struct OwnReading: Sendable {
        package var serviceNumber: String
        /// Now, when not said.
        package var at: Instant?
        package var register: Energy
        package var photo: [UInt8]?

        package init(
            serviceNumber: String,
            at: Instant? = nil,
            register: Energy,
            photo: [UInt8]? = nil
        ) {
            self.serviceNumber = serviceNumber
            self.at = at
            self.register = register
            self.photo = photo
        }
    }

    /// What became of an entry; the same again is no second one.
    package struct Entered: Sendable {
        package var reading: ManualReading
        package var isNew: Bool
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Takes an assessor's visit; a register, or an outcome that says why there is none.
    package func visit(_ visit: Visit, by caller: Caller) async throws -> Entered {
        try caller.require(.manager, .clerk, .engineer)
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let (cycle, _) = try desk.round(visit.cycle, group: visit.group)
            return try desk.enter(visit, cycle: cycle)
        }
    }

    /// Takes a consumer's own reading; staff may enter one that a consumer brought to the counter.
    ///
    /// The same again is the same one, and brings a photo that was missing; after a rejection it is a new
    /// one that waits.
    package func own(_ own: OwnReading, by caller: Caller) async throws -> Entered {
        try Self.checkMayRead(caller)
        let photo = try Self.photo(own.photo)
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let service = try transaction.visibleService(own.serviceNumber, caller)
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            return try desk.enter(
                ReadingDesk.Draft(
                    service: service,
                    source: .consumer,
                    cycle: nil,
                    at: own.at,
                    outcome: .read,
                    register: own.register,
                    note: "",
                    photo: photo
                )
            )
        }
    }

    /// Refuses whoever may not send a reading, before anything of it is read.
    package static func checkMayRead(_ caller: Caller) throws {
        try caller.require(.consumer, .manager, .clerk, .engineer)
    }

    private static func photo(_ content: [UInt8]?) throws -> ReadingPhoto? {
        guard let content, !content.isEmpty else { return nil }
        guard content.count <= Limits.photoBytesMaximum else {
            throw InvalidInput(
                "photo",
                "out_of_range",
                "at most \(Limits.photoBytesMaximum / 1_048_576) MiB"
            )
        }
        do {
            return try ReadingPhoto(content: content)
        } catch {
            throw InvalidInput("photo", "invalid", error.reason)
        }
    }
}
