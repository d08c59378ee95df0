import ArgumentParser
import Billing
import Foundation
import Registry
import Units
import UseCases

extension TariffCommands {
    /// `vidyut tariff parameters`.
    struct Parameters: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish monthly parameters (FAC, PPAC, FPPAS) in an office, or list them.",
            discussion: """
                The file is {"series": [{"utility", "parameter", "windows": [{"percent" or "rate" \
                or "rates", "from", "to"}]}]}. A published window never changes; publishing the \
                file again with more months adds those.
                  vidyut tariff parameters fac-2026.json
                """
        )

        @Argument(help: "File of a series; without one the published windows are listed.")
        var file: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let utility: String
            let family: String
            let parameter: String
            let from: String
            let to: String
            let value: String
        }

        func run() async throws {
            let bytes = try file.map { file in
                guard let bytes = FileManager.default.contents(atPath: file) else {
                    throw CommandFailure("\(file) cannot be read")
                }
                return Array(bytes)
            }
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                if let bytes {
                    let count = try await useCases.setBilling.publishParameters(bytes, by: caller)
                    if asJSON { return try Output.json(["published": count]) }
                    Terminal.print("\(count) new windows are published at \(office.code).")
                    return
                }
                let rows = try await useCases.setBilling.parameters(by: caller)
                if asJSON {
                    return try Output.jsonList(
                        rows.map {
                            Entry(
                                utility: $0.utility,
                                family: $0.family,
                                parameter: $0.parameter,
                                from: $0.from.description,
                                to: $0.to.description,
                                value: $0.value
                            )
                        }
                    )
                }
                Output.table(
                    ["Utility", "Family", "Parameter", "From", "To", "Value"],
                    rows.map {
                        [
                            $0.utility, $0.family, $0.parameter, $0.from.description,
                            $0.to.description, $0.value,
                        ]
                    },
                    none: "No monthly parameters are published."
                )
            }
        }
    }
}
