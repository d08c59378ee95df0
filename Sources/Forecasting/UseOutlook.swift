package import Units

/// What a service may use on some days to come, as plain numbers: how a forecast is kept, changed and
/// priced.
package struct UseOutlook: Hashable, Sendable {
    /// The first of the days.
    package let first: CivilDate
    /// Kilowatt-hours of each day: the mean, and the bounds of eight in ten.
    package private(set) var days: [ForecastRange]
    /// Kilowatt-hours from the first day to the end of each, what is unread of earlier ones included:
    /// the median, and the bounds of eight in ten; never falling.
    package private(set) var running: [ForecastRange]
    /// Kilowatt-hours of all days together, unread ones included, equally likely, lowest first.
    package private(set) var totals: [Double]
    /// What may have been used on earlier days between known ones.
    package private(set) var unread: UnreadUse?
    /// The first day that is still to come; those before it have passed and nobody has read them.
    package let open: CivilDate

    /// An outlook that was kept.
    ///
    /// Nil unless there are as many running totals as days, and totals when there are days.
    package init?(
        first: CivilDate,
        days: [ForecastRange],
        running: [ForecastRange],
        totals: [Double],
        unread: UnreadUse? = nil,
        open: CivilDate? = nil
    ) {
        let isNothing = days.isEmpty && unread == nil
        guard days.count == running.count, isNothing || !totals.isEmpty else { return nil }
        self.first = first
        self.unread = unread
        self.open = max(first, open ?? first)
        self.days = days
        self.running = running
        self.totals = totals.sorted()
    }

    /// No day to come: everything is known.
    package init(nothingFrom first: CivilDate) {
        self.first = first
        open = first
        days = []
        running = []
        totals = []
    }

    /// The mean of all days together, unread ones included.
    package var mean: Double { days.reduce(unread?.mean ?? 0) { $0 + $1.middle } }

    /// Days that have passed and that nobody has read: estimated as those to come.
    package var unreadDays: Int {
        (unread?.days ?? 0) + min(days.count, open.days(since: first))
    }

    /// The last of the days; the day before the first when there is none.
    package var last: CivilDate { first.adding(days: days.count - 1) }
}

/// What may have been used on some days that have passed and that no register tells.
package struct UnreadUse: Hashable, Sendable {
    package let days: Int
    /// Kilowatt-hours of all of them: the mean, and the median with the bounds of eight in ten.
    package let mean: Double
    package let range: ForecastRange

    package init(days: Int, mean: Double, range: ForecastRange) {
        self.days = days
        self.mean = mean
        self.range = range
    }
}

/// Two bounds and what lies between them: a mean or a median.
package struct ForecastRange: Hashable, Sendable {
    package var low: Double
    package var middle: Double
    package var high: Double

    package init(low: Double, middle: Double, high: Double) {
        self.low = low
        self.middle = middle
        self.high = high
    }

    fileprivate func mapped(_ change: (Double) -> Double) -> ForecastRange {
        ForecastRange(low: change(low), middle: change(middle), high: change(high))
    }
}

extension SeriesForecast {
    /// What may be used on the first `days` days after the origin; `samples` totals, an odd
    /// multiple of five where the tenth, the middle and the ninth tenth shall be among them.
    ///
    /// `unread`: means of earlier days, between known ones, that no register tells; they err together
    /// with the days to come, as a total of them all does. `open`: the first day still to come, the
    /// first of all where nil.
    package func outlook(
        days: Int,
        unread: [Double] = [],
        open: CivilDate? = nil,
        samples: Int = Limits.outlookSamples
    ) -> UseOutlook {
        guard days > 0 || !unread.isEmpty else {
            return UseOutlook(nothingFrom: origin.adding(days: 1))
        }
        var ranges: [ForecastRange] = []
        var running: [ForecastRange] = []
        ranges.reserveCapacity(days)
        running.reserveCapacity(days)
        let totals = totalRanges(days: days, unread: unread)
        var before = totals[0]
        for (day, total) in totals.dropFirst().enumerated() {
            let bounds = interval(day: day + 1)
            ranges.append(
                ForecastRange(low: bounds.low80, middle: means[day], high: bounds.high80)
            )
            before = ForecastRange(
                low: max(before.low, total.low),
                middle: max(before.middle, total.middle),
                high: max(before.high, total.high)
            )
            running.append(before)
        }
        return UseOutlook(
            first: origin.adding(days: 1),
            days: ranges,
            running: running,
            totals: totalSamples(samples, days: days, unread: unread),
            unread: unread.isEmpty
                ? nil
                : UnreadUse(days: unread.count, mean: unread.reduce(0, +), range: totals[0]),
            open: open
        ) ?? UseOutlook(nothingFrom: origin.adding(days: 1))
    }
}

