import ArgumentParser
import Metering
import Registry
import Units
import UseCases

extension ReadingCommands {
    /// `vidyut reading held`.
    struct Held: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List registers that people read and that wait for a decision.",
            discussion: """
                An assessor's or a consumer's register waits when it does not fit the history of \
                its meter: lower than the last, more than the load allows, far from what the \
                service's bills say, or without a photo. Another person than who entered it \
                decides with `vidyut reading accept` or `vidyut reading reject`.
                """
        )

        @Option(help: ArgumentHelp("Of this service only.", valueName: "number"))
        var service: String?

        @Flag(help: "Every entry, not only those that wait.")
        var all = false

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (asJSON, wanted) = (
                options.json,
                DecideReading.Query(serviceNumber: service, state: all ? nil : .held)
            )
            try await options.withOffice { useCases, _, caller in
                let entries = try await allPages {
                    try await useCases.decideReading.list(wanted, page: $0, by: caller)
                }
                if asJSON { return try Output.jsonList(entries.map(ManualEntry.init)) }
                Output.table(
                    ["Id>", "Service", "Meter", "Read by", "At", "kWh>", "State", "Why"],
                    entries.map { entry in
                        [
                            "\(entry.id.value)", entry.serviceNumber, entry.meterSerial,
                            entry.source.rawValue, entry.at.description,
                            entry.register?.kilowattHoursText ?? "-", entry.stateWords,
                            entry.findings.map(\.detail).joined(separator: "; "),
                        ]
                    },
                    none: all ? "Nobody has read a register yet." : "No register waits."
                )
            }
        }
    }

    /// `vidyut reading accept`.
    struct Accept: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that a held register is right; the next run bills it.",
            discussion: """
                Where the meter reports by itself, a register that a person read is compared and \
                not billed; --for-billing makes it what the register was at that instant, \
                whatever the meter reports around it. Where the meter stands below it afterwards, \
                nothing more is counted until it has passed it. Each is checked again by what is known \
                now: what was found since it was held is told first, and a second yes takes it. Of two \
                accepted for one instant the one decided about last counts.
                  vidyut reading accept 17 --reason "seen on the photo" --as kavitha
                """
        )

        @Argument(help: "Id of the entry (see `reading held`).")
        var id: String

        @Option(help: "Why it is right.")
        var reason: String

        @Flag(help: "Bill it also where the meter reports by itself.")
        var forBilling = false

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (id, reason, forBilling, asJSON) = (id, reason, forBilling, options.json)
            try await options.withOffice { useCases, _, caller in
                let entry = try await useCases.decideReading.accept(
                    id,
                    reason: reason,
                    forBilling: forBilling,
                    by: caller
                )
                if asJSON { return try Output.json(ManualEntry(entry)) }
                Terminal.print("\(entry.sentence) is \(entry.stateWords).")
            }
        }
    }

    /// `vidyut reading reject`.
    struct Reject: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say that a held register is not taken.",
            discussion: "  vidyut reading reject 17 --reason \"digits exchanged\" --as kavitha"
        )

        @Argument(help: "Id of the entry (see `reading held`).")
        var id: String

        @Option(help: "Why not; the consumer sees it.")
        var reason: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (id, reason, asJSON) = (id, reason, options.json)
            try await options.withOffice { useCases, _, caller in
                let entry = try await useCases.decideReading.reject(id, reason: reason, by: caller)
                if asJSON { return try Output.json(ManualEntry(entry)) }
                Terminal.print("\(entry.sentence) is \(entry.stateWords).")
            }
        }
    }

    /// `vidyut reading compare`.
    struct Compare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show assessor's, consumer's and the meter's own registers side by side.",
            discussion: """
                The meter's register at the instant of a reading is interpolated between its \
                reports before and after (marked ~), or the last one when none came since (marked \
                <). A register agrees within one unit and what the meter moved between the two.
                """
        )

        @Argument(help: "Number of the service.")
        var service: String

        @OptionGroup var options: OfficeOptions

        private struct Entry: Encodable {
            let verdict: String
            let at: String
            let assessorWattHours: Int64?
            let consumerWattHours: Int64?
            let reportedWattHours: Int64?
            let assessorDifferenceWattHours: Int64?
            let consumerDifferenceWattHours: Int64?

            init(_ row: CompareSources.Row) {
                let comparison = row.comparison
                let main = comparison.assessor ?? comparison.consumer
                verdict = comparison.verdict.rawValue
                at = comparison.at.description
                assessorWattHours = comparison.assessor?.reading.register.wattHours
                consumerWattHours = comparison.consumer?.reading.register.wattHours
                reportedWattHours = main?.reported?.register.wattHours
                assessorDifferenceWattHours = comparison.assessor?.difference?.wattHours
                consumerDifferenceWattHours = comparison.consumer?.difference?.wattHours
            }
        }

        func run() async throws {
            let (service, asJSON) = (service, options.json)
            try await options.withOffice { useCases, _, caller in
                let rows = try await useCases.compareSources(serviceNumber: service, by: caller)
                if asJSON { return try Output.jsonList(rows.map(Entry.init)) }
                Output.table(
                    ["At", "Assessor>", "Meter>", "Consumer>", "Meter>", "Verdict"],
                    rows.map { row in
                        [row.comparison.at.description] + Self.cells(row.comparison.assessor)
                            + Self.cells(row.comparison.consumer)
                            + [row.comparison.verdict.rawValue]
                    },
                    none: "Nobody has read the register of this service yet."
                )
            }
        }

        private static func cells(_ side: ComparedRegister?) -> [String] {
            guard let side else { return ["-", "-"] }
            let mark =
                switch side.reported?.basis {
                case .interpolated: "~"
                case .lastBefore: "<"
                case .exact, nil: ""
                }
            return [
                side.reading.register.kilowattHoursText,
                side.reported.map { mark + $0.register.kilowattHoursText } ?? "-",
            ]
        }
    }
}

/// A register that a person read, for programs.
private struct ManualEntry: Encodable {
    let id: String
    let service: String
    let meter: String
    let source: String
    let at: String
    let outcome: String
    let registerWattHours: Int64?
    let note: String
    let state: String
    let comparisonOnly: Bool
    let supersededBy: String?
    let photoRemovedAt: String?
    let findings: [String]
    let enteredBy: String

    init(_ reading: ManualReading) {
        id = "\(reading.id.value)"
        service = reading.serviceNumber
        meter = reading.meterSerial
        source = reading.source.rawValue
        at = reading.at.description
        outcome = reading.outcome.rawValue
        registerWattHours = reading.register?.wattHours
        note = reading.note
        state = reading.state.rawValue
        comparisonOnly = reading.isComparison
        supersededBy = reading.supersededBy.map { "\($0.value)" }
        photoRemovedAt = reading.photoRemovedAt?.description
        findings = reading.findings.map { "\($0.code.rawValue): \($0.detail)" }
        enteredBy = reading.enteredBy
    }
}

extension ManualReading {
    fileprivate var sentence: String {
        "\(register?.kilowattHoursText ?? "-") kWh of service \(serviceNumber) at \(at)"
    }

    fileprivate var stateWords: String {
        if let supersededBy { return "accepted, replaced by \(supersededBy.value)" }
        return state == .accepted && isComparison ? "accepted, as a comparison" : state.rawValue
    }
}
