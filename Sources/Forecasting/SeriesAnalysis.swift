package import Units

/// Everything that a series says of itself up to an origin, from one pass over its days.
package struct SeriesAnalysis: Sendable {
    /// The last day that was looked at.
    package let origin: CivilDate
    /// Days with a reading among those looked at.
    package internal(set) var knownDays = 0
    /// Days since the last reading; 0 when the origin has one.
    package internal(set) var daysSinceReading = 0
    /// Whether nothing was used on any known day.
    package internal(set) var isIdle = false
    /// Change of log use a degree of cooling and of heating.
    var coolSlope = 0.0
    var heatSlope = 0.0
    /// Log levels of the candidates, brought to the climate of the origin.
    var logLevels = SIMD8<Double>(repeating: 0)
    /// Errors of the candidates at past origins, and their number.
    var errorSums = SIMD8<Double>(repeating: 0)
    var errorCount = 0.0
    /// Log of the weekly means at the climate of the origin, newest first; not a number: unknown.
    var weeklyLogs: [Double] = []
    /// The candidates as they stood a year (52 weeks) ago.
    var lastYearLogLevels: SIMD8<Double>?
    /// Mean size of the changes of the log from day to day and week to week.
    var volatility = 0.3
    /// Usual deviation of the weekdays from their week, Monday first.
    var weekdayLogs = SIMD8<Double>(repeating: 0)
}

extension SeriesAnalysis {
    /// Looks at the days up to `origin`, at most the last `maxHistory` of them.
    package init(
        _ series: DailySeries,
        origin: CivilDate,
        climate: ClimateCalendar,
        maxHistory: Int? = nil,
        settings: ForecastSettings = .standard
    ) {
        self.origin = origin
        coolSlope = settings.coolSlope
        heatSlope = settings.heatSlope
        volatility = settings.volatilityPrior
        let window = min(Limits.windowDays, maxHistory ?? Limits.windowDays)
        let last = origin.days(since: series.first)
        let first = max(0, last - window + 1)
        guard last >= 0, first < series.values.count else { return }
        let offset = series.first.adding(days: first).days(since: climate.first)
        precondition(
            offset >= 0 && offset + last + 1 - first <= climate.cool.count,
            "The calendar covers the days that are looked at."
        )
        var pass = Pass(
            values: series.values(through: last)[first...],
            days: last + 1 - first,
            climateOffset: offset
        )
        guard pass.countKnown() > 0 else { return }
        knownDays = pass.known
        daysSinceReading = pass.days - 1 - pass.lastKnown
        pass.weeks(climate, settings)
        fitSlopes(&pass, climate, settings)
        pass.normalise(climate, coolSlope, heatSlope, settings)
        weeklyLogs = pass.weeklyLogs(coolSlope, heatSlope)
        levels(&pass, settings)
        isIdle = !pass.y.contains { $0 > 0 }
        // Shares of a sum are alike whatever their days were.
        for day in 0..<pass.days
        where series.isShare(origin.adding(days: day + 1 - pass.days)) { pass.y[day] = .nan }
        measureChanges(&pass, settings)
    }

    /// The work arrays of one analysis; day 0 is the oldest.
    struct Pass {
        let values: ArraySlice<Double>
        let days: Int
        let climateOffset: Int
        var known = 0
        var lastKnown = 0
        var y: [Double] = []
        /// Use at the climate of the origin, clipped.
        var z: [Double] = []
        var logs: [Double] = []
        /// By week, newest first.
        var weekLog: [Double] = []
        var weekCool: [Double] = []
        var weekHeat: [Double] = []
        var originCool = 0.0
        var originHeat = 0.0
    }
}

extension SeriesAnalysis.Pass {
    mutating func countKnown() -> Int {
        y = Array(values)
        if y.count < days { y += Array(repeating: .nan, count: days - y.count) }
        for (index, value) in y.enumerated() where !value.isNaN {
            known += 1
            lastKnown = index
        }
        return known
    }

