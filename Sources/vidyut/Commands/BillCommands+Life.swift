import ArgumentParser
import Billing
import Foundation
import Registry
import Units
import UseCases

extension BillCommands {
    /// `vidyut bill approve`.
    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Approve drafts and held bills, so that the next run issues them.",
            discussion: """
                Held bills need a reason. Where the office has maker-checker, who approves must be \
                another person than who ran the bills: say who with --as.
                  vidyut bill list --state held
                  vidyut bill approve 4711 --reason "house stood empty" --as kavitha
                  vidyut bill approve --cycle 2026-10 --reason "all looked at"
                """
        )

        @Argument(help: "Ids of the bills (see `bill list`); may be left out with --cycle.")
        var bills: [String] = []

        @Option(help: ArgumentHelp("All that wait in this cycle.", valueName: "month"))
        var cycle: String?

        @Option(help: "Why the bill is right; needed for held ones.")
        var reason = ""

        @OptionGroup var options: OfficeOptions

        /// A bill that was not approved, and why.
        private struct Refusal: Encodable {
            let bill: String
            let reason: String
        }

        private struct Approvals: Encodable {
            let approved: Int
            let refused: [Refusal]
        }

        func run() async throws {
            guard !bills.isEmpty || cycle != nil else {
                throw ValidationError("Which bills? Their ids, or --cycle MONTH.")
            }
            let (bills, cycle, reason, asJSON) = (bills, cycle, reason, options.json)
            try await options.withOffice { useCases, _, caller in
                var names = bills
                if let cycle {
                    for state in [BillState.draft, .held] {
                        names += try await allPages {
                            try await useCases.showBills.list(
                                $0,
                                cycle: cycle,
                                state: state,
                                by: caller
                            )
                        }.map { String($0.id.value) }
                    }
                }
                // Each bill is a decision of its own: one that is refused hinders no other.
                var refused: [Refusal] = []
                for name in names {
                    do {
                        _ = try await useCases.approveBills(name, reason: reason, by: caller)
                    } catch
                        where error is StateConflict || error is InvalidInput || error is NotFound
                    {
                        refused.append(
                            Refusal(bill: name, reason: errorLines(error).joined(separator: "; "))
                        )
                    }
                }
                let approved = names.count - refused.count
                if asJSON {
                    try Output.json(Approvals(approved: approved, refused: refused))
                } else {
                    for one in refused { Terminal.say("bill \(one.bill): \(one.reason)") }
                    Terminal.print(
                        "\(approved) of \(names.count) bills are approved; `vidyut bill run --issue` "
                            + "issues them."
                    )
                }
                if !refused.isEmpty { throw ExitCode.failure }
            }
        }
    }

    /// `vidyut bill withdraw`.
    struct Withdraw: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take bills back that are not issued; the next run makes them anew."
        )

        @Argument(help: "Ids of the bills.")
        var bills: [String]

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (bills, asJSON) = (bills, options.json)
            try await options.withOffice { useCases, _, caller in
                for bill in bills { try await useCases.approveBills.withdraw(bill, by: caller) }
                if asJSON { return try Output.json(["withdrawn": bills.count]) }
                Terminal.print("\(bills.count) bills are taken back.")
            }
        }
    }

    /// `vidyut bill file`.
    struct File: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print an issued bill's .vbill file: the bill, its proof, its tariffs.",
            discussion: """
                Anyone can compute the bill again from it, without a database:
                  vidyut bill file TOWN-2026-000042 > bill.vbill
                  vidyut bill verify bill.vbill
                """
        )

        @Argument(help: "Number of the bill.")
        var bill: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let bill = bill
            try await options.withOffice { useCases, _, caller in
                Terminal.printRaw(try await useCases.showBills.file(bill, by: caller))
            }
        }
    }

    /// `vidyut bill verify`.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Compute bills again from their .vbill files, offline.",
            discussion: """
                Needs no database and no settings. Says of each file that the bill is right, or \
                names the first difference with what the file says and what the computation gives; \
                then it ends with 1.
                """
        )

        @Argument(help: "Files to verify.")
        var files: [String]

        @Flag(help: "Print JSON for programs.")
        var json = false

        private struct Entry: Encodable {
            let file: String
            var agrees = false
            var number: String?
            var service: String?
            var totalPaise: Int64?
            var figures: Int?
            var difference: String?
            /// Where the first difference is, and both figures there.
            var path: String?
            var stated: String?
            var computed: String?
        }

        func run() async throws {
            var entries: [Entry] = []
            for file in files {
                guard let bytes = FileManager.default.contents(atPath: file) else {
                    throw CommandFailure("\(file) cannot be read")
                }
                var entry = Entry(file: file)
                do {
                    let bill = try BillFile.verify(Array(bytes))
                    entry.agrees = true
                    entry.number = bill.number
                    entry.service = bill.serviceNumber
                    entry.totalPaise = bill.total.paise
                    entry.figures = bill.figures
                } catch {
                    entry.difference = "\(error)"
                    if let difference = error as? BillFile.Difference {
                        entry.path = difference.path
                        entry.stated = difference.stated
                        entry.computed = difference.computed
                    }
                }
                entries.append(entry)
            }
            if json {
                try Output.jsonList(entries)
            } else {
                for entry in entries {
                    let total = Money(paise: entry.totalPaise ?? 0).formatted
                    Terminal.print(
                        entry.difference.map {
                            "\(entry.file): the bill is NOT right; the first difference is at \($0)"
                        }
                            ?? "\(entry.file): the bill is right: bill \(entry.number ?? "") of service "
                            + "\(entry.service ?? "") over \(total), all \(entry.figures ?? 0) figures "
                            + "computed again agree"
                    )
                }
            }
            if entries.contains(where: { !$0.agrees }) { throw ExitCode.failure }
        }
    }
}
