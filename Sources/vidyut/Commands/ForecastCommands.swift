import ArgumentParser
import Forecasting
import Foundation
import Units

/// `vidyut forecast`.
struct ForecastCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forecast",
        abstract: "Forecast what services, feeders and households will use.",
        subcommands: [
            OfService.self, Run.self, Feeder.self, Accuracy.self, Series.self,
        ]
    )

    /// `vidyut forecast series`.
    struct Series: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forecast the 30 days after given days, as it would have been done then.",
            discussion: """
                The input has the columns household,date,kwh, a day without a reading no row; where \
                a row is of several days, up to its date, a column days says of how many. What \
                stands before the first dash of a household's name is its area: households of an \
                area, and of areas of like climate, are peers. The windows have the columns \
                household,origin,max_history: the last known day, and how many days of the \
                household itself may be read (0: all). Of no household a day after the origin is \
                read. The output has household,date,mean and bounds of four in five and nineteen \
                in twenty outcomes, and one row 'total' a window.
                The climate has the columns area,month,celsius; without it the table of the \
                program counts, and for an area that is not in it the mean of India.
                  vidyut forecast series --input data.csv.gz --windows windows.csv \\
                    --output forecasts.csv
                """
        )

        @Option(help: ArgumentHelp("Days of households, may be gzip; '-' is the input."))
        var input: String

        @Option(help: ArgumentHelp("What to forecast."))
        var windows: String

        @Option(help: ArgumentHelp("Where to write to; '-' is the output."))
        var output: String

        @Option(help: ArgumentHelp("Monthly mean temperatures of the areas.", valueName: "areas"))
        var climate: String?

        func run() async throws {
            var households = try HouseholdDays(path: input)
            let known = households.names.count
            var wanted = try ForecastFiles.windows(path: windows, &households)
            let given = try climate.map(ForecastFiles.climates) ?? [:]
            for note in households.notes { Terminal.say(note) }
            for name in households.names.dropFirst(known) {
                Terminal.say("\(name): no day in \(input); it gets the level of its peers")
            }
            guard let last = wanted.map(\.origin).max() else {
                throw CommandFailure("\(windows) asks for nothing")
            }
            wanted.removeAll { window in
                guard households.beginsAfter(window.origin, window.service) else { return false }
                Terminal.say(
                    "\(households.names[window.service]) from \(window.origin): all its days come "
                        + "after the origin; it gets no forecast"
                )
                return true
            }
            let services = households.services(until: last)
            let climates = climates(of: services, given: given)
            let forecasts = FleetReplay(services, climates: climates)
                .forecasts(wanted, days: ForecastText.days)
            var text = ForecastText()
            var unknown: [String] = []
            for (window, forecast) in zip(wanted, forecasts) {
                let name = services[window.service].name
                if let forecast {
                    text.add(name, forecast)
                } else {
                    unknown.append("\(name) from \(window.origin)")
                }
            }
            guard unknown.isEmpty else {
                throw CommandFailure(
                    "nothing is known, of the household or of a peer, for "
                        + unknown.prefix(5).joined(separator: ", ")
                        + (unknown.count > 5 ? " and \(unknown.count - 5) more" : "")
                )
            }
            if output == "-" {
                return Terminal.printRaw(String(decoding: text.bytes, as: UTF8.self))
            }
            do {
                // Not by way of another file: the output may be a device.
                try Data(text.bytes).write(to: URL(fileURLWithPath: output))
            } catch {
                throw FileFault(file: output, detail: "cannot be written: \(reason(error))")
            }
        }

        private func reason(_ error: any Error) -> String {
            let underlying = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            return (underlying ?? error as NSError).localizedDescription
        }

        /// The climate of every area that is known; the others are named.
        private func climates(
            of services: [FleetService],
            given: [String: ClimateNormals]
        ) -> [String: ClimateNormals] {
            var climates: [String: ClimateNormals] = [:]
            for area in Set(services.map(\.area)).sorted() {
                climates[area] = given[area] ?? ClimateTable.named(area)
                guard climates[area] == nil else { continue }
                Terminal.say(
                    "area '\(area)': no climate is known; that of \(ClimateTable.fallbackName) "
                        + "is taken (--climate gives it)"
                )
            }
            return climates
        }
    }
}

/// Forecasts as the CSV file that `vidyut forecast series` writes.
struct ForecastText {
    /// Days of each forecast.
    static let days = 30

    private(set) var bytes = Array("household,origin,date,mean,lo80,hi80,lo95,hi95\n".utf8)

    /// Adds a row a day and the row of the total.
    mutating func add(_ household: String, _ forecast: SeriesForecast) {
        let name =
            household.utf8.contains { [34, 44, 10, 13].contains($0) }
            ? "\"" + household.replacing("\"", with: "\"\"") + "\"" : household
        let start = Array("\(name),\(forecast.origin),".utf8)
        for day in 1...ForecastText.days {
            bytes += start
            bytes += Array(forecast.origin.adding(days: day).description.utf8)
            add(forecast.means[day - 1], forecast.interval(day: day))
        }
        bytes += start
        bytes += Array("total".utf8)
        add(
            forecast.total(days: ForecastText.days),
            forecast.totalInterval(days: ForecastText.days)
        )
    }

    private mutating func add(_ mean: Double, _ interval: ForecastInterval) {
        add(mean)
        for bound in [interval.low80, interval.high80, interval.low95, interval.high95] {
            add(bound)
        }
        bytes.append(10)
    }

    /// A comma and a number with three decimals.
    private mutating func add(_ value: Double) {
        var thousandths = Int((value * 1_000).rounded())
        bytes.append(44)
        var digits: [UInt8] = []
        while thousandths > 0 || digits.count < 4 {
            if digits.count == 3 { digits.append(46) }
            digits.append(UInt8(48 + thousandths % 10))
            thousandths /= 10
        }
        bytes += digits.reversed()
    }
}
