package import Units

/// Energy of one service day by day, in kilowatt-hours, with gaps.
package struct DailySeries: Equatable, Sendable {
    package let first: CivilDate
    /// One value a day from `first` on; not a number where nothing is known.
    package let values: [Double]

    /// Takes days in their order; whatever is negative or not finite becomes a gap.
    package init(first: CivilDate, values: [Double]) {
        self.first = first
        self.values = values.map { $0 >= 0 && $0 <= Limits.dayKilowattHours ? $0 : .nan }
    }

    /// Takes days in any order; nil when there is none.
    ///
    /// Of two values for a day the later counts.
    package init?(readings: some Collection<(date: CivilDate, kilowattHours: Double)>) {
        guard let first = readings.map(\.date).min(), let last = readings.map(\.date).max()
        else { return nil }
        // Older days than are ever looked at would only cost memory.
        let start = max(first, last.adding(days: 1 - Limits.seriesDays))
        var values = Array(repeating: Double.nan, count: last.days(since: start) + 1)
        for (date, value) in readings where date >= start {
            values[date.days(since: start)] = value
        }
        self.init(first: start, values: values)
    }

    /// The day after the last value.
    package var end: CivilDate { first.adding(days: values.count) }

    /// The value of a day; nil where nothing is known.
    package subscript(date: CivilDate) -> Double? {
        let index = date.days(since: first)
        guard values.indices.contains(index), !values[index].isNaN else { return nil }
        return values[index]
    }
}
