package import Units

/// What a page or the API shows of a meter's days: energy of each from its closing register and
/// the one before.
///
/// A day without a reading has no energy; what was used meanwhile shows on the day the register
/// came back. A fall of the register shows as unknown, never as a negative figure or a spike.
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
        if let day = byDay[date] {
            let difference = day.last.register - register
            let rolled = difference + meter.registerModulus
            let nearModulus =
                register.wattHours >= meter.registerModulus.wattHours / 10 * 9
            let real =
                difference >= .zero ? difference : nearModulus ? rolled : nil
            energy = real.flatMap { real in
                let (product, overflow) = real.wattHours.multipliedReportingOverflow(
                    by: Int64(meter.multiplier)
                )
                return overflow ? nil : Energy(wattHours: product)
            }
            register = day.last.register
        }
        values.append(
            UsageValue(
                first: date,
                last: date,
                energy: energy,
                missingDays: energy == nil && date < today ? 1 : 0,
                isOpen: date >= today
            )
        )
        date = date.adding(days: 1)
    }
    return values
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
        return sum
    }
}
