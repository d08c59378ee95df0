import Metering
import Registry
import Units
import UseCases

/// Which round a page belongs to, as its addresses say it.
struct RoundAddress: Sendable {
    let cycle: String
    let group: String

    var query: String {
        "cycle=\(pathPiece(cycle))" + (group.isEmpty ? "" : "&group=\(pathPiece(group))")
    }

    var list: String { "/office/round?\(query)" }
    var sheet: String { "/office/round-sheet?\(query)" }

    func stop(_ number: String) -> String { "/office/round/\(pathPiece(number))?\(query)" }
}

/// What became of an entry, in words for whoever made it.
struct EnteredNote: Sendable {
    let text: String
    let isHeld: Bool

    init(_ reading: ManualReading, wording: Wording) {
        let what = reading.register.map { "\($0.kilowattHoursText) kWh" } ?? reading.outcome.words
        isHeld = reading.state == .held
        let findings = reading.findings.map { wording.readable($0.detail) }.joined(separator: "; ")
        let hint = reading.hint.map {
            " " + wording.readable($0.prefix(1).uppercased() + $0.dropFirst())
        }
        let outcome =
            switch reading.state {
            case .accepted where reading.isComparison:
                "\(reading.serviceNumber): \(what) is kept and compared with the meter's own report."
            case .accepted: "\(reading.serviceNumber): \(what) is accepted."
            case .held: "\(reading.serviceNumber): \(what) is held for a person: \(findings)."
            case .noted: "\(reading.serviceNumber): \(what), noted."
            case .rejected: "\(reading.serviceNumber): \(what) was not taken."
            }
        text = outcome + (hint.map { "\($0)." } ?? "")
    }
}

/// A service of a round.
struct RoundRow: Sendable {
    let address: String
    let number: String
    let consumer: String
    let place: String
    let meter: String
    let last: String
    let lastAt: String
    let expected: String?
    let reports: Bool
    let state: String
    let isDone: Bool
    let isHeld: Bool
    let isOpen: Bool

    init(_ stop: RoundStop, at round: RoundAddress, wording: Wording) {
        address = round.stop(stop.service.number)
        number = stop.service.number
        consumer = stop.service.consumerName
        place = stop.service.address
        meter = stop.installation.meter.serial
        last = "\(stop.last.register.kilowattHoursText) kWh"
        lastAt = wording.zone.date(of: stop.last.at).text
        expected = stop.expected.map { range in
            "\(grouped(range.lowerBound.wattHours / 1_000)) to "
                + "\(grouped(range.upperBound.wattHours / 1_000)) kWh"
        }
        reports = !wording.isSilent(since: stop.reportedAt)
        isOpen = stop.visit == nil
        isHeld = stop.visit?.state == .held
        isDone = stop.visit?.state == .accepted
        state =
            switch stop.visit?.state {
            case nil: "to visit"
            case .accepted: "read"
            case .held: "held"
            case .noted: stop.visit?.outcome.words ?? ""
            case .rejected: "not taken"
            }
    }
}

/// A round: how far it is, and its services.
struct RoundPage: Sendable {
    let cycle: String
    let cycleName: String
    let group: String?
    let period: String
    let progress: String
    let early: String?
    let next: String?
    let nextNumber: String
    let sheet: String
    let upload: String
    let rows: [RoundRow]
    let isEmpty: Bool
    let links: PageLinks
    let note: EnteredNote?
    let message: String?
    let faults: [String]
    let hasFaults: Bool

    /// `next`: the number of the first service not yet visited.
    init(
        _ state: ReadingRound.State,
        stops: Page<RoundStop>,
        after: String?,
        next: String?,
        note: EnteredNote? = nil,
        message: String? = nil,
        faults: [String] = [],
        wording: Wording
    ) {
        let address = RoundAddress(cycle: state.cycle.description, group: state.group)
        cycle = state.cycle.text
        cycleName = state.cycle.description
        group = state.group.isEmpty ? nil : state.group
        period = state.period.text
        progress =
            "\(state.visited) of \(counted(state.services, "service")) visited, \(state.read) read"
        early =
            wording.today <= state.period.last
            ? "The cycle runs until \(state.period.last.text). A register read before its end shows "
                + "what was used, but the bill waits for one read when the cycle is over."
            : nil
        self.next = next.map { address.stop($0) }
        nextNumber = next ?? ""
        sheet = address.sheet
        upload = address.sheet
        rows = stops.items.map { RoundRow($0, at: address, wording: wording) }
        isEmpty = rows.isEmpty
        links = PageLinks(
            path: "/office/round",
            filters: [("cycle", address.cycle)]
                + (address.group.isEmpty ? [] : [("group", address.group)]),
            after: after,
            next: stops.next
        )
        self.note = note
        self.message = message
        self.faults = faults
        hasFaults = !faults.isEmpty
    }
}

/// One service of a round: where it is, what its register showed last, and the form.
struct VisitPage: Sendable {
    /// What can be found at a door.
    struct Choice: Sendable {
        let word: String
        let words: String
        let isChosen: Bool
    }

    let stop: RoundRow
    let action: String
    let back: String
    let skip: String?
    let progress: String
    let note: EnteredNote?
    let message: String?
    let register: String
    let remark: String
    let choices: [Choice]
    let before: String?

    init(
        _ stop: RoundStop,
        state: ReadingRound.State,
        next: String?,
        note: EnteredNote? = nil,
        message: String? = nil,
        typed: [String: String] = [:],
        wording: Wording
    ) {
        let address = RoundAddress(cycle: state.cycle.description, group: state.group)
        self.stop = RoundRow(stop, at: address, wording: wording)
        action = address.stop(stop.service.number)
        back = address.list
        skip = next == stop.service.number ? nil : next.map { address.stop($0) }
        progress = "\(state.visited) of \(state.services) visited"
        self.note = note
        self.message = message
        register = typed["register"] ?? ""
        remark = typed["note"] ?? ""
        let chosen = VisitOutcome(rawValue: typed["outcome"] ?? "") ?? .read
        choices = VisitOutcome.allCases.map { outcome in
            let words = outcome.words
            return Choice(
                word: outcome.rawValue,
                words: words.prefix(1).uppercased() + words.dropFirst(),
                isChosen: outcome == chosen
            )
        }
        before = stop.visit.map { visit in
            let what = visit.register.map { "\($0.kilowattHoursText) kWh" } ?? visit.outcome.words
            return "Visited already on \(wording.fullTime(visit.at)): \(what), "
                + "\(visit.state.rawValue)."
        }
    }
}
