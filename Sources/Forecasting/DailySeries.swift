package import Units

/// Energy of one service day by day, in kilowatt-hours, with gaps.
package struct DailySeries: Equatable, Sendable {
    package let first: CivilDate
    /// One value a day from `first` on; not a number where nothing is known.
    package let values: [Double]
    /// Where a value is a share of what several days used together, the last of those days; -1
    /// elsewhere.
    ///
    /// Empty where there is no sum.
    private let sumEnds: [Int32]

    /// Takes days in their order; whatever is negative or not finite becomes a gap.
    ///
    /// `sums`: days, counted from the first, whose energies are known together only.
    package init(first: CivilDate, values: [Double], sums: [Range<Int>] = []) {
        self.first = first
        self.values = values.map { $0 >= 0 && $0 <= Limits.dayKilowattHours ? $0 : .nan }
        var ends: [Int32] = []
        if !sums.isEmpty {
            ends = Array(repeating: -1, count: values.count)
            for sum in sums {
                for index in sum.clamped(to: ends.indices) {
                    ends[index] = max(ends[index], Int32(clamping: sum.upperBound - 1))
                }
            }
        }
        sumEnds = ends
    }

    /// Takes days in any order; nil when there is none.
    ///
    /// Of two values for a day the later counts.
    package init?(readings: some Collection<(date: CivilDate, kilowattHours: Double)>) {
        self.init(readings: readings, sums: [])
    }

    /// The same with some that stand for several days each, those up to their dates.
    ///
    /// A sum is shared over exactly its days, but for those that have a value of their own.
    package init?(
        readings: some Collection<(date: CivilDate, kilowattHours: Double)>,
        sums: [(days: ClosedRange<CivilDate>, kilowattHours: Double)]
    ) {
        let dates =
            readings.map(\.date) + sums.flatMap { [$0.days.lowerBound, $0.days.upperBound] }
        guard let first = dates.min(), let last = dates.max() else { return nil }
        // Older days than are ever looked at would only cost memory.
        let start = max(first, last.adding(days: 1 - Limits.seriesDays))
        var values = Array(repeating: Double.nan, count: last.days(since: start) + 1)
        for (date, value) in readings where date >= start {
            values[date.days(since: start)] = value
        }
        var shared: [Range<Int>] = []
        for (days, total) in sums where days.upperBound >= start {
            let indices =
                days.lowerBound.days(since: start)..<days.upperBound.days(since: start) + 1
            let inside = indices.clamped(to: values.indices)
            let open = inside.filter { values[$0].isNaN }
            let known = inside.reduce(0) { $0 + (values[$1].isNaN ? 0 : values[$1]) }
            let count = open.count + indices.count - inside.count
            for index in open { values[index] = max(0, total - known) / Double(count) }
            if indices.count > 1 { shared.append(inside) }
        }
        self.init(first: start, values: values, sums: shared)
    }

    /// The day after the last value.
    package var end: CivilDate { first.adding(days: values.count) }

    /// The value of a day; nil where nothing is known.
    package subscript(date: CivilDate) -> Double? {
        let index = date.days(since: first)
        guard values.indices.contains(index), !values[index].isNaN else { return nil }
        return values[index]
    }

    /// Whether the value of a day is a share of what several days used together: their level is known,
    /// and not how they differ.
    package func isShare(_ date: CivilDate) -> Bool {
        let index = date.days(since: first)
        return sumEnds.indices.contains(index) && sumEnds[index] >= 0
    }

    /// The value of a day as it was known on the evening of another; nil where nothing was, as of a
    /// day of a sum that ended later.
    package func value(of date: CivilDate, on evening: CivilDate) -> Double? {
        let index = date.days(since: first)
        if sumEnds.indices.contains(index), Int(sumEnds[index]) > evening.days(since: first) {
            return nil
        }
        return date > evening ? nil : self[date]
    }

    /// The days up to the evening of one, those left out whose sum ended later.
    func values(through last: Int) -> ArraySlice<Double> {
        var slice = values[..<min(last + 1, values.count)]
        guard !sumEnds.isEmpty else { return slice }
        var index = slice.endIndex - 1
        while index >= 0, Int(sumEnds[index]) > last {
            slice[index] = .nan
            index -= 1
        }
        return slice
    }
}
