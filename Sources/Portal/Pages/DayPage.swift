import Metering
import Registry
import Units
import UseCases

/// What a person filled into the form that edits a day; it is shown again when it was refused.
struct DayFormFields: Sendable {
    var kind = "estimate"
    var from = ""
    var to = ""
    var energies = ""
    var method = ""
    var at = ""
    var reason = ""
    /// Versions of other days may lapse; asked for only once an edit was refused for that.
    var lapsesOthers = false
    var offersLapse = false

    init(_ item: (String) -> String? = { _ in nil }) {
        kind = item("kind") ?? kind
        from = item("from") ?? ""
        to = item("to") ?? ""
        energies = item("energies") ?? ""
        method = item("method") ?? ""
        at = item("at") ?? ""
        reason = item("reason") ?? ""
        lapsesOthers = item("lapseOthers") == "yes"
    }

    static let kinds = [
        ("estimate", "Estimate the blocks again"), ("set", "Set the blocks' energies"),
        ("accept", "Accept the blocks as they stand"), ("accept_reading", "The reading is real"),
        ("reject_reading", "The reading does not count"), ("final", "Mark the day final"),
    ]

    static let methods = [
        ("", "the best that has something to say"), ("neighbours", "neighbouring blocks"),
        ("like_days", "like days before"), ("last_year", "own last year"),
        ("peers", "like services"), ("flat_between_registers", "flat between the registers"),
    ]
}

/// A meter's closed day for staff: its blocks by quality, its exceptions, its versions, and the form.
struct DayPage: Sendable {
    /// A block of the table.
    struct Block: Sendable {
        let number: Int
        let time: String
        let energy: String
        let quality: String
        let kind: String
        let readings: Int
    }

    /// A version of the list.
    struct Version: Sendable {
        let number: Int64
        let stage: String
        let what: String
        let by: String
        let reason: String
        let at: String
        let isUndone: Bool
        let isLapsed: Bool
        let mayUndo: Bool
    }

    /// A colour and what it says.
    struct Key: Sendable {
        let kind: String
        let words: String
    }

    let meter: String
    let meterAddress: String
    let day: String
    let address: String
    let before: String
    let after: String?
    let stage: String
    let energy: String
    let withoutRegister: String?
    let finalBy: String?
    let svg: String
    let legend: [Key]
    let blocks: [Block]
    let exceptions: [ExceptionRow]
    let hasExceptions: Bool
    let versions: [Version]
    let mayEdit: Bool
    let mayUndo: Bool
    let undoable: [Choice]
    let kinds: [Choice]
    let methods: [Choice]
    let readings: [Choice]
    let hasReadings: Bool
    /// Seconds from one block to the next, for the fields of time.
    let step: Int
    let form: DayFormFields
    let message: String?
    let undoMessage: String?
    /// An undo was refused because versions of other days would lapse.
    let offersUndoLapse: Bool
    /// When the versions from the readings were made.
    let madeAt: String?
    let hints: [String]

