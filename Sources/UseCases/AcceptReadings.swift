package import Metering
import Registry
package import Store
import Synchronization
import Units

/// What became of a report, after the commit.
package struct AcceptanceResult: Sendable, Equatable {
    /// An item refused for good.
    package struct Rejection: Sendable, Equatable {
        package let index: Int
        package let fault: ReadingFault
    }

    package var stored: Int
    package var duplicates: Int
    package var rejected: [Rejection]
    package var epoch: Int32
    /// Nil when something before this report is missing: nothing may be forgotten yet.
    package var acknowledgedSequence: Int64?
}

/// Takes readings in: checks them, stores them with others in one commit, then answers.
///
/// Both doors, MQTT and HTTP, come here; an answer means that the commit has happened
/// (invariant 1).
package struct AcceptReadings: Sendable {
    private let batcher: ReadingBatcher
    private let frontiers = FrontierMemory()
    private let live: LiveReadings
    private let clock: WallClock

    package init(store: Store, live: LiveReadings, clock: WallClock) {
        self.batcher = ReadingBatcher(store: store, clock: clock)
        self.live = live
        self.clock = clock
    }

    /// Stores batches until `close` is called and everything that waited is written.
    package func run() async { await batcher.run() }

    /// Takes nothing more; what waits is still written, then `run` returns.
    package func close() async { await batcher.close() }

    /// Stores a report of one meter.
    package func callAsFunction(
        _ report: MeterReport,
        from identity: MeterIdentity
    ) async throws -> AcceptanceResult {
        try checkNumbers(of: report)
        let now = clock.now()
        let window = AcceptanceWindow(now: now, office: identity.office)
        var submission = Submission(readings: [], rejections: [])
        submission.readings.reserveCapacity(report.items.count)
        var rejected: [AcceptanceResult.Rejection] = []
        for (index, item) in report.items.enumerated() {
            do {
                let reading = try item.get().accepted(in: window, meter: identity.meter)
                submission.readings.append(
                    ReadingInsertion(meter: identity.meter.id, reading: reading)
                )
            } catch {
                rejected.append(AcceptanceResult.Rejection(index: index, fault: error))
                submission.rejections.append(
                    RejectionInsertion(
                        meter: identity.meter.id,
                        epoch: report.epoch,
                        sequence: report.firstSequence + Int64(index),
                        fault: error
                    )
                )
            }
        }
        let outcomes = try await batcher.submit(submission, for: identity.office)
        noteLatest(submission.readings, identity: identity, now: now)
        let acknowledged = frontiers.settle(report, meter: identity.meter.id)
        let stored = outcomes.count { $0 != .duplicate }
        return AcceptanceResult(
            stored: stored,
            duplicates: outcomes.count - stored,
            rejected: rejected,
            epoch: report.epoch,
            acknowledgedSequence: acknowledged
        )
    }

    /// A number beyond what is kept would raise the acknowledgement for good: the whole report is
    /// refused, and nothing of it counts.
    private func checkNumbers(of report: MeterReport) throws {
        var faults = FaultCollector()
        faults.check(
            (0...Int64(Int32.max)).contains(report.sequence) && report.firstSequence >= 0,
            "sequence",
            "out_of_range",
            "0 to 2147483647, and not less than the readings before it"
        )
        let oldest = report.oldestSequence ?? 0
        faults.check(
            (0...Int64(Int32.max)).contains(oldest),
            "oldestSequence",
            "out_of_range",
            "0 to 2147483647"
        )
        faults.check(
            (0...Int32(Int16.max)).contains(report.epoch),
            "epoch",
            "out_of_range",
            "0 to 32767"
        )
        try faults.finish()
    }

    /// Keeps that a message could not be read at all, so that the office sees it.
    package func noteUnreadable(_ fault: ReadingFault, from identity: MeterIdentity) async throws {
        let rejection = RejectionInsertion(
            meter: identity.meter.id,
            epoch: 0,
            sequence: -1,
            fault: fault
        )
        _ = try await batcher.submit(
            Submission(readings: [], rejections: [rejection]),
            for: identity.office
        )
    }

    /// Shows a value that is not stored: newest only, if it is possible at all.
    package func noteLive(_ reading: ReportedReading, from identity: MeterIdentity) {
        let now = clock.now()
        let window = AcceptanceWindow(now: now, office: identity.office)
        guard let accepted = try? reading.accepted(in: window, meter: identity.meter) else {
            return
        }
        noteLatest(
            [ReadingInsertion(meter: identity.meter.id, reading: accepted)],
            identity: identity,
            now: now
        )
    }

    private func noteLatest(
        _ readings: [ReadingInsertion],
        identity: MeterIdentity,
        now: Instant
    ) {
        guard let newest = readings.max(by: { $0.reading.at < $1.reading.at })?.reading else {
            return
        }
        let latest = LatestReading(
            meter: identity.meter.id,
            at: newest.at,
            receivedAt: now,
            main: newest.main,
            dev1: newest.dev1,
            dev2: newest.dev2
        )
        live.note(latest, office: identity.office.id)
        if !newest.flags.contains(.placedByAge) {
            live.noteClock(latest, office: identity.office.id)
        }
    }
}

/// The acknowledgement frontiers of the meters this process has heard.
private final class FrontierMemory: Sendable {
    private let frontiers = Mutex<[Meter.ID: AcknowledgementFrontier]>([:])

    func settle(_ report: MeterReport, meter: Meter.ID) -> Int64? {
        frontiers.withLock {
            $0[meter, default: AcknowledgementFrontier()].settle(
                epoch: report.epoch,
                first: report.firstSequence,
                last: report.sequence,
                oldest: report.oldestSequence
            )
        }
    }
}

extension AcceptanceWindow {
    /// What an office accepts: neither older than its limit, nor what is in its archive.
    fileprivate init(now: Instant, office: Office) {
        self.init(now: now, oldestReadingDays: office.oldestReadingDays)
        guard let archived = office.archivedThrough else { return }
        let day = archived.adding(months: 1).first.adding(days: 1)
        // A day later, so that no local day lies half in the archive.
        oldest = max(oldest, Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400))
    }
}
