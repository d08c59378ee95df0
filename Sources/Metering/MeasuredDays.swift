package import Units

/// What is looked at of a meter's day where years of days are: a few numbers.
package struct DayFigures: Hashable, Sendable {
    package var day: CivilDate
    /// What the register machine found, the multiplier included; nil where it was not asked.
    package var energyWattHours: Int64?
    /// The day's last register.
    package var registerWattHours: Int64?
    package var estimatedBlocks: Int
    /// Blocks of which no register tells anything.
    package var missingBlocks: Int
    /// Whether the register is a sum of imported daily energies.
    package var isSumOfDays: Bool

    package init(
        day: CivilDate,
        energyWattHours: Int64?,
        registerWattHours: Int64?,
        estimatedBlocks: Int = 0,
        missingBlocks: Int = 0,
        isSumOfDays: Bool = false
    ) {
        self.day = day
        self.energyWattHours = energyWattHours
        self.registerWattHours = registerWattHours
        self.estimatedBlocks = estimatedBlocks
        self.missingBlocks = missingBlocks
        self.isSumOfDays = isSumOfDays
    }
}

/// What registers tell of a day.
package enum DayKnowledge: UInt8, Hashable, Sendable {
    /// Nothing, not even together with other days.
    case nothing
    /// A part of it: a silence of more than an hour cut it short.
    case part
    /// All that was supplied, on a day on which a meter was hung or taken away.
    case edge
    /// That the register stood still: a file of daily energies has no row for it and goes on later.
    case still
    /// Its energy together with that of other days; its own is a share.
    case together
    /// Its energy.
    case whole

    /// Whether something of the day was used that no register tells (yet).
    package var isUnread: Bool { self == .nothing || self == .part }

    /// Whether its energy is that of a day: what a forecast may learn from.
    package var isWhole: Bool { self == .together || self == .whole }

    fileprivate func joined(with other: DayKnowledge) -> DayKnowledge {
        switch (self, other) {
        case (.nothing, _): other
        case (.edge, .edge): .whole
        case (.part, _), (_, .part): .part
        case (.together, _), (_, .together): .together
        default: max(rawValue, other.rawValue) == rawValue ? self : other
        }
    }
}

/// The energy of a service day by day up to a last day, in kilowatt-hours, meter after meter.
///
/// Where the register machine made the day, its energy stands. Between registers read by hand or from
/// a file up to `Limits.sharedDays` apart, and over a silence that a register ended, the energy is
/// shared: the total is known, its days are not. A daily energy from a file is of its day alone, however
/// many days without a row came before it. At the end, days that were mostly shared out over a silence
/// are left out: what ended it came after the last day.
package struct MeasuredDays: Sendable {
    package let first: CivilDate
    package let last: CivilDate
    /// What registers tell of each day; not a number where they tell nothing.
    package private(set) var kilowattHours: [Double]
    /// How they tell it, one a day.
    package private(set) var knowledge: [DayKnowledge]
    /// Days, counted from the first, whose energies are known together only.
    package private(set) var sums: [Range<Int>] = []

    package init(from first: CivilDate, to last: CivilDate) {
        self.first = first
        self.last = last
        let count = max(0, last.days(since: first) + 1)
        kilowattHours = Array(repeating: .nan, count: count)
        knowledge = Array(repeating: .nothing, count: count)
    }

    /// The first day whose register is of use: energy up to the first day may be shared from there.
    package var firstRead: CivilDate { first.adding(days: -Limits.sharedDays) }

    /// Energies of whole days, those known together shared out; not a number elsewhere.
    package var wholeDays: [Double] {
        zip(kilowattHours, knowledge).map { $1.isWhole ? $0 : .nan }
    }

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
        var silence: CivilDate?
        for day in open where day.day >= begin && day.day <= end ?? last {
            if let energy = day.energyWattHours {
                let isCut = day.missingBlocks * Limits.missingShareOfDay > blocksPerDay
                let isEdge = day.day == begin || day.day == end
                let known: DayKnowledge = isCut ? (isEdge ? .edge : .part) : .whole
                put(Double(energy), on: day.day, days: 1, known)
                isClosed = day.day == end
            } else if let register = day.registerWattHours, let known = before {
                share(known, (day.day, register), meter, day.isSumOfDays)
            }
            if let register = day.registerWattHours { before = (day.day, register) }
            if day.estimatedBlocks * 4 < blocksPerDay {
                noteSilence(from: silence, to: day.day)
                silence = nil
            } else {
                silence = silence ?? day.day
            }
        }
        noteSilence(from: silence, to: open.last?.day.adding(days: 1))
        if let end, end <= last, !isClosed, let before, before.day < end,
            let closing = installation.closingRegister
        {
            share(before, (end, closing.wattHours), meter, false)
        }
    }

    /// Days up to the one before `end` that a silence was shared out over.
    private mutating func noteSilence(from start: CivilDate?, to end: CivilDate?) {
        guard let start, let end else { return }
        note(start.days(since: first)..<max(start, end).days(since: first))
    }

    private mutating func note(_ sum: Range<Int>) {
        let sum = sum.clamped(to: 0..<kilowattHours.count)
        guard !sum.isEmpty else { return }
        sums.append(sum)
        for index in sum where knowledge[index] == .whole { knowledge[index] = .together }
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
        _ meter: Meter,
        _ isSumOfDays: Bool
    ) {
        let days = after.day.days(since: before.day)
        guard days >= 1, days <= Limits.sharedDays || isSumOfDays else { return }
        var difference = after.register - before.register
        if difference < 0 {
            let modulus = meter.registerModulus.wattHours
            guard before.register >= modulus / 10 * 9 else { return }
            difference += modulus
        }
        let energy = Double(difference) * Double(meter.multiplier)
        let end = after.day.days(since: first)
        if isSumOfDays {
            put(0, on: after.day.adding(days: -1), days: days - 1, .still)
            put(energy, on: after.day, days: 1, .whole)
        } else {
            put(energy, on: after.day, days: days, .whole)
            if days > 1 { note((end - days + 1)..<(end + 1)) }
        }
    }

    /// Shares energy over the days up to a day.
    private mutating func put(
        _ wattHours: Double,
        on day: CivilDate,
        days: Int,
        _ known: DayKnowledge
    ) {
        guard days > 0 else { return }
        let each = wattHours / 1_000 / Double(days)
        let end = day.days(since: first)
        for index in max(0, end - days + 1)..<max(0, end + 1)
        where kilowattHours.indices.contains(index) {
            kilowattHours[index] =
                kilowattHours[index].isNaN ? each : kilowattHours[index] + each
            knowledge[index] = knowledge[index].joined(with: known)
        }
    }
}
