import Metering
package import Registry
package import Store
package import Units

/// Makes closed and dirty days from raw readings, office by office.
///
/// Of a meter that reports by itself the register machine makes days, blocks and exceptions anew from
/// two days before the first dirty one up to yesterday: what came late can change what followed, and
/// what followed decides about a doubtful end. The result is a pure function of the readings, however
/// often and in whatever order they were worked off.
package struct RollUpDays: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Works off every mark of a closed day, a bounded number in each transaction; how many there were.
    @discardableResult
    package func callAsFunction(office: Office) async throws -> Int {
        try await work(on: office, before: settledDay(of: office)) { _ in }
    }

    /// The same; `progress` is told how many of how many marks are done.
    @discardableResult
    package func callAsFunction(
        office: Office,
        progress: (Int, Int) -> Void
    ) async throws -> Int {
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
        progress: (Int) -> Void
    ) async throws -> Int {
        let making = try DayMaking(office: office, today: today)
        var total = 0
        while true {
            let count = try await store.withTenant(office.id) { transaction in
                let (marks, days) = try transaction.takeDirtyDays(
                    before: today,
                    limit: Limits.dirtyDaysPerRound
                )
                try making.make(days, in: transaction)
                return marks
            }
            total += count
            progress(total)
            if count < Limits.dirtyDaysPerRound { break }
        }
        if total > 0 { try await makePeerProfiles(of: making) }
        return total
    }

    /// The same for every office; the failure of one is told after the others are done.
    @discardableResult
    package func all() async throws -> Int {
        var total = 0
        var failure: (any Error)?
        for office in try await FindOffices(store: store).all() {
            do {
                total += try await self(office: office)
            } catch {
                if error is CancellationError || error is StoreUnavailable { throw error }
                failure = error
            }
        }
        if let failure { throw failure }
        return total
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
