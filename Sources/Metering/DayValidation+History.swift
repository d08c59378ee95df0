import Units

/// The rules that compare a day with others, or with what surrounds the meter.
extension DayValidation {
    mutating func checkZero() {
        let today = DayRollup(day.blocks)
        guard today.isValid, today.energy == .zero else { return }
        let days = Int(rules.zeroDays)
        let before = day.history.filter {
            $0.day < today.day && $0.day >= today.day.adding(days: -days - 30)
        }
        let run = before.filter { $0.day > today.day.adding(days: -days) }
        guard Set(run.map(\.day)).count == days - 1, run.allSatisfy({ $0.energy == .zero }),
            before.contains(where: { ($0.energy ?? .zero) > .zero })
        else { return }
        report(.zero, .warning, "no consumption for \(days) days, where there was some before")
    }

    mutating func checkSubCircuits() {
        guard !day.subCircuits.isEmpty, day.blocks.isComplete,
            day.subCircuits.allSatisfy(\.isComplete)
        else { return }
        let main = day.blocks.energy
        let parts = day.subCircuits.reduce(Energy.zero) { $0 + $1.energy }
        let most =
            main.wattHours * (100 + rules.subCircuitPercent) / 100 + rules.subCircuitWattHours
        guard parts.wattHours > most else { return }
        report(
            .subCircuits,
            .warning,
            "the sub-circuits used \(parts.kilowattHoursText) kWh, the main "
                + "\(main.kilowattHoursText) kWh"
        )
    }

    /// High or low against the like days of the last weeks, and against the same weeks of the year
    /// before where they are known: a hot May is no exception.
    mutating func checkUsual() {
        guard day.blocks.isComplete else { return }
        let today = day.blocks.day
        let alike = EstimationSources(holidays: day.holidays)
        let like = day.history.filter { alike.areAlike($0.day, today) && $0.isValid }
        let recent = energies(like.filter { $0.day < today && $0.day >= today.adding(days: -28) })
        let season = energies(
            like.filter { abs($0.day.days(since: today.adding(days: -364))) <= 14 }
        )
        guard let usual = median(recent), recent.count >= Int(rules.usualDays) else { return }
        let isSeasonKnown = season.count >= Int(rules.usualDays)
        let other = isSeasonKnown ? median(season) ?? usual : usual
        let energy = day.blocks.energy.wattHours
        let words = isSeasonKnown ? " and \(text(other)) kWh in these weeks a year ago" : ""
        let told = "\(text(energy)) kWh; \(text(usual)) kWh are usual on such days\(words)"
        let highest = max(usual, other)
        let lowest = min(usual, other)
        if energy > highest * rules.highPercent / 100,
            energy - highest >= rules.usualWattHours
        {
            report(.high, .warning, told)
        } else if energy < lowest * rules.lowPercent / 100,
            lowest - energy >= rules.usualWattHours
        {
            report(.low, .warning, told)
        }
    }

    private func energies(_ days: [DayRollup]) -> [Int64] {
        days.compactMap { $0.energy?.wattHours }
    }

    private func text(_ wattHours: Int64) -> String {
        Energy(wattHours: wattHours).kilowattHoursText
    }

    mutating func checkDrift() {
        guard let drift = ClockDrift(day.receipts) else { return }
        guard
            abs(drift.seconds) > rules.driftSeconds
                || abs(drift.secondsADay) > rules.driftSecondsADay
        else { return }
        report(.drift, .warning, "the clock is \(drift.text)")
    }

    /// Declared voltage within a tolerance (IS 12360); no voltage at all is an outage, not a fault.
    mutating func checkVoltage() {
        let measured = day.run.samples.filter { isInDay($0.at) && ($0.voltageMillivolts ?? 0) > 0 }
        for isLow in [true, false] {
            let sign: Int64 = isLow ? -1 : 1
            let warning = limit(rules.voltageWarningPercent * sign)
            let error = limit(rules.voltageErrorPercent * sign)
            let outside = measured.filter { sample in
                let voltage = Int64(sample.voltageMillivolts ?? 0)
                return isLow ? voltage < warning : voltage > warning
            }
            let voltages = outside.map { Int64($0.voltageMillivolts ?? 0) }
            guard let first = outside.first,
                let worst = isLow ? voltages.min() : voltages.max()
            else { continue }
            report(
                .voltage,
                (isLow ? worst < error : worst > error) ? .error : .warning,
                instants: [first.at],
                "\(outside.count) reading(s) \(isLow ? "below" : "above") "
                    + "\(decimalText(warning, places: 3)) V, as far as "
                    + "\(decimalText(worst, places: 3)) V"
            )
        }
    }

    private func limit(_ percent: Int64) -> Int64 {
        rules.voltageMillivolts * (100 + percent) / 100
    }
}
