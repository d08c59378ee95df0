import ArgumentParser
import Metering
import Registry
import Units
import UseCases

/// Which exceptions a command is about.
struct ExceptionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Of this meter.", valueName: "serial"))
    var meter: String?

    @Option(help: ArgumentHelp("Of this rule: gap, spike, negative, stuck …", valueName: "rule"))
    var rule: String?

    @Option(help: ArgumentHelp("information, warning or error, and graver.", valueName: "severity"))
    var severity: String?

    @Option(help: ArgumentHelp("Not before this day.", valueName: "date"))
    var from: String?

    @Option(help: ArgumentHelp("Not after this day.", valueName: "date"))
    var to: String?

    func query(includesSettled: Bool = false) throws -> ReviewExceptions.Query {
        ReviewExceptions.Query(
            meterSerial: meter,
            rule: rule,
            severity: severity,
            from: try from.map { try date($0, option: "--from") },
            to: try to.map { try date($0, option: "--to") },
            includesSettled: includesSettled
        )
    }
}

/// A day given with an option.
func date(_ text: String, option: String) throws -> CivilDate {
    guard let date = CivilDate(text) else {
        throw ValidationError("\(option) is a date such as 2026-11-23.")
    }
    return date
}

extension ReadingCommands {
    /// `vidyut reading exceptions`.
    struct Exceptions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Count what the office's rules found about readings, and list the newest.",
            discussion: """
                First how many of each rule and severity, the gravest first, then the newest days. \
                Errors want a decision before billing; warnings a look; the rest is for the record.
                  vidyut reading exceptions --severity error
                  vidyut reading exceptions --rule gap --from 2026-11-01 --limit 200
                  vidyut reading acknowledge --rule gap --to 2026-10-31 --reason "network being built"
                """
        )

        @OptionGroup var wanted: ExceptionOptions

        @Flag(help: "Acknowledged ones too.")
        var all = false

        @Flag(help: "Only how many there are.")
        var summary = false

        @Option(
            help: ArgumentHelp(
                "List so many, the newest; 0 for all. Without it 50, as JSON all.",
                valueName: "count"
            )
        )
        var limit: Int?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let key: String
            let rule: String
            let severity: String
            let meter: String
            let service: String?
            let day: String
            let detail: String
            let acknowledgedBy: String?

            init(_ entry: ExceptionEntry) {
                key = entry.key
                rule = entry.exception.rule.rawValue
                severity = entry.exception.severity.name
                meter = entry.meterSerial
                service = entry.serviceNumber
                day = entry.exception.day.description
                detail = entry.exception.detail
                acknowledgedBy = entry.settled?.by
            }
        }

        private struct Count: Encodable {
            let rule: String
            let severity: String
            let count: Int
            let meters: Int
            let oldest: String
            let newest: String

            init(_ count: ExceptionCount) {
                rule = count.rule.rawValue
                severity = count.severity.name
                self.count = count.count
                meters = count.meters
                oldest = count.oldest.description
                newest = count.newest.description
            }

            var cells: [String] {
                [severity, rule, "\(count)", "\(meters)", oldest, newest]
            }
        }

        func run() async throws {
            guard limit ?? 0 >= 0 else { throw ValidationError("--limit is 0 or more.") }
            let query = try wanted.query(includesSettled: all)
            let (asJSON, summary) = (options.json, summary)
            let limit = limit ?? (asJSON ? 0 : Limits.exceptionsListed)
            try await options.withOffice { useCases, _, caller in
                let review = useCases.reviewExceptions
                let counts = try await review.counts(query, by: caller).map { Count($0) }
                if summary, asJSON { return try Output.jsonList(counts) }
                if !asJSON, summary || counts.count > 1 {
                    Output.table(
                        ["Severity", "Rule", "Exceptions>", "Meters>", "Oldest", "Newest"],
                        counts.map(\.cells),
                        none: "The rules found nothing that is open."
                    )
                    if summary { return }
                    Terminal.print("")
                }
                let found = try await allPages(atMost: limit == 0 ? nil : limit) {
                    try await review.list(query, page: $0, by: caller)
                }
                if asJSON { return try Output.jsonList(found.map { Entry($0) }) }
                defer {
                    let more = counts.reduce(0) { $0 + $1.count } - found.count
                    if more > 0 {
                        Terminal.say("\(more) more: --limit 0 lists all, --rule and --from fewer.")
                    }
                }
                Output.table(
                    ["Day", "Meter", "Service", "Severity", "Rule", "What", "Looked at"],
                    found.map {
                        [
                            $0.exception.day.description, $0.meterSerial, $0.serviceNumber ?? "",
                            $0.exception.severity.name, $0.exception.rule.rawValue,
                            $0.exception.detail, $0.settled.map { "\($0.by): \($0.reason)" } ?? "",
                        ]
                    },
                    none: "The rules found nothing that is open."
                )
            }
        }
    }

    /// `vidyut reading acknowledge`.
    struct Acknowledge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say of exceptions that they were looked at and are right as they are.",
            discussion: """
                By their keys (see `reading exceptions --json`), or all that fit the options: a rule or \
                a meter, and with it a severity and a period. What is said stays when the day is made \
                again; --reopen takes it back.
                  vidyut reading acknowledge --rule spike --meter M-17 --reason "radio noise"
                """
        )

        @Argument(help: "Keys of exceptions; may be left out with --meter or --rule.")
        var keys: [String] = []

        @OptionGroup var wanted: ExceptionOptions

        @Flag(help: "Open acknowledged ones again.")
        var reopen = false

        @Option(help: "Why.")
        var reason: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            guard !keys.isEmpty || wanted.meter != nil || wanted.rule != nil else {
                throw ValidationError("Which exceptions? Their keys, --meter or --rule.")
            }
            let query = try wanted.query()
            let (keys, reason, reopen, asJSON) = (keys, reason, reopen, options.json)
            try await options.withOffice { useCases, _, caller in
                let review = useCases.reviewExceptions
                let count =
                    reopen
                    ? try await review.reopen(query, keys: keys, reason: reason, by: caller)
                    : try await review.acknowledge(query, keys: keys, reason: reason, by: caller)
                if asJSON { return try Output.json(["settled": count]) }
                Terminal.print("\(count) exceptions are \(reopen ? "open again" : "acknowledged").")
            }
        }
    }

    /// `vidyut reading rebuild`.
    struct Rebuild: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make closed days anew from raw readings, or compare only.",
            discussion: """
                Days, load curves and exceptions are a pure function of the readings and of what people \
                decided (`reading versions`): this makes them again, and names the days that came out otherwise.
                  vidyut reading rebuild --from 2026-10-01 --check
                """
        )

        @Option(help: ArgumentHelp("From this day to yesterday.", valueName: "date"))
        var from: String

        @Option(help: ArgumentHelp("Of this meter only.", valueName: "serial"))
        var meter: String?

        @Flag(help: "Keep nothing; end with 1 when a day would be different.")
        var check = false

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let days: Int
            let differing: [String]
            let unmade: [String]
        }

        func run() async throws {
            let first = try date(from, option: "--from")
            let (meter, check, asJSON) = (meter, check, options.json)
            let bar = ProgressBar("days", unit: "meters")
            defer { bar.finish() }
            try await options.withOffice { useCases, _, caller in
                let report = try await useCases.rebuildDays(
                    meterSerial: meter,
                    from: first,
                    onlyCompares: check,
                    by: caller
                ) { bar.update($0, of: $1) }
                bar.finish()
                let differing = report.differing.map { "\($0.meterSerial) \($0.day)" }
                let unmade = report.unmade.map { "\($0.meterSerial): \($0.reason)" }
                if asJSON {
                    try Output.json(
                        Entry(days: report.days, differing: differing, unmade: unmade)
                    )
                } else {
                    for meter in unmade { Terminal.say("not made: \(meter)") }
                    for day in differing {
                        Terminal.say("\(day): \(check ? "would be" : "came out") otherwise")
                    }
                    Terminal.print(
                        "\(report.days) days \(check ? "computed" : "made") again, "
                            + "\(differing.count) of them otherwise."
                    )
                }
                if check && !differing.isEmpty || !unmade.isEmpty { throw ExitCode.failure }
            }
        }
    }
}
