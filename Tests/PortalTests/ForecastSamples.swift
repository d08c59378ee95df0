import Billing
import Forecasting
import Foundation
import Registry
import Units

@testable import Portal

extension Samples {
    /// The cycle of March and April 2024 of the service, 31 days of it known, and what may come:
    /// priced by Tamil Nadu's tables of 2022.
    static func forecastCycle(
        known: Int = 31,
        missing: Set<Int> = [],
        silent: Int = 0,
        restADay: Double = 10.3,
        whatIf: WhatIf? = nil
    ) throws -> ForecastPage.Cycle {
        let period = try period("2024-03-01", "2024-04-30")
        let days = (0..<known).map { day -> Energy? in
            missing.contains(day) ? nil : Energy(wattHours: Int64(8_200 + day * 37 % 60 * 100))
        }
        let total = days.reduce(Energy.zero) { $0 + ($1 ?? .zero) }
        let used = CycleUse(
            through: period.first.adding(days: known - 1),
            total: total,
            days: days
        )
        let rest = outlook(
            from: used.through.adding(days: 1),
            days: period.days - known,
            each: restADay,
            unread: missing.count,
            silent: silent
        )
        var service = service
        service.connectedOn = period.first
        let input = ServiceToBill(
            service: service,
            occupancy: Occupancy(
                consumer: consumer.id,
                consumerNumber: consumer.number,
                consumerName: consumer.name,
                from: period.first
            ),
            kind: .regular,
            cycle: period.last.month,
            whole: period,
            period: period,
            months: 2
        )
        let forecaster = BillForecaster(shelf: try shelf())
        let bill = try forecaster.forecast(input, used: used, outlook: rest)
        var forecast = ServiceForecast(
            serviceNumber: service.number,
            origin: used.through,
            cycle: period.last.month,
            period: period,
            used: used,
            outlook: rest,
            bill: bill,
            prices: try forecaster.prices(input, upTo: bill.units.high),
            knownDays: 300
        )
        forecast.whatIf = try whatIf.map {
            try forecaster.whatIf($0, input, used: used, outlook: rest, against: bill)
        }
        return ForecastPage.Cycle(
            period: period,
            used: used,
            rest: rest,
            units: bill.units,
            forecast: forecast
        )
    }

    /// Days of use that goes up and down a little, with wider bounds the farther they are.
    private static func outlook(
        from first: CivilDate,
        days: Int,
        each: Double,
        unread: Int = 0,
        silent: Int = 0
    ) -> UseOutlook {
        guard days > 0 else { return UseOutlook(nothingFrom: first) }
        let means = (0..<days).map { each + Double($0 % 7 - 3) * 0.3 }
        let start = Double(unread) * 11
        var sum = start
        let running = means.enumerated().map { index, mean in
            sum += mean
            let share = 0.12 + 0.06 * Double(index) / Double(days)
            return ForecastRange(low: sum * (1 - share), middle: sum, high: sum * (1 + share))
        }
        let whole = sum
        let ranges = means.map { ForecastRange(low: $0 * 0.6, middle: $0, high: $0 * 1.5) }
        let totals = (0..<55).map { index -> Double in
            let position = (Double(index) + 0.5) / 55
            return whole * (0.775 + 0.45 * position)
        }
        return UseOutlook(
            first: first,
            days: ranges,
            running: running,
            totals: totals,
            unread: unread == 0
                ? nil
                : UnreadUse(
                    days: unread,
                    mean: start,
                    range: ForecastRange(low: start * 0.8, middle: start, high: start * 1.3)
                ),
            open: first.adding(days: silent)
        ) ?? UseOutlook(nothingFrom: first)
    }

    private static func period(_ first: String, _ last: String) throws -> BillingPeriod {
        guard let period = BillingPeriod(first: date(first), last: date(last)) else {
            throw CocoaError(.featureUnsupported)
        }
        return period
    }

    private static func shelf() throws -> TariffShelf {
        let documents = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Tariffs/Documents")
        let bodies = try ["tneb-lt1a-2022-09", "seed-2023"].map {
            try String(contentsOf: documents.appending(path: "\($0).json"), encoding: .utf8)
        }
        return try TariffShelf(
            bodies.map {
                PublishedTariff(
                    id: "",
                    family: "",
                    effectiveFrom: date("2022-09-10"),
                    effectiveTo: nil,
                    digest: [],
                    body: $0
                )
            }
        )
    }

    /// Months and cycles that were scored; in one of them the naive forecast was better.
    static func scoredSpans() -> [ScoredSpan] {
        var spans: [ScoredSpan] = []
        for month in 1...11 {
            let first = date("2026-\(month.padded(2))-01")
            let isBad = month == 9
            let error: Double = isBad ? 26_100 : 17_900 + Double(month) * 210
            let naive: Double = isBad ? 24_000 : 26_500 - Double(month) * 150
            let sums: [Double] = [
                420, 109_200, error, naive, 345, 402, 12_600, 10_010, 11_940, 0, 0, 0, 0, 0,
            ]
            guard let score = ForecastScore(sums: sums) else { continue }
            spans.append(
                ScoredSpan(kind: .month, first: first, last: first.month.last, score: score)
            )
            guard month % 2 == 0 else { continue }
            let start = first.month.adding(months: -1).first
            let naiveBills: Double = month == 10 ? 15_900_000 : 21_400_000
            let bills: [Double] = [
                420, 218_400, 40_000, 52_000, 345, 402, 25_200, 20_020, 23_880, 418, 71_060_000,
                16_300_000, naiveBills, 342,
            ]
            guard let score = ForecastScore(sums: bills) else { continue }
            spans.append(
                ScoredSpan(kind: .cycle, first: start, last: first.month.last, score: score)
            )
        }
        return spans
    }
}
