import Forecasting
import Metering
import Registry
import Store
import Units

/// A service with the days of its present occupant.
struct ServiceDays: Sendable {
    let service: ServiceToForecast
    /// Its whole days: what is learned from and scored by.
    let series: DailySeries
    /// All that registers tell.
    let measured: MeasuredDays

    init(_ service: ServiceToForecast, _ measured: MeasuredDays) {
        self.service = service
        self.measured = measured
        series = DailySeries(
            first: measured.first,
            values: measured.wholeDays,
            sums: measured.sums
        )
    }
}

extension TenantTransaction {
    /// Days of services up to a day, as far back as a forecast looks, in two statements.
    func works(
        of services: [ServiceToForecast],
        until day: CivilDate,
        office: Office
    ) throws -> [ServiceDays] {
        let zone = office.zone
        let installations = try installations(of: services.map(\.service))
        let oldest = day.adding(days: 1 - Forecasting.Limits.windowDays)
        var measured = services.map { MeasuredDays(from: max($0.ownSince, oldest), to: day) }
        var wanted: [(place: Int, installation: Installation, from: CivilDate, to: CivilDate)] = []
        for (place, service) in services.enumerated() {
            for installation in installations[service.service] ?? [] {
                let begin = zone.date(of: installation.installedAt)
                let end = installation.removedAt.map { zone.meteringDay(of: $0) }
                let from = max(begin, measured[place].firstRead)
                let to = min(end ?? day, day)
                if from <= to { wanted.append((place, installation, from, to)) }
            }
        }
        let days = try figures(
            of: wanted.map { ($0.installation.meter.id, $0.from, $0.to) }
        )
        let blocksPerDay = 1_440 / max(1, office.metering.blockMinutes)
        for (index, entry) in wanted.enumerated() {
            measured[entry.place].add(
                entry.installation,
                days: days[index],
                zone: zone,
                blocksPerDay: blocksPerDay
            )
        }
        return zip(services, measured).map { ServiceDays($0, $1) }
    }
}

extension DailySeries {
    /// The mean of the last seven known days up to a day: the naive forecast of each to come.
    func naive(until day: CivilDate) -> Double? {
        var (sum, known) = (0.0, 0.0)
        var date = min(day, end.adding(days: -1))
        while date >= first, known < 7 {
            if let value = self[date] {
                sum += value
                known += 1
            }
            date = date.adding(days: -1)
        }
        return known > 0 ? sum / known : nil
    }
}
