package import Units

/// What a page or the API shows of a meter's days: energy of each from its closing register and
/// the one before.
///
/// Where the register machine made the day, its energy stands: a silence is shared out over its days
/// and says so. Registers read by hand or from a file show on the day they were read; a fall shows as
/// unknown, never as a negative figure or a spike.
///
/// `before`: the last day before the first of `days`; nil at the meter's beginning.
package func dailyUsage(
    from first: CivilDate,
    to last: CivilDate,
    today: CivilDate,
    meter: Meter,
    openingRegister: Energy,
    days: [MeterDay]
) -> [UsageValue] {
    var byDay: [CivilDate: MeterDay] = [:]
    for day in days { byDay[day.day] = day }
    var register = openingRegister
    var values: [UsageValue] = []
    var date = first
    while date <= last {
        var energy: Energy?
        var isEstimated = false
        let day = byDay[date]
        if let day, let known = day.energy {
            energy = known
            isEstimated = day.quality.contains(.estimated)
        } else if let closing = day?.last {
            energy = energyBetween(register, closing.register, meter)
        }
        if let closing = day?.last { register = closing.register }
        values.append(
            UsageValue(
                first: date,
                last: date,
                energy: energy,
                isEstimated: isEstimated,
                missingDays: energy == nil && date < today ? 1 : 0,
                isOpen: date >= today
            )
        )
        date = date.adding(days: 1)
    }
    return values
}

/// Between two registers of a meter; nil where the second is lower and no rollover explains it.
private func energyBetween(_ opening: Energy, _ closing: Energy, _ meter: Meter) -> Energy? {
    let difference = closing - opening
    let nearModulus = opening.wattHours >= meter.registerModulus.wattHours / 10 * 9
    let real =
        difference >= .zero ? difference : nearModulus ? difference + meter.registerModulus : nil
    return real.flatMap { real in
        let (product, overflow) = real.wattHours.multipliedReportingOverflow(
            by: Int64(meter.multiplier)
        )
        return overflow ? nil : Energy(wattHours: product)
    }
}

/// Days summed into calendar months; a month's energy is what its known days tell.
package func monthlyUsage(_ days: [UsageValue]) -> [UsageValue] {
    var months: [UsageValue] = []
    for day in days {
        if let last = months.last, last.first.month == day.first.month {
            var month = last
            month.last = day.last
            month.missingDays += day.missingDays
            month.isOpen = month.isOpen || day.isOpen
            month.isEstimated = month.isEstimated || day.isEstimated
            if let energy = day.energy { month.energy = (month.energy ?? .zero) + energy }
            months[months.count - 1] = month
        } else {
            months.append(day)
        }
    }
    return months
}

/// Several meters of one service added day by day; a day is known when any meter knows it.
package func addUsage(_ left: [UsageValue], _ right: [UsageValue]) -> [UsageValue] {
    zip(left, right).map { first, second in
        var sum = first
        switch (first.energy, second.energy) {
        case (let a?, let b?): sum.energy = a + b
        case (nil, let b?): sum.energy = b
        default: break
        }
        sum.missingDays = min(first.missingDays, second.missingDays)
        sum.isEstimated = first.isEstimated || second.isEstimated
        return sum
    }
}
