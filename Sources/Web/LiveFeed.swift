package import Metering
import Registry
import Synchronization
import Units
package import UseCases

/// The newest values of one meter: those this process hears, and those another has written.
package struct LiveFeed: Sendable {
    private let useCases: UseCaseSet

    package init(_ useCases: UseCaseSet) { self.useCases = useCases }

    /// The newest value known anywhere; nil before the first.
    ///
    /// - Throws: `NotFound` when the caller may not see the meter.
    package func newest(serial: String, by caller: Caller) async throws -> LatestReading? {
        let (meter, _) = try await useCases.showMeters.show(serial: serial, by: caller)
        let heard = useCases.live.latest(of: meter.id, office: caller.office)
        let written = try await useCases.showMeters.latest(serial: serial, by: caller)
        guard let heard else { return written }
        guard let written else { return heard }
        return heard.at >= written.at ? heard : written
    }

    /// Passes on the newest value and every newer one, until the task is cancelled.
    package func follow(
        serial: String,
        by caller: Caller,
        show: @escaping @Sendable (LatestReading) -> Void
    ) async throws {
        let (meter, _) = try await useCases.showMeters.show(serial: serial, by: caller)
        let heard = try useCases.live.watch(meter.id, office: caller.office)
        let shown = Newest()
        if let first = try await newest(serial: serial, by: caller), shown.advance(to: first) {
            show(first)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await value in heard where shown.advance(to: value) { show(value) }
            }
            group.addTask {
                while !Task.isCancelled {
                    try await Task.sleep(for: .seconds(Limits.livePollSeconds))
                    do {
                        let written = try await useCases.showMeters.latest(
                            serial: serial,
                            by: caller
                        )
                        if let written, shown.advance(to: written) { show(written) }
                    } catch is NotFound {
                        // The meter has gone, or is the caller's no longer.
                        return
                    } catch {
                        // A look-up that failed is only late: the next one comes soon.
                    }
                }
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// The instant of the value that was shown last.
private final class Newest: Sendable {
    private let at = Mutex<Instant?>(nil)

    /// False when the value is not newer.
    func advance(to value: LatestReading) -> Bool {
        at.withLock { at in
            if let known = at, known >= value.at { return false }
            at = value.at
            return true
        }
    }
}
