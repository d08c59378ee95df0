import Metering
import Registry
import Units
import UseCases

/// What the queue of exceptions is narrowed to, as its form and its addresses carry it.
struct ExceptionFilterFields: Sendable {
    var meter = ""
    var rule = ""
    var severity = ""
    var state = "open"
    var from = ""
    var to = ""

    /// Reads the items of a query or a form; a date that is none narrows nothing.
    init(_ item: (String) -> String?) {
        meter = item("meter") ?? ""
        rule = item("rule") ?? ""
        severity = item("severity") ?? ""
        state = item("state").flatMap { Self.states.contains($0) ? $0 : nil } ?? "open"
        from = item("from").flatMap { CivilDate($0)?.description } ?? ""
        to = item("to").flatMap { CivilDate($0)?.description } ?? ""
    }

    static let states = ["open", "acknowledged", "all"]

    /// Those that are not at their default.
    var items: [(name: String, value: String)] {
        [
            ("severity", severity), ("rule", rule), ("state", state == "open" ? "" : state),
            ("meter", meter), ("from", from), ("to", to),
        ].filter { !$0.1.isEmpty }
    }

    var query: ReviewExceptions.Query {
        ReviewExceptions.Query(
            meterSerial: meter.isEmpty ? nil : meter,
            rule: rule.isEmpty ? nil : rule,
            severity: severity.isEmpty ? nil : severity,
            from: CivilDate(from),
            to: CivilDate(to),
            includesSettled: state == "all",
            onlySettled: state == "acknowledged"
        )
    }

    /// Everything that fits may be settled at once only where it is narrowed to a meter or a rule.
    var mayTakeAll: Bool { !meter.isEmpty || !rule.isEmpty }

    func address(_ more: [(name: String, value: String)] = []) -> String {
        let query = (items + more).map { "\($0.name)=\(pathPiece($0.value))" }
            .joined(separator: "&")
        return query.isEmpty ? "/office/exceptions" : "/office/exceptions?\(query)"
    }
}

/// One choice of a list to choose from.
struct Choice: Sendable {
    let value: String
    let label: String
    let isChosen: Bool
}

/// How many exceptions of one rule and severity there are.
struct ExceptionCountRow: Sendable {
    let severity: String
    let tagClass: String
    let rule: String
    let count: String
    let meters: String
    let span: String
    let address: String

    init(_ count: ExceptionCount, filter: ExceptionFilterFields) {
        var own = filter
        own.rule = count.rule.rawValue
        own.severity = count.severity.name
        severity = count.severity.name
        tagClass = count.severity.tagClass
        rule = count.rule.rawValue
        self.count = grouped(Int64(count.count))
        meters = grouped(Int64(count.meters))
        span =
            count.oldest == count.newest
            ? count.newest.text : "\(count.oldest.text) to \(count.newest.text)"
        address = own.address()
    }
}

/// An exception of the queue.
struct ExceptionRow: Sendable {
    let place: Int
    let key: String
    let isTicked: Bool
    let day: String
    let dayAddress: String
    let meter: String
    let meterAddress: String
    let service: String?
    let serviceAddress: String
    let severity: String
    let tagClass: String
    let rule: String
    let detail: String
    /// Who looked at it and what they said.
    let settled: String?

    init(_ entry: ExceptionEntry, place: Int, ticked: Set<String>, wording: Wording) {
        self.place = place
        key = entry.key
        isTicked = ticked.contains(entry.key)
        day = entry.exception.day.text
        dayAddress = dayPath(entry.meterSerial, entry.exception.day)
        meter = entry.meterSerial
        meterAddress = "/office/meters/" + pathPiece(entry.meterSerial)
        service = entry.serviceNumber
        serviceAddress = "/services/" + pathPiece(entry.serviceNumber ?? "")
        severity = entry.exception.severity.name
        tagClass = entry.exception.severity.tagClass
        rule = entry.exception.rule.rawValue
        detail = wording.readable(entry.exception.detail)
        settled = entry.settled.map { "\($0.by), \(wording.fullTime($0.at)): \($0.reason)" }
    }
}

/// Where a meter's day is shown.
func dayPath(_ serial: String, _ day: CivilDate) -> String {
    "/office/meters/\(pathPiece(serial))/days/\(day)"
}

/// The staff's queue of exceptions: how many of which kind, the newest, and what to do about them.
struct ExceptionsPage: Sendable {
    let counts: [ExceptionCountRow]
    let rows: [ExceptionRow]
    let isEmpty: Bool
    let total: String
    let links: PageLinks
    let isNarrowed: Bool
    let severities: [Choice]
    let rules: [Choice]
    let states: [Choice]
    let filter: ExceptionFilterFields
    /// The filter again, for the form that decides.
    let hidden: [Choice]
    let mayDecide: Bool
    let mayTakeAll: Bool
    let reason: String
    let message: String?
    let done: String?

    init(
        _ entries: [ExceptionEntry],
        counts: [ExceptionCount],
        filter: ExceptionFilterFields,
        after: String?,
        next: String?,
        mayDecide: Bool,
        ticked: Set<String> = [],
        reason: String = "",
        message: String? = nil,
        done: String? = nil,
        wording: Wording
    ) {
        self.counts = counts.map { ExceptionCountRow($0, filter: filter) }
        rows = entries.enumerated().map {
            ExceptionRow($0.element, place: $0.offset, ticked: ticked, wording: wording)
        }
        isEmpty = entries.isEmpty
        let all = counts.reduce(0) { $0 + $1.count }
        total = counted(all, "exception")
        links = PageLinks(
            path: "/office/exceptions",
            filters: filter.items,
            after: after,
            next: next
        )
        isNarrowed = !filter.items.isEmpty
        severities = choices(
            [("", "any severity")] + ExceptionSeverity.allCases.map { ($0.name, $0.choiceLabel) },
            filter.severity
        )
        rules = choices(
            [("", "any rule")] + ReadingRule.allCases.map { ($0.rawValue, $0.rawValue) },
            filter.rule
        )
        states = choices(ExceptionFilterFields.states.map { ($0, $0) }, filter.state)
        self.filter = filter
        hidden = filter.items.map { Choice(value: $0.value, label: $0.name, isChosen: true) }
        self.mayDecide = mayDecide && !entries.isEmpty
        mayTakeAll = filter.mayTakeAll && all > entries.count
        self.reason = reason
        self.message = message
        self.done = done
    }
}

/// Choices of a list, one of them chosen.
func choices(_ values: [(String, String)], _ chosen: String) -> [Choice] {
    values.map { Choice(value: $0.0, label: $0.1, isChosen: $0.0 == chosen) }
}

extension ExceptionSeverity {
    var tagClass: String {
        switch self {
        case .information: ""
        case .warning: "warm"
        case .error: "alarm"
        }
    }

    fileprivate var choiceLabel: String { self == .error ? name : "\(name) and graver" }
}
