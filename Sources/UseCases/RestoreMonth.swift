import Metering
import ReadingFiles
import Registry
import Store
package import Units

extension ArchiveMonths {
    /// Brings a month back from its files into a partition that can be read and not changed; how many
    /// readings there are.
    ///
    /// Every office's file is checked whole before anything is stored. A run that was killed is gone
    /// on with: what is in the waiting table stays, and nobody sees it before the month is attached.
    package func attach(
        _ month: CivilMonth,
        progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Int {
        let lock = try ArchiveLock(folder: folder)
        defer { withExtendedLifetime(lock) {} }
        let offices = try await FindOffices(store: store).all()
        var waiting: [(office: Office, archive: ReadingArchive)] = []
        for office in offices {
            let archive = try await store.withTenant(office.id, readOnly: true) {
                try $0.readingArchive(of: month)
            }
            if let archive { waiting.append((office, archive)) }
        }
        guard waiting.contains(where: { $0.archive.state == .archived }) else {
            throw StateConflict(
                "month_without_archive",
                waiting.isEmpty
                    ? "there is no archive of \(month)" : "the readings of \(month) are here"
            )
        }
        for entry in waiting {
            try requireWhole(entry.archive, of: entry.office)
            try requireContent(entry.archive, of: entry.office)
        }
        let total = waiting.reduce(0) { $0 + $1.archive.rows }
        try await store.withoutTenant { try $0.beginReadingRestore(month) }
        var done = 0
        for entry in waiting {
            let file = ArchiveFile(folder: folder, office: entry.office.code, month: month)
            let reader = try file.reader()
            while true {
                let rows = try reader.next(Limits.archiveRowsPerPage).map {
                    ReadingInsertion(meter: Meter.ID($0.meter), reading: $0.reading)
                }
                guard !rows.isEmpty else { break }
                try await store.withTenant(entry.office.id) { try $0.restore(rows) }
                done += rows.count
                progress(done, total)
            }
        }
        try await store.withoutTenant(
            lockTimeout: .seconds(Limits.partitionLockSeconds),
            statementTimeout: .seconds(Limits.archiveStatementSeconds)
        ) { try $0.finishReadingRestore(month) }
        return total
    }

    /// Refuses a file whose rows are not those that were verified.
    private func requireContent(_ archive: ReadingArchive, of office: Office) throws {
        let file = ArchiveFile(folder: folder, office: office.code, month: archive.month)
        let reader = try file.reader()
        while try !reader.next(Limits.archiveRowsPerPage).isEmpty { try Task.checkCancellation() }
        guard reader.facts.rows == archive.rows,
            reader.facts.contentDigest == archive.contentDigest
        else {
            throw StateConflict(
                "archive_damaged",
                "\(file.path) does not hold the readings that were verified"
            )
        }
    }
}
