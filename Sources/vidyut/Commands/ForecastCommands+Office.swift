import API
import ArgumentParser
import Forecasting
import Registry
import Store
import Units
import UseCases

/// Kilowatt-hours without decimals, as totals are printed.
func wholeUnits(_ kilowattHours: Double) -> String { "\(Int(kilowattHours.rounded()))" }

/// A percentage with one decimal; a dash where there is none.
func percentText(_ percent: Double?) -> String {
    guard let percent else { return "-" }
    let tenths = Int((percent * 10).rounded())
    return "\(tenths / 10).\(abs(tenths % 10))"
}

extension ForecastCommands {
    /// `vidyut forecast run`.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forecast every service of an office from its days up to last night.",
            discussion: """
                The server does this every night by itself. A night that was interrupted goes on \
                where it stopped; a finished one is not done again; nights that were missed, at most \
                35, are made up for first. With an older origin forecasts \
                are made as they would have been made then, but for readings that came late; nights \
                go forward only.
                  vidyut forecast run
                  vidyut forecast run --origin 2026-10-31
                """
        )

        @Option(help: ArgumentHelp("The last day that counts; yesterday.", valueName: "date"))
        var origin: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let origin: String
            let services: Int
            let forecasts: Int
            let startedAt: String
            let finishedAt: String?
        }

        func run() async throws {
            let night = try origin.map { try day($0, option: "--origin") }
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let bar = ProgressBar("forecasting", unit: "parts")
                defer { bar.finish() }
                let run = try await useCases.runForecasts(origin: night, by: caller) {
                    bar.update($0, of: $1)
                }
                bar.finish()
                if asJSON {
                    return try Output.json(
                        Entry(
                            origin: run.origin.description,
                            services: run.services,
                            forecasts: run.forecasts,
                            startedAt: run.startedAt.description,
                            finishedAt: run.finishedAt?.description
                        )
                    )
                }
                Terminal.print(
                    "\(run.forecasts) of \(run.services) services of \(office.code) have a forecast "
                        + "from \(run.origin)."
                )
            }
        }
    }

    /// `vidyut forecast feeder`.
    struct Feeder: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what feeders, or the transformers of one, will use.",
            discussion: """
                The forecasts of the services added up. The means of a feeder's transformers add up \
                to the feeder's, and the feeders' to the office's; bounds do not, since neighbours' \
                errors are only partly alike.
                """
        )

        @Argument(help: "Code of a feeder; without it the whole office by feeders.")
        var code: String?

        @OptionGroup var options: OfficeOptions

        private static let days = 30

        func run() async throws {
            let (code, asJSON) = (code, options.json)
            try await options.withOffice { useCases, office, caller in
                let found =
                    if let code {
                        try await useCases.showFeeders.feeder(code, by: caller)
                    } else {
                        try await useCases.showFeeders.office(by: caller)
                    }
                guard let found else {
                    throw CommandFailure(
                        "office \(office.code) has had no night of forecasts; "
                            + "`vidyut forecast run` makes one"
                    )
                }
                if asJSON { return try Output.json(LoadForecastResponse(found)) }
                Terminal.print("The \(Self.days) days after \(found.origin), in kWh:")
                let none = "(no \(code == nil ? "feeder" : "transformer"))"
                Output.table(
                    [
                        code == nil ? "Feeder" : "Transformer", "Services>", "Low>", "Mean>",
                        "High>", "Peak day", "Mean>", "High>",
                    ],
                    found.parts.map { Self.cells($0.code ?? none, $0) }
                        + [Self.cells("all", found.whole)],
                    none: ""
                )
                if let note = found.note { Terminal.print("Note: \(note).") }
            }
        }

        private static func cells(_ name: String, _ load: ShowFeeders.Load) -> [String] {
            let forecast = load.forecast
            let total = forecast.totalInterval(days: Self.days)
            return [
                name, "\(load.services)", wholeUnits(total.low80),
                wholeUnits(forecast.total(days: Self.days)), wholeUnits(total.high80),
                forecast.origin.adding(days: load.peakDay).description,
                wholeUnits(forecast.means[load.peakDay - 1]),
                wholeUnits(forecast.interval(day: load.peakDay).high80),
            ]
        }
    }

    /// `vidyut forecast accuracy`.
    struct Accuracy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how an office's forecasts went, month by month and cycle by cycle.",
            discussion: """
                Only forecasts that were stored on the evening before the month or cycle count, \
                against what was measured since; beside them the naive forecast, that every day \
                will be like the mean of the last seven. Error: of the services' totals, over what \
                they used. In 80, in 95: how many came out within the bounds of four in five, and \
                of nineteen in twenty.
                """
        )

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let found = try await useCases.showAccuracy(by: caller)
                if asJSON {
                    return try Output.json(
                        ListResponse(whole: found.spans.map { AccuracyResponse($0) })
                    )
                }
                Output.table(
                    [
                        "", "First", "Last", "Services>", "Error %>", "Naive %>", "In 80 %>",
                        "In 95 %>", "Days in 80 %>", "Bills %>", "Naive %>", "In 80 %>", "",
                    ],
                    found.spans.map { span in
                        let score = span.score
                        return [
                            span.kind.rawValue, span.first.description, span.last.description,
                            "\(Int(score.services))", percentText(score.errorPercent),
                            percentText(score.naiveErrorPercent),
                            percentText(score.totalsIn80Percent),
                            percentText(score.totalsIn95Percent),
                            percentText(score.daysIn80Percent),
                            percentText(score.billErrorPercent),
                            percentText(score.billNaiveErrorPercent),
                            percentText(score.billsIn80Percent),
                            score.isNaiveBetter
                                ? "the naive one was better"
                                : score.isNaiveBetterForBills
                                    ? "the naive bills were better" : "",
                        ]
                    },
                    none: found.lastOrigin == nil
                        ? "There has been no night of forecasts; `vidyut forecast run` makes one."
                        : "Nothing has come due: a month is scored "
                            + "\(UseCases.Limits.forecastGraceDays) days after its end, when it was "
                            + "forecast on the evening before it."
                )
            }
        }
    }
}
