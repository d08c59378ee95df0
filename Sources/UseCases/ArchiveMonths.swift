import Metering
import ReadingFiles
import Registry
package import Store
package import Units

/// Moves months of readings that every office may forget from the table into files, and back.
///
/// A month leaves in steps, each of which can be the last before a kill and is gone on with at the next
/// run: its days are made; it is closed to every change; each office's rows are written to a file,
/// which is read back and compared with the rows as they stand; only when every office's file is
/// there is the partition dropped. Days remain.
package struct ArchiveMonths: Sendable {
    /// A month that no office keeps any longer.
    package struct Expired: Sendable, Hashable {
        package var month: CivilMonth
        /// Closed already: an earlier run was interrupted.
        package var isBegun: Bool
    }

    /// An office's archive of a month.
    package struct Entry: Sendable {
        package var office: String
        package var archive: ReadingArchive
    }

    let store: Store
    let clock: WallClock
    /// Where the files lie.
    package let folder: String

    /// The months that have a partition and are older than what any office keeps, oldest first;
    /// months that were brought back stay until they are sent away by name.
    package func expired() async throws -> [Expired] {
        let offices = try await FindOffices(store: store).all()
        guard let kept = offices.map(\.oldestReadingDays).max() else { return [] }
        let today = OfficeZone(name: "UTC", offsetSeconds: 0).date(of: clock.now())
        let attached = Set(
            try await entries().filter { $0.archive.state == .attached }.map(\.archive.month)
        )
        return try await store.withoutTenant { try $0.readingMonths() }.filter { month in
            let end = month.month.last.adding(days: 1)
            return end.adding(days: kept + Limits.archiveGraceDays) <= today
                && !attached.contains(month.month)
        }.map { Expired(month: $0.month, isBegun: $0.isClosed) }
    }

    /// Archives every expired month; those that are done, oldest first.
    ///
    /// More months at once than `Limits.monthsArchivedAtOnce` are refused unless `anyNumber` is said:
    /// a clock that jumped would empty the ledger. `progress` is told what is done.
    package func callAsFunction(
        anyNumber: Bool = false,
        progress: @Sendable (String) -> Void = { _ in }
    ) async throws -> [CivilMonth] {
        let months = try await expired()
        guard anyNumber || months.count <= Limits.monthsArchivedAtOnce else {
            throw StateConflict(
                "too_many_months",
                "\(months.count) months, \(months[0].month) to \(months[months.count - 1].month), "
                    + "would leave at once, more than \(Limits.monthsArchivedAtOnce); if the clock is "
                    + "right, run `vidyut db retention --yes`"
            )
        }
        guard !months.isEmpty else { return [] }
        let lock = try ArchiveLock(folder: folder)
        defer { withExtendedLifetime(lock) {} }
        for month in months {
            try Task.checkCancellation()
            try await archive(month.month, progress: progress)
        }
        return months.map(\.month)
    }

    /// Every archive there is, oldest first.
    package func entries() async throws -> [Entry] {
        var entries: [Entry] = []
        for office in try await FindOffices(store: store).all() {
            let archives = try await store.withTenant(office.id, readOnly: true) {
                try $0.readingArchives()
            }
            entries += archives.map { Entry(office: office.code, archive: $0) }
        }
        return entries.sorted {
            ($0.archive.month, $0.office) < ($1.archive.month, $1.office)
        }
    }

    /// Sends a month that was brought back away again; its files are compared with it first.
    package func detach(_ month: CivilMonth) async throws {
        let isAttached = try await entries().contains {
            $0.archive.month == month && $0.archive.state == .attached
        }
        guard isAttached else {
            throw StateConflict("month_not_attached", "\(month) is not attached from its archive")
        }
        let lock = try ArchiveLock(folder: folder)
        defer { withExtendedLifetime(lock) {} }
        try await archive(month) { _ in }
    }

    // MARK: One month

    private func archive(
        _ month: CivilMonth,
        progress: @Sendable (String) -> Void
    ) async throws {
        let offices = try await FindOffices(store: store).all()
        for office in offices {
            let made = try await RollUpDays(store: store, clock: clock)(office: office)
            // Their readings are still needed.
            if let unmade = made.unmade.first { throw unmade.conflict("no month is archived") }
        }
        guard try await store.withoutTenant({ try $0.closeReadingMonth(month) }) else { return }
        for office in offices {
            try await export(month, of: office, progress: progress)
        }
        // A file that went away, or was changed, since it was verified must not be the only one.
        for office in offices {
            let archive = try await store.withTenant(office.id, readOnly: true) {
                try $0.readingArchive(of: month)
            }
            if let archive, archive.state != .archived { try requireWhole(archive, of: office) }
        }
        let dropped = try await store.withoutTenant(
            lockTimeout: .seconds(Limits.partitionLockSeconds),
            statementTimeout: .seconds(Limits.archiveStatementSeconds)
        ) { try $0.dropReadingMonth(month) }
        if dropped { progress("\(month): archived, its partition is dropped") }
    }

    private func export(
        _ month: CivilMonth,
        of office: Office,
        progress: @Sendable (String) -> Void
    ) async throws {
        let known = try await store.withTenant(office.id, readOnly: true) {
            try $0.readingArchive(of: month)
        }
        // The month was made anew for others since.
        if known?.state == .archived { return }
        let file = ArchiveFile(folder: folder, office: office.code, month: month)
        if let known, (try? requireWhole(known, of: office)) != nil {
            // Nothing may have been lost or added while the month was here.
            let standing = try await contentDigest(of: month, office: office)
            if standing == known.contentDigest { return }
        }
        let writer = try file.writer()
        var rows = 0
        try await eachPage(of: month, office: office) { page in
            for row in page { try writer.append(row) }
            rows += page.count
        }
        guard rows > 0 else {
            file.discard(writer)
            guard known == nil else {
                throw StateConflict(
                    "month_lost",
                    "\(office.code): the readings of \(month) are not where they were archived from"
                )
            }
            return
        }
        let facts = try writer.finish()
        do {
            let standing = try await contentDigest(of: month, office: office)
            try verify(writer, facts, standing: standing)
        } catch {
            file.discard(writer)
            throw error
        }
        try file.publish(writer, facts)
        let archive = ReadingArchive(
            month: month,
            file: file.name,
            rows: facts.rows,
            firstAt: facts.firstAt,
            lastAt: facts.lastAt,
            bytes: facts.bytes,
            fileDigest: facts.fileDigest,
            contentDigest: facts.contentDigest,
            state: .verified
        )
        let now = clock.now()
        try await store.withTenant(office.id) { try $0.upsert(archive, at: now) }
        progress("\(month), \(office.code): \(facts.rows) readings in \(file.name), read back")
    }

    /// Reads the file from the disk again and compares it with what was to be written, and with the
    /// rows as they stand.
    private func verify(_ writer: ArchiveWriter, _ facts: ArchiveFacts, standing: [UInt8]) throws {
        let reader = try writer.reader()
        while try !reader.next(Limits.archiveRowsPerPage).isEmpty { try Task.checkCancellation() }
        guard reader.facts.rows == facts.rows, reader.facts.firstAt == facts.firstAt,
            reader.facts.lastAt == facts.lastAt,
            reader.facts.contentDigest == facts.contentDigest, standing == facts.contentDigest
        else {
            throw StateConflict(
                "archive_differs",
                "\(writer.path) does not hold the readings as they stand; nothing was dropped"
            )
        }
    }

    /// Refuses a file that is not the one that was verified.
    func requireWhole(_ archive: ReadingArchive, of office: Office) throws {
        let file = ArchiveFile(folder: folder, office: office.code, month: archive.month)
        let (bytes, digest) = try file.measure()
        guard bytes == archive.bytes, digest == archive.fileDigest else {
            throw StateConflict(
                "archive_damaged",
                "\(file.path) is not the file that was verified (\(bytes) bytes, "
                    + "\(archive.bytes) expected): bring back a copy"
            )
        }
    }

    private func contentDigest(of month: CivilMonth, office: Office) async throws -> [UInt8] {
        var digest = ArchiveDigest()
        try await eachPage(of: month, office: office) { page in
            for row in page { digest.add(row) }
        }
        return digest.value
    }

    private func eachPage(
        of month: CivilMonth,
        office: Office,
        _ body: ([ArchivedReading]) throws -> Void
    ) async throws {
        var after: (meter: Meter.ID, at: Instant)?
        while true {
            let (meter, at) = (after?.meter, after?.at)
            let page = try await store.withTenant(office.id, readOnly: true) { transaction in
                try transaction.readingPage(
                    of: month,
                    after: meter.flatMap { meter in at.map { (meter, $0) } },
                    limit: Limits.archiveRowsPerPage
                ).map {
                    ArchivedReading(meter: $0.meter.value, serial: $0.serial, reading: $0.reading)
                }
            }
            try body(page)
            guard page.count == Limits.archiveRowsPerPage, let last = page.last else { return }
            after = (Meter.ID(last.meter), last.reading.at)
        }
    }
}
