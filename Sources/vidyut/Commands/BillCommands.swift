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
        abstract: "Bill a cycle; approve, show, correct, export and verify bills.",
        subcommands: [
            Run.self, Show.self, List.self, Export.self, Approve.self, Withdraw.self,
            NoteGroup.self, File.self, Verify.self,
        ]
    )

    /// `vidyut bill run`.
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bill every service of an office for a cycle that is over.",
            discussion: """
                A cycle is named by the month of its last day. Without --issue the bills are \
                drafts, which a later run with --issue issues unchanged. What is unusual is held \
                until somebody approves it (`bill approve`). A second run adds nothing, makes \
                drafts again whose readings have changed, and goes on with a run that was killed; \
                each service that is held or cannot be billed is named with the reason on the error \
                output; --json has the outcome of every service.
                  vidyut bill run --office town --cycle 2026-10 --issue
                  vidyut bill run --cycle 2026-10 --provisional average    (where no meter was read)
                """
        )

        @Option(help: ArgumentHelp("Cycle, such as 2026-10.", valueName: "month"))
        var cycle: String

        @Flag(help: "Issue the bills: they get numbers and never change again.")
        var issue = false

        @Option(help: ArgumentHelp("Services of this billing group.", valueName: "code"))
        var group = ""

        @Option(help: ArgumentHelp("Only this service.", valueName: "number"))
        var service: String?

        @Option(
            help: ArgumentHelp(
                "Estimate where no register was read: average, last_year or last_cycle.",
                valueName: "method"
            )
        )
        var provisional: String?

        @Option(help: ArgumentHelp("Allow a third estimate in a year.", valueName: "reason"))
        var overrideReason: String?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            struct Refusal: Encodable {
                let service: String
                let reason: String
            }

            struct Outcome: Encodable {
                let service: String
                let outcome: String
                let reason: String?
            }

            let run: Int32
            let cycle: String
            let from: String
            let to: String
            let drafted: Int
            let issued: Int
            let existing: Int
            let held: [Refusal]
            let refused: [Refusal]
            /// Not connected yet in the cycle, or no more: no bill is wanted.
            let notConnected: [Refusal]
            /// Every service with what became of it.
            let outcomes: [Outcome]

            init(_ run: BillRun, _ outcomes: [BillRunOutcome]) {
                self.run = run.id.value
                cycle = run.cycle
                from = run.period.first.description
                to = run.period.last.description
                drafted = run.counts[.drafted] ?? 0
                issued = run.counts[.issued] ?? 0
                existing = run.counts[.existing] ?? 0
                func named(_ outcome: BillOutcome) -> [Refusal] {
                    outcomes.filter { $0.outcome == outcome }.map {
                        Refusal(service: $0.serviceNumber, reason: $0.reason)
                    }
                }
                held = named(.held)
                refused = named(.refused)
                notConnected = named(.notConnected)
                self.outcomes = outcomes.map {
                    Outcome(
                        service: $0.serviceNumber,
                        outcome: $0.outcome.rawValue,
                        reason: $0.reason.isEmpty ? nil : $0.reason
                    )
                }
            }
        }

        func run() async throws {
            let method = try provisional.map { name in
                guard let method = ProvisionalMethod(rawValue: name) else {
                    throw ValidationError(
                        "--provisional is one of "
                            + ProvisionalMethod.allCases.map(\.rawValue).joined(separator: ", ")
                            + "."
                    )
                }
                return method
            }
            let input = RunBilling.Input(
                cycle: cycle,
                issue: issue,
                group: group,
                serviceNumber: service,
                provisional: method,
                overrideReason: overrideReason
            )
            let asJSON = options.json
            let bar = ProgressBar("billing \(cycle)", unit: "services")
            defer { bar.finish() }
            try await options.withOffice { useCases, office, caller in
                let run = try await useCases.runBilling(input, by: caller) {
                    bar.update($0, of: $1)
                }
                let outcomes = try await allPages {
                    try await useCases.showBills.outcomes(of: run.id, $0, by: caller)
                }
                bar.finish()
                let entry = Entry(run, outcomes)
                if asJSON { return try Output.json(entry) }
                for refusal in entry.refused {
                    Terminal.say("\(refusal.service): refused: \(refusal.reason)")
                }
                for held in entry.held { Terminal.say("\(held.service): held: \(held.reason)") }
                Terminal.print(
                    "Cycle \(entry.cycle) (\(run.period)) at \(office.code): "
                        + "\(entry.issued) issued, \(entry.drafted) drafted, "
                        + "\(entry.held.count) held, \(entry.existing) there already, "
                        + "\(entry.refused.count) refused, "
                        + "\(entry.notConnected.count) not connected in the cycle."
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
                        bill.number ?? "", bill.state.rawValue, bill.serviceNumber.forSpreadsheet,
                        bill.consumerName.forSpreadsheet, bill.cycle, bill.period.first.description,
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

    @Option(help: ArgumentHelp("Only draft, held, approved or issued ones.", valueName: "state"))
    var state: String?

    func bills(_ useCases: UseCaseSet, _ caller: Caller) async throws -> [BillSummary] {
        let wanted = try state.map { name in
            guard let state = BillState(rawValue: name) else {
                throw ValidationError("--state is draft, held, approved or issued.")
            }
            return state
        }
        return try await allPages {
            try await useCases.showBills.list(
                $0,
                cycle: cycle,
                serviceNumber: service,
                state: wanted,
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
    let basis: String
    let holds: [String]

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
        basis = bill.basis.rawValue
        holds = bill.holds.map(\.reason)
    }
}
