import Fleet
import Synchronization
import Units

/// Virtual time that goes on to the next sleeper whenever it is asked to.
final class TestClock: Sendable {
    private struct Sleeper {
        var number: Int
        var deadline: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var microseconds: Int64
        var sleepers: [Sleeper] = []
        var nextNumber = 0
    }

    private let state: Mutex<State>

    init(at instant: Instant) {
        state = Mutex(State(microseconds: instant.microsecondsSince1970))
    }

    var now: Instant { state.withLock { Instant(microsecondsSince1970: $0.microseconds) } }

    var fleetClock: FleetClock {
        FleetClock(now: { self.now }, sleep: { try await self.sleep($0) })
    }

    /// Goes on to the earliest deadline and wakes its sleepers; false when nobody sleeps.
    @discardableResult
    func step() -> Bool {
        let due = state.withLock { state -> [Sleeper] in
            guard let next = state.sleepers.map(\.deadline).min() else { return [] }
            state.microseconds = max(state.microseconds, next)
            defer { state.sleepers.removeAll { $0.deadline <= next } }
            return state.sleepers.filter { $0.deadline <= next }
        }
        for sleeper in due { sleeper.continuation.resume() }
        return !due.isEmpty
    }

    private func sleep(_ seconds: Double) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.sleepers.append(
                        Sleeper(
                            number: number,
                            deadline: state.microseconds + max(1, Int64(seconds * 1_000_000)),
                            continuation: continuation
                        )
                    )
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.number == number })
                else { return nil }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