    mutating func weeks(_ climate: ClimateCalendar, _ settings: ForecastSettings) {
        let count = days / 7
        weekLog.reserveCapacity(count)
        let end = climateOffset + days - 1
        originCool = climate.cool[end]
        originHeat = climate.heat[end]
        for week in 0..<count {
            let last = days - 1 - 7 * week
            var (sum, n, cool, heat) = (0.0, 0.0, 0.0, 0.0)
            for day in (last - 6)...last where !y[day].isNaN {
                sum += y[day]
                n += 1
                cool += climate.cool[climateOffset + day]
                heat += climate.heat[climateOffset + day]
            }
            weekLog.append(n >= 4 ? Elementary.log(sum / n + settings.floor) : .nan)
            weekCool.append(n > 0 ? cool / n : 0)
            weekHeat.append(n > 0 ? heat / n : 0)
        }
    }

    func weeklyLogs(_ coolSlope: Double, _ heatSlope: Double) -> [Double] {
        weekLog.indices.map { week in
            weekLog[week] - coolSlope * (weekCool[week] - originCool)
                - heatSlope * (weekHeat[week] - originHeat)
        }
    }

    mutating func normalise(
        _ climate: ClimateCalendar,
        _ coolSlope: Double,
        _ heatSlope: Double,
        _ settings: ForecastSettings
    ) {
        z = y
        for day in 0..<days where !y[day].isNaN {
            let s =
                coolSlope * (originCool - climate.cool[climateOffset + day])
                + heatSlope * (originHeat - climate.heat[climateOffset + day])
            z[day] = y[day] * Elementary.exp(s)
        }
        // Bounds from the last known days, so that one wild day does not carry the level away.
        var recent: [Double] = []
        var day = days - 1
        while day >= 0, recent.count < 28 {
            if !z[day].isNaN { recent.append(z[day]) }
            day -= 1
        }
        recent.sort()
        let median = recent[recent.count / 2]
        let deviations = recent.map { abs($0 - median) }.sorted()
        let spread = 1.48 * deviations[deviations.count / 2] + 0.1 * median + 0.1
        let (low, high) = (median - 4 * spread, median + 4 * spread)
        for index in (day + 1)..<days where !z[index].isNaN {
            z[index] = min(max(z[index], low), high)
        }
    }
}

extension SeriesAnalysis {
    private mutating func fitSlopes(
        _ pass: inout Pass,
        _ climate: ClimateCalendar,
        _ settings: ForecastSettings
    ) {
        var (n, sx, sc, sh) = (0.0, 0.0, 0.0, 0.0)
        for week in pass.weekLog.indices where !pass.weekLog[week].isNaN {
            n += 1
            sx += pass.weekLog[week]
            sc += pass.weekCool[week]
            sh += pass.weekHeat[week]
        }
        guard n >= 2 else { return }
        let (mx, mc, mh) = (sx / n, sc / n, sh / n)
        var (cc, hh, ch, cx, hx) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for week in pass.weekLog.indices where !pass.weekLog[week].isNaN {
            let c = pass.weekCool[week] - mc
            let h = pass.weekHeat[week] - mh
            let x = pass.weekLog[week] - mx - settings.ridgeCool * c - settings.ridgeHeat * h
            cc += c * c
            hh += h * h
            ch += c * h
            cx += c * x
            hx += h * x
        }
        let penalty = settings.ridgeWeeks * settings.ridgeDegrees * settings.ridgeDegrees
        cc += penalty
        hh += penalty
        let determinant = cc * hh - ch * ch
        coolSlope = settings.ridgeCool + (cx * hh - hx * ch) / determinant
        heatSlope = settings.ridgeHeat + (hx * cc - cx * ch) / determinant
    }

