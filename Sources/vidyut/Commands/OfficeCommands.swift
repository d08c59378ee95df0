import ArgumentParser
import Registry
import Units
import UseCases

/// `vidyut office`: the offices of the installation.
struct OfficeCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "office",
        abstract: "Add and list offices, and say how they bill.",
        subcommands: [
            Add.self, List.self, Billing.self, Group.self, MeteringRules.self, Forecasting.self,
        ]
    )

    private struct Entry: Encodable {
        let code: String
        let name: String
        let timeZone: String
        let language: String
        let cycleMonths: Int
        let cycleDay: Int
        let cycleEndsInEvenMonth: Bool
        let oldestReadingDays: Int

        init(_ office: Office) {
            code = office.code
            name = office.name
            timeZone = office.zone.name
            language = office.language.rawValue
            cycleMonths = office.cycle.months
            cycleDay = office.cycle.day
            cycleEndsInEvenMonth = office.cycle.endsInEvenMonth
            oldestReadingDays = office.oldestReadingDays
        }
    }

    /// `vidyut office add`.
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add an office.",
            discussion: """
                Everything else belongs to an office: consumers, services, meters, tariffs, bills. \
                Its cycles last one or two months and are named by the month of their last day.
                  vidyut office add town --name "Town office"
                  vidyut office add city --name "City office" --cycle-months 1
                """
        )

        @Argument(help: "Code: 2 to 31 lower-case letters, digits, '-' or '_'.")
        var code: String

        @Option(help: "Name for people.")
        var name: String

        @Option(help: ArgumentHelp("Zone without summer time.", valueName: "zone"))
        var timeZone: String?

        @Option(help: ArgumentHelp("Language: en, ta or hi.", valueName: "code"))
        var language: String?

        @Option(help: ArgumentHelp("Months of a billing cycle: 1 or 2.", valueName: "months"))
        var cycleMonths: Int?

        @Option(help: ArgumentHelp("Day of the month a cycle begins, 1 to 31.", valueName: "day"))
        var cycleDay: Int?

        @Flag(help: "Two-monthly cycles end in odd months.")
        var cycleEndsInOddMonth = false

        @Option(help: ArgumentHelp("Older readings are refused from meters.", valueName: "days"))
        var oldestReadingDays: Int?

        @Flag(help: "Print JSON for programs.")
        var json = false

        @OptionGroup(title: "Settings", visibility: .hidden)
        var settings: SettingOptions

        func run() async throws {
            let input = AddOffice.Input(
                code: code,
                name: name,
                timeZone: timeZone,
                language: language,
                cycleMonths: cycleMonths,
                cycleDay: cycleDay,
                cycleEndsInEvenMonth: !cycleEndsInOddMonth,
                oldestReadingDays: oldestReadingDays
            )
            let asJSON = json
            try await settings.withUseCases { useCases in
                let office = try await useCases.addOffice(input)
                if asJSON { return try Output.json(Entry(office)) }
                Terminal.print("Office \(office.code) (\(office.name)) is added.")
            }
        }
    }

    /// `vidyut office list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the offices.")

        @Flag(help: "Print JSON for programs.")
        var json = false

        @OptionGroup(title: "Settings", visibility: .hidden)
        var settings: SettingOptions

        func run() async throws {
            let asJSON = json
            try await settings.withUseCases { useCases in
                let offices = try await useCases.findOffices.all().sorted { $0.code < $1.code }
                if asJSON { return try Output.jsonList(offices.map(Entry.init)) }
                Output.table(
                    ["Code", "Name", "Zone", "Language", "Cycle"],
                    offices.map {
                        [
                            $0.code, $0.name, $0.zone.name, $0.language.rawValue,
                            cycleText($0.cycle),
                        ]
                    },
                    none: "There is no office yet: vidyut office add CODE --name NAME"
                )
            }
        }
    }
}

private func cycleText(_ rule: CycleRule) -> String {
    let length = rule.months == 1 ? "1 month" : "2 months"
    let ending = rule.months == 1 ? "" : rule.endsInEvenMonth ? ", ends in even" : ", ends in odd"
    return "\(length) from day \(rule.day)\(ending)"
}
