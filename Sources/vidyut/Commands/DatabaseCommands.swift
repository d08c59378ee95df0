import ArgumentParser
import Foundation
import Logging
import Postgres
import PrivateServices
import Units

/// `vidyut db`: the schema and the archive.
struct DatabaseCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "db",
        abstract: "The database's schema, and the months of readings that leave it.",
        subcommands: [
            Migrate.self, Status.self, Schema.self, Retention.self, Archives.self, Attach.self,
            Detach.self,
        ]
    )

    /// `vidyut db migrate`.
    struct Migrate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the migrations that the database lacks.",
            discussion: """
                The private database is brought up to date whenever the program starts it. Yours \
                is changed by this command only, as the role that owns the tables:
                  vidyut db migrate --database-owner-url postgres://vidyut_owner@db/vidyut
                Stop the server first. A file that was applied and has been edited since is refused.
                """
        )

        @Flag(help: "Print JSON for programs.")
        var json = false

        @OptionGroup(title: "Settings", visibility: .hidden)
        var settings: SettingOptions

        func run() async throws {
            let asJSON = json
            try await withOwner(of: settings) { program, url in
                let applied = try await program.migrate(url).map(\.name)
                if asJSON { return try Output.jsonList(applied) }
                for name in applied { Terminal.print("applied \(name)") }
                if applied.isEmpty { Terminal.print("The schema is up to date.") }
            }
        }
    }

    /// `vidyut db status`.
    struct Status: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the migrations and when each was applied.",
            discussion: "Exit status 1 when one is missing. Nothing is changed."
        )

        @Flag(help: "Print JSON for programs.")
        var json = false

        @OptionGroup(title: "Settings", visibility: .hidden)
        var settings: SettingOptions

        private struct Entry: Encodable {
            let number: Int
            let name: String
            let appliedAt: String?
            let durationMilliseconds: Int64?
        }

        func run() async throws {
            let asJSON = json
            try await withOwner(of: settings) { program, url in
                let entries = try await program.migrator(url).status().map { status in
                    Entry(
                        number: status.number,
                        name: status.name,
                        appliedAt: status.appliedAt.map {
                            Instant(microsecondsSince1970: $0.microsecondsSince1970).description
                        },
                        durationMilliseconds: status.durationMilliseconds
                    )
                }
                if asJSON {
                    try Output.jsonList(entries)
                } else {
                    Output.table(
                        ["Migration", "Applied", "Milliseconds>"],
                        entries.map {
                            [
                                $0.name, $0.appliedAt ?? "missing",
                                $0.durationMilliseconds.map { "\($0)" } ?? "",
                            ]
                        },
                        none: "There are no migrations."
                    )
                }
                if entries.contains(where: { $0.appliedAt == nil }) { throw ExitCode.failure }
            }
        }
    }

    /// `vidyut db schema`.
    struct Schema: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the schema that all migrations make together.",
            discussion: """
                Migrates a new, empty database of a private server that is thrown away afterwards, \
                and dumps its schema with pg_dump. Your data are not touched.
                  vidyut db schema --output Migrations/schema.sql
                """
        )

        @Option(help: ArgumentHelp("File to write; the output when left out.", valueName: "path"))
        var output: String?

        @OptionGroup(title: "Settings", visibility: .hidden)
        var settings: SettingOptions

        func run() async throws {
            let configuration = try await settings.configuration()
            startLogging(configuration, quietly: true)
            let path = output
            try await Program.interruptible {
                let text = try await SchemaDump(program: Program(configuration)).text()
                guard let path else { return Terminal.printRaw(text) }
                guard
                    FileManager.default.createFile(atPath: path, contents: Data(text.utf8))
                else { throw CommandFailure("\(path) cannot be written") }
            }
        }
    }
}

/// Runs the body with the address of the database for the owner of its tables; migrates nothing.
private func withOwner(
    of settings: SettingOptions,
    _ body: @escaping @Sendable (Program, _ ownerURL: String) async throws -> Void
) async throws {
    let configuration = try await settings.configuration()
    startLogging(configuration, quietly: true)
    let program = Program(configuration)
    if let url = configuration.databaseOwnerURL {
        return try await Program.interruptible { try await body(program, url) }
    }
    guard configuration.databaseURL == nil else {
        throw ConfigurationError(
            "database.ownerUrl is not set: the schema belongs to another role than the program's"
        )
    }
    try await Program.interruptible {
        try await PrivateDatabase(
            stateDirectory: configuration.stateDirectory,
            logger: program.logger
        ).asCommand { try await body(program, $0.ownerURL) }
    }
}
