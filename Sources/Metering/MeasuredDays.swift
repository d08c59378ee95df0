package import Units

/// What is looked at of a meter's day where years of days are: a few numbers.
package struct DayFigures: Hashable, Sendable {
    package var day: CivilDate
    /// What the register machine found, the multiplier included; nil where it was not asked.
    package var energyWattHours: Int64?
    /// The day's last register.
    package var registerWattHours: Int64?
    package var estimatedBlocks: Int

    package init(
        day: CivilDate,
        energyWattHours: Int64?,
        registerWattHours: Int64?,
        estimatedBlocks: Int = 0
    ) {
        self.day = day
        self.energyWattHours = energyWattHours
        self.registerWattHours = registerWattHours
        self.estimatedBlocks = estimatedBlocks
    }
}

/// The energy of a service day by day up to a last day, in kilowatt-hours, meter after meter.
///
/// Where the register machine made the day, its energy stands. Between registers read by hand or from
/// a file up to `Limits.sharedDays` apart the energy is shared evenly: the total is known, its days
/// are not. At the end, days that were mostly shared out over a silence are left out: what ended the
/// silence came after the last day.
package struct MeasuredDays: Sendable {
    package let first: CivilDate
    package let last: CivilDate
    /// One value a day; not a number where no register tells it.
    package private(set) var kilowattHours: [Double]

    package init(from first: CivilDate, to last: CivilDate) {
        self.first = first
        self.last = last
        kilowattHours = Array(repeating: .nan, count: max(0, last.days(since: first) + 1))
    }

    /// The first day whose register is of use: energy up to the first day may be shared from there.
    package var firstRead: CivilDate { first.adding(days: -Limits.sharedDays) }

    /// Adds what a meter measured while it hung at the service; its days in order, from `firstRead` on.
    package mutating func add(
        _ installation: Installation,
        days: [DayFigures],
        zone: OfficeZone,
        blocksPerDay: Int
    ) {
        let meter = installation.meter
        let begin = zone.date(of: installation.installedAt)
        // A meter that hung there for longer has been read since, within the days or before.
        var before: (day: CivilDate, register: Int64)? =
            begin.days(since: first) >= -Limits.sharedDays
            ? (begin.adding(days: -1), installation.openingRegister.wattHours) : nil
        let end = installation.removedAt.map { zone.meteringDay(of: $0) }
        var open = days[...]
        if end == nil || end ?? last > last { open = days[..<settledEnd(days, blocksPerDay)] }
        var isClosed = false
        for day in open where day.day >= begin && day.day <= end ?? last {
            if let energy = day.energyWattHours {
                put(Double(energy), on: day.day, days: 1)
                isClosed = day.day == end
            } else if let register = day.registerWattHours, let known = before {
                share(known, (day.day, register), meter)
            }
            if let register = day.registerWattHours { before = (day.day, register) }
        }
        if let end, end <= last, !isClosed, let before, before.day < end,
            let closing = installation.closingRegister
        {
            share(before, (end, closing.wattHours), meter)
        }
    }

    /// Where the days end that no later reading was needed for.
    private func settledEnd(_ days: [DayFigures], _ blocksPerDay: Int) -> Int {
        var end = days.count
        while end > 0, days[end - 1].estimatedBlocks * 4 >= blocksPerDay,
            days[end - 1].day == last.adding(days: end - days.count)
        {
            end -= 1
        }
        return end
    }

    private mutating func share(
        _ before: (day: CivilDate, register: Int64),
        _ after: (day: CivilDate, register: Int64),
        _ meter: Meter
    ) {
        let days = after.day.days(since: before.day)
        guard days >= 1, days <= Limits.sharedDays else { return }
        var difference = after.register - before.register
        if difference < 0 {
            let modulus = meter.registerModulus.wattHours
            guard before.register >= modulus / 10 * 9 else { return }
            difference += modulus
        }
        put(Double(difference) * Double(meter.multiplier), on: after.day, days: days)
    }

    /// Shares energy over the days up to a day.
    private mutating func put(_ wattHours: Double, on day: CivilDate, days: Int) {
        let each = wattHours / 1_000 / Double(days)
        let end = day.days(since: first)
        for index in (end - days + 1)..<(end + 1) where kilowattHours.indices.contains(index) {
            kilowattHours[index] =
                kilowattHours[index].isNaN ? each : kilowattHours[index] + each
        }
    }
}
