import ArgumentParser
import Billing
import Registry
import Units
import UseCases
import Wire

/// `vidyut bill`.
struct BillCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bill",
        abstract: "Bill a cycle; show, list and export bills.",
        subcommands: [Run.self, Show.self, List.self, Export.self]
    )

    /// `vidyut bill run`.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bill every service of an office for a cycle that is over.",
            discussion: """
                A cycle is named by the month of its last day. Without --issue the bills are \
                drafts, which a later run with --issue issues unchanged. A second run adds \
                nothing; a service that cannot be billed is named with the reason.
                  vidyut bill run --office town --cycle 2026-10 --issue
                """
        )

        @Option(help: ArgumentHelp("Cycle, such as 2026-10.", valueName: "month"))
        var cycle: String

        @Flag(help: "Issue the bills: they get numbers and never change again.")
        var issue = false

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            struct Refusal: Encodable {
                let service: String
                let reason: String
            }

            let run: Int32
            let cycle: String
            let from: String
            let to: String
            let drafted: Int
            let issued: Int
            let existing: Int
            let refused: [Refusal]

            init(_ run: BillRun, refused: [BillRunOutcome]) {
                self.run = run.id.value
                cycle = run.cycle
                from = run.period.first.description
                to = run.period.last.description
                drafted = run.counts[.drafted] ?? 0
                issued = run.counts[.issued] ?? 0
                existing = run.counts[.existing] ?? 0
                self.refused = refused.map {
                    Refusal(service: $0.serviceNumber, reason: $0.reason)
                }
            }
        }

        func run() async throws {
            let (cycle, issue, asJSON) = (cycle, issue, options.json)
            let bar = ProgressBar("billing \(cycle)", unit: "services")
            defer { bar.finish() }
            try await options.withOffice { useCases, office, caller in
                let run = try await useCases.runBilling(cycle: cycle, issue: issue, by: caller) {
                    bar.update($0, of: $1)
                }
                let refused = try await allPages {
                    try await useCases.showBills.outcomes(of: run.id, $0, by: caller)
                }.filter { $0.outcome == .refused }
                bar.finish()
                let entry = Entry(run, refused: refused)
                if asJSON { return try Output.json(entry) }
                for refusal in entry.refused {
                    Terminal.say("\(refusal.service): \(refusal.reason)")
                }
                Terminal.print(
                    "Cycle \(entry.cycle) (\(run.period)) at \(office.code): "
                        + "\(entry.issued) issued, \(entry.drafted) drafted, "
                        + "\(entry.existing) there already, \(entry.refused.count) refused."
                )
            }
        }
    }

    /// `vidyut bill list`.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List bills, newest first.")

        @OptionGroup var choice: BillChoice
        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, choice) = (options.json, choice)
            try await options.withOffice { useCases, _, caller in
                let bills = try await choice.bills(useCases, caller)
                if asJSON { return try Output.jsonList(bills.map { BillEntry($0) }) }
                Output.table(
                    ["Bill", "Service", "Consumer", "Cycle", "kWh>", "Total>", "Due"],
                    bills.map {
                        [
                            $0.number ?? "\($0.state.rawValue) \($0.id.value)", $0.serviceNumber,
                            $0.consumerName, $0.cycle, $0.energy.kilowattHoursText,
                            $0.total.formatted, $0.dueOn?.description ?? "",
                        ]
                    },
                    none: "There are no bills."
                )
            }
        }
    }

    /// `vidyut bill export`.
    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print bills as CSV (RFC 4180), newest first.",
            discussion: "  vidyut bill export --cycle 2026-10 > bills.csv"
        )

        @OptionGroup var choice: BillChoice
        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, choice) = (options.json, choice)
            try await options.withOffice { useCases, _, caller in
                let bills = try await choice.bills(useCases, caller)
                if asJSON { return try Output.jsonList(bills.map { BillEntry($0) }) }
                var text = csvLine([
                    "number", "state", "service", "consumer", "cycle", "from", "to",
                    "energyWattHours", "amountPaise", "amountRupees", "dueOn",
                ])
                for bill in bills {
                    text += csvLine([
                        bill.number ?? "", bill.state.rawValue, bill.serviceNumber,
                        bill.consumerName, bill.cycle, bill.period.first.description,
                        bill.period.last.description, "\(bill.energy.wattHours)",
                        "\(bill.total.paise)", bill.total.plainText,
                        bill.dueOn?.description ?? "",
                    ])
                }
                Terminal.printRaw(text)
            }
        }
    }
}

/// Which bills.
struct BillChoice: ParsableArguments {
    @Option(help: ArgumentHelp("Only of this cycle, such as 2026-10.", valueName: "month"))
    var cycle: String?

    @Option(help: ArgumentHelp("Only of this service.", valueName: "number"))
    var service: String?

    func bills(_ useCases: UseCaseSet, _ caller: Caller) async throws -> [BillSummary] {
        try await allPages {
            try await useCases.showBills.list(
                $0,
                cycle: cycle,
                serviceNumber: service,
                by: caller
            )
        }
    }
}

/// A bill of a list as JSON.
private struct BillEntry: Encodable {
    let id: Int32
    let number: String?
    let state: String
    let service: String
    let consumer: String
    let cycle: String
    let from: String
    let to: String
    let energyWattHours: Int64
    let amountPaise: Int64
    let dueOn: String?

    init(_ bill: BillSummary) {
        id = bill.id.value
        number = bill.number
        state = bill.state.rawValue
        service = bill.serviceNumber
        consumer = bill.consumerName
        cycle = bill.cycle
        from = bill.period.first.description
        to = bill.period.last.description
        energyWattHours = bill.energy.wattHours
        amountPaise = bill.total.paise
        dueOn = bill.dueOn?.description
    }
}
