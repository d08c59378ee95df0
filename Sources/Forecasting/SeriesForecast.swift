package import Units

/// A forecast of one series from one origin: every day's mean and what may come out instead.
package struct SeriesForecast: Sendable {
    /// The last day that was known.
    package let origin: CivilDate
    /// Kilowatt-hours of each day after the origin.
    package let means: [Double]
    /// Sizes of the errors of days and of totals, as logarithms.
    package let dayScale: Double
    package let totalScale: Double
    let floor: Double
    let curves: ErrorCurves
    /// How many series are in it: more than one in a sum.
    var services = 1

    /// The mean of the total of the first `days` days.
    package func total(days: Int) -> Double {
        var sum = 0.0
        for day in 0..<checked(days) { sum += means[day] }
        return sum
    }

    /// What a day may come out as; 1 is the day after the origin.
    package func interval(day: Int) -> ForecastInterval {
        interval(mean: means[checked(day) - 1], scale: dayScale, curves.days[day - 1], days: 1)
    }

    /// What the total of the first `days` days may come out as.
    package func totalInterval(days: Int) -> ForecastInterval {
        let mean = total(days: days) / Double(days)
        return interval(mean: mean, scale: totalScale, curves.totals[days - 1], days: Double(days))
    }

    /// The total of the first `days` days that is not exceeded with this probability.
    package func totalQuantile(_ probability: Double, days: Int) -> Double {
        let mean = total(days: days) / Double(days)
        let error = curves.totals[days - 1].quantile(probability)
        return Double(days) * shifted(mean, by: error * totalScale)
    }

    /// Totals of the first `days` days, all equally likely, lowest first.
    ///
    /// Priced one by one they give the quantiles of a bill and the chance to cross a slab's bound.
    package func totalSamples(_ count: Int, days: Int) -> [Double] {
        precondition(count > 0, "At least one sample.")
        return totalSamples(count, days: checked(days), unread: [])
    }

    /// The chance that the total of the first `days` days is more than so many kilowatt-hours.
    package func chance(thatTotalExceeds bound: Double, days: Int) -> Double {
        guard bound >= 0 else { return 1 }
        let mean = total(days: days) / Double(days)
        let error =
            Elementary.log(
                (bound / Double(days) + floor) / (mean + floor)
            ) / totalScale
        return 1 - curves.totals[days - 1].probability(ofAtMost: error)
    }

    /// The tenth, the middle and the ninth tenth of the totals of the first 0, 1, 2, … `days` days
    /// together with earlier ones that nobody has read.
    func totalRanges(days: Int, unread: [Double]) -> [ForecastRange] {
        let bounds = QuantileCurve.bounds
        var sum = unread.reduce(0, +)
        return (0...days).map { day in
            if day > 0 { sum += means[checked(day) - 1] }
            let count = unread.count + day
            guard count > 0 else { return ForecastRange(low: 0, middle: 0, high: 0) }
            let length = Double(count)
            let curve = curves.totals[min(count, curves.totals.count) - 1]
            func total(_ index: Int) -> Double {
                length * shifted(sum / length, by: curve[index] * totalScale)
            }
            return ForecastRange(
                low: total(bounds.low80),
                middle: total(bounds.median),
                high: total(bounds.high80)
            )
        }
    }

    /// Totals of the first `days` days together with earlier ones that nobody has read, all equally
    /// likely, lowest first: as of a total of so many days.
    func totalSamples(_ count: Int, days: Int, unread: [Double]) -> [Double] {
        let length = Double(days + unread.count)
        let sum = unread.reduce(0, +) + (days > 0 ? total(days: days) : 0)
        let curve = curves.totals[min(days + unread.count, curves.totals.count) - 1]
        return (0..<count).map { index in
            let error = curve.quantile((Double(index) + 0.5) / Double(count))
            return length * shifted(sum / length, by: error * totalScale)
        }
    }

    /// The same from an earlier origin: with days before the first that have passed and that nobody
    /// has read, at most as many as leave one day of the horizon.
    ///
    /// `through`: the last of those days; the origin where nil.
    package func preceded(
        by earlier: [Double],
        through last: CivilDate? = nil
    ) -> SeriesForecast {
        let earlier = earlier.suffix(Limits.horizonDays - 1)
        return SeriesForecast(
            origin: (last ?? origin).adding(days: -earlier.count),
            means: Array((earlier + means).prefix(Limits.horizonDays)),
            dayScale: dayScale,
            totalScale: totalScale,
            floor: floor,
            curves: curves,
            services: services
        )
    }

    /// The same with bounds that reach down to nothing: where nothing was used on any known day,
    /// nothing is what may well be used again.
    func reachingNothing() -> SeriesForecast {
        let low = QuantileCurve.bounds.low80
        var (day, total, sum) = (dayScale, totalScale, 0.0)
        for (index, mean) in means.enumerated() {
            sum += mean
            let fall = Elementary.log((mean + floor) / floor)
            let totalFall = Elementary.log((sum / Double(index + 1) + floor) / floor)
            day = max(day, fall / max(0.1, -curves.days[index][low]) + Limits.leastScale)
            total = max(total, totalFall / max(0.1, -curves.totals[index][low]) + Limits.leastScale)
        }
        return SeriesForecast(
            origin: origin,
            means: means,
            dayScale: day,
            totalScale: total,
            floor: floor,
            curves: curves,
            services: services
        )
    }

    private func checked(_ days: Int) -> Int {
        precondition(days >= 1 && days <= means.count, "A day or a length within the horizon.")
        return days
    }

    private func shifted(_ mean: Double, by log: Double) -> Double {
        let most = Limits.dayKilowattHours * Double(services)
        return min(most, max(0, (mean + floor) * Elementary.exp(log) - floor))
    }

    private func interval(
        mean: Double,
        scale: Double,
        _ curve: QuantileCurve,
        days: Double
    ) -> ForecastInterval {
        let bounds = QuantileCurve.bounds
        func bound(_ index: Int) -> Double { days * shifted(mean, by: curve[index] * scale) }
        // Never on the wrong side of the mean, whatever a fleet has shown.
        return ForecastInterval(
            low95: min(bound(bounds.low95), days * mean),
            low80: min(bound(bounds.low80), days * mean),
            high80: max(bound(bounds.high80), days * mean),
            high95: max(bound(bounds.high95), days * mean)
        )
    }
}

