package import Metering
import Registry
package import Store
package import Units

/// Shows what a service used, by day or by month, in the office's zone.
package struct ShowUsage: Sendable {
    /// How the span is cut.
    package enum Step: String, Sendable, CaseIterable {
        case day, month
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Usage of a service between two days, both included; the running day comes from raw rows.
    package func callAsFunction(
        serviceNumber: String,
        by step: Step,
        from: CivilDate,
        to: CivilDate,
        caller: Caller
    ) async throws -> [UsageValue] {
        guard to >= from else {
            throw InvalidInput("to", "invalid", "not before from (\(from))")
        }
        guard to.days(since: from) < Limits.usageDaysMaximum else {
            throw InvalidInput("from", "out_of_range", "at most \(Limits.usageDaysMaximum) days")
        }
        let now = clock.now()
        let days = try await store.withTenant(caller.office, readOnly: true) {
            transaction -> [UsageValue] in
            let service = try transaction.visibleService(serviceNumber, caller)
            let zone = try transaction.office().zone
            var first = from
            if [.consumer, .meter].contains(caller.role),
                let own = try transaction.firstOwnDay(of: service)
            {
                // What others used here before is theirs.
                first = max(from, own)
                guard first <= to else { return [] }
            }
            return try transaction.usage(
                of: service.id,
                from: first,
                to: to,
                today: zone.date(of: now),
                zone: zone
            )
        }
        return step == .day ? days : monthlyUsage(days)
    }
}

extension TenantTransaction {
    func usage(
        of service: Service.ID,
        from: CivilDate,
        to: CivilDate,
        today: CivilDate,
        zone: OfficeZone
    ) throws -> [UsageValue] {
        var sum: [UsageValue]?
        for installation in try installations(of: service) {
            let first = max(from, zone.date(of: installation.installedAt))
            let last =
                installation.removedAt.map { min(to, zone.meteringDay(of: $0)) } ?? to
            guard first <= last else { continue }
            let meter = installation.meter
            var days = try usageDays(of: meter.id, from: first, to: last)
            // Days that are not rolled up yet: today, and yesterday within its grace.
            for open in [today.adding(days: -1), today]
            where open >= first && open <= last && !days.contains(where: { $0.day == open }) {
                if let day = try openDay(of: meter.id, day: open, zone: zone) { days.append(day) }
            }
            close(&days, of: installation, between: first, and: last, zone: zone)
            let before = try register(of: meter.id, atOrBefore: zone.start(of: first))
            let isOwn = before.map { $0.at > installation.installedAt } ?? false
            let wholeSpan = dailyUsage(
                from: from,
                to: to,
                today: today,
                meter: meter,
                openingRegister: (isOwn ? before?.register : nil) ?? installation.openingRegister,
                days: days.filter { day in
                    day.last.map { $0.at > installation.installedAt } ?? true
                }
            )
            sum = sum.map { addUsage($0, wholeSpan) } ?? wholeSpan
        }
        return sum
            ?? dailyUsage(
                from: from,
                to: to,
                today: today,
                meter: Meter(
                    id: Meter.ID(0),
                    serial: "-",
                    registerDigits: 8,
                    multiplier: 1,
                    channels: 1
                ),
                openingRegister: .zero,
                days: []
            )
    }

    /// What a meter showed when it was taken off ends its last day, as a reading does (R13); where the
    /// register machine made that day, it is in already.
    private func close(
        _ days: inout [MeterDay],
        of installation: Installation,
        between first: CivilDate,
        and last: CivilDate,
        zone: OfficeZone
    ) {
        guard let removedAt = installation.removedAt, let register = installation.closingRegister
        else { return }
        let date = zone.meteringDay(of: removedAt)
        guard date >= first, date <= last else { return }
        let closing = RegisterReading(at: removedAt, register: register)
        if let index = days.firstIndex(where: { $0.day == date }) {
            if days[index].energy == nil { days[index].last = closing }
        } else {
            days.append(
                MeterDay(
                    meter: installation.meter.id,
                    day: date,
                    readings: 0,
                    first: closing,
                    last: closing
                )
            )
        }
    }
}
