import ArgumentParser
import Metering
import Registry
import Units
import UseCases
import Wire

extension ReadingCommands {
    /// `vidyut reading round`.
    struct Round: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print an assessor's round as a sheet, or take a filled one.",
            discussion: """
                Without --take the sheet is printed: the services of a cycle that have a meter, with \
                the last register and what is expected now. The columns register_kwh, read_at, \
                outcome and note are filled in on the way; read_at is a day, a day with a time in \
                the office's zone, an instant with its offset as the sheet has it, or empty for now; a \
                day alone stands for its end. outcome is \
                read, door_locked, no_access, meter_stuck, meter_unreadable or meter_missing.
                With --take every row is checked, and with a fault in any of them nothing is kept. \
                Rows that say nothing yet are passed over, the same again counts as a duplicate, \
                and what does not fit the history waits under `vidyut reading held`. A cycle is \
                closed by a register read when its last day ends, or within a day after.
                  vidyut reading round --cycle 2026-10 > round.csv
                  vidyut reading round --cycle 2026-10 --take round.csv --as kavitha
                """
        )

        @Option(help: ArgumentHelp("The cycle; the one due now when left out.", valueName: "month"))
        var cycle: String?

        @Option(help: ArgumentHelp("Services of this billing group.", valueName: "code"))
        var group = ""

        @Option(help: ArgumentHelp("A filled sheet; '-' is the input.", valueName: "file"))
        var take: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let rows: Int
            let blank: Int
            let accepted: Int
            let held: Int
            let noted: Int
            let duplicates: Int

            init(_ report: ReadingRound.SheetReport) {
                rows = report.rows
                blank = report.blank
                accepted = report.accepted
                held = report.held
                noted = report.noted
                duplicates = report.duplicates
            }
        }

        func run() async throws {
            let (cycle, group, take, asJSON) = (cycle, group, take, options.json)
            let rows = try take.map(importRows)
            try await options.withOffice { useCases, _, caller in
                guard let rows else {
                    let sheet = try await useCases.readingRound.sheet(
                        cycle: cycle,
                        group: group,
                        by: caller
                    )
                    for line in [ReadingRound.columns] + sheet.rows {
                        Terminal.printRaw(csvLine(line))
                    }
                    return
                }
                let report = try await useCases.readingRound.take(
                    rows,
                    cycle: cycle,
                    group: group,
                    by: caller
                )
                if asJSON { return try Output.json(Entry(report)) }
                Self.print(report)
            }
        }

        private static func print(_ report: ReadingRound.SheetReport) {
            for (line, reading) in report.holds {
                let reasons = reading.findings.map(\.detail).joined(separator: "; ")
                Terminal.say("line \(line): \(reading.serviceNumber) is held: \(reasons)")
            }
            for (line, hint) in report.hints { Terminal.say("line \(line): \(hint)") }
            Terminal.print(
                "\(report.rows) rows: \(report.accepted) accepted, \(report.held) held, "
                    + "\(report.noted) without a register, \(report.duplicates) were there already, "
                    + "\(report.blank) say nothing yet."
            )
        }
    }
}
