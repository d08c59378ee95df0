package import Metering
package import Registry
package import Store
import Synchronization
import Units

/// The newest values of every meter this process hears, and whoever watches them.
///
/// They reach the database every few seconds, not with every reading; a reader in another
/// process sees them there.
package final class LiveReadings: Sendable {
    private struct Key: Hashable {
        let office: Office.ID
        let meter: Meter.ID
    }

    private struct State {
        var latest: [Key: LatestReading] = [:]
        var unwritten: Set<Key> = []
        var watchers: [Key: [Int: AsyncStream<LatestReading>.Continuation]] = [:]
        var watcherCount = 0
        var nextWatcher = 0
    }

    private let store: Store
    private let clocks: MeterClocks
    /// Every reading passes here: a lock for a look into a table, where an actor would be two turns.
    private let state = Mutex(State())

    package init(store: Store) {
        self.store = store
        clocks = MeterClocks(store: store)
    }

    /// Takes a newer value and passes it to whoever watches; an older one is ignored.
    package func note(_ reading: LatestReading, office: Office.ID) {
        let key = Key(office: office, meter: reading.meter)
        let watching = state.withLock { state -> [AsyncStream<LatestReading>.Continuation] in
            if let known = state.latest[key], known.at >= reading.at { return [] }
            state.latest[key] = reading
            state.unwritten.insert(key)
            guard !state.watchers.isEmpty else { return [] }
            return state.watchers[key].map { Array($0.values) } ?? []
        }
        for watcher in watching { watcher.yield(reading) }
    }

    /// Takes how long a reading of a meter with a clock of its own took to come.
    package func noteClock(_ reading: LatestReading, office: Office.ID) {
        clocks.note(
            at: reading.at,
            receivedAt: reading.receivedAt,
            meter: reading.meter,
            office: office
        )
    }

    /// The newest value this process has heard.
    package func latest(of meter: Meter.ID, office: Office.ID) -> LatestReading? {
        state.withLock { $0.latest[Key(office: office, meter: meter)] }
    }

    /// New values of a meter as they come; only the newest waits for a slow reader.
    package func watch(_ meter: Meter.ID, office: Office.ID) throws
        -> AsyncStream<LatestReading>
    {
        let key = Key(office: office, meter: meter)
        let (stream, continuation) = AsyncStream.makeStream(
            of: LatestReading.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = try state.withLock { state in
            guard state.watcherCount < Limits.liveSubscribersMaximum else {
                throw Overloaded(retryAfterSeconds: 30)
            }
            let number = state.nextWatcher
            state.nextWatcher += 1
            state.watcherCount += 1
            state.watchers[key, default: [:]][number] = continuation
            return number
        }
        continuation.onTermination = { [weak self] _ in self?.leave(key, number) }
        return stream
    }

    private func leave(_ key: Key, _ number: Int) {
        state.withLock { state in
            guard state.watchers[key]?.removeValue(forKey: number) != nil else { return }
            state.watcherCount -= 1
            if state.watchers[key]?.isEmpty == true { state.watchers[key] = nil }
        }
    }

    /// Writes what is new to the database; what could not be written waits for the next round.
    package func flush() async throws {
        let (keys, byOffice) = state.withLock { state in
            let keys = state.unwritten
            state.unwritten = []
            var byOffice: [Office.ID: [LatestReading]] = [:]
            for key in keys {
                if let reading = state.latest[key] {
                    byOffice[key.office, default: []].append(reading)
                }
            }
            return (keys, byOffice)
        }
        do {
            for (office, readings) in byOffice {
                try await store.withTenant(office) { try $0.upsert(readings) }
            }
        } catch {
            state.withLock { $0.unwritten.formUnion(keys) }
            throw error
        }
        try await clocks.flush()
    }
}
