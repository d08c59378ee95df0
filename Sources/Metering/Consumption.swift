package import Units

/// One installation with what its registers told around a period.
package struct MeteredInstallation: Sendable {
    package var installation: Installation
    /// What the bill before closed with, or the last reading at or before the period's start.
    package var before: RegisterReading?
    /// The days of the period that have a reading, oldest first.
    package var days: [DayRegisters]
    /// The first reading at or after the period's end; without one the period is still open.
    package var after: RegisterReading?

    package init(
        installation: Installation,
        before: RegisterReading?,
        days: [DayRegisters],
        after: RegisterReading?
    ) {
        self.installation = installation
        self.before = before
        self.days = days
        self.after = after
    }
}

/// What a service used in a period, by registers.
package struct Consumption: Hashable, Sendable {
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
    let (start, end) = zone.bounds(of: period)
    let present = installations.filter { $0.isPresent(from: start, to: end) }
    try checkCovered(present.map(\.installation), from: start, to: end)
    var segments: [ConsumptionSegment] = []
    for metered in present {
        segments.append(
            try segment(metered, start: start, end: end, load: sanctionedLoadWatts)
        )
    }
    return Consumption(
        segments: segments,
        missingDays: missingDays(of: period, present)
    )
}

/// Consumption of each of several consecutive periods that were read together at last: every meter's
/// registers are cut where the periods meet.
///
/// At a boundary the register read within a day before it counts; where there is none, the energy
/// between the readings around it is shared by time and the register marked as estimated (R11).
package func consumption(
    ofEach periods: [BillingPeriod],
    zone: OfficeZone,
    installations: [MeteredInstallation],
    sanctionedLoadWatts: Int
) throws(ConsumptionFault) -> [Consumption] {
    guard let first = periods.first, let last = periods.last else { return [] }
    let start = zone.start(of: first.first)
    let end = zone.bounds(of: last).end
    let present = installations.filter { $0.isPresent(from: start, to: end) }
    try checkCovered(present.map(\.installation), from: start, to: end)
    let boundaries = periods.dropLast().map { zone.bounds(of: $0).end }
    var parts = [[ConsumptionSegment]](repeating: [], count: periods.count)
    for metered in present {
        let path = try RegisterPath(metered, start: start, end: end)
        var rest = path.readings
        for (index, boundary) in boundaries.enumerated() {
            guard let opening = rest.first, opening.at < boundary, let latest = rest.last,
                latest.at > boundary
            else { continue }
            let cut = try path.register(in: rest, at: boundary, load: sanctionedLoadWatts)
            let before = rest.filter { $0.at < cut.at } + [cut]
            if let part = try path.segment(over: before, load: sanctionedLoadWatts) {
                parts[index].append(part)
            }
            rest = [cut] + rest.filter { $0.at > cut.at }
        }
        let index = boundaries.firstIndex { (rest.last?.at ?? $0) <= $0 } ?? periods.count - 1
        if let part = try path.segment(over: rest, load: sanctionedLoadWatts) {
            parts[index].append(part)
        }
    }
    return zip(periods, parts).map { period, segments in
        Consumption(segments: segments, missingDays: missingDays(of: period, present))
    }
}

extension MeteredInstallation {
    fileprivate func isPresent(from start: Instant, to end: Instant) -> Bool {
        installation.installedAt < end && (installation.removedAt ?? end) > start
    }
}

private func missingDays(
    of period: BillingPeriod,
    _ present: [MeteredInstallation]
) -> [CivilDate] {
    if present.count == 1, present[0].days.count == period.days { return [] }
    var known: Set<CivilDate> = []
    for metered in present {
        for day in metered.days { known.insert(day.day) }
    }
    var missing: [CivilDate] = []
    var day = period.first
    while day <= period.last {
        if !known.contains(day) { missing.append(day) }
        day = day.adding(days: 1)
    }
    return missing
}

/// Refuses a period that no meter covers whole; the first and the last day may be begun, and an
/// exchange may take up to a day.
private func checkCovered(
    _ installations: [Installation],
    from start: Instant,
    to end: Instant
) throws(ConsumptionFault) {
    guard let first = installations.first, let last = installations.last else {
        throw .noInstallation
    }
    let slack = Limits.exchangeSecondsMaximum
    if first.installedAt >= start.adding(seconds: slack) {
        throw .notMetered(from: start, to: first.installedAt)
    }
    for (earlier, later) in zip(installations, installations.dropFirst()) {
        guard let removed = earlier.removedAt,
            later.installedAt <= removed.adding(seconds: slack)
        else {
            throw .notMetered(
                from: earlier.removedAt ?? earlier.installedAt,
                to: later.installedAt
            )
        }
    }
    if let removed = last.removedAt, removed < end.adding(seconds: -slack) {
        throw .notMetered(from: removed, to: end)
    }
}

