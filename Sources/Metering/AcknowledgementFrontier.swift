/// Up to which sequence number a meter may forget its readings.
///
/// A meter sends several frames before the first is acknowledged. When an earlier one was not
/// stored, acknowledging a later one would make the meter forget both; so a number counts only
/// when everything the meter still held before it was settled too. What the meter holds it says
/// itself (`oldestSequence`); a frame that begins there has nothing before it. The frontier is a
/// memory of one process: after a restart nothing is known, the meter sends again from its oldest
/// reading, and every reading of it is a duplicate.
package struct AcknowledgementFrontier: Sendable {
    private var epoch: Int32 = -1
    /// The highest number with nothing missing before it; -1 for none.
    private var through: Int64 = -1
    /// Settled ranges beyond the frontier, in order; commits may finish out of order.
    private var ahead: [ClosedRange<Int64>] = []

    package init() {}

    /// Notes that the numbers of a report were settled: stored, duplicate or refused by name.
    /// - Returns: the number to acknowledge; nil when something before the report is missing.
    package mutating func settle(
        epoch: Int32,
        first: Int64,
        last: Int64,
        oldest: Int64?
    ) -> Int64? {
        let oldest = oldest ?? first
        if epoch < self.epoch {
            // A frame from before the meter lost its count says nothing of the new one.
            return first <= oldest ? last : nil
        }
        if epoch > self.epoch {
            self.epoch = epoch
            through = -1
            ahead = []
        }
        guard first <= oldest || first <= through + 1 else {
            remember(first...last)
            return nil
        }
        through = max(through, last)
        while let next = ahead.first, next.lowerBound <= through + 1 {
            through = max(through, next.upperBound)
            ahead.removeFirst()
        }
        return through
    }

    private mutating func remember(_ range: ClosedRange<Int64>) {
        guard ahead.count < Limits.rangesAhead else { return }
        let place = ahead.firstIndex { $0.lowerBound > range.lowerBound } ?? ahead.endIndex
        ahead.insert(range, at: place)
    }
}
