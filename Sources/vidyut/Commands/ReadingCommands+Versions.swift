import ArgumentParser
import Metering
import Registry
import Units
import UseCases

/// A meter's closed day.
struct DayArguments: ParsableArguments {
    @Argument(help: "Serial of the meter.")
    var meter: String

    @Argument(help: ArgumentHelp("A closed day, such as 2026-11-20.", valueName: "date"))
    var date: String

    func day() throws -> CivilDate {
        guard let day = CivilDate(date) else {
            throw ValidationError("'\(date)' is no date such as 2026-11-20.")
        }
        return day
    }
}

/// A day with its versions as JSON.
private struct HistoryEntry: Encodable {
    struct Version: Encodable {
        let number: Int64
        let stage: String
        let what: String?
        let method: String?
        let by: String
        let reason: String
        let at: String?
        let isUndone: Bool
        let isLapsed: Bool
    }

    let meter: String
    let day: String
    let stage: String
    let bill: String?
    let madeAt: String?
    let methods: [String]
    let hints: [String]
    let energyWattHours: [Int32]
    let quality: [String]
    let versions: [Version]

    init(_ history: DayHistory) {
        meter = history.meterSerial
        day = history.day.description
        stage = history.stage.rawValue
        bill = history.bill
        madeAt = history.madeAt?.description
        methods = history.methods.map(\.rawValue)
        hints = history.hints
        energyWattHours = history.blocks.energies
        quality = history.blocks.qualities.map(\.word)
        versions = history.versions.map {
            Version(
                number: $0.number,
                stage: $0.stage.rawValue,
                what: $0.rule,
                method: $0.method?.rawValue,
                by: $0.actor,
                reason: $0.reason,
                at: $0.recordedAt?.description,
                isUndone: $0.isUndone,
                isLapsed: $0.isLapsed
            )
        }
    }
}

/// Prints a day: its stage, its versions, and the blocks that are less than a measurement.
private func show(_ history: DayHistory, asJSON: Bool) throws {
    if asJSON { return try Output.json(HistoryEntry(history)) }
    Output.pairs([
        ("Meter", history.meterSerial), ("Day", history.day.description),
        ("Stage", history.stage.rawValue),
        ("Final by", history.bill.map { "bill \($0)" }),
        ("Energy", "\(history.blocks.energy.kilowattHoursText) kWh by registers"),
        (
            "Without register",
            history.blocks.energyWithoutRegister == .zero
                ? nil : "\(history.blocks.energyWithoutRegister.kilowattHoursText) kWh"
        ),
    ])
    Output.table(
        ["Version>", "Stage", "What", "By", "When", "Why"],
        history.versions.map { version in
            let state = version.isUndone ? " (undone)" : version.isLapsed ? " (lapsed)" : ""
            return [
                "\(version.number)", version.stage.rawValue + state,
                version.rule ?? version.method?.rawValue ?? "", version.actor,
                version.recordedAt?.description ?? history.madeAt.map { "as made \($0)" } ?? "",
                version.reason,
            ]
        },
        none: "The day has no versions."
    )
    for hint in history.hints { Terminal.say("Note: \(hint).") }
    let minutes = Int(history.blocks.blockMinutes)
    let rows = zip(history.blocks.energies, history.blocks.qualities).enumerated()
        .filter { !$0.element.1.isDisjoint(with: SlotQuality.doubtful) }
        .map { slot, block in
            ["\(slot)", clockText(slot * minutes), "\(block.0)", block.1.word]
        }
    guard !rows.isEmpty else { return }
    Output.table(["Block>", "From", "Wh>", "Quality"], rows, none: "")
}

private func clockText(_ minutes: Int) -> String {
    func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(padded(minutes / 60)):\(padded(minutes % 60))"
}

