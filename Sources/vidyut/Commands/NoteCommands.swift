import ArgumentParser
import Billing
import Registry
import Units
import UseCases

extension BillCommands {
    /// `vidyut bill note`.
    struct NoteGroup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "note",
            abstract: "Correct issued bills by credit and debit notes.",
            subcommands: [Correct.self, Adjust.self, Issue.self, Withdraw.self, List.self]
        )

        /// `vidyut bill note correct`.
        struct Correct: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Draft a note that reverses a bill and rebooks it as known now.",
                discussion: """
                    The bill is computed again over its days from the registers and tariffs as \
                    they are now; bill and notes together are the recomputed bill.
                      vidyut reading correct M-17 --at 2026-10-31T18:30:00Z --register-kwh 380 \
                    --reason "digits exchanged"
                      vidyut bill note correct TOWN-2026-000042 --reason "reading corrected"
                    """
            )

            @Argument(help: "Number of the bill.")
            var bill: String

            @Option(help: "Why.")
            var reason: String

            @OptionGroup var options: OfficeOptions

            func run() async throws {
                let (bill, reason, asJSON) = (bill, reason, options.json)
                try await options.withOffice { useCases, _, caller in
                    let note = try await useCases.writeNotes.rebook(
                        bill,
                        reason: reason,
                        by: caller
                    )
                    try printNote(note, asJSON: asJSON)
                }
            }
        }

        /// `vidyut bill note adjust`.
        struct Adjust: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Draft a note over an amount: negative is a credit.",
                discussion: "  vidyut bill note adjust TOWN-2026-000042 --amount=-120.50 --reason R"
            )

            @Argument(help: "Number of the bill.")
            var bill: String

            @Option(help: ArgumentHelp("Rupees; negative is a credit.", valueName: "rupees"))
            var amount: String

            @Option(help: "Why.")
            var reason: String

            @OptionGroup var options: OfficeOptions

            func run() async throws {
                guard let money = Money(rupees: amount) else {
                    throw ValidationError("--amount is rupees such as -120.50.")
                }
                let (bill, reason, asJSON) = (bill, reason, options.json)
                try await options.withOffice { useCases, _, caller in
                    let note = try await useCases.writeNotes.adjust(
                        bill,
                        amount: money,
                        reason: reason,
                        by: caller
                    )
                    try printNote(note, asJSON: asJSON)
                }
            }
        }

        /// `vidyut bill note issue`.
        struct Issue: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Issue a draft note: it gets its number and is booked."
            )

            @Argument(help: "Id of the note.")
            var note: Int32

            @OptionGroup var options: OfficeOptions

            func run() async throws {
                let (id, asJSON) = (Note.ID(note), options.json)
                try await options.withOffice { useCases, _, caller in
                    let note = try await useCases.writeNotes.issue(id, by: caller)
                    try printNote(note, asJSON: asJSON)
                }
            }
        }

        /// `vidyut bill note withdraw`.
        struct Withdraw: AsyncParsableCommand {
            static let configuration = CommandConfiguration(
                abstract: "Take a draft note back."
            )

            @Argument(help: "Id of the note.")
            var note: Int32

            @OptionGroup var options: OfficeOptions

            func run() async throws {
                let (id, asJSON) = (Note.ID(note), options.json)
                try await options.withOffice { useCases, _, caller in
                    try await useCases.writeNotes.withdraw(id, by: caller)
                    if asJSON { return try Output.json(["withdrawn": id.value]) }
                    Terminal.print("Note \(id.value) is taken back.")
                }
            }
        }

        /// `vidyut bill note list`.
        struct List: AsyncParsableCommand {
            static let configuration = CommandConfiguration(abstract: "List notes, newest first.")

            @Option(help: ArgumentHelp("Only of this service.", valueName: "number"))
            var service: String?

            @Option(help: ArgumentHelp("Only on this bill.", valueName: "number"))
            var bill: String?

            @OptionGroup var options: OfficeOptions

            func run() async throws {
                let (service, bill, asJSON) = (service, bill, options.json)
                try await options.withOffice { useCases, _, caller in
                    let notes = try await allPages {
                        try await useCases.showBills.notes(
                            $0,
                            serviceNumber: service,
                            bill: bill,
                            by: caller
                        )
                    }
                    if asJSON { return try Output.jsonList(notes.map { NoteEntry($0) }) }
                    Output.table(
                        ["Note", "Service", "Cause", "Bills", "Amount>", "State", "Reason"],
                        notes.map {
                            [
                                $0.number ?? "draft \($0.id.value)", $0.serviceNumber,
                                $0.cause.rawValue,
                                $0.items.map(\.billNumber).joined(separator: ", "),
                                $0.amount.formatted, $0.state.rawValue, $0.reason,
                            ]
                        },
                        none: "There are no notes."
                    )
                }
            }
        }
    }
}

private func printNote(_ note: Note, asJSON: Bool) throws {
    if asJSON { return try Output.json(NoteEntry(note)) }
    for item in note.items {
        Terminal.print(
            "Bill \(item.billNumber) (\(item.period)): \(item.reversed.formatted) is reversed, "
                + "\(item.rebooked.formatted) rebooked."
        )
    }
    let kind = note.amount < .zero ? "Credit" : "Debit"
    Terminal.print(
        "\(kind) note \(note.number ?? "draft \(note.id.value)") over \(note.amount.formatted)"
            + (note.state == .draft
                ? "; `vidyut bill note issue \(note.id.value)` issues it." : ".")
    )
}

/// A note as JSON.
private struct NoteEntry: Encodable {
    struct Item: Encodable {
        let bill: String
        let cycle: String
        let reversedPaise: Int64
        let rebookedPaise: Int64
        let energyWattHours: Int64
    }

    let id: Int32
    let number: String?
    let service: String
    let cause: String
    let reason: String
    let state: String
    let amountPaise: Int64
    let items: [Item]

    init(_ note: Note) {
        id = note.id.value
        number = note.number
        service = note.serviceNumber
        cause = note.cause.rawValue
        reason = note.reason
        state = note.state.rawValue
        amountPaise = note.amount.paise
        items = note.items.map {
            Item(
                bill: $0.billNumber,
                cycle: $0.cycle,
                reversedPaise: $0.reversed.paise,
                rebookedPaise: $0.rebooked.paise,
                energyWattHours: $0.energy.wattHours
            )
        }
    }
}
