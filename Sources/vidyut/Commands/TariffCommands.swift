import ArgumentParser
import Billing
import Tariffs
import Units
import UseCases

/// `vidyut tariff`.
struct TariffCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tariff",
        abstract: "Publish tariffs, price a consumption, and check both against known bills.",
        discussion: """
            A tariff is a dated JSON document; its family links the versions of different dates. \
            quote, check and validate need no database.
            """,
        subcommands: [
            Quote.self, Check.self, TariffValidateCommand.self, Publish.self, List.self, Show.self,
            Parameters.self,
        ]
    )

    /// `vidyut tariff check`.
    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Rate known bills and print each figure that differs.",
            discussion: """
                A file of cases is {"cases": [{"id", "tariff", "inputs": {"units", "months", …}, \
                "expected": {"energy": "12.00", "total": "12"}}]}; Sources/Tariffs/README.md says \
                what inputs there are. A line whose parameter a case does not give is left out and \
                told. Exit status 1 when a figure differs or no case was run.
                  vidyut tariff check cases.json --tariffs tariffs.json --only 'tneb-*'
                """
        )

        @Argument(help: "File of cases: inputs and the figures expected.")
        var cases: String

        @Option(
            help: ArgumentHelp(
                "File or folder of documents; those of this program when left out.",
                valueName: "path"
            )
        )
        var tariffs: String?

        @Option(
            help: ArgumentHelp(
                "Only cases whose id or tariff matches, with * and ?.",
                valueName: "pattern"
            )
        )
        var only: String?

        @Flag(help: "Print JSON for programs.")
        var json = false

        private struct Entry: Encodable {
            struct Difference: Encodable {
                let key: String
                let expectedRupees: String
                let computedRupees: String?
            }

            let id: String
            let tariff: String
            let passed: Bool
            let failure: String?
            let leftOut: [String]
            let differences: [Difference]

            init(_ result: TariffCheck.CaseResult) {
                id = result.id
                tariff = result.tariff
                passed = result.passed
                failure = result.failure
                leftOut = result.leftOut
                differences = result.differences.map {
                    Difference(
                        key: $0.key,
                        expectedRupees: $0.expected,
                        computedRupees: $0.computed?.plainText
                    )
                }
            }
        }

        func run() async throws {
            let bytes = try fileBytes(cases, limit: Limits.caseFileBytes)
            let documents = try tariffDocuments(tariffs)
            let report: TariffCheck.Report
            do throws(TariffDocumentError) {
                report = try TariffCheck.run(cases: bytes, documents: documents, only: only)
            } catch {
                throw TariffFileError(path: cases, error: error)
            }
            if json {
                try Output.jsonList(report.results.map { Entry($0) })
            } else {
                Terminal.print(report.text)
            }
            if !report.isGood { throw ExitCode.failure }
        }
    }
}

/// A tariff document as JSON and in a table.
struct DocumentEntry: Encodable {
    let id: String
    let family: String
    let utility: String
    let category: String
    let effectiveFrom: String?
    let effectiveTo: String?

    init(_ document: TariffDocument) {
        id = document.id
        family = document.family
        utility = document.utility
        category = document.category
        effectiveFrom = document.effectiveFrom?.description
        effectiveTo = document.effectiveTo?.description
    }
}

/// Prints documents as a table or as JSON.
func printDocuments(_ entries: [DocumentEntry], asJSON: Bool) throws {
    if asJSON { return try Output.jsonList(entries) }
    Output.table(
        ["Tariff", "Family", "Utility", "Category", "From", "To"],
        entries.map {
            [
                $0.id, $0.family, $0.utility, $0.category, $0.effectiveFrom ?? "",
                $0.effectiveTo ?? "",
            ]
        },
        none: "There are no tariffs yet: vidyut tariff publish FILE"
    )
}
