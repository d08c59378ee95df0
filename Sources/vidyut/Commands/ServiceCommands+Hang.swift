import ArgumentParser
import Registry
import UseCases

extension ServiceCommands {
    /// `vidyut service hang`.
    struct Hang: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say from which transformer, on which feeder, services hang.",
            discussion: """
                Forecasts are added up by transformer and feeder, as services hang when the night \
                runs: a change counts from the next night on. What is new is made. A file has the \
                columns service,transformer,feeder: all of it, or nothing.
                  vidyut service hang S-17 --transformer T-3 --feeder F-1
                  vidyut service hang --file places.csv
                """
        )

        @Argument(help: "Number of the service.")
        var number: String?

        @Option(help: "Code of the transformer; without it the service hangs from none.")
        var transformer: String?

        @Option(help: "Code of the transformer's feeder.")
        var feeder: String?

        @Option(help: ArgumentHelp("CSV of many services; '-' is the input.", valueName: "path"))
        var file: String?

        @OptionGroup var options: OfficeOptions

        /// When forecasts follow.
        private static let sums = "Forecasts of feeders count it so from the next night on."

        func validate() throws {
            guard (number == nil) != (file == nil) else {
                throw ValidationError("Name one service, or a --file of them.")
            }
        }

        func run() async throws {
            let asJSON = options.json
            if let file {
                let rows = try importRows(file)
                return try await options.withOffice { useCases, _, caller in
                    let count = try await useCases.hangService.importRows(rows, by: caller)
                    if asJSON { return try Output.json(["hung": count]) }
                    Terminal.print("\(count) services hang where the file says. \(Self.sums)")
                }
            }
            let input = HangService.Input(
                serviceNumber: number ?? "",
                transformer: transformer,
                feeder: feeder
            )
            try await options.withOffice { useCases, _, caller in
                let service = try await useCases.hangService(input, by: caller)
                if asJSON { return try Output.json(ServiceEntry(service)) }
                guard let transformer = service.transformer, let feeder = service.feeder else {
                    return Terminal.print(
                        "Service \(service.number) hangs from no transformer. \(Self.sums)"
                    )
                }
                Terminal.print(
                    "Service \(service.number) hangs from transformer \(transformer) on feeder "
                        + "\(feeder). \(Self.sums)"
                )
            }
        }
    }
}