/// Bounds between which eight, and nineteen of twenty, outcomes in ten fall.
package struct ForecastInterval: Hashable, Sendable {
    package var low95: Double
    package var low80: Double
    package var high80: Double
    package var high95: Double
}

/// What is kept of a forecast until its days have come, to be scored.
package struct PastForecast: Hashable, Sendable {
    package let origin: CivilDate
    package let means: [Double]
    package let dayScale: Double
    package let totalScale: Double

    package init(origin: CivilDate, means: [Double], dayScale: Double, totalScale: Double) {
        self.origin = origin
        self.means = means
        self.dayScale = dayScale
        self.totalScale = totalScale
    }

    /// What is kept of this forecast.
    package init(_ forecast: SeriesForecast) {
        origin = forecast.origin
        means = forecast.means
        dayScale = forecast.dayScale
        totalScale = forecast.totalScale
    }

    /// The error of a day in units of the scale.
    func dayError(_ day: Int, _ actual: Double, floor: Double) -> Double {
        Elementary.log((actual + floor) / (means[day - 1] + floor)) / dayScale
    }

    /// The error of the total of the first days in units of the scale; not a number when fewer
    /// than four in five of them are known.
    func totalError(_ actual: ArraySlice<Double>, floor: Double) -> Double {
        var (sum, mean, known) = (0.0, 0.0, 0.0)
        for (index, value) in actual.enumerated() where !value.isNaN {
            sum += value
            mean += means[index]
            known += 1
        }
        guard known >= 0.8 * Double(actual.count) else { return .nan }
        return Elementary.log((sum / known + floor) / (mean / known + floor)) / totalScale
    }
}

extension SeriesForecast {
    /// A forecast as it was kept, with the state of the fleet that it was made with.
    ///
    /// `knownDays`: days of the service that were looked at.
    package init(
        _ kept: PastForecast,
        knownDays: Int,
        fleet: FleetState,
        settings: ForecastSettings = .standard
    ) {
        self.init(
            origin: kept.origin,
            means: kept.means,
            dayScale: kept.dayScale,
            totalScale: kept.totalScale,
            floor: settings.floor,
            curves: knownDays < Limits.coldDays ? fleet.coldCurves : fleet.curves
        )
    }
}
