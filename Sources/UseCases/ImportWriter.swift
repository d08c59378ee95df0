import Metering
import ReadingFiles
import Registry
import Store
import Units

/// The second pass of an import: the spool's rows become readings, a bounded number in each
/// transaction, which also writes down how far the file is stored.
struct ImportWriter {
    let store: Store
    let clock: WallClock
    let office: Office
    /// By number.
    let meters: [Meter]
    /// What the import is recognised by; nil when it cannot be gone on with.
    let digest: [UInt8]?
    let file: String

    func write(
        _ spool: RowSpool,
        into report: inout ImportReadings.Report,
        progress: (Int, Int) -> Void
    ) async throws {
        var state = try await begin(rows: spool.count)
        let resumedAfter = state.position
        report.resumedAfter = resumedAfter
        var cursor = spool.cursor()
        var batch: [ReadingInsertion] = []
        batch.reserveCapacity(Limits.importRowsPerTransaction)
        var place = 0
        var meter: Int32 = -1
        var sumOfDays: Int64 = 0
        var opening: Int64?
        progress(resumedAfter, spool.count)
        while let row = try cursor.next() {
            if row.meter != meter {
                meter = row.meter
                sumOfDays = 0
                opening = nil
            }
            place += 1
            if row.isDay {
                let day = CivilDate(daysSince1970: Int32(clamping: row.time))
                // Asked at the meter's first day, before any of its days is passed over.
                if opening == nil { opening = try await register(of: meter, before: day) }
                sumOfDays += row.wattHours
            }
            guard place > resumedAfter else { continue }
            batch.append(insertion(row, register: (opening ?? 0) + sumOfDays))
            if batch.count == Limits.importRowsPerTransaction {
                try await store(&batch, upTo: place, &state, &report)
                progress(place, spool.count)
            }
        }
        try await store(&batch, upTo: place, &state, &report)
        progress(place, spool.count)
        report.stored = state.stored
        report.duplicates = state.duplicates
        report.conflicts = state.conflicts
    }

    /// Where the same file was left, or its beginning; a file that was stored is stored anew.
    private func begin(rows: Int) async throws -> ReadingImport {
        let fresh = ReadingImport(digest: digest ?? [], file: file, rows: rows, at: clock.now())
        guard let digest else { return fresh }
        let found = try await store.withTenant(office.id, readOnly: true) {
            try $0.readingImport(digest: digest)
        }
        guard let found, found.state == .storing, found.rows == rows else { return fresh }
        return found
    }

    /// Where a meter's register stands at the beginning of the first day of its file.
    private func register(of meter: Int32, before day: CivilDate) async throws -> Int64 {
        let id = meters[Int(meter)].id
        let start = office.zone.start(of: day)
        return try await store.withTenant(office.id, readOnly: true) { transaction in
            try transaction.register(of: id, atOrBefore: start)?.register
                ?? transaction.openingRegister(of: id)
        }.wattHours
    }

    private func insertion(_ row: SpooledRow, register: Int64) -> ReadingInsertion {
        var flags: ReadingFlags = [.imported, .registerOnly]
        if row.isDay { flags.insert(.sumOfDays) }
        if row.isEstimated { flags.insert(.estimated) }
        let at =
            row.isDay
            ? office.zone.start(
                of: CivilDate(daysSince1970: Int32(clamping: row.time)).adding(days: 1)
            ) : Instant(microsecondsSince1970: row.time)
        return ReadingInsertion(
            meter: meters[Int(row.meter)].id,
            reading: AcceptedReading(
                at: at,
                epoch: 0,
                sequence: nil,
                main: ChannelReading(energyWattHours: row.isDay ? register : row.wattHours),
                flags: flags
            )
        )
    }

    private func store(
        _ batch: inout [ReadingInsertion],
        upTo place: Int,
        _ state: inout ReadingImport,
        _ report: inout ImportReadings.Report
    ) async throws {
        let rows = batch
        batch.removeAll(keepingCapacity: true)
        let zone = office.zone
        let (before, isKept, now) = (state, digest != nil, clock.now())
        let days = rows.map { row in
            MeterDayKey(meter: row.meter, day: zone.meteringDay(of: row.reading.at))
        }
        let (after, outcomes) = try await store.withTenant(office.id) { transaction in
            let outcomes = try transaction.insert(rows)
            try transaction.markDirty(Set(days))
            var after = before
            after.position = place
            after.stored += outcomes.count { $0 == .stored }
            after.duplicates += outcomes.count { $0 == .duplicate }
            after.conflicts += outcomes.count { $0 == .conflict }
            after.updatedAt = now
            if place == after.rows { after.state = .stored }
            if isKept { try transaction.upsert(after) }
            return (after, outcomes)
        }
        state = after
        for (row, outcome) in zip(rows, outcomes) where outcome == .conflict {
            guard report.conflicting.count < Limits.faultsNamed else { break }
            report.conflicting.append((serial(of: row.meter), RegisterReading(row.reading)))
        }
    }

    private func serial(of id: Meter.ID) -> String {
        meters.first { $0.id == id }?.serial ?? ""
    }
}

extension RegisterReading {
    fileprivate init(_ reading: AcceptedReading) {
        self.init(at: reading.at, register: reading.main.energy)
    }
}
