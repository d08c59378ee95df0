import ArgumentParser
import Registry
import Units
import UseCases

extension ServiceCommands {
    /// `vidyut service transfer`.
    struct Transfer: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Hand a service over to another consumer.",
            discussion: """
                The next run makes a final bill up to the last day for the one who left, and a \
                bill from the next day for the other.
                  vidyut service transfer S-17 --to C-88 --last-day 2026-10-12
                """
        )

        @Argument(help: "Number of the service.")
        var number: String

        @Option(help: ArgumentHelp("Number of the new consumer.", valueName: "number"))
        var to: String

        @Option(help: ArgumentHelp("Last day of the old consumer.", valueName: "date"))
        var lastDay: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let day = try civilDate(lastDay, option: "--last-day")
            let (number, to, asJSON) = (number, to, options.json)
            try await options.withOffice { useCases, _, caller in
                let service = try await useCases.moveOccupant.transfer(
                    number,
                    to: to,
                    lastDay: day,
                    by: caller
                )
                if asJSON { return try Output.json(ServiceEntry(service)) }
                Terminal.print(
                    "Service \(service.number) is \(service.consumerName)'s from "
                        + "\(day.adding(days: 1))."
                )
            }
        }
    }

    /// `vidyut service close`.
    struct Close: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Close a service: its meter comes off, and the next run makes a final bill.",
            discussion: "  vidyut service close S-17 --last-day 2026-10-12 --closing-kwh 4711"
        )

        @Argument(help: "Number of the service.")
        var number: String

        @Option(help: ArgumentHelp("Last day it is supplied.", valueName: "date"))
        var lastDay: String

        @Option(help: ArgumentHelp("What the meter's register shows then.", valueName: "kWh"))
        var closingKwh: String?

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let day = try civilDate(lastDay, option: "--last-day")
            let closing = try closingKwh.map {
                Energy(wattHours: Int64(try wholeThousandths($0, option: "--closing-kwh")))
            }
            let (number, asJSON) = (number, options.json)
            try await options.withOffice { useCases, _, caller in
                let service = try await useCases.moveOccupant.close(
                    number,
                    lastDay: day,
                    closingRegister: closing,
                    by: caller
                )
                if asJSON { return try Output.json(ServiceEntry(service)) }
                Terminal.print("Service \(service.number) is closed after \(day).")
            }
        }
    }
}

/// A date given to an option.
func civilDate(_ text: String, option: String) throws -> CivilDate {
    guard let date = CivilDate(text) else {
        throw ValidationError("\(option) is a date such as 2026-10-12.")
    }
    return date
}
