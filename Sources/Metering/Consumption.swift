package import Units

/// One installation with what its registers told around a period.
package struct MeteredInstallation: Sendable {
    package var installation: Installation
    /// The last reading at or before the period's start; nil when there was none.
    package var before: RegisterReading?
    /// The rolled-up days of the period, oldest first.
    package var days: [MeterDay]
    /// The last raw reading at or before the period's end: the very one the next period opens with.
    package var atEnd: RegisterReading?
    /// Whether a reading exists at or after the period's end.
    package var isClosed: Bool

    package init(
        installation: Installation,
        before: RegisterReading?,
        days: [MeterDay],
        atEnd: RegisterReading? = nil,
        isClosed: Bool
    ) {
        self.installation = installation
        self.before = before
        self.days = days
        self.atEnd = atEnd
        self.isClosed = isClosed
    }
}

/// What a service used in a period, by registers.
package struct Consumption: Sendable {
    package var segments: [ConsumptionSegment]
    /// Days of the period without a reading: named, not invented.
    package var missingDays: [CivilDate]

    package init(segments: [ConsumptionSegment], missingDays: [CivilDate]) {
        self.segments = segments
        self.missingDays = missingDays
    }

    package var energy: Energy { segments.reduce(.zero) { $0 + $1.energy } }
}

/// Consumption of a period from the registers of every meter the service had in it.
///
/// Energy is the sum of the differences between successive registers, so a rollover inside the
/// period counts and a fall is refused by name; power never makes energy (invariant 3).
///
/// `sanctionedLoadWatts`: decides whether a rollover is possible (R14).
package func consumption(
    of period: BillingPeriod,
    zone: OfficeZone,
    installations: [MeteredInstallation],
    sanctionedLoadWatts: Int
) throws(ConsumptionFault) -> Consumption {
    let start = zone.start(of: period.first)
    let end = zone.start(of: period.last.adding(days: 1))
    let present = installations.filter {
        $0.installation.installedAt < end && ($0.installation.removedAt ?? end) > start
    }
    try checkCovered(present.map(\.installation), from: start, to: end)
    var segments: [ConsumptionSegment] = []
    var known: Set<CivilDate> = []
    for metered in present {
        segments.append(
            try segment(metered, start: start, end: end, load: sanctionedLoadWatts)
        )
        for day in metered.days where day.readings > 0 { known.insert(day.day) }
    }
    var missing: [CivilDate] = []
    var day = period.first
    while day <= period.last {
        if !known.contains(day) { missing.append(day) }
        day = day.adding(days: 1)
    }
    return Consumption(segments: segments, missingDays: missing)
}

/// Refuses a period that no meter covers whole; an exchange may take up to a day.
private func checkCovered(
    _ installations: [Installation],
    from start: Instant,
    to end: Instant
) throws(ConsumptionFault) {
    guard let first = installations.first, let last = installations.last else {
        throw .noInstallation
    }
    if first.installedAt > start { throw .notMetered(from: start, to: first.installedAt) }
    for (earlier, later) in zip(installations, installations.dropFirst()) {
        guard let removed = earlier.removedAt,
            later.installedAt <= removed.adding(seconds: Limits.exchangeSecondsMaximum)
        else {
            throw .notMetered(
                from: earlier.removedAt ?? earlier.installedAt,
                to: later.installedAt
            )
        }
    }
    if let removed = last.removedAt, removed < end { throw .notMetered(from: removed, to: end) }
}

private func segment(
    _ metered: MeteredInstallation,
    start: Instant,
    end: Instant,
    load: Int
) throws(ConsumptionFault) -> ConsumptionSegment {
    let installation = metered.installation
    let meter = installation.meter
    let installed = RegisterReading(
        at: installation.installedAt,
        register: installation.openingRegister
    )
    var opening = installed
    if installation.installedAt < start, let before = metered.before,
        before.at > installation.installedAt
    {
        opening = before
    }
    // A reading that came after the days were made is in none of them.
    var registers =
        metered.days.flatMap { [$0.first, $0.last] } + [metered.atEnd].compactMap(\.self)
    if let removedAt = installation.removedAt, removedAt <= end,
        let closing = installation.closingRegister
    {
        registers.removeAll { $0.at >= removedAt }
        registers.append(RegisterReading(at: removedAt, register: closing))
    } else if !metered.isClosed, installation.removedAt == nil {
        throw .noClosingReading(meterSerial: meter.serial, end: end)
    }
    var current = opening
    var energy = Energy.zero
    for next in registers where next.at > current.at {
        energy += try registerDifference(
            meter: meter,
            opening: current,
            closing: next,
            sanctionedLoadWatts: load
        )
        current = next
    }
    return ConsumptionSegment(meter: meter, opening: opening, closing: current, energy: energy)
}

/// Days as people write them: `2026-10-03, 2026-10-07 to 2026-10-09`.
package func dayRanges(_ days: [CivilDate]) -> String {
    var ranges: [(first: CivilDate, last: CivilDate)] = []
    for day in days {
        if let last = ranges.last, last.last.adding(days: 1) == day {
            ranges[ranges.count - 1].last = day
        } else {
            ranges.append((day, day))
        }
    }
    return ranges.map { $0.first == $0.last ? "\($0.first)" : "\($0.first) to \($0.last)" }
        .joined(separator: ", ")
}
