package import Metering
import Registry
package import Store
package import Units

/// Makes closed days anew from raw readings, or says whether they would come out the same.
package struct RebuildDays: Sendable {
    /// What a rebuild did.
    package struct Report: Sendable {
        package var days = 0
        /// Days that were not as the readings say, with their meters.
        package var differing: [(meterSerial: String, day: CivilDate)] = []
        /// Meters whose days could not be made, and why; the others were.
        package var unmade: [(meterSerial: String, reason: String)] = []
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Makes the days of a meter, or of every meter, from a day up to yesterday anew; with
    /// `onlyCompares` nothing is kept.
    package func callAsFunction(
        meterSerial: String? = nil,
        from first: CivilDate,
        onlyCompares: Bool,
        by caller: Caller,
        progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Report {
        try caller.require(.manager, .engineer)
        let office = try await FindOffices(store: store)(caller.office)
        // What is marked is made first: only then can a comparison mean anything.
        try await RollUpDays(store: store, clock: clock)(office: office)
        let settled = clock.now().adding(seconds: -Limits.dayClosingGraceSeconds)
        let today = office.zone.date(of: settled)
        guard first < today else {
            throw InvalidInput("from", "out_of_range", "a day before today, \(today)")
        }
        let making = try DayMaking(office: office, today: today)
        let meters = try await store.withTenant(office.id, readOnly: true) { transaction in
            if let meterSerial {
                guard let meter = try transaction.meter(serial: meterSerial) else {
                    throw NotFound("meter '\(meterSerial)'")
                }
                return [meter]
            }
            return try transaction.metersBySerial().values.sorted { $0.serial < $1.serial }
        }
        var report = Report()
        for (index, meter) in meters.enumerated() {
            try Task.checkCancellation()
            do {
                let (days, differing) = try await compared(
                    DayStretch(meter: meter.id, first: first, last: making.yesterday),
                    making,
                    keeps: !onlyCompares
                )
                report.days += days
                report.differing += differing.map { (meter.serial, $0) }
            } catch let unmade as UnmadeDays {
                report.unmade.append((meter.serial, unmade.reason))
            }
            progress(index + 1, meters.count)
        }
        return report
    }

    /// Carries a result out of a transaction that is undone.
    private struct Undone: Error {
        let days: Int
        let differing: [CivilDate]
    }

    private func make(
        _ days: [CivilDate],
        of meter: Meter.ID,
        _ making: DayMaking,
        _ transaction: TenantTransaction
    ) throws {
        let unmade = try making.make(
            days.map { MeterDayKey(meter: meter, day: $0) },
            in: transaction
        )
        if let unmade = unmade.first { throw unmade }
    }

    private func compared(
        _ stretch: DayStretch,
        _ making: DayMaking,
        keeps: Bool
    ) async throws -> (days: Int, differing: [CivilDate]) {
        do {
            return try await store.withTenant(making.office.id) { transaction in
                try transaction.lockDayMaking()
                let before = try transaction.digests(of: stretch)
                try make(stretch.days, of: stretch.meter, making, transaction)
                let after = try transaction.digests(of: stretch)
                let differing = Set(before.keys).union(after.keys)
                    .filter { before[$0] != after[$0] }.sorted()
                // The next night begins at its own state, not at the beginning of what was made here.
                try make([stretch.last], of: stretch.meter, making, transaction)
                guard keeps else { throw Undone(days: after.count, differing: differing) }
                return (after.count, differing)
            }
        } catch let undone as Undone {
            return (undone.days, undone.differing)
        }
    }
}
