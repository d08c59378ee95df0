import Metering
import Registry
import Store
import Units

/// Too much is waiting to be stored: send again later.
package struct Overloaded: Error, Sendable {
    package let retryAfterSeconds: Int
    /// The sender's own share is used up; others are still served.
    package var isOwnShare = false
}

/// What one sender hands over to be stored with the next batch.
struct Submission: Sendable {
    var readings: [ReadingInsertion]
    var rejections: [RejectionInsertion]

    /// What the bound of the queue counts.
    var weight: Int { max(readings.count + rejections.count, 1) }

    /// The one meter it comes from.
    var meter: Meter.ID? { readings.first?.meter ?? rejections.first?.meter }
}

/// Gathers submissions of each office into batches, one commit each, for as many writers as cores.
///
/// A batch leaves as soon as a writer is free. Offices take turns, and what one office or one meter may
/// have waiting is bounded: a noisy one is told to wait before it takes the others' places.
actor ReadingBatcher {
    private struct Waiting {
        let submission: Submission
        let continuation: CheckedContinuation<[InsertionOutcome], any Error>
    }

    private let store: Store
    private let clock: WallClock
    private var queues: [Office.ID: [Waiting]] = [:]
    private var zones: [Office.ID: OfficeZone] = [:]
    /// Offices with something waiting, in the order of their turns.
    private var turns: [Office.ID] = []
    private var waitingWeight = 0 {
        didSet { gauge.record(waitingWeight) }
    }
    private var waitingOfOffice: [Office.ID: Int] = [:]
    private var waitingOfMeter: [MeterOfOffice: Int] = [:]

    private struct MeterOfOffice: Hashable {
        let office: Office.ID
        let meter: Meter.ID
    }
    private let gauge = WaitingGauge()
    private var idleWriters: [CheckedContinuation<Void, Never>] = []
    private var isClosed = false
    /// Today's marks already written, so that a day is marked once and not with every reading.
    private var marked: [Office.ID: (day: CivilDate, meters: Set<Meter.ID>)] = [:]

    init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Waits until the submission is committed; outcomes in the order of its readings.
    func submit(_ submission: Submission, for office: Office) async throws
        -> [InsertionOutcome]
    {
        guard !isClosed, waitingWeight + submission.weight <= Limits.readingsWaiting else {
            throw Overloaded(retryAfterSeconds: 2)
        }
        guard isWithinShares(submission, of: office.id) else {
            throw Overloaded(retryAfterSeconds: 2, isOwnShare: true)
        }
        count(submission, of: office.id, 1)
        zones[office.id] = office.zone
        return try await withCheckedThrowingContinuation { continuation in
            let waiting = Waiting(submission: submission, continuation: continuation)
            if queues[office.id] == nil { turns.append(office.id) }
            queues[office.id, default: []].append(waiting)
            if !idleWriters.isEmpty { idleWriters.removeFirst().resume() }
        }
    }

    /// A sender with nothing waiting is always within its share.
    private func isWithinShares(_ submission: Submission, of office: Office.ID) -> Bool {
        let meter = submission.meter.flatMap {
            waitingOfMeter[MeterOfOffice(office: office, meter: $0)]
        }
        let all = waitingOfOffice[office] ?? 0
        return meter.map { $0 + submission.weight <= Limits.readingsWaitingOfMeter } ?? true
            && (all == 0 || all + submission.weight <= Limits.readingsWaitingOfOffice)
    }

    /// Puts a submission among what waits (`sign` 1) or takes it away (−1).
    private func count(_ submission: Submission, of office: Office.ID, _ sign: Int) {
        let weight = submission.weight * sign
        waitingWeight += weight
        let all = (waitingOfOffice[office] ?? 0) + weight
        waitingOfOffice[office] = all > 0 ? all : nil
        guard let meter = submission.meter else { return }
        let key = MeterOfOffice(office: office, meter: meter)
        let own = (waitingOfMeter[key] ?? 0) + weight
        waitingOfMeter[key] = own > 0 ? own : nil
    }

    /// Writes batches until the queue is closed and empty.
    func run() async {
        await withTaskGroup { group in
            for _ in 0..<Limits.writers {
                group.addTask { await self.writeBatches() }
            }
        }
    }

    /// Takes nothing more and lets the writers finish what waits.
    func close() {
        isClosed = true
        for writer in idleWriters { writer.resume() }
        idleWriters = []
    }

    private func writeBatches() async {
        while true {
            if let (office, batch) = takeBatch() {
                await write(batch, office: office)
                continue
            }
            if isClosed { return }
            await withCheckedContinuation { idleWriters.append($0) }
        }
    }

    private func takeBatch() -> (Office.ID, [Waiting])? {
        guard !turns.isEmpty else { return nil }
        let office = turns.removeFirst()
        var queue = queues[office] ?? []
        var count = 0
        var weight = 0
        while count < queue.count {
            let next = queue[count].submission.weight
            if count > 0, weight + next > Limits.readingsPerBatch { break }
            weight += next
            count += 1
        }
        let batch = Array(queue.prefix(count))
        queue.removeFirst(count)
        if queue.isEmpty {
            queues[office] = nil
        } else {
            queues[office] = queue
            turns.append(office)
        }
        return (office, batch)
    }

    private func write(_ batch: [Waiting], office: Office.ID) async {
        defer { for waiting in batch { count(waiting.submission, of: office, -1) } }
        do {
            let outcomes = try await commit(batch.map(\.submission), office: office)
            var start = 0
            for waiting in batch {
                let end = start + waiting.submission.readings.count
                waiting.continuation.resume(returning: Array(outcomes[start..<end]))
                start = end
            }
        } catch  where error is StoreUnavailable || error is OutcomeUnknown {
            // Readings that were stored after all are duplicates when they are sent again.
            for waiting in batch {
                waiting.continuation.resume(throwing: Overloaded(retryAfterSeconds: 5))
            }
        } catch {
            await writeApart(batch, office: office, after: error)
        }
    }

    /// One bad submission must not take its neighbours with it: each is tried by itself.
    private func writeApart(
        _ batch: [Waiting],
        office: Office.ID,
        after error: any Error
    ) async {
        guard batch.count > 1 else {
            batch.first?.continuation.resume(throwing: error)
            return
        }
        for waiting in batch {
            do {
                waiting.continuation.resume(
                    returning: try await commit([waiting.submission], office: office)
                )
            } catch {
                waiting.continuation.resume(throwing: error)
            }
        }
    }

    private func commit(_ submissions: [Submission], office: Office.ID) async throws
        -> [InsertionOutcome]
    {
        let now = clock.now()
        let readings = submissions.flatMap(\.readings)
        let rejections = submissions.flatMap(\.rejections)
        let marks = marksNeeded(readings, office: office, now: now)
        let outcomes = try await store.withTenant(office) { transaction in
            let outcomes = try transaction.insert(readings)
            try transaction.insert(rejections, at: now)
            try transaction.markDirty(marks)
            return outcomes
        }
        remember(marks, office: office, now: now)
        return outcomes
    }

    private func marksNeeded(
        _ readings: [ReadingInsertion],
        office: Office.ID,
        now: Instant
    ) -> Set<MeterDayKey> {
        let zone = zones[office] ?? .india
        let today = zone.meteringDay(of: now)
        let known = marked[office].flatMap { $0.day == today ? $0.meters : nil } ?? []
        var marks: Set<MeterDayKey> = []
        for item in readings {
            let day = zone.meteringDay(of: item.reading.at)
            if day == today, known.contains(item.meter) { continue }
            marks.insert(MeterDayKey(meter: item.meter, day: day))
        }
        return marks
    }

    private func remember(_ marks: Set<MeterDayKey>, office: Office.ID, now: Instant) {
        let today = (zones[office] ?? .india).meteringDay(of: now)
        var entry = marked[office] ?? (today, [])
        if entry.day != today { entry = (today, []) }
        for mark in marks where mark.day == today { entry.meters.insert(mark.meter) }
        marked[office] = entry
    }
}