    private mutating func levels(_ pass: inout Pass, _ settings: ForecastSettings) {
        var decay = SIMD8<Double>(repeating: 0)
        for k in 0..<8 {
            decay[k] = Elementary.exp(-0.693147180559945309417 / settings.halfLives[k])
        }
        let weeks = pass.days / 7
        var sums = SIMD8<Double>(repeating: 0)
        var weights = SIMD8<Double>(repeating: 0)
        var past = Array(repeating: SIMD8<Double>(repeating: -1), count: weeks + 1)
        var prefix = Array(repeating: 0.0, count: pass.days + 1)
        var prefixKnown = Array(repeating: 0.0, count: pass.days + 1)
        var seen = 0
        let phase = (pass.days - 1) % 7
        for day in 0..<pass.days {
            let value = pass.z[day]
            var (sum, known) = (prefix[day], prefixKnown[day])
            if !value.isNaN {
                sums = sums * decay + value
                weights = weights * decay + 1
                seen += 1
                sum += value
                known += 1
            }
            prefix[day + 1] = sum
            prefixKnown[day + 1] = known
            if day % 7 == phase, seen >= 14 { past[(pass.days - 1 - day) / 7] = sums / weights }
        }
        logLevels = logs(sums / weights, settings)
        for k in 3..<8 {
            let reach = settings.levelReach
            logLevels[k] = min(logLevels[2] + reach, max(logLevels[2] - reach, logLevels[k]))
        }
        let floor = settings.floor
        var weight = 1.0
        let forgetting = Elementary.exp(-0.693147180559945 / settings.errorHalfLifeWeeks)
        for week in 5..<max(5, weeks) {
            weight *= forgetting
            guard past[week][0] >= 0 else { continue }
            let start = pass.days - 7 * week
            let end = min(start + 30, pass.days)
            let known = prefixKnown[end] - prefixKnown[start]
            guard known >= 20 else { continue }
            let actual = (prefix[end] - prefix[start]) / known
            let gap = past[week] - actual
            let size = gap.replacing(with: -gap, where: gap .< 0)
            errorSums += weight * (2 * size / (past[week] + (actual + 2 * floor)))
            errorCount += weight
        }
        if weeks >= 52, past[52][0] >= 0 { lastYearLogLevels = logs(past[52], settings) }
    }

    private func logs(_ levels: SIMD8<Double>, _ settings: ForecastSettings) -> SIMD8<Double> {
        var result = levels
        for k in 0..<8 { result[k] = Elementary.log(levels[k] + settings.floor) }
        return result
    }

    private mutating func measureChanges(_ pass: inout Pass, _ settings: ForecastSettings) {
        let first = max(0, pass.days - settings.volatilityDays - 7)
        var logs = Array(repeating: Double.nan, count: pass.days - first)
        for day in first..<pass.days where !pass.y[day].isNaN {
            logs[day - first] = Elementary.log(pass.y[day] + settings.floor)
        }
        var sum = settings.volatilityPseudoDays * settings.volatilityPrior
        var n = settings.volatilityPseudoDays
        for lag in [1, 7] where logs.count > lag {
            for index in lag..<logs.count {
                let change = abs(logs[index] - logs[index - lag])
                if !change.isNaN {
                    sum += change
                    n += 1
                }
            }
        }
        volatility = sum / n
        var deviations = SIMD8<Double>(repeating: 0)
        var counts = SIMD8<Double>(repeating: settings.weekdayDays)
        let weekday = origin.adding(days: 1 - logs.count).weekday
        if logs.count > 7 {
            for index in 3..<(logs.count - 3) where !logs[index].isNaN {
                var (total, known) = (0.0, 0.0)
                for other in (index - 3)...(index + 3) where !logs[other].isNaN {
                    total += logs[other]
                    known += 1
                }
                guard known >= 5 else { continue }
                let k = (weekday + index) % 7
                deviations[k] += logs[index] - total / known
                counts[k] += 1
            }
        }
        weekdayLogs = deviations / counts
    }
}
