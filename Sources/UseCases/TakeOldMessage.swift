package import Metering
import Registry
package import Store
package import Units

/// Takes in one message of an old meter: registers, protection, now and then a reading.
///
/// Everything it leads to is in one transaction, on the meter's own row: a restart forgets nothing, and
/// of several servers that share the messages each sees what the one before left.
package struct TakeOldMessage: Sendable {
    let store: Store
    let live: LiveReadings

    package init(store: Store, live: LiveReadings) {
        self.store = store
        self.live = live
    }

    /// What the message led to; nil when the meter is not registered as an old one.
    @discardableResult
    package func callAsFunction(
        _ message: OldMeterMessage,
        from identity: MeterIdentity,
        receivedAt at: Instant
    ) async throws -> OldMeterStep? {
        let meter = identity.meter
        let zone = identity.office.zone
        let taken = try await store.withTenant(identity.office.id) { transaction in
            guard var state = try transaction.lockOldMeter(meter.id) else {
                return (OldMeterStep, OldMeterState)?.none
            }
            let readingBefore = state.readingAt
            let step = state.take(message, at: at, meter: meter)
            try transaction.update(meter.id, state)
            if let reading = step.reading {
                _ = try transaction.insert([ReadingInsertion(meter: meter.id, reading: reading)])
                let day = zone.meteringDay(of: at)
                if readingBefore.map({ zone.meteringDay(of: $0) != day }) ?? true {
                    try transaction.markDirty([MeterDayKey(meter: meter.id, day: day)])
                }
            }
            try transaction.insert(step.events, of: meter.id, at: at)
            try transaction.insert(step.commands, to: meter.id, at: at)
            if let fault = Self.summary(of: message.faults) {
                let rejection = RejectionInsertion(
                    meter: meter.id,
                    epoch: 0,
                    sequence: -1,
                    fault: fault
                )
                try transaction.insert([rejection], at: at)
            }
            return (step, state)
        }
        guard let (step, state) = taken else { return nil }
        show(message, state, identity, at)
        return step
    }

    private func show(
        _ message: OldMeterMessage,
        _ state: OldMeterState,
        _ identity: MeterIdentity,
        _ at: Instant
    ) {
        let (meter, office) = (identity.meter, identity.office.id)
        let known = live.latest(of: meter.id, office: office)
        let channels = state.channels(message, known: known, meter: meter)
        let latest = LatestReading(
            meter: meter.id,
            at: at,
            receivedAt: at,
            main: channels.main,
            dev1: channels.dev1,
            dev2: channels.dev2
        )
        live.note(latest, office: office)
    }

    /// All faults of a message as one line of the list of refusals.
    private static func summary(of faults: [ReadingFault]) -> ReadingFault? {
        faults.first.map {
            ReadingFault($0.code, faults.map(\.detail).joined(separator: "; "))
        }
    }
}
