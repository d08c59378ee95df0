package import Units

/// When a reading says it was taken, and when it came.
package struct ReadingReceipt: Hashable, Sendable {
    package var at: Instant
    package var receivedAt: Instant

    package init(at: Instant, receivedAt: Instant) {
        self.at = at
        self.receivedAt = receivedAt
    }
}

/// How far a meter's clock is off, for display and for the rule `drift`.
package struct ClockDrift: Hashable, Sendable {
    /// How much the clock is slow; negative when it is fast.
    package var seconds: Int64
    /// How much slower it gets in a day.
    package var secondsADay: Int64

    /// Nil without readings.
    ///
    /// A reading comes late for many reasons and early for none but its clock: so the least delay
    /// of each six hours counts, and the median of those.
    package init?(_ receipts: [ReadingReceipt]) {
        var least: [Int64: Int64] = [:]
        for receipt in receipts {
            let window = receipt.receivedAt.secondsSince1970 / Limits.driftWindowSeconds
            let delay = receipt.receivedAt.secondsSince1970 - receipt.at.secondsSince1970
            least[window] = min(least[window] ?? delay, delay)
        }
        let windows = least.sorted { $0.key < $1.key }
        guard let middle = median(windows.map(\.value)) else { return nil }
        seconds = middle
        secondsADay = 0
        let half = windows.count / 2
        guard half > 0, let early = median(windows.prefix(half).map(\.value)),
            let late = median(windows.suffix(half).map(\.value)),
            let begin = median(windows.prefix(half).map(\.key)),
            let end = median(windows.suffix(half).map(\.key)), end > begin
        else { return }
        secondsADay =
            (late - early) * 86_400 / ((end - begin) * Limits.driftWindowSeconds)
    }
}

extension Limits {
    /// Of readings that came within so long the quickest says how the clock stands.
    static let driftWindowSeconds: Int64 = 6 * 3_600
}
