import Forecasting
import Foundation
import Units

/// The same numbers from the same seed (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Roughly normal, mean 0 and deviation 1.
    mutating func normal() -> Double {
        (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
    }
}

let india = ClimateTable.fallback
let firstDay = CivilDate(daysSince1970: 18_262)  // 2020-01-01

/// Days of a household with summer, weekend and noise; `change` may alter each of them.
func household(
    days: Int,
    level: Double = 8,
    noise: Double = 0.2,
    seed: UInt64 = 1,
    change: (_ day: Int, _ kilowattHours: Double) -> Double = { $1 }
) -> DailySeries {
    var random = SeededRandom(seed: seed)
    let values = (0..<days).map { day in
        let celsius = india.celsius(on: firstDay.adding(days: day))
        let season = exp(0.07 * max(0, celsius - 21))
        return change(day, level * season * exp(noise * random.normal()))
    }
    return DailySeries(first: firstDay, values: values)
}

/// The forecast of a household among ten like it, from the last of its days.
func forecastAtEnd(
    of series: DailySeries,
    maxHistory: Int? = nil,
    peers: Int = 10
) -> SeriesForecast {
    let days = max(series.values.count, 400)
    let origin = series.end.adding(days: -1)
    let others = (0..<peers).map { peer in
        DailySeries(
            first: origin.adding(days: 1 - days),
            values: household(days: days, level: 6 + Double(peer % 5), seed: UInt64(peer) + 100)
                .values
        )
    }
    let services = ([series] + others).enumerated().map { number, series in
        FleetService(name: "in-\(number)", area: "in", series: series)
    }
    let answers = FleetReplay(services, climates: ["in": india])
        .forecasts([ForecastWindow(service: 0, origin: origin, maxHistory: maxHistory)])
    guard let answer = answers[0] else { preconditionFailure("There are peers.") }
    return answer
}

extension SeriesForecast {
    /// Every number that it can give.
    var allNumbers: [Double] {
        var numbers = means + [dayScale, totalScale]
        for day in 1...means.count {
            for interval in [interval(day: day), totalInterval(days: day)] {
                numbers += [interval.low95, interval.low80, interval.high80, interval.high95]
            }
            numbers.append(chance(thatTotalExceeds: total(days: day) * 1.1, days: day))
        }
        return numbers + totalSamples(9, days: means.count)
    }

    /// Whether every mean lies inside its bounds and every bound inside the wider one.
    var isOrdered: Bool {
        (1...means.count).allSatisfy { day in
            isOrdered(interval(day: day), around: means[day - 1])
                && isOrdered(totalInterval(days: day), around: total(days: day))
        }
    }

    private func isOrdered(_ interval: ForecastInterval, around mean: Double) -> Bool {
        let slack = 1e-9 * (1 + mean)
        let inOrder = [
            0, interval.low95, interval.low80, mean, interval.high80, interval.high95,
        ]
        return zip(inOrder, inOrder.dropFirst()).allSatisfy { $0 <= $1 + slack }
    }
}