    init(
        _ history: DayHistory,
        exceptions: [ExceptionEntry],
        mayEdit: Bool,
        form: DayFormFields = DayFormFields(),
        message: String? = nil,
        undoMessage: String? = nil,
        offersUndoLapse: Bool = false,
        wording: Wording
    ) {
        let minutes = Int(history.blocks.blockMinutes)
        meter = history.meterSerial
        meterAddress = "/office/meters/" + pathPiece(history.meterSerial)
        day = history.day.text
        address = dayPath(history.meterSerial, history.day)
        before = dayPath(history.meterSerial, history.day.adding(days: -1))
        let next = history.day.adding(days: 1)
        after = next < wording.today ? dayPath(history.meterSerial, next) : nil
        stage = history.stage.rawValue
        energy = history.blocks.energy.exactText + " kWh"
        let open = history.blocks.energyWithoutRegister
        withoutRegister = open == .zero ? nil : open.exactText + " kWh"
        finalBy = Self.finalBy(history)
        let shown = history.blocks.blocks(minutes: minutes)
        svg =
            SVGBlockChart(
                identifier: "blocks",
                title: "Energy of each block, \(history.day.text)",
                summary: Self.summary(history.blocks),
                blocks: shown
            ).svg
        legend = BlockKind.allCases.reversed().filter { kind in
            shown.contains { $0.kind == kind }
        }.map { Key(kind: $0.rawValue, words: $0.words) }
        blocks = zip(shown, history.blocks.counts).enumerated().map { slot, block in
            Block(block.0, number: slot, readings: Int(block.1))
        }
        self.exceptions = exceptions.enumerated().map {
            ExceptionRow($0.element, place: $0.offset, ticked: [], wording: wording)
        }
        hasExceptions = !exceptions.isEmpty
        let undoable = history.undoable
        versions = history.versions.map {
            Version($0, mayUndo: mayEdit && undoable.contains($0.number), wording: wording)
        }
        self.mayEdit = mayEdit && history.isOpen && history.stage != .final
        mayUndo = mayEdit && !undoable.isEmpty
        self.undoable = undoable.sorted(by: >).map {
            Choice(value: "\($0)", label: "version \($0)", isChosen: false)
        }
        kinds = choices(DayFormFields.kinds, form.kind)
        let offered = Set(history.methods.map(\.rawValue)).union([""])
        methods = choices(
            DayFormFields.methods.filter { offered.contains($0.0) },
            form.method
        )
        let instants = Set(exceptions.flatMap(\.exception.instants)).sorted()
        readings = choices(instants.map { ($0.description, wording.second($0)) }, form.at)
        hasReadings = !readings.isEmpty
        step = minutes * 60
        self.form = form
        self.message = message
        self.undoMessage = undoMessage
        self.offersUndoLapse = offersUndoLapse
        hints = history.hints.map { wording.readable($0) }
        madeAt = history.madeAt.map { wording.fullTime($0) }
    }

    private static func finalBy(_ history: DayHistory) -> String? {
        if history.isArchived { return "its readings are in the archive" }
        if let bill = history.bill { return "bill \(bill)" }
        guard history.stage == .final,
            let mark = history.versions.last(where: { $0.stage == .final && !$0.isUndone })
        else { return nil }
        return "version \(mark.number) of \(mark.actor)"
    }

    private static func summary(_ day: BlockDay) -> String {
        let kinds = Dictionary(grouping: day.qualities.map { BlockKind($0) }) { $0 }
        return BlockKind.allCases.reversed().compactMap { kind in
            kinds[kind].map { "\(counted($0.count, "block")) \(kind.words)" }
        }.joined(separator: ", ")
    }
}

extension DayPage.Block {
    fileprivate init(_ block: SVGBlockChart.Block, number: Int, readings: Int) {
        self.number = number
        time = block.name
        energy = block.kind == .missing ? "–" : grouped(block.wattHours)
        quality = block.words
        kind = block.kind.rawValue
        self.readings = readings
    }
}

extension DayPage.Version {
    fileprivate init(_ version: DayVersion, mayUndo: Bool, wording: Wording) {
        number = version.number
        stage = version.stage.rawValue
        what = wording.readable(version.rule ?? version.method?.rawValue ?? "")
        by = version.actor
        reason = version.reason
        at = version.recordedAt.map { wording.fullTime($0) } ?? ""
        isUndone = version.isUndone
        isLapsed = version.isLapsed && !version.isUndone
        self.mayUndo = mayUndo
    }
}

extension BlockDay {
    /// The blocks as a chart and a table show them.
    fileprivate func blocks(minutes: Int) -> [SVGBlockChart.Block] {
        energies.indices.map { slot in
            let start = slot * minutes
            return SVGBlockChart.Block(
                name: "\(clockText(start)) to \(clockText(start + minutes))",
                wattHours: Int64(energies[slot]),
                kind: BlockKind(qualities[slot]),
                words: qualities[slot].word,
                label: start % 240 == 0 ? clockText(start) : ""
            )
        }
    }
}

/// `10:15`, `24:00`.
private func clockText(_ minutes: Int) -> String {
    "\((minutes / 60).padded(2)):\((minutes % 60).padded(2))"
}
