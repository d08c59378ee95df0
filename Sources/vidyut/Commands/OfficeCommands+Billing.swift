import ArgumentParser
import Registry
import Units
import UseCases

extension OfficeCommands {
    /// `vidyut office billing`.
    struct Billing: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how an office bills, or change it for bills not yet made.",
            discussion: """
                Late readings: days (slabs scaled to the real days), cycle_split (cut at the \
                cycle's end by time) or as_printed. Approval: held (exceptions only) or all.
                  vidyut office billing --office town --approval all --maker-checker on
                  vidyut office billing --bill-limit 50000 --usual-high 250
                """
        )

        @Option(help: ArgumentHelp("days, cycle_split or as_printed.", valueName: "policy"))
        var lateReadings: String?

        @Option(help: ArgumentHelp("Which bills need approval: held or all.", valueName: "rule"))
        var approval: String?

        @Option(help: ArgumentHelp("Whether another person must approve.", valueName: "on|off"))
        var makerChecker: String?

        @Option(help: ArgumentHelp("Bills above are held; 0 for none.", valueName: "rupees"))
        var billLimit: String?

        @Option(help: ArgumentHelp("Held above this % of the highest.", valueName: "percent"))
        var usualHigh: Int?

        @Option(help: ArgumentHelp("Held below this % of the lowest.", valueName: "percent"))
        var usualLow: Int?

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let office: String
            let lateReadings: String
            let approval: String
            let makerChecker: Bool
            let billLimitPaise: Int64?
            let usualHighPercent: Int
            let usualLowPercent: Int

            init(_ office: Office) {
                self.office = office.code
                lateReadings = office.billing.lateReadings.rawValue
                approval = office.billing.approval.rawValue
                makerChecker = office.billing.makerChecker
                billLimitPaise = office.billing.billLimit?.paise
                usualHighPercent = office.billing.usualHighPercent
                usualLowPercent = office.billing.usualLowPercent
            }
        }

        func run() async throws {
            let input = SetBilling.Input(
                lateReadings: lateReadings,
                approval: approval,
                makerChecker: try makerChecker.map {
                    guard let value = ["on": true, "off": false][$0] else {
                        throw ValidationError("--maker-checker is on or off.")
                    }
                    return value
                },
                billLimitPaise: try billLimit.map {
                    guard let money = Money(rupees: $0), money >= .zero else {
                        throw ValidationError("--bill-limit is rupees such as 50000.")
                    }
                    return Int(money.paise)
                },
                usualHighPercent: usualHigh,
                usualLowPercent: usualLow
            )
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                let entry = Entry(try await useCases.setBilling(input, by: caller))
                if asJSON { return try Output.json(entry) }
                Output.pairs([
                    ("Late readings", entry.lateReadings), ("Approval", entry.approval),
                    ("Maker-checker", entry.makerChecker ? "on" : "off"),
                    (
                        "Bill limit",
                        entry.billLimitPaise.map { Money(paise: $0).formatted } ?? "none"
                    ),
                    ("Held above", "\(entry.usualHighPercent) % of the highest"),
                    ("Held below", "\(entry.usualLowPercent) % of the lowest"),
                ])
            }
        }
    }

    /// `vidyut office group`.
    struct Group: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add or change a billing group, or list them.",
            discussion: """
                Services of a group are billed on its own cycle:
                  vidyut office group industry --cycle-months 1
                  vidyut service add S-9 … --group industry
                  vidyut bill run --group industry --cycle 2026-10
                """
        )

        @Argument(help: "Code of the group; without one the groups are listed.")
        var code: String?

        @Option(help: ArgumentHelp("Months of a cycle: 1 or 2.", valueName: "months"))
        var cycleMonths = 1

        @Option(help: ArgumentHelp("Day of the month a cycle begins, 1 to 31.", valueName: "day"))
        var cycleDay = 1

        @Flag(help: "Two-monthly cycles end in odd months.")
        var cycleEndsInOddMonth = false

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let code: String
            let cycleMonths: Int
            let cycleDay: Int
            let cycleEndsInEvenMonth: Bool

            init(_ group: BillingGroup) {
                code = group.code
                cycleMonths = group.cycle.months
                cycleDay = group.cycle.day
                cycleEndsInEvenMonth = group.cycle.endsInEvenMonth
            }
        }

        func run() async throws {
            let (code, months, day, odd) = (code, cycleMonths, cycleDay, cycleEndsInOddMonth)
            let asJSON = options.json
            try await options.withOffice { useCases, _, caller in
                if let code {
                    _ = try await useCases.setBilling.group(
                        code: code,
                        cycleMonths: months,
                        cycleDay: day,
                        cycleEndsInEvenMonth: !odd,
                        by: caller
                    )
                }
                let groups = try await useCases.setBilling.groups(by: caller)
                if asJSON { return try Output.jsonList(groups.map { Entry($0) }) }
                Output.table(
                    ["Group", "Months>", "Begins on>"],
                    groups.map { [$0.code, "\($0.cycle.months)", "\($0.cycle.day)"] },
                    none: "There are no billing groups; every service is on the office's cycle."
                )
            }
        }
    }
}