extension ReadingCommands {
    /// `vidyut reading versions`.
    struct Versions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a meter's closed day with its versions, from raw to final.",
            discussion: """
                Versions 1 to 3 (raw, validated, estimated) are made from the readings whenever they \
                are shown, so they tell the day as made then; from 4 on they are what people did, never \
                changed, only undone. A version has lapsed when the readings \
                under it have changed since: it changes nothing any more, and an exception of the rule \
                'edit' names it. A day is final once an issued bill covers it, its readings are in the \
                archive, or a person said so.
                  vidyut reading versions M-17 2026-11-20
                """
        )

        @OptionGroup var subject: DayArguments

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (meter, day, asJSON) = (subject.meter, try subject.day(), options.json)
            try await options.withOffice { useCases, _, caller in
                try show(
                    try await useCases.showDay(serial: meter, day: day, by: caller),
                    asJSON: asJSON
                )
            }
        }
    }

    /// `vidyut reading edit`.
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Edit blocks of a meter's closed day: a new version, with who and why.",
            discussion: """
                Registers decide the energy: it moves only between blocks without a register between \
                them, so their sum stays. Of blocks of which no register tells anything any energy can \
                be said; it never becomes a register's. Blocks count from 0 at midnight and can be \
                given by time. Exactly one of the things to do:
                  vidyut reading edit M-17 2026-11-20 --blocks 40-43 --set 120,130,110,90 --reason "…"
                  vidyut reading edit M-17 2026-11-20 --blocks 10:00-12:00 --estimate like_days --reason "…"
                  vidyut reading edit M-17 2026-11-20 --blocks 40 --accept --reason "seen on site"
                  vidyut reading edit M-17 2026-11-20 --reject-reading 2026-11-20T08:45:00Z --reason "…"
                  vidyut reading edit M-17 2026-11-20 --final --reason "checked"
                A day that an issued bill covers is final: `reading correct` and a note go there; so is \
                an edit refused by which such a day would come out otherwise. An edit by which versions \
                of other days would no longer stand names them and is refused without --lapse-others.
                """
        )

        @OptionGroup var subject: DayArguments

        @Option(
            help: ArgumentHelp("Such as 40, 40-47 or 10:00-12:00.", valueName: "blocks")
        )
        var blocks: String?

        // Taken as it stands, so that a negative one is refused by its value and not as an option.
        @Option(
            parsing: .unconditional,
            help: ArgumentHelp("Watt-hours of each block.", valueName: "Wh,Wh,…")
        )
        var set: String?

        @Option(
            help: ArgumentHelp(
                "neighbours, like_days, last_year, peers, flat_between_registers, or best.",
                valueName: "method"
            )
        )
        var estimate: String?

        @Flag(help: "What stands there, suspect or estimated, is right.")
        var accept = false

        @Option(help: ArgumentHelp("This reading is real.", valueName: "instant"))
        var acceptReading: String?

        @Option(help: ArgumentHelp("This reading does not count.", valueName: "instant"))
        var rejectReading: String?

        @Flag(help: "The day is right as it stands.")
        var final = false

        @Flag(help: "Versions of other days that would no longer stand may lapse.")
        var lapseOthers = false

        @Option(help: "Why.")
        var reason: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (meter, day, asJSON) = (subject.meter, try subject.day(), options.json)
            let (reason, lapseOthers) = (reason, lapseOthers)
            let wanted = try wanted()
            try await options.withOffice { useCases, office, caller in
                let change = try wanted(office.metering.blockMinutes)
                try show(
                    try await useCases.editDay(
                        serial: meter,
                        day: day,
                        change,
                        reason: reason,
                        lapsesOthers: lapseOthers,
                        by: caller
                    ),
                    asJSON: asJSON
                )
            }
        }

        /// What is to be done, once the length of a block is known.
        private func wanted() throws -> @Sendable (Int) throws -> EditDay.Change {
            let given = [
                set != nil, estimate != nil, accept, acceptReading != nil, rejectReading != nil,
                final,
            ]
            guard given.count(where: { $0 }) == 1 else {
                throw ValidationError(
                    "Exactly one of --set, --estimate, --accept, --accept-reading, "
                        + "--reject-reading and --final."
                )
            }
            if final { return { _ in .markFinal } }
            if let text = acceptReading ?? rejectReading {
                guard let instant = Instant(text) else {
                    throw ValidationError("A reading's instant is such as 2026-11-20T08:45:00Z.")
                }
                let accepts = acceptReading != nil
                return { _ in accepts ? .acceptReading(instant) : .rejectReading(instant) }
            }
            guard let blocks else { throw ValidationError("Which blocks? --blocks 40-47.") }
            if let set {
                let values = set.split(separator: ",", omittingEmptySubsequences: false)
                    .map { Int(String($0).trimmingBlanks) }
                let energies = values.compactMap(\.self)
                guard energies.count == values.count, !energies.isEmpty,
                    energies.allSatisfy({ $0 >= 0 })
                else {
                    throw ValidationError(
                        "--set takes whole watt-hours of 0 or more, such as 120,130,110; not '\(set)'."
                    )
                }
                return { minutes in
                    let slots = try blockRange(blocks, minutes)
                    guard slots.count == energies.count else {
                        throw ValidationError(
                            "--blocks are \(slots.count), --set gives \(energies.count)."
                        )
                    }
                    return .set(first: slots.lowerBound, wattHours: energies)
                }
            }
            if let estimate {
                let method = EstimationMethod.chosen.first { $0.rawValue == estimate }
                guard method != nil || estimate == "best" else {
                    let names = EstimationMethod.chosen.map(\.rawValue).joined(separator: ", ")
                    throw ValidationError("--estimate takes best or one of \(names).")
                }
                return { minutes in .estimate(try blockRange(blocks, minutes), method) }
            }
            return { minutes in .accept(try blockRange(blocks, minutes)) }
        }
    }

    /// `vidyut reading undo`.
    struct Undo: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a version of a meter's day back, an undo included.",
            discussion: """
                The undo is a version itself; nothing is erased. While another version stands on the \
                one that is to go, that one must be undone first.
                  vidyut reading undo M-17 2026-11-20 4 --reason "was at home after all"
                """
        )

        @OptionGroup var subject: DayArguments

        @Argument(help: "Number of the version, see `reading versions`.")
        var version: Int64

        @Flag(help: "Versions of other days that would no longer stand may lapse.")
        var lapseOthers = false

        @Option(help: "Why.")
        var reason: String

        @OptionGroup var options: OfficeOptions

        func run() async throws {
            let (meter, day, asJSON) = (subject.meter, try subject.day(), options.json)
            let (version, reason, lapseOthers) = (version, reason, lapseOthers)
            try await options.withOffice { useCases, _, caller in
                try show(
                    try await useCases.editDay.undo(
                        serial: meter,
                        day: day,
                        version: version,
                        reason: reason,
                        lapsesOthers: lapseOthers,
                        by: caller
                    ),
                    asJSON: asJSON
                )
            }
        }
    }
}

/// Blocks as people give them: `40`, `40-47`, `10:00-12:00`.
private func blockRange(_ text: String, _ minutes: Int) throws -> ClosedRange<Int> {
    let wrong = ValidationError(
        "--blocks are such as 40, 40-47 or 10:00-12:00 on blocks of \(minutes) minutes."
    )
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map {
        String($0).trimmingBlanks
    }
    guard (1...2).contains(parts.count) else { throw wrong }
    if parts.allSatisfy({ $0.contains(":") }) {
        let times = parts.map { minute(of: $0) }
        guard times.count == 2, let from = times[0], let to = times[1], from < to,
            from % minutes == 0, to % minutes == 0
        else { throw wrong }
        return from / minutes...to / minutes - 1
    }
    guard let first = Int(parts[0]), let last = Int(parts[parts.count - 1]), first >= 0,
        first <= last
    else { throw wrong }
    return first...last
}

/// Minutes since midnight of `10:15`; `24:00` is the end of the day.
private func minute(of text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let hour = parts[0], let minute = parts[1],
        (0..<60).contains(minute), (0...1_440).contains(hour * 60 + minute), hour >= 0
    else { return nil }
    return hour * 60 + minute
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
