import API
import ArgumentParser
import Billing
import Forecasting
import Registry
import Units
import UseCases

extension ForecastCommands {
    /// `vidyut forecast service`.
    struct OfService: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "service",
            abstract: "Show what a service will use and what its coming bill may be.",
            discussion: """
                From the forecast of last night. Low, median and high are what one, five and nine \
                outcomes in ten do not exceed. Days that have passed and that nobody has read are \
                estimated as those to come. What shall be different in the rest of the cycle is \
                said with --percent, --watts and --tariff, alone or together.
                  vidyut forecast service S-17
                  vidyut forecast service S-17 --percent=-10
                  vidyut forecast service S-17 --watts 1500 --hours 8 --from 2026-12-01
                """
        )

        @Argument(help: "Number of the service.")
        var number: String

        @Option(help: ArgumentHelp("Change of all use.", valueName: "percent"))
        var percent = 0

        @Option(help: ArgumentHelp("An appliance more; negative for one less.", valueName: "W"))
        var watts: Int?

        @Option(help: ArgumentHelp("Hours a day it is on; 24.", valueName: "hours"))
        var hours: String?

        @Option(help: ArgumentHelp("From when on; from the first day to come.", valueName: "date"))
        var from: String?

        @Option(help: "Another family of tariffs, or one document.")
        var tariff: String?

        @Flag(help: "Print every day as well.")
        var days = false

        @OptionGroup var options: OfficeOptions

        private func whatIf() throws -> WhatIf {
            var whatIf = WhatIf(percent: percent, tariff: tariff)
            guard let watts else {
                guard hours == nil, from == nil else {
                    throw ValidationError("--hours and --from are of an appliance: give --watts.")
                }
                return whatIf
            }
            let thousandths = try hours.map { try wholeThousandths($0, option: "--hours") }
            guard (0...24_000).contains(thousandths ?? 0) else {
                throw ValidationError("--hours is 0 to 24 hours a day.")
            }
            whatIf.appliance = WhatIf.Appliance(
                watts: watts,
                minutesADay: (thousandths ?? 24_000) * 60 / 1_000,
                from: try from.map { try day($0, option: "--from") }
            )
            return whatIf
        }

        func run() async throws {
            let (number, asJSON, showsDays) = (number, options.json, days)
            let whatIf = try whatIf()
            try await options.withOffice { useCases, _, caller in
                let answer = try await useCases.showForecast(
                    serviceNumber: number,
                    whatIf: whatIf,
                    withAccuracy: true,
                    by: caller
                )
                if asJSON { return try Output.json(ServiceForecastResponse(answer)) }
                if let cycle = answer.cycle { Self.show(cycle) }
                for note in answer.notes { Terminal.print("Note: \(note.detail).") }
                for span in answer.accuracy { Self.show(span) }
                if showsDays, let outlook = answer.outlook { Self.show(outlook) }
            }
        }

        private static func show(_ cycle: ShowForecast.Cycle) {
            let bill = cycle.forecast?.bill
            Output.pairs([
                ("Known to", "\(cycle.origin), \(cycle.knownDays) days"),
                ("Cycle", "\(cycle.name): \(cycle.period)"),
                (
                    "Days",
                    "\(cycle.readDays) of \(cycle.period.days) known"
                        + (cycle.unreadDays > 0
                            ? "; \(cycle.unreadDays) not yet read, estimated" : "")
                ),
                ("Used so far", "\(wholeUnits(cycle.used.total)) units"),
                (
                    "Whole cycle",
                    "\(wholeUnits(cycle.units.low)) to \(wholeUnits(cycle.units.high)) units, "
                        + "median \(wholeUnits(cycle.units.median))"
                ),
                (
                    "Bill",
                    bill.map {
                        "\($0.bill.low.formatted) to \($0.bill.high.formatted), median "
                            + $0.bill.median.formatted
                    }
                ),
                ("If nothing more is used", bill.map(\.soFar.formatted)),
                ("Tariff", bill.map { $0.tariffDocuments.joined(separator: ", ") }),
                (
                    "What if",
                    cycle.forecast?.whatIf.map {
                        "median \($0.bill.bill.median.formatted), a difference of "
                            + $0.difference.formatted
                    }
                ),
            ])
            for crossing in bill?.crossings ?? [] { Terminal.print(crossing.sentence) }
            for assumption in bill?.assumptions ?? [] { Terminal.print(assumption.sentence) }
        }

        /// How a month's forecast went for the service.
        private static func show(_ span: ScoredSpan) {
            let score = span.score
            let within = score.totalsIn80 > 0 ? "within" : "not within"
            Terminal.print(
                "\(span.first.month): forecast \(percentText(score.errorPercent)) % off, the naive "
                    + "one \(percentText(score.naiveErrorPercent)) %; \(within) its range."
            )
        }

        private static func show(_ outlook: UseOutlook) {
            Terminal.print("")
            func units(_ kilowattHours: Double) -> String {
                Energy(wattHours: Int64((kilowattHours * 1_000).rounded())).kilowattHoursText
            }
            Output.table(
                ["Day", "Low>", "Mean>", "High>"],
                outlook.days.enumerated().map { index, range in
                    [
                        outlook.first.adding(days: index).description, units(range.low),
                        units(range.middle), units(range.high),
                    ]
                },
                none: ""
            )
        }
    }
}

/// Units without decimals.
private func wholeUnits(_ energy: Energy) -> String { "\((energy.wattHours + 500) / 1_000)" }
