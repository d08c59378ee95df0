import Forecasting
import Units
import UseCases

/// What feeders, or the transformers of one, will use: their services' forecasts added up.
struct FeederPage: Sendable {
    /// A feeder or a transformer as a line of a table.
    struct Row: Sendable, Equatable {
        let name: String
        /// Where its own page is; nil for transformers and for what hangs from none.
        let address: String?
        let services: String
        let units: String
        let range: String
        /// The units of the day with most, and which it is.
        let peak: String
    }

    /// Days of the totals.
    fileprivate static let days = 30

    let title: String
    /// What a line of the table is.
    let part: String
    let isFeeder: Bool
    let isEmpty: Bool
    let lead: String
    let rows: [Row]
    let all: Row?
    let hasRows: Bool
    let chart: String
    let note: String?

    /// A feeder by its code with its transformers, or the office for nil; no answer before the first
    /// night.
    init(_ code: String?, _ answer: ShowFeeders.Answer?) {
        title = code.map { "Feeder \($0)" } ?? "Feeders"
        part = code == nil ? "Feeder" : "Transformer"
        isFeeder = code != nil
        isEmpty = answer == nil
        lead = answer.map { "The \(Self.days) days after \($0.origin.text), in units (kWh)." } ?? ""
        let none = code == nil ? "no feeder" : "no transformer"
        rows = (answer?.parts ?? []).map { load in
            Row(
                load,
                name: load.code ?? none,
                address: code == nil
                    ? load.code.map { "/office/feeders/" + pathPiece($0) } : nil
            )
        }
        hasRows = !rows.isEmpty
        all = answer.map { Row($0.whole, name: "all", address: nil) }
        chart = answer.map { Self.chart($0.whole) } ?? ""
        note = answer?.note.map { $0.prefix(1).uppercased() + $0.dropFirst() + "." }
    }

    private static func chart(_ load: ShowFeeders.Load) -> String {
        let forecast = load.forecast
        let period = BillingPeriod(
            first: forecast.origin.adding(days: 1),
            last: forecast.origin.adding(days: forecast.means.count)
        )
        let ticks = period.map { Dictionary(uniqueKeysWithValues: dayTicks($0)) } ?? [:]
        return SVGBarChart(
            identifier: "load",
            title: "Units of each day to come",
            summary: "Most on \(forecast.origin.adding(days: load.peakDay).text).",
            unit: "units",
            bars: forecast.means.indices.map { index in
                let bounds = forecast.interval(day: index + 1)
                return SVGBarChart.Bar(
                    label: ticks[index] ?? "",
                    name: forecast.origin.adding(days: index + 1).text,
                    thousandths: wattHours(forecast.means[index]),
                    state: .expected(low: wattHours(bounds.low80), high: wattHours(bounds.high80))
                )
            }
        ).svg
    }
}

extension FeederPage.Row {
    fileprivate init(_ load: ShowFeeders.Load, name: String, address: String?) {
        func units(_ kilowattHours: Double) -> String {
            Energy(wattHours: wattHours(kilowattHours)).wholeUnitsText
        }
        let forecast = load.forecast
        let total = forecast.totalInterval(days: FeederPage.days)
        self.init(
            name: name,
            address: address,
            services: grouped(Int64(load.services)),
            units: units(forecast.total(days: FeederPage.days)),
            range: "\(units(total.low80)) to \(units(total.high80))",
            peak: "\(units(forecast.means[load.peakDay - 1])) on "
                + forecast.origin.adding(days: load.peakDay).shortText
        )
    }
}
