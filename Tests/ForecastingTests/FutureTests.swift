import Foundation
import Testing
import Units

@testable import Forecasting

/// Nothing that is measured after an origin changes what is forecast from it.
@Suite struct FutureTests {
    private func fleet(_ households: Int = 12) -> [FleetService] {
        (0..<households).map { number in
            var random = SeededRandom(seed: UInt64(number))
            let start = Int.random(in: 0..<150, using: &random)
            let gap = Int.random(in: 200..<400, using: &random)
            let series = household(days: 640, level: 4 + Double(number), seed: UInt64(number)) {
                day,
                value in
                day < start || (gap..<gap + number * 4).contains(day) ? .nan : value
            }
            return FleetService(name: "in-\(number)", area: "in", series: series)
        }
    }

    /// Changes, removes and adds days after the origin, and with them the ends of the series.
    private func scrambled(
        _ services: [FleetService],
        after origin: CivilDate,
        _ random: inout SeededRandom
    ) -> [FleetService] {
        services.map { service in
            let series = service.series
            let known = max(0, origin.days(since: series.first) + 1)
            var values = Array(series.values.prefix(known))
            for _ in 0..<Int.random(in: 0..<400, using: &random) {
                values.append(
                    Bool.random(using: &random) ? .nan : .random(in: 0..<500, using: &random)
                )
            }
            return FleetService(
                name: service.name,
                area: service.area,
                series: DailySeries(first: series.first, values: values)
            )
        }
    }

    @Test(arguments: 1...6)
    func `scrambling every day after an origin changes no forecast from it`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let services = fleet()
        let origin = firstDay.adding(days: .random(in: 30..<600, using: &random))
        let windows = services.indices.map {
            ForecastWindow(service: $0, origin: origin, maxHistory: $0 % 3 == 0 ? 7 : nil)
        }
        let later = services.indices.map {
            ForecastWindow(service: $0, origin: origin.adding(days: 40))
        }

        // Other windows that are asked for change nothing either.
        let before = FleetReplay(services, climates: ["in": india]).forecasts(windows + later)
        let after = FleetReplay(
            scrambled(services, after: origin, &random),
            climates: ["in": india]
        ).forecasts(windows)

        for (one, other) in zip(before, after) {
            #expect(one?.allNumbers == other?.allNumbers, "seed \(seed)")
        }
    }

    @Test(arguments: 1...4)
    func `a household seen for a week has no older past, not as its own peer either`(
        seed: UInt64
    ) {
        var random = SeededRandom(seed: seed)
        let services = fleet()
        let origin = firstDay.adding(days: .random(in: 200..<600, using: &random))
        let window = ForecastWindow(service: 4, origin: origin, maxHistory: 7)
        var changed = services
        let values = services[4].series.values.enumerated().map { day, value in
            firstDay.adding(days: day) > origin.adding(days: -7)
                ? value : .random(in: 0..<90, using: &random)
        }
        changed[4] = FleetService(
            name: "in-4",
            area: "in",
            series: DailySeries(first: firstDay, values: values)
        )

        let one = FleetReplay(services, climates: ["in": india]).forecasts([window])
        let other = FleetReplay(changed, climates: ["in": india]).forecasts([window])

        #expect(one[0]?.allNumbers == other[0]?.allNumbers, "seed \(seed)")
    }
}
