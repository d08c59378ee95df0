package import Metering
package import Registry
package import Store
import Units

/// The newest values of every meter this process hears, and whoever watches them.
///
/// They reach the database every few seconds, not with every reading; a reader in another
/// process sees them there.
package actor LiveReadings {
    private struct Key: Hashable {
        let office: Office.ID
        let meter: Meter.ID
    }

    private let store: Store
    private var latest: [Key: LatestReading] = [:]
    private var unwritten: Set<Key> = []
    private var watchers: [Key: [Int: AsyncStream<LatestReading>.Continuation]] = [:]
    private var watcherCount = 0
    private var nextWatcher = 0

    package init(store: Store) { self.store = store }

    /// Takes a newer value and passes it to whoever watches; an older one is ignored.
    package func note(_ reading: LatestReading, office: Office.ID) {
        let key = Key(office: office, meter: reading.meter)
        if let known = latest[key], known.at >= reading.at { return }
        latest[key] = reading
        unwritten.insert(key)
        for watcher in (watchers[key] ?? [:]).values { watcher.yield(reading) }
    }

    /// The newest value this process has heard.
    package func latest(of meter: Meter.ID, office: Office.ID) -> LatestReading? {
        latest[Key(office: office, meter: meter)]
    }

    /// New values of a meter as they come; only the newest waits for a slow reader.
    package func watch(_ meter: Meter.ID, office: Office.ID) throws
        -> AsyncStream<LatestReading>
    {
        guard watcherCount < Limits.liveSubscribersMaximum else {
            throw Overloaded(retryAfterSeconds: 30)
        }
        let key = Key(office: office, meter: meter)
        let (stream, continuation) = AsyncStream.makeStream(
            of: LatestReading.self,
            bufferingPolicy: .bufferingNewest(1)
        )
        let number = nextWatcher
        nextWatcher += 1
        watcherCount += 1
        watchers[key, default: [:]][number] = continuation
        continuation.onTermination = { [weak self] _ in
            Task { await self?.leave(key, number) }
        }
        return stream
    }

    private func leave(_ key: Key, _ number: Int) {
        guard watchers[key]?.removeValue(forKey: number) != nil else { return }
        watcherCount -= 1
        if watchers[key]?.isEmpty == true { watchers[key] = nil }
    }

    /// Writes what is new to the database; what could not be written waits for the next round.
    package func flush() async throws {
        let keys = unwritten
        unwritten = []
        var byOffice: [Office.ID: [LatestReading]] = [:]
        for key in keys {
            if let reading = latest[key] { byOffice[key.office, default: []].append(reading) }
        }
        do {
            for (office, readings) in byOffice {
                try await store.withTenant(office) { try $0.upsert(readings) }
            }
        } catch {
            unwritten.formUnion(keys)
            throw error
        }
    }
}