// MARK: Totals

extension UseOutlook {
    /// The chance that all days together are more than so many kilowatt-hours, straight between the
    /// totals; 1 below the lowest, 0 from the highest on.
    package func chance(thatTotalExceeds bound: Double) -> Double {
        guard let above = totals.firstIndex(where: { $0 > bound }) else { return 0 }
        guard above > 0 else { return 1 }
        let step = totals[above] - totals[above - 1]
        let share = (bound - totals[above - 1]) / step
        return 1 - (Double(above) - 0.5 + share) / Double(totals.count)
    }

    /// The total that is not exceeded with this probability, straight between the totals.
    package func total(at probability: Double) -> Double {
        guard let highest = totals.last else { return 0 }
        let position = probability * Double(totals.count) - 0.5
        guard position > 0 else { return totals[0] }
        let index = Int(position)
        guard index + 1 < totals.count else { return highest }
        let share = position - Double(index)
        return totals[index] * (1 - share) + totals[index + 1] * share
    }
}

// MARK: What if

extension UseOutlook {
    /// The same with every day to come changed by so many percent, never below nothing; what has
    /// passed stays, read or not.
    package func changed(byPercent percent: Double) -> UseOutlook {
        let factor = max(0, 1 + percent / 100)
        return factor == 1 ? self : changed(from: open) { $0 * factor }
    }

    /// The same with so many kilowatt-hours more (or fewer) on each day to come from a day on.
    ///
    /// No day falls below nothing: what an appliance is said to use cannot be saved where less was
    /// used altogether. Each possible total is followed day by day, its days in proportion to the
    /// means.
    package func adding(kilowattHoursADay change: Double, from start: CivilDate) -> UseOutlook {
        changed(from: max(start, open)) { max(0, $0 + change) }
    }

    private func changed(
        from start: CivilDate,
        _ change: (Double) -> Double
    ) -> UseOutlook {
        let begin = max(0, start.days(since: first))
        guard begin < days.count else { return self }
        let mean = self.mean
        var changed = self
        for day in begin..<days.count { changed.days[day] = days[day].mapped(change) }
        /// The running totals of one outcome, its days in proportion to the means up to each.
        func path(_ running: [Double], after start: Double) -> [Double] {
            var (sum, before, result) = (start, start, [Double]())
            for (day, total) in running.enumerated() {
                let use = total - before
                sum += max(0, day >= begin ? change(use) : use)
                before = total
                result.append(sum)
            }
            return result
        }
        let past = unread?.range ?? ForecastRange(low: 0, middle: 0, high: 0)
        let low = path(running.map(\.low), after: past.low)
        let middle = path(running.map(\.middle), after: past.middle)
        let high = path(running.map(\.high), after: past.high)
        changed.running = days.indices.map {
            ForecastRange(low: low[$0], middle: middle[$0], high: high[$0])
        }
        let count = Double(days.count + (unread?.days ?? 0))
        changed.totals = totals.map { total in
            let share = mean > 0 ? total / mean : 0
            func usual(_ usual: Double) -> Double { mean > 0 ? usual * share : total / count }
            var sum =
                unread.map { mean > 0 ? $0.mean * share : Double($0.days) * total / count } ?? 0
            for day in days.indices {
                let use = usual(days[day].middle)
                sum += max(0, day >= begin ? change(use) : use)
            }
            return sum
        }
        return changed
    }
}
