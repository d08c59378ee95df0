package import Forecasting
import Registry
import Units
package import UseCases

/// Kilowatt-hours as whole watt-hours.
func wattHours(_ kilowattHours: Double) -> Int64 { Int64((kilowattHours * 1_000).rounded()) }

/// The climate that an office's forecasts follow.
struct ForecastSettingsResponse: Encodable {
    var climate: String
    /// Whether the temperatures are the office's own.
    var isOwn: Bool
    var monthlyTenthsCelsius: [Int]
    /// Stations and zones that the program knows.
    var climates: [String]

    init(_ forecasting: OfficeForecasting) {
        climate = forecasting.climate
        isOwn = forecasting.monthlyCelsius != nil
        monthlyTenthsCelsius = forecasting.temperatures.map { Int(($0 * 10).rounded()) }
        climates = SetForecasting.climates
    }
}

/// What is expected, and the bounds of eight outcomes in ten.
struct EnergyRangeResponse: Encodable {
    var lowWattHours: Int64
    var meanWattHours: Int64
    var highWattHours: Int64

    init(mean: Double, _ interval: ForecastInterval) {
        lowWattHours = wattHours(interval.low80)
        meanWattHours = wattHours(mean)
        highWattHours = wattHours(interval.high80)
    }
}

/// The office by feeders, or a feeder by transformers: the contract's JSON, for the command line as
/// well.
package struct LoadForecastResponse: Encodable {
    /// A sum of services.
    struct Load: Encodable {
        /// Absent for what hangs from none.
        var code: String?
        var services: Int
        /// Of the 30 days after the origin.
        var month: EnergyRangeResponse
        var peakDay: String
        var peak: EnergyRangeResponse

        init(_ load: ShowFeeders.Load) {
            let forecast = load.forecast
            code = load.code
            services = load.services
            month = EnergyRangeResponse(
                mean: forecast.total(days: LoadForecastResponse.days),
                forecast.totalInterval(days: LoadForecastResponse.days)
            )
            peakDay = forecast.origin.adding(days: load.peakDay).description
            peak = EnergyRangeResponse(
                mean: forecast.means[load.peakDay - 1],
                forecast.interval(day: load.peakDay)
            )
        }
    }

    /// A day of the whole.
    struct Day: Encodable {
        var day: String
        var energy: EnergyRangeResponse
    }

    private static let days = 30

    /// The last day that was known; absent before the first night.
    var origin: String?
    var whole: Load?
    var days: [Day]
    var items: [Load]

    /// What has changed since the night; absent where nothing has.
    var note: String?

    /// Sums as the contract writes them; nil before the first night.
    package init(_ answer: ShowFeeders.Answer?) {
        note = answer?.note
        origin = answer?.origin.description
        whole = answer.map { Load($0.whole) }
        items = answer?.parts.map { Load($0) } ?? []
        days =
            answer.map { answer in
                let forecast = answer.whole.forecast
                return forecast.means.indices.map { index in
                    Day(
                        day: answer.origin.adding(days: index + 1).description,
                        energy: EnergyRangeResponse(
                            mean: forecast.means[index],
                            forecast.interval(day: index + 1)
                        )
                    )
                }
            } ?? []
    }
}

/// How the forecasts of a month or a cycle went, a share without anything behind it absent: the
/// contract's JSON, for the command line as well.
package struct AccuracyResponse: Encodable {
    /// The same of the bills.
    struct Bills: Encodable {
        var count: Int
        var errorPermille: Int?
        var naiveErrorPermille: Int?
        var within80Permille: Int?
        var isNaiveBetter: Bool
    }

    var kind: String
    var first: String
    var last: String
    var services: Int
    var actualWattHours: Int64
    var errorPermille: Int?
    var naiveErrorPermille: Int?
    var within80Permille: Int?
    var within95Permille: Int?
    var daysWithin80Permille: Int?
    var daysWithin95Permille: Int?
    var isNaiveBetter: Bool
    /// Only of cycles whose bills could be priced.
    var bills: Bills?

    /// A span as the contract writes it.
    package init(_ span: ScoredSpan) {
        let score = span.score
        func permille(_ percent: Double?) -> Int? { percent.map { Int(($0 * 10).rounded()) } }
        kind = span.kind.rawValue
        first = span.first.description
        last = span.last.description
        services = Int(score.services)
        actualWattHours = wattHours(score.actual)
        errorPermille = permille(score.errorPercent)
        naiveErrorPermille = permille(score.naiveErrorPercent)
        within80Permille = permille(score.totalsIn80Percent)
        within95Permille = permille(score.totalsIn95Percent)
        daysWithin80Permille = permille(score.daysIn80Percent)
        daysWithin95Permille = permille(score.daysIn95Percent)
        isNaiveBetter = score.isNaiveBetter
        guard score.bills > 0 else { return }
        bills = Bills(
            count: Int(score.bills),
            errorPermille: permille(score.billErrorPercent),
            naiveErrorPermille: permille(score.billNaiveErrorPercent),
            within80Permille: permille(score.billsIn80Percent),
            isNaiveBetter: score.isNaiveBetterForBills
        )
    }
}
