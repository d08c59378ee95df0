import ArgumentParser
import Registry
import UseCases

extension OfficeCommands {
    /// `vidyut office forecast`.
    struct Forecasting: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "forecast",
            abstract: "Show in which climate an office lies, or change it.",
            discussion: """
                Forecasts follow the heat and the cold of a normal year: twelve monthly mean \
                temperatures, of a station or zone that the program knows or of your own. The next \
                night's forecasts go by it.
                  vidyut office forecast --climate chennai
                  vidyut office forecast --celsius 25,26.5,28.5,30.5,32.5,32,31,30,29.5,28,26.5,25.5
                """
        )

        @Option(help: ArgumentHelp("Station or climate zone.", valueName: "name"))
        var climate: String?

        @Option(help: ArgumentHelp("Twelve means of your own, January first.", valueName: "list"))
        var celsius: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let climate: String
            let isOwn: Bool
            let monthlyCelsius: [Double]
            let climates: [String]
        }

        func run() async throws {
            let own = try celsius.map { text in
                try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                    guard let value = Double(part.filter { $0 != " " }), value.isFinite else {
                        throw ValidationError("--celsius is twelve numbers with commas between.")
                    }
                    return value
                }
            }
            let input = SetForecasting.Input(climate: climate, monthlyCelsius: own)
            let isChange = climate != nil || own != nil
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let forecasting =
                    isChange
                    ? try await useCases.setForecasting(input, by: caller).forecasting
                    : office.forecasting
                if asJSON {
                    return try Output.json(
                        Entry(
                            climate: forecasting.climate,
                            isOwn: forecasting.monthlyCelsius != nil,
                            monthlyCelsius: forecasting.temperatures,
                            climates: SetForecasting.climates
                        )
                    )
                }
                Output.pairs([
                    (
                        "Climate",
                        forecasting.monthlyCelsius == nil ? forecasting.climate : "the office's own"
                    ),
                    (
                        "Celsius, January to December",
                        forecasting.temperatures.map { "\($0)" }.joined(separator: " ")
                    ),
                    ("Known", SetForecasting.climates.joined(separator: " ")),
                ])
            }
        }
    }
}
