package import Units

/// How long a reading took to come by the meter's own clock; the quickest one of six hours tells how
/// that clock stands.
package struct ClockWindow: Hashable, Sendable {
    /// Six hours of receipt, counted since 1970.
    package var number: Int64
    /// From the reading's time to its receipt; negative when the meter's clock is ahead.
    package var delaySeconds: Int64

    package init(number: Int64, delaySeconds: Int64) {
        self.number = number
        self.delaySeconds = delaySeconds
    }

    /// What one reading tells that has a clock of its own.
    package init(at: Instant, receivedAt: Instant) {
        self.init(
            number: receivedAt.secondsSince1970 / Limits.clockWindowSeconds,
            delaySeconds: receivedAt.secondsSince1970 - at.secondsSince1970
        )
    }

    /// Whether it had ended by an instant, and not more than four days before.
    func tells(of instant: Instant) -> Bool {
        let end = (number + 1) * Limits.clockWindowSeconds
        let age = instant.secondsSince1970 - end
        return age >= 0 && age < Int64(Limits.clockDays) * 86_400
    }

    /// The days of receipt in UTC, the last one that of `instant`, that tell how a clock stands.
    package static func days(until instant: Instant) -> ClosedRange<CivilDate> {
        let last = CivilDate(daysSince1970: Int32(clamping: instant.secondsSince1970 / 86_400))
        return last.adding(days: 1 - Limits.clockDays)...last
    }
}

/// How far a meter's clock is off, for display and for the rule `drift`.
package struct ClockDrift: Hashable, Sendable {
    /// How much the clock is slow; negative when it is fast.
    package var seconds: Int64
    /// How much slower it gets in a day.
    package var secondsADay: Int64

    /// Nil with fewer than three windows of receipt: what came at once after a silence tells nothing.
    ///
    /// A reading comes late for many reasons and early for none but its clock: so the least delay
    /// of each six hours counts, and the median of those.
    package init?(_ receipts: some Sequence<ClockWindow>) {
        var least: [Int64: Int64] = [:]
        for receipt in receipts {
            least[receipt.number] = min(
                least[receipt.number] ?? receipt.delaySeconds,
                receipt.delaySeconds
            )
        }
        guard least.count >= Limits.clockWindowsNeeded else { return nil }
        let windows = least.sorted { $0.key < $1.key }
        guard let middle = median(windows.map(\.value)) else { return nil }
        seconds = middle
        secondsADay = 0
        let half = windows.count / 2
        guard let early = median(windows.prefix(half).map(\.value)),
            let late = median(windows.suffix(half).map(\.value)),
            let begin = median(windows.prefix(half).map(\.key)),
            let end = median(windows.suffix(half).map(\.key)), end > begin
        else { return }
        secondsADay = (late - early) * 86_400 / ((end - begin) * Limits.clockWindowSeconds)
    }

    /// For people: `12 s slow, 3 s a day slower`.
    package var text: String {
        let stands =
            switch seconds {
            case 0: "right to the second"
            case ..<0: "\(-seconds) s fast"
            default: "\(seconds) s slow"
            }
        guard secondsADay != 0 else { return stands }
        return stands + ", \(abs(secondsADay)) s a day \(secondsADay > 0 ? "slower" : "faster")"
    }
}

extension MeterWindow {
    /// How the clock stood when a day ended, by what had come until then: what comes later tells of
    /// later days, so a day made again stays the same.
    func clocks(through end: Instant) -> [ClockWindow] { clocks.filter { $0.tells(of: end) } }
}

extension Limits {
    /// Of readings that came within so long the quickest says how the clock stands.
    static let clockWindowSeconds: Int64 = 6 * 3_600

    /// Days of receipt that tell how a clock stands.
    static let clockDays = 4

    static let clockWindowsNeeded = 3
}