private func segment(
    _ metered: MeteredInstallation,
    start: Instant,
    end: Instant,
    load: Int
) throws(ConsumptionFault) -> ConsumptionSegment {
    let path = try RegisterPath(metered, start: start, end: end)
    guard let segment = try path.segment(over: path.readings, load: load) else {
        throw .noInstallation
    }
    return segment
}

/// The registers of one installation in order of time, from the opening to the closing one.
private struct RegisterPath {
    let meter: Meter
    private(set) var readings: [RegisterReading]

    init(
        _ metered: MeteredInstallation,
        start: Instant,
        end: Instant
    ) throws(ConsumptionFault) {
        let installation = metered.installation
        meter = installation.meter
        var opening = RegisterReading(
            at: installation.installedAt,
            register: installation.openingRegister
        )
        if installation.installedAt < start, let before = metered.before,
            before.at > installation.installedAt
        {
            opening = before
        }
        readings = [opening]
        readings.reserveCapacity(metered.days.count * 2 + 2)
        if let removedAt = installation.removedAt, removedAt <= end,
            let register = installation.closingRegister
        {
            for day in metered.days {
                append(day.first, until: removedAt)
                append(day.last, until: removedAt)
            }
            readings.append(RegisterReading(at: removedAt, register: register))
            return
        }
        for day in metered.days {
            append(day.first, until: nil)
            append(day.last, until: nil)
        }
        guard let after = metered.after else {
            throw .noClosingReading(meterSerial: meter.serial, end: end)
        }
        let day = Limits.exchangeSecondsMaximum
        guard readings.count == 1, opening.at < end.adding(seconds: -day) else { return }
        // An assessor's visit within a day of the end closes the cycle; a later one is late.
        guard after.at <= end.adding(seconds: day) else {
            throw .lateReading(meterSerial: meter.serial, end: end, reading: after)
        }
        readings.append(after)
    }

    private mutating func append(_ reading: RegisterReading, until removedAt: Instant?) {
        guard reading.at > readings[readings.count - 1].at else { return }
        if let removedAt, reading.at >= removedAt { return }
        readings.append(reading)
    }

    /// The energy over these readings; nil where there is none.
    func segment(
        over readings: [RegisterReading],
        load: Int
    ) throws(ConsumptionFault) -> ConsumptionSegment? {
        guard let opening = readings.first, let closing = readings.last else { return nil }
        var energy = Energy.zero
        var current = opening
        for next in readings.dropFirst() {
            energy += try registerDifference(
                meter: meter,
                opening: current,
                closing: next,
                sanctionedLoadWatts: load
            )
            current = next
        }
        return ConsumptionSegment(
            meter: meter,
            opening: opening,
            closing: closing,
            energy: energy
        )
    }

    /// The register at a boundary that lies between the first and the last of these readings.
    func register(
        in readings: [RegisterReading],
        at boundary: Instant,
        load: Int
    ) throws(ConsumptionFault) -> RegisterReading {
        guard let earlier = readings.last(where: { $0.at <= boundary }),
            let later = readings.first(where: { $0.at > boundary })
        else { throw .noInstallation }
        if earlier.at >= boundary.adding(seconds: -Limits.exchangeSecondsMaximum) { return earlier }
        return try sharedByTime(earlier, later, at: boundary, meter: meter, load: load)
    }
}

/// The register at an instant between two readings, as if the energy had been used evenly; whole
/// steps of the register, marked as estimated.
private func sharedByTime(
    _ earlier: RegisterReading,
    _ later: RegisterReading,
    at instant: Instant,
    meter: Meter,
    load: Int
) throws(ConsumptionFault) -> RegisterReading {
    let whole = try registerDifference(
        meter: meter,
        opening: earlier,
        closing: later,
        sanctionedLoadWatts: load
    )
    let steps = Int128(whole.wattHours / Int64(meter.multiplier))
    let part =
        steps * Int128(instant.secondsSince1970 - earlier.at.secondsSince1970)
        / Int128(later.at.secondsSince1970 - earlier.at.secondsSince1970)
    let register = (earlier.register.wattHours + Int64(part)) % meter.registerModulus.wattHours
    return RegisterReading(
        at: instant,
        register: Energy(wattHours: register),
        isEstimated: true
    )
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
