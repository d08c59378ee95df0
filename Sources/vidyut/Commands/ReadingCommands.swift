import ArgumentParser
import Gzip
import Metering
import ReadingFiles
import Registry
import Store
import Units
import UseCases

/// `vidyut reading`.
struct ReadingCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reading",
        abstract: "Import readings, walk the round, correct, edit, see what the rules found.",
        subcommands: [
            Import.self, Imports.self, Round.self, Held.self, Accept.self, Reject.self,
            Compare.self, Correct.self, Exceptions.self, Acknowledge.self, Versions.self, Edit.self,
            Undo.self, Rebuild.self,
        ]
    )

    /// `vidyut reading import`.
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Import the readings of a CSV file: all of them, or none.",
            discussion: """
                Either meter,date,kwh (or household for meter): the energy of whole days in the \
                office's zone. The register then stands at the sum of the days so far at the \
                midnight that ends each day; days without a row are named, not invented.
                Or meter,at,register_wh and, if wished, quality (measured, estimated): what the \
                register showed at an instant; one instant with two registers is a fault of its line, \
                the same row twice is not.
                Rows may stand in any order, and a file may hold any number of them: they are \
                sorted on the disk (in /var/tmp) and stored a few thousand at a time. All rows \
                are checked before the first is stored. An import that was interrupted goes on \
                where it stood when the same file, or the same input, is given again; \
                `vidyut reading imports` shows how far each is. Importing the same file again \
                stores nothing.
                  vidyut reading import data.csv.gz --only 'br-*' --only 'mh-*' \
                --create-with-tariff tneb-lt1a
                """
        )

        @Argument(help: "CSV file, may be packed by gzip; '-' is the input.")
        var file: String

        @Option(
            help: ArgumentHelp(
                "Take only meters that match, with * and ?; may be repeated.",
                valueName: "pattern"
            )
        )
        var only: [String] = []

        @Option(
            help: ArgumentHelp(
                "Register unknown meters with a consumer and a service of this tariff.",
                valueName: "family"
            )
        )
        var createWithTariff: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            struct Missing: Encodable {
                let meter: String
                let days: Int
                let ranges: String
            }

            struct Conflict: Encodable {
                let meter: String
                let at: String
                let registerWattHours: Int64
            }

            let rows: Int
            let meters: Int
            let created: Int
            let stored: Int
            let duplicates: Int
            let conflicts: Int
            let resumedAfter: Int
            let conflicting: [Conflict]
            let missingDays: [Missing]

            init(_ report: ImportReadings.Report) {
                rows = report.rows
                meters = report.meters
                created = report.created
                stored = report.stored
                duplicates = report.duplicates
                conflicts = report.conflicts
                resumedAfter = report.resumedAfter
                conflicting = report.conflicting.map {
                    Conflict(
                        meter: $0.meter,
                        at: $0.reading.at.description,
                        registerWattHours: $0.reading.register.wattHours
                    )
                }
                missingDays = report.missingDays.map {
                    Missing(meter: $0.meter, days: $0.days, ranges: $0.ranges)
                }
            }
        }

        func run() async throws {
            let (path, asJSON) = (file, options.json)
            let choice = ImportReadings.Options(only: only, createWithTariff: createWithTariff)
            let bar = ImportProgress()
            defer { bar.finish() }
            try await options.withOffice { useCases, office, caller in
                let report: ImportReadings.Report
                do {
                    report = try await useCases.importReadings(
                        ReadingSource(path: path),
                        options: choice,
                        by: caller
                    ) { bar.update($0, $1, of: $2) }
                } catch let error as GzipError {
                    throw FileFault(path, error)
                } catch let error as InvalidInput {
                    throw error.naming(file: path)
                }
                bar.finish()
                if asJSON { return try Output.json(Entry(report)) }
                Self.print(report, office: office)
            }
        }

        private static func print(_ report: ImportReadings.Report, office: Office) {
            for gap in report.missingDays {
                Terminal.say(
                    "\(gap.meter): \(gap.days) days without a row: \(shortened(gap.ranges))"
                )
            }
            for own in report.unmade {
                Terminal.say("meter \(own.meter.value): its days could not be made: \(own.reason)")
            }
            if report.resumedAfter > 0 {
                Terminal.print(
                    "\(report.resumedAfter) of them were settled before the import was interrupted."
                )
            }
            if report.created > 0 {
                Terminal.print("\(report.created) meters are new, each with consumer and service.")
            }
            Terminal.print(
                "\(report.rows) rows of \(report.meters) meters at \(office.code): "
                    + "\(report.stored) readings stored, \(report.duplicates) were there already."
            )
            for row in report.conflicting {
                Terminal.say(
                    "\(row.meter) at \(row.reading.at): another register than "
                        + "\(row.reading.register.kilowattHoursText) kWh is stored already"
                )
            }
            if report.conflicts > 0 {
                Terminal.print(
                    "\(report.conflicts) readings differ from those stored for the same instant; "
                        + "both are kept, and `vidyut reading correct` puts one right."
                )
            }
        }
    }
}

/// The first of many ranges; `--json` has them all.
private func shortened(_ ranges: String) -> String {
    guard ranges.count > Limits.rangesCharacters else { return ranges }
    let whole = ranges.prefix(Limits.rangesCharacters)
    return whole[..<(whole.lastIndex(of: ",") ?? whole.endIndex)] + " … (--json names all)"
}

/// How far an import is, a line for each of its stages.
private final class ImportProgress: Sendable {
    private let checking = ProgressBar("checking", unit: "rows")
    private let storing = ProgressBar("storing", unit: "readings")
    private let making = ProgressBar("making days", unit: "days")

    func update(_ stage: ImportReadings.Stage, _ done: Int, of total: Int) {
        switch stage {
        case .checking: checking.update(done, of: total)
        case .storing: storing.update(done, of: total)
        case .makingDays: making.update(done, of: total)
        }
    }

    func finish() { for bar in [checking, storing, making] { bar.finish() } }
}

extension InvalidInput {
    /// The same, with the file before each line.
    fileprivate func naming(file: String) -> InvalidInput {
        InvalidInput(
            faults.map { fault in
                fault.field.hasPrefix("line ")
                    ? FieldFault("\(file), \(fault.field)", fault.code, fault.detail) : fault
            }
        )
    }
}
