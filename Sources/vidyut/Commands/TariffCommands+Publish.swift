import ArgumentParser
import Billing
import Registry
import Tariffs
import UseCases

extension TariffCommands {
    /// `vidyut tariff publish`.
    struct Publish: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Publish the documents of a file in an office: all of them, or none.",
            discussion: """
                A published version never changes. Publishing it again is no news; another \
                document under its id is refused, and so are two versions in force on one day.
                  vidyut tariff publish my-tariff.json
                  vidyut tariff publish --family tneb-lt1a     (a family this program came with)
                """
        )

        @Argument(help: "File or folder of documents; may be left out with --family.")
        var path: String?

        @Option(
            help: ArgumentHelp("Publish only the dated versions of a family.", valueName: "family")
        )
        var family: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let id: String
            let isNew: Bool
        }

        func run() async throws {
            let documents = try chosen()
            let asJSON = options.json
            try await options.withOffice { useCases, office, caller in
                let published = try await useCases.publishTariff(documents, by: caller)
                if asJSON {
                    return try Output.jsonList(published.map { Entry(id: $0.id, isNew: $0.isNew) })
                }
                for one in published {
                    Terminal.print(
                        one.isNew
                            ? "\(one.id) is published at \(office.code)."
                            : "\(one.id) was published already."
                    )
                }
            }
        }

        private func chosen() throws -> [TariffDocument] {
            guard path != nil || family != nil else {
                throw ValidationError("Which tariff? A file, or --family NAME.")
            }
            let documents = try tariffDocuments(path)
            guard let family else { return documents }
            let members = documents.filter { $0.family == family }
            guard !members.isEmpty else {
                let known = Set(documents.map(\.family)).sorted().joined(separator: ", ")
                throw CommandFailure("there is no family \(family); there are \(known)")
            }
            for document in members where document.effectiveFrom == nil {
                Terminal.say("\(document.id) says no day from which it is in force: left out")
            }
            return members.filter { $0.effectiveFrom != nil }
        }
    }

    /// `vidyut tariff list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the tariffs published at an office, or those of this program."
        )

        @Flag(help: "The documents this program came with; needs no database.")
        var shipped = false

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let asJSON = options.json
            if shipped {
                return try printDocuments(
                    try tariffDocuments(nil).map(DocumentEntry.init),
                    asJSON: asJSON
                )
            }
            try await options.withOffice { useCases, _, caller in
                let documents = try await useCases.publishTariff.list(by: caller).map {
                    try TariffDocument.load(Array($0.body.utf8))
                }
                try printDocuments(documents.map(DocumentEntry.init), asJSON: asJSON)
            }
        }
    }

    /// `vidyut tariff show`.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print a published document as JSON, byte for byte what its digest covers."
        )

        @Argument(help: "Id of the document.")
        var id: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let id = id
            try await options.withOffice { useCases, _, caller in
                let tariff = try await useCases.publishTariff.show(id: id, by: caller)
                let digest = tariff.digest.map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
                Terminal.say("SHA-256 \(digest.joined())")
                Terminal.print(tariff.body)
            }
        }
    }
}
