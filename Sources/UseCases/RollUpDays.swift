package import Metering
package import Registry
package import Store
import Synchronization
package import Units

/// Makes closed and dirty days from raw readings, office by office.
///
/// Of a meter that reports by itself the register machine makes days, blocks and exceptions anew from
/// two days before the first dirty one up to yesterday: what came late can change what followed, and
/// what followed decides about a doubtful end. The result is a pure function of the readings, however
/// often and in whatever order they were worked off.
package struct RollUpDays: Sendable {
    /// What was worked off.
    package struct Report: Sendable {
        /// Marks, those that stand again included.
        package var marks = 0
        /// Meters whose days could not be made; the marks of these days stand.
        package var unmade: [UnmadeDays] = []
    }

    let store: Store
    let clock: WallClock
    private let readingsAtOnce: Int
    private let readingsOfMeter: Int
    private let failed = Failures()

    /// `readingsAtOnce`: so many are in memory, but for a single meter that has more; one with more than
    /// `readingsOfMeter` is not made.
    package init(
        store: Store,
        clock: WallClock,
        readingsAtOnce: Int = Limits.readingsPerDayMaking,
        readingsOfMeter: Int = Store.readingsOfMeterMaximum
    ) {
        self.store = store
        self.clock = clock
        self.readingsAtOnce = readingsAtOnce
        self.readingsOfMeter = readingsOfMeter
    }

    /// Works off every mark of a closed day, a bounded number in each transaction.
    @discardableResult
    package func callAsFunction(office: Office) async throws -> Report {
        try await work(on: office, before: settledDay(of: office)) { _ in }
    }

    /// The same; `progress` is told how many of how many marks are done.
    @discardableResult
    package func callAsFunction(
        office: Office,
        progress: (Int, Int) -> Void
    ) async throws -> Report {
        let today = settledDay(of: office)
        let marks = try await store.withTenant(office.id, readOnly: true) {
            try $0.dirtyDays(before: today)
        }
        return try await work(on: office, before: today) { progress($0, max(marks, $0)) }
    }

    /// A closed day waits a little, so that batches under way at midnight are in it.
    private func settledDay(of office: Office) -> CivilDate {
        office.zone.date(of: clock.now().adding(seconds: -Limits.dayClosingGraceSeconds))
    }

    private func work(
        on office: Office,
        before today: CivilDate,
        passing: Set<Meter.ID> = [],
        progress: (Int) -> Void
    ) async throws -> Report {
        var settings = try DayMaking(office: office, today: today)
        settings.readingsAtOnce = readingsAtOnce
        settings.readingsOfMeter = readingsOfMeter
        let making = settings
        var report = Report()
        while true {
            let passed = passing.union(report.unmade.map(\.meter)).sorted()
            let (count, unmade) = try await store.withTenant(office.id) { transaction in
                let (marks, days) = try transaction.takeDirtyDays(
                    before: today,
                    limit: Limits.dirtyDaysPerRound,
                    passing: passed
                )
                let unmade = try making.make(days, in: transaction)
                try transaction.markDirty(Set(unmade.flatMap(\.keys)))
                return (marks, unmade)
            }
            report.marks += count
            report.unmade += unmade
            progress(report.marks)
            if count < Limits.dirtyDaysPerRound { break }
        }
        if report.marks > 0 { try await makePeerProfiles(of: making) }
        return report
    }

    /// The same for every office; the failure of one is told after the others are done.
    ///
    /// A meter whose days could not be made is passed over for an hour.
    ///
    /// - Returns: what was worked off, where anything was.
    @discardableResult
    package func all() async throws -> [(office: Office, report: Report)] {
        var done: [(Office, Report)] = []
        var failure: (any Error)?
        let now = clock.now()
        for office in try await FindOffices(store: store).all() {
            do {
                let report = try await work(
                    on: office,
                    before: settledDay(of: office),
                    passing: failed.meters(of: office.id, at: now)
                ) { _ in }
                failed.note(report.unmade, of: office.id, at: now)
                if report.marks > 0 { done.append((office, report)) }
            } catch {
                if error is CancellationError || error is StoreUnavailable { throw error }
                failure = error
            }
        }
        if let failure { throw failure }
        return done
    }
}

/// Which meters' days could not be made, and until when they are passed over.
private final class Failures: Sendable {
    private struct Key: Hashable {
        let office: Office.ID
        let meter: Meter.ID
    }

    private let until = Mutex<[Key: Instant]>([:])

    func meters(of office: Office.ID, at now: Instant) -> Set<Meter.ID> {
        until.withLock { until in
            until = until.filter { $0.value > now }
            return Set(until.keys.lazy.filter { $0.office == office }.map(\.meter))
        }
    }

    func note(_ unmade: [UnmadeDays], of office: Office.ID, at now: Instant) {
        let end = now.adding(seconds: Limits.unmadePauseSeconds)
        until.withLock { until in
            for own in unmade { until[Key(office: office, meter: own.meter)] = end }
        }
    }
}

/// Makes partitions of readings ahead of time.
package struct MakePartitions: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The months that were new: from the previous month to three ahead, those asked for, and those
    /// of which readings wait.
    package func callAsFunction(of months: Set<CivilMonth> = []) async throws -> [CivilMonth] {
        let month = OfficeZone(name: "UTC", offsetSeconds: 0).date(of: clock.now()).month
        var made: [CivilMonth] = []
        let waiting = try await store.withoutTenant { try $0.waitingReadingMonths() }
        let wanted = months.union((-1...3).map { month.adding(months: $0) })
            .union(waiting.prefix(Limits.waitingMonths))
        for wanted in wanted.sorted() {
            let isNew = try await store.withoutTenant { try $0.makeReadingPartition(wanted) }
            made += isNew ? [wanted] : []
        }
        return made
    }
}
