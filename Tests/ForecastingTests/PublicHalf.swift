import Forecasting
import Foundation
import Gzip
import Units
import Wire

/// The real households of the evaluation, where they lie beside the checkout.
struct PublicHalf {
    struct Window {
        let household: String
        let asked: ForecastWindow
        var isIndia: Bool { !household.hasPrefix("ln-") }
        var isCold: Bool { asked.maxHistory != nil }
    }

    let services: [FleetService]
    let windows: [Window]

    static let folder: String? = {
        let checkout = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let folder = checkout.deletingLastPathComponent().appendingPathComponent("shared/forecast")
        let data = folder.appendingPathComponent("data.csv.gz")
        return FileManager.default.fileExists(atPath: data.path) ? folder.path : nil
    }()

    init(folder: String) throws {
        var readings: [String: [(date: CivilDate, kilowattHours: Double)]] = [:]
        for row in try PublicHalf.rows("\(folder)/data.csv.gz") {
            guard let date = CivilDate(row["date"] ?? ""), let value = Double(row["kwh"] ?? "")
            else { continue }
            readings[row["household"] ?? "", default: []].append((date, value))
        }
        var numbers: [String: Int] = [:]
        services = readings.sorted { $0.key < $1.key }.compactMap { name, days in
            DailySeries(readings: days).map { series in
                numbers[name] = numbers.count
                return FleetService(name: name, area: String(name.prefix(2)), series: series)
            }
        }
        windows = try PublicHalf.rows("\(folder)/windows.csv").compactMap { row in
            guard let name = row["household"], let number = numbers[name],
                let origin = CivilDate(row["origin"] ?? "")
            else { return nil }
            let history = Int(row["max_history"] ?? "0") ?? 0
            return Window(
                household: name,
                asked: ForecastWindow(
                    service: number,
                    origin: origin,
                    maxHistory: history == 0 ? nil : history
                )
            )
        }
    }

    private static func rows(_ path: String) throws -> [[String: String]] {
        var reader = try GzipReader(path: path)
        var bytes: [UInt8] = []
        while let piece = try reader.next() { bytes += piece }
        return try csvRows(bytes).rows.map(\.fields)
    }

    /// The forecasts of all windows.
    func forecasts() -> [(window: Window, forecast: SeriesForecast)] {
        var climates: [String: ClimateNormals] = [:]
        for area in ["br", "mh", "ln"] { climates[area] = ClimateTable.named(area) }
        let answers = FleetReplay(services, climates: climates).forecasts(windows.map(\.asked))
        return zip(windows, answers).compactMap { window, answer in answer.map { (window, $0) } }
    }

    /// The measured total of the first days after a window's origin, brought to all of them, and
    /// the forecast of the same days; nil when too few were measured.
    func totals(
        _ window: Window,
        _ forecast: SeriesForecast,
        days: Int
    ) -> (actual: Double, forecast: Double)? {
        let series = services[window.asked.service].series
        var (actual, mean, known) = (0.0, 0.0, 0.0)
        for day in 1...days {
            guard let value = series[window.asked.origin.adding(days: day)] else { continue }
            actual += value
            mean += forecast.means[day - 1]
            known += 1
        }
        guard known >= 0.83 * Double(days) else { return nil }
        return (actual * Double(days) / known, mean * Double(days) / known)
    }

    /// What was measured on a day, nothing where it is not known.
    func measured(_ window: Window, day: Int) -> Double? {
        services[window.asked.service].series[window.asked.origin.adding(days: day)]
    }
}
