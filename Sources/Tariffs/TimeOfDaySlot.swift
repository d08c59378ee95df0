/// A named slot of the day whose units cost more or less; Billing sums blocks into it by `hours`.
package struct TimeOfDaySlot: Sendable, Hashable {
    package let id: String
    /// Minutes of the day, start included, end excluded; an end before its start runs over
    /// midnight.
    package let hours: [MinuteSpan]
    /// Millionths of a percent of the average energy rate, or nil when the slot has an adder.
    let percent: Int64?
    /// Millionths of a rupee a unit.
    let adder: Int64

    /// Whether a minute of the day (0 to 1,439) lies in this slot.
    package func contains(minute: Int) -> Bool { hours.contains { $0.contains(minute) } }
}

/// A span of minutes of the day such as 22:00 to 05:00.
package struct MinuteSpan: Sendable, Hashable {
    package let start: Int
    package let end: Int

    /// Whether the minute lies in this span, over midnight where it must.
    package func contains(_ minute: Int) -> Bool {
        start < end ? minute >= start && minute < end : minute >= start || minute < end
    }
}
