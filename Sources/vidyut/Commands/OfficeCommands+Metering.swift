import ArgumentParser
import Metering
import Registry
import UseCases

extension OfficeCommands {
    /// `vidyut office metering`.
    struct MeteringRules: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "metering",
            abstract: "Show how an office's meters report and are judged, or change it.",
            discussion: """
                Thresholds are whole numbers by their keys; an empty value is the default again. \
                Days that are made already stay as they are until `vidyut reading rebuild`.
                  vidyut office metering --interval-seconds 900 --block-minutes 15
                  vidyut office metering --rule high_percent=300 --rule zero_days=7
                """
        )

        @Option(help: ArgumentHelp("Length of a block, 5 to 60.", valueName: "minutes"))
        var blockMinutes: Int?

        @Option(help: ArgumentHelp("How often meters report.", valueName: "seconds"))
        var intervalSeconds: Int?

        @Option(
            help: ArgumentHelp(
                "How long photos of readings stay after the decision.",
                valueName: "days"
            )
        )
        var photoDays: Int?

        @Option(help: ArgumentHelp("A threshold; may be repeated.", valueName: "key=value"))
        var rule: [String] = []

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let blockMinutes: Int
            let readingIntervalSeconds: Int
            let photoDays: Int
            let rules: [String: Int64]
        }

        func run() async throws {
            var input = SetMetering.Input(
                blockMinutes: blockMinutes,
                readingIntervalSeconds: intervalSeconds,
                photoDays: photoDays
            )
            for text in rule {
                let parts = text.split(
                    separator: "=",
                    maxSplits: 1,
                    omittingEmptySubsequences: false
                )
                guard parts.count == 2 else {
                    throw ValidationError("--rule is key=value, such as high_percent=300.")
                }
                input.rules[String(parts[0])] = String(parts[1])
            }
            let (settled, asJSON) = (input, options.json)
            try await options.withOffice { useCases, _, caller in
                let metering = try await useCases.setMetering(settled, by: caller).metering
                let (known, _) = ValidationRules.reading(metering.validationRules)
                if asJSON {
                    return try Output.json(
                        Entry(
                            blockMinutes: metering.blockMinutes,
                            readingIntervalSeconds: metering.readingIntervalSeconds,
                            photoDays: metering.photoDays,
                            rules: Dictionary(
                                uniqueKeysWithValues: known.keyValues.map { ($0.key, $0.value) }
                            )
                        )
                    )
                }
                Output.pairs([
                    ("Block", "\(metering.blockMinutes) minutes"),
                    ("Meters report every", "\(metering.readingIntervalSeconds) s"),
                    ("Photos stay", "\(metering.photoDays) days after the decision"),
                ])
                Terminal.print("")
                Output.table(
                    ["Threshold", "Value>", "Set here"],
                    known.keyValues.map {
                        [
                            $0.key, "\($0.value)",
                            metering.validationRules[$0.key] == nil ? "" : "yes",
                        ]
                    },
                    none: ""
                )
            }
        }
    }
}
