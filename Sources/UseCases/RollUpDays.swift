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

    /// Works off every mark of a closed day; how many there were.
    @discardableResult
    package func callAsFunction(office: Office) async throws -> Int {
        // A closed day waits a little, so that batches under way at midnight are in it.
        let settled = clock.now().adding(seconds: -Limits.dayClosingGraceSeconds)
        let today = office.zone.date(of: settled)
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
            if count < Limits.dirtyDaysPerRound { return total }
        }
    }

    /// The same for every office.
    @discardableResult
    package func all() async throws -> Int {
        var total = 0
        for office in try await FindOffices(store: store).all() {
            total += try await self(office: office)
        }
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

    /// The months that were new: from the previous month to three ahead, and any other asked for.
    package func callAsFunction(
        from first: CivilMonth? = nil
    ) async throws -> [CivilMonth] {
        let month = OfficeZone(name: "UTC", offsetSeconds: 0).date(of: clock.now()).month
        var next = min(first ?? month.adding(months: -1), month.adding(months: -1))
        var made: [CivilMonth] = []
        while next <= month.adding(months: 3) {
            let wanted = next
            if try await store.withoutTenant({ try $0.makeReadingPartition(wanted) }) {
                made.append(wanted)
            }
            next = next.adding(months: 1)
        }
        return made
    }
}
