import ArgumentParser
import Store
import Units
import UseCases

extension ReadingCommands {
    /// `vidyut reading imports`.
    struct Imports: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the files of readings that were imported, and how far each is.",
            discussion: """
                An import in the state 'storing' runs now, or was interrupted: give the same file to \
                `vidyut reading import` again and it goes on. Of a file that was given more than \
                once the figures are those of the last time: nothing is stored twice.
                """
        )

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let file: String
            let digest: String
            let state: String
            let rows: Int
            let position: Int
            let stored: Int
            let duplicates: Int
            let conflicts: Int
            let startedAt: String
            let updatedAt: String

            init(_ state: ReadingImport) {
                file = state.file
                digest = state.digest
                    .map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                self.state = state.state.rawValue
                rows = state.rows
                position = state.position
                stored = state.stored
                duplicates = state.duplicates
                conflicts = state.conflicts
                startedAt = state.startedAt.description
                updatedAt = state.updatedAt.description
            }

            /// What the figures mean, where they might surprise.
            var remark: String {
                if state == ReadingImport.State.storing.rawValue {
                    return "not finished: give the file again"
                }
                return stored == 0 && duplicates == rows
                    ? "given again: every reading was there already" : ""
            }
        }

        func run() async throws {
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let entries = try await useCases.importReadings.imports(by: caller).map(Entry.init)
                if asJSON { return try Output.jsonList(entries) }
                Output.table(
                    [
                        "File", "State", "Settled>", "Of>", "Stored>", "Already there>",
                        "Differing>", "Last", "",
                    ],
                    entries.map {
                        [
                            $0.file, $0.state, "\($0.position)", "\($0.rows)", "\($0.stored)",
                            "\($0.duplicates)", "\($0.conflicts)", $0.updatedAt, $0.remark,
                        ]
                    },
                    none: "No file of readings was imported yet."
                )
            }
        }
    }
}
