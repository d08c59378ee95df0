import Metering
import Registry
import Store
import Synchronization
import Units

/// How the clocks of the meters stand that this process hears: the quickest reading of each six hours.
///
/// A row is written when a meter's six hours begin and when a quicker reading comes, a few times a
/// window. Several servers may hear one meter: the database keeps the least.
final class MeterClocks: Sendable {
    private struct Key: Hashable {
        let office: Office.ID
        let meter: Meter.ID
    }

    private struct State {
        var quickest: [Key: ClockWindow] = [:]
        var unwritten: [Key: ClockWindow] = [:]
    }

    private let store: Store
    private let state = Mutex(State())

    init(store: Store) { self.store = store }

    /// Takes how long a reading took to come; `at` is what the meter's own clock said.
    func note(at: Instant, receivedAt: Instant, meter: Meter.ID, office: Office.ID) {
        let window = ClockWindow(at: at, receivedAt: receivedAt)
        let key = Key(office: office, meter: meter)
        state.withLock { state in
            if let known = state.quickest[key], known.number == window.number,
                known.delaySeconds <= window.delaySeconds
            {
                return
            }
            state.quickest[key] = window
            state.unwritten[key] = window
        }
    }

    /// Writes what is new; what could not be written waits for the next round.
    func flush() async throws {
        let unwritten = state.withLock { state in
            defer { state.unwritten = [:] }
            return state.unwritten
        }
        var failure: (any Error)?
        for (office, windows) in Dictionary(grouping: unwritten, by: \.key.office) {
            do {
                try await store.withTenant(office) { transaction in
                    try transaction.note(windows.map { ($0.key.meter, $0.value) })
                }
            } catch {
                // One office's trouble keeps no other's from being written. A window that began
                // meanwhile is worth more than the end of the one before.
                failure = error
                state.withLock { state in
                    for window in windows where state.unwritten[window.key] == nil {
                        state.unwritten[window.key] = window.value
                    }
                }
            }
        }
        if let failure { throw failure }
    }
}
