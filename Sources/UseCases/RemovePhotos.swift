package import Registry
package import Store
package import Units

/// Takes photos of meters away once an office keeps them no longer; register, decision and the mark
/// that there was one stay.
package struct RemovePhotos: Sendable {
    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Removes what is due in an office, some in each transaction; how many there were.
    ///
    /// A photo is due `photoDays` after the decision about its reading, or after the entry where it was
    /// accepted at once. One that waits keeps it.
    package func callAsFunction(office: Office) async throws -> Int {
        let now = clock.now()
        let before = now.adding(seconds: -Int64(office.metering.photoDays) * 86_400)
        var total = 0
        while true {
            let count = try await store.withTenant(office.id) { transaction in
                try transaction.removePhotos(
                    decidedBefore: before,
                    at: now,
                    limit: Limits.photosPerRound
                )
            }
            total += count
            if count < Limits.photosPerRound { return total }
        }
    }

    /// The same for every office; the failure of one is told after the others are done.
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
