import ArgumentParser
import Store
import Units
import UseCases

/// What the commands of the archive take.
struct ArchiveOptions: ParsableArguments {
    @Flag(help: "Print JSON for programs.")
    var json = false

    @OptionGroup(title: "Settings", visibility: .hidden)
    var settings: SettingOptions

    /// Opens the database and runs the body with the archive.
    func withArchive(
        _ body: @escaping @Sendable (ArchiveMonths) async throws -> Void
    ) async throws {
        let configuration = try await settings.configuration()
        startLogging(configuration, quietly: true)
        guard let folder = configuration.archiveDirectory else {
            throw ConfigurationError(
                "archive.directory is not set: say where the files of old months lie"
            )
        }
        try await Program.withServices(configuration) {
            try await body($0.useCases.archive(in: folder))
        }
    }
}

extension DatabaseCommands {
    /// `vidyut db retention`.
    struct Retention: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Move months of readings that no office keeps any longer into files.",
            discussion: """
                The server does this every day. A month leaves when it is a week older than the \
                readings every office accepts (`office add --oldest-reading-days`, 395 by \
                default). Each office's readings are written to \
                ARCHIVE/OFFICE/readings-MONTH.csv.gz with a note of what is in it, the file is \
                read back and compared, and only then is the month dropped from the database. \
                Days, and bills with their proofs, remain. An interrupted run is gone on with.
                  vidyut db retention --dry-run
                """
        )

        @Flag(help: "Only say which months would leave.")
        var dryRun = false

        @Flag(help: "Let more than a few months leave at once.")
        var yes = false

        @OptionGroup var options: ArchiveOptions

        func run() async throws {
            let (isDry, anyNumber, asJSON) = (dryRun, yes, options.json)
            try await options.withArchive { archive in
                let months =
                    isDry
                    ? try await archive.expired().map(\.month)
                    : try await archive(anyNumber: anyNumber) { Terminal.say($0) }
                if asJSON { return try Output.jsonList(months.map(\.description)) }
                for month in months {
                    Terminal.print(isDry ? "\(month) would leave" : "\(month) is archived")
                }
                if months.isEmpty { Terminal.print("No month is old enough.") }
            }
        }
    }

    /// `vidyut db archives`.
    struct Archives: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the months of readings that are kept in files.",
            discussion: """
                State verified: the file is written and the readings are still in the database; \
                archived: they are in the file only; attached: brought back, to be read only.
                """
        )

        @OptionGroup var options: ArchiveOptions

        private struct Entry: Encodable {
            let month: String
            let office: String
            let state: String
            let rows: Int
            let firstAt: String?
            let lastAt: String?
            let bytes: Int
            let sha256: String
            let file: String

            init(_ entry: ArchiveMonths.Entry) {
                month = entry.archive.month.description
                office = entry.office
                state = entry.archive.state.rawValue
                rows = entry.archive.rows
                firstAt = entry.archive.firstAt?.description
                lastAt = entry.archive.lastAt?.description
                bytes = entry.archive.bytes
                sha256 = entry.archive.fileDigest
                    .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                file = entry.archive.file
            }
        }

        func run() async throws {
            let asJSON = options.json
            try await options.withArchive { archive in
                let entries = try await archive.entries().map(Entry.init)
                if asJSON { return try Output.jsonList(entries) }
                Output.table(
                    ["Month", "Office", "State", "Readings>", "Bytes>", "File"],
                    entries.map {
                        [$0.month, $0.office, $0.state, "\($0.rows)", "\($0.bytes)", $0.file]
                    },
                    none: "Nothing is in the archive."
                )
            }
        }
    }

    /// `vidyut db attach`.
    struct Attach: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring a month of readings back from its files, to be read only.",
            discussion: """
                The files of all offices are checked first; a damaged one is refused and nothing \
                is changed. The month stays until `vidyut db detach`. Nothing can be added to it.
                  vidyut db attach 2025-03
                """
        )

        @Argument(help: "The month, such as 2025-03.")
        var month: String

        @OptionGroup var options: ArchiveOptions

        func run() async throws {
            let month = try wholeMonth(month)
            let asJSON = options.json
            let bar = ProgressBar("bringing back", unit: "readings")
            defer { bar.finish() }
            try await options.withArchive { archive in
                let rows = try await archive.attach(month) { bar.update($0, of: $1) }
                bar.finish()
                if asJSON { return try Output.json(["readings": rows]) }
                Terminal.print("\(month) is attached: \(rows) readings, to be read only.")
            }
        }
    }

    /// `vidyut db detach`.
    struct Detach: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a month away again that was brought back.",
            discussion: "Its files are compared with it first; one that is damaged is written anew."
        )

        @Argument(help: "The month, such as 2025-03.")
        var month: String

        @OptionGroup var options: ArchiveOptions

        func run() async throws {
            let month = try wholeMonth(month)
            try await options.withArchive { archive in
                try await archive.detach(month)
                Terminal.print("\(month) is in its files only.")
            }
        }
    }
}

private func wholeMonth(_ text: String) throws -> CivilMonth {
    guard let month = CivilMonth(text) else {
        throw ValidationError("The month is one such as 2025-03, not '\(text)'.")
    }
    return month
}
