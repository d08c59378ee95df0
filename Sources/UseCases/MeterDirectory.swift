package import Metering
package import Registry
package import Store
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
package actor MeterDirectory {
    private struct Entry {
        let identity: MeterIdentity?
        let expires: Instant
    }

    private let store: Store
    private let clock: WallClock
    private var byName: [String: Entry] = [:]
    private var byToken: [[UInt8]: Entry] = [:]

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// The meter of a name `office.serial`; nil when there is none.
    package func meter(named name: String) async throws -> MeterIdentity? {
        if let entry = byName[name], entry.expires > clock.now() { return entry.identity }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2 else { return nil }
        let found = try await store.withoutTenant {
            try $0.meter(officeCode: parts[0], serial: parts[1])
        }
        let identity = try await load(found)
        if byName.count >= Limits.meterCacheEntries { byName.removeAll() }
        byName[name] = Entry(identity: identity, expires: expiry())
        return identity
    }

    /// The meter whose credential has this digest; nil when there is none.
    package func meter(credentialDigest digest: [UInt8]) async throws -> MeterIdentity? {
        if let entry = byToken[digest], entry.expires > clock.now() { return entry.identity }
        let found = try await store.withoutTenant { try $0.meter(credentialDigest: digest) }
        let identity = try await load(found)
        // Only known tokens are remembered: guesses must not fill the memory.
        if identity != nil {
            if byToken.count >= Limits.meterCacheEntries { byToken.removeAll() }
            byToken[digest] = Entry(identity: identity, expires: expiry())
        }
        return identity
    }

    /// Forgets everything: meters, credentials or offices changed.
    package func forget() {
        byName.removeAll()
        byToken.removeAll()
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
