package import Units

/// What a service may use on some days to come, as plain numbers: how a forecast is kept, changed and
/// priced.
package struct UseOutlook: Hashable, Sendable {
    /// The first of the days.
    package let first: CivilDate
    /// Kilowatt-hours of each day: the mean, and the bounds of eight in ten.
    package private(set) var days: [ForecastRange]
    /// Kilowatt-hours from the first day to the end of each: the median, and the bounds of eight in
    /// ten; never falling.
    package private(set) var running: [ForecastRange]
    /// Kilowatt-hours of all days together, equally likely, lowest first.
    package private(set) var totals: [Double]

    /// An outlook that was kept.
    ///
    /// Nil unless there are as many running totals as days, and totals when there are days.
    package init?(
        first: CivilDate,
        days: [ForecastRange],
        running: [ForecastRange],
        totals: [Double]
    ) {
        guard days.count == running.count, days.isEmpty || !totals.isEmpty else { return nil }
        self.first = first
        self.days = days
        self.running = running
        self.totals = totals.sorted()
    }

    /// No day to come: everything is known.
    package init(nothingFrom first: CivilDate) {
        self.first = first
        days = []
        running = []
        totals = []
    }

    /// The mean of all days together.
    package var mean: Double { days.reduce(0) { $0 + $1.middle } }

    /// The last of the days; the day before the first when there is none.
    package var last: CivilDate { first.adding(days: days.count - 1) }
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
    package func outlook(days: Int, samples: Int = Limits.outlookSamples) -> UseOutlook {
        guard days > 0 else { return UseOutlook(nothingFrom: origin.adding(days: 1)) }
        var ranges: [ForecastRange] = []
        var running: [ForecastRange] = []
        ranges.reserveCapacity(days)
        running.reserveCapacity(days)
        var before = ForecastRange(low: 0, middle: 0, high: 0)
        for (day, total) in totalRanges(days: days).enumerated() {
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
            totals: totalSamples(samples, days: days)
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
    /// The same with every day changed by so many percent, never below nothing.
    package func changed(byPercent percent: Double) -> UseOutlook {
        let factor = max(0, 1 + percent / 100)
        var changed = self
        changed.days = days.map { $0.mapped { $0 * factor } }
        changed.running = running.map { $0.mapped { $0 * factor } }
        changed.totals = totals.map { $0 * factor }
        return changed
    }

    /// The same with so many kilowatt-hours more (or fewer) on each day from a day on.
    ///
    /// No day falls below nothing: what an appliance is said to use cannot be saved where less was
    /// used altogether. Each possible total is followed day by day, its days in proportion to the
    /// means.
    package func adding(kilowattHoursADay change: Double, from start: CivilDate) -> UseOutlook {
        let begin = max(0, start.days(since: first))
        guard begin < days.count else { return self }
        let mean = self.mean
        var changed = self
        for day in begin..<days.count {
            changed.days[day] = days[day].mapped { max(0, $0 + change) }
        }
        /// The running totals of one outcome, its days in proportion to the means up to each.
        func path(_ running: [Double]) -> [Double] {
            var (sum, before, result) = (0.0, 0.0, [Double]())
            for (day, total) in running.enumerated() {
                sum += max(0, total - before + (day >= begin ? change : 0))
                before = total
                result.append(sum)
            }
            return result
        }
        let low = path(running.map(\.low))
        let middle = path(running.map(\.middle))
        let high = path(running.map(\.high))
        changed.running = days.indices.map {
            ForecastRange(low: low[$0], middle: middle[$0], high: high[$0])
        }
        changed.totals = totals.map { total in
            let share = mean > 0 ? total / mean : 0
            var sum = 0.0
            for day in days.indices {
                let usual = mean > 0 ? days[day].middle * share : total / Double(days.count)
                sum += max(0, usual + (day >= begin ? change : 0))
            }
            return sum
        }
        return changed
    }
}
