import Billing
import Metering
import Registry
import Units

/// A billing run of the list.
struct RunRow: Sendable {
    let address: String
    let cycle: String
    let period: String
    let by: String
    let at: String
    let state: String
    let isUnfinished: Bool
    let issued: String
    let drafted: String
    let held: String
    let existing: String
    let refused: String
    let hasRefused: Bool
    let notConnected: String

    init(_ run: BillRun, wording: Wording) {
        func count(_ outcome: BillOutcome) -> String {
            grouped(Int64(run.counts[outcome] ?? 0))
        }
        address = "/office/runs/\(run.id.value)"
        cycle = CivilMonth(run.cycle)?.text ?? run.cycle
        period = run.period.text
        by = run.requestedBy
        at = wording.fullTime(run.startedAt)
        state = run.finishedAt.map { "finished \(wording.fullTime($0))" } ?? "not finished"
        isUnfinished = run.finishedAt == nil
        issued = count(.issued)
        drafted = count(.drafted)
        held = count(.held)
        existing = count(.existing)
        refused = count(.refused)
        hasRefused = (run.counts[.refused] ?? 0) > 0
        notConnected = count(.notConnected)
    }
}

/// The runs with the form that starts one.
struct RunsPage: Sendable {
    let rows: [RunRow]
    let isEmpty: Bool
    let links: PageLinks
    let mayRun: Bool
    /// The newest cycle that is over, as the form suggests it.
    let suggestion: String
    let suggestionText: String
    let message: String?

    init(
        _ runs: [BillRun],
        links: PageLinks,
        office: Office,
        mayRun: Bool,
        asked: String? = nil,
        message: String? = nil,
        wording: Wording
    ) {
        rows = runs.map { RunRow($0, wording: wording) }
        isEmpty = runs.isEmpty
        self.links = links
        self.mayRun = mayRun
        let closed = lastClosedCycle(of: office.cycle, today: wording.today)
        suggestion = asked ?? closed?.name.description ?? ""
        suggestionText =
            closed.map { "The last cycle that is over is \($0.name): \($0.period.text)." } ?? ""
        self.message = message
    }
}

/// The newest cycle that ended before today.
func lastClosedCycle(
    of rule: CycleRule,
    today: CivilDate
) -> (name: CivilMonth, period: BillingPeriod)? {
    let name = rule.name(containing: today).adding(months: -rule.months)
    return rule.period(named: name).map { (name, $0) }
}

/// What a run did, service by service.
struct RunPage: Sendable {
    /// The outcome for one service.
    struct Outcome: Sendable {
        let service: String
        let serviceAddress: String
        let outcome: String
        let reason: String
        let isRefused: Bool
    }

    let run: RunRow
    let outcomes: [Outcome]
    let isEmpty: Bool
    let links: PageLinks
    let billsAddress: String
    let isFiltered: Bool
    let filterAddress: String

    init(
        _ run: BillRun,
        outcomes: [BillRunOutcome],
        links: PageLinks,
        onlyRefused: Bool,
        wording: Wording
    ) {
        self.run = RunRow(run, wording: wording)
        self.outcomes = outcomes.map { outcome in
            Outcome(
                service: outcome.serviceNumber,
                serviceAddress: "/services/" + pathPiece(outcome.serviceNumber),
                outcome: words(for: outcome.outcome),
                reason: wording.readable(outcome.reason),
                isRefused: outcome.outcome == .refused
            )
        }
        isEmpty = outcomes.isEmpty
        self.links = links
        billsAddress = "/office/bills?cycle=" + pathPiece(run.cycle)
        isFiltered = onlyRefused
        filterAddress = "/office/runs/\(run.id.value)" + (onlyRefused ? "" : "?only=refused")
    }
}

private func words(for outcome: BillOutcome) -> String {
    switch outcome {
    case .drafted: "draft made"
    case .held: "held for approval"
    case .issued: "bill issued"
    case .existing: "bill was there"
    case .refused: "no bill"
    case .notConnected: "not connected"
    }
}

/// The office at a glance.
struct OverviewPage: Sendable {
    let office: String
    let code: String
    let meters: String
    /// Nil when every meter was looked at.
    let scannedNote: String?
    let silent: String
    let hasSilent: Bool
    let silentMeters: [MeterRow]
    let refused: String
    let rejections: [RejectionRow]
    let hasRejections: Bool
    let run: RunRow?
    let cycle: String

    init(
        _ office: Office,
        meters: [MeterSummary],
        hasMoreMeters: Bool,
        rejections: [RejectedReading],
        lastRun: BillRun?,
        wording: Wording
    ) {
        self.office = office.name
        code = office.code
        self.meters = grouped(Int64(meters.count)) + (hasMoreMeters ? " or more" : "")
        scannedNote =
            hasMoreMeters ? "counted among the first \(grouped(Int64(meters.count)))" : nil
        let silent = meters.filter { wording.isSilent(since: $0.latest?.at) }
        self.silent = grouped(Int64(silent.count))
        hasSilent = !silent.isEmpty
        let oldest = silent.sorted {
            ($0.latest?.at.microsecondsSince1970 ?? .min, $0.meter.serial)
                < ($1.latest?.at.microsecondsSince1970 ?? .min, $1.meter.serial)
        }
        silentMeters = oldest.prefix(Self.rowsShown).map { MeterRow($0, wording: wording) }
        refused = grouped(Int64(rejections.reduce(0) { $0 + $1.occurrences }))
        self.rejections = rejections.prefix(Self.rowsShown).map {
            RejectionRow($0, wording: wording)
        }
        hasRejections = !rejections.isEmpty
        run = lastRun.map { RunRow($0, wording: wording) }
        cycle = lastClosedCycle(of: office.cycle, today: wording.today)?.period.text ?? "–"
    }

    private static let rowsShown = 8
}
