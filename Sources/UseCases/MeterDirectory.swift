package import Metering
package import Registry
package import Store
import Synchronization
import Units

/// A meter as intake knows it: its office, its rules, its name.
package struct MeterIdentity: Sendable, Hashable {
    package let office: Office
    package let meter: Meter

    package init(office: Office, meter: Meter) {
        self.office = office
        self.meter = meter
    }

    /// `office.serial`, unique in the installation.
    package var name: String { "\(office.code).\(meter.serial)" }
}

/// Remembers which meter a name or a token belongs to, so that a reading costs no look-up.
///
/// Entries live for a minute, and all are forgotten when the database says that meters changed.
package final class MeterDirectory: Sendable {
    private struct Entry {
        let identity: MeterIdentity?
        let expires: Instant
    }

    private struct Memory {
        var byName: [String: Entry] = [:]
        var byToken: [[UInt8]: Entry] = [:]
        /// Raised by `forget`: what was looked up before must not be remembered after it.
        var generation = 0
    }

    private let store: Store
    private let clock: WallClock
    /// Every message passes here: a lock for a look into a table, where an actor would be two turns.
    private let memory = Mutex(Memory())

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The meter of a name `office.serial`; nil when there is none.
    package func meter(named name: String) async throws -> MeterIdentity? {
        let now = clock.now()
        let (known, generation) = memory.withLock { ($0.byName[name], $0.generation) }
        if let known, known.expires > now { return known.identity }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        let found = try await store.withoutTenant {
            try $0.meter(officeCode: parts[0], serial: parts[1])
        }
        let identity = try await load(found)
        let entry = Entry(identity: identity, expires: expiry())
        memory.withLock { memory in
            guard memory.generation == generation else { return }
            if memory.byName.count >= Limits.meterCacheEntries { memory.byName.removeAll() }
            memory.byName[name] = entry
        }
        return identity
    }

    /// The meter whose credential has this digest; nil when there is none.
    package func meter(credentialDigest digest: [UInt8]) async throws -> MeterIdentity? {
        let now = clock.now()
        let (known, generation) = memory.withLock { ($0.byToken[digest], $0.generation) }
        if let known, known.expires > now { return known.identity }
        let found = try await store.withoutTenant { try $0.meter(credentialDigest: digest) }
        let identity = try await load(found)
        // Only known tokens are remembered: guesses must not fill the memory.
        if identity != nil {
            let entry = Entry(identity: identity, expires: expiry())
            memory.withLock { memory in
                guard memory.generation == generation else { return }
                if memory.byToken.count >= Limits.meterCacheEntries { memory.byToken.removeAll() }
                memory.byToken[digest] = entry
            }
        }
        return identity
    }

    /// Forgets everything: meters, credentials or offices changed.
    package func forget() {
        memory.withLock { memory in
            memory.byName.removeAll()
            memory.byToken.removeAll()
            memory.generation += 1
        }
    }

    /// Forgets whenever the database announces a change, until the task is cancelled.
    package func followChanges() async {
        for await _ in store.changes() { forget() }
    }

    private func load(
        _ found: (office: Office.ID, meter: Meter.ID)?
    ) async throws -> MeterIdentity? {
        guard let found else { return nil }
        return try await store.withTenant(found.office, readOnly: true) { transaction in
            try transaction.meter(found.meter).map {
                MeterIdentity(office: try transaction.office(), meter: $0)
            }
        }
    }

    private func expiry() -> Instant { clock.now().adding(seconds: Limits.meterCacheSeconds) }
}
