import Fleet
import Glibc
import Units
import UseCases

extension WallClock {
    /// The machine's own clock; the only place that reads it.
    static let live = WallClock {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Instant(
            microsecondsSince1970: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
        )
    }
}

extension FleetClock {
    /// The same clock for simulated meters.
    static let live = FleetClock(
        now: { WallClock.live.now() },
        sleep: { try await Task.sleep(for: .seconds($0)) }
    )
}
