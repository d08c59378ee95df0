package import Metering
import Postgres
import Registry
package import Units

/// A month of an office's readings that is kept in a file.
package struct ReadingArchive: Sendable, Hashable {
    /// Where the rows are.
    package enum State: String, Sendable {
        /// The file was read back and equals the rows, which are still in the table.
        case verified
        /// In the file only.
        case archived
        /// Brought back from the file, to be read only.
        case attached
    }

    package var month: CivilMonth
    /// Name within the folder of archives.
    package var file: String
    package var rows: Int
    package var firstAt: Instant?
    package var lastAt: Instant?
    package var bytes: Int
    package var fileDigest: [UInt8]
    package var contentDigest: [UInt8]
    package var state: State

    package init(
        month: CivilMonth,
        file: String,
        rows: Int,
        firstAt: Instant?,
        lastAt: Instant?,
        bytes: Int,
        fileDigest: [UInt8],
        contentDigest: [UInt8],
        state: State
    ) {
        self.month = month
        self.file = file
        self.rows = rows
        self.firstAt = firstAt
        self.lastAt = lastAt
        self.bytes = bytes
        self.fileDigest = fileDigest
        self.contentDigest = contentDigest
        self.state = state
    }
}

/// A month that has a partition of its own.
package struct ReadingMonth: Sendable, Hashable {
    package var month: CivilMonth
    /// Closed to every change: on its way into the archive, or brought back from it.
    package var isClosed: Bool
}

extension LookupTransaction {
    /// The months with a partition, oldest first.
    package func readingMonths() throws -> [ReadingMonth] {
        try connection.query("select month, is_closed from reading_months()").map { row in
            ReadingMonth(month: (try row[0] as CivilDate).month, isClosed: try row[1])
        }
    }

    /// Closes an expired month to every change; false when it has no partition.
    package func closeReadingMonth(_ month: CivilMonth) throws -> Bool {
        try connection.query("select close_reading_month(\(month.first))").first?[0] ?? false
    }

    /// Drops a month whose every row is counted in a verified archive; false when it is gone already.
    package func dropReadingMonth(_ month: CivilMonth) throws -> Bool {
        try connection.query("select drop_reading_month(\(month.first))").first?[0] ?? false
    }

    /// Makes the table into which an archived month is read.
    package func beginReadingRestore(_ month: CivilMonth) throws {
        try connection.execute("select begin_reading_restore(\(month.first))")
    }

    /// Attaches an archived month that was read back whole.
    package func finishReadingRestore(_ month: CivilMonth) throws {
        try connection.execute("select finish_reading_restore(\(month.first))")
    }
}

private let selectArchive: SQL = """
    select month, file, rows, first_at, last_at, bytes, file_digest, content_digest, state
    from reading_archive
    """

extension TenantTransaction {
    /// The office's archives, oldest first.
    package func readingArchives() throws -> [ReadingArchive] {
        try connection.query(
            "\(fragment: selectArchive) where tenant_id = \(tenant.value) order by month"
        ).map(ReadingArchive.init(row:))
    }

    /// The office's archive of a month.
    package func readingArchive(of month: CivilMonth) throws -> ReadingArchive? {
        try connection.query(
            """
            \(fragment: selectArchive)
            where tenant_id = \(tenant.value) and month = \(month.first)
            """
        ).first.map(ReadingArchive.init(row:))
    }

    /// The months of which nothing can be added or changed any more.
    package func archivedMonths() throws -> [CivilMonth] {
        try connection.query(
            "select month from reading_archive where tenant_id = \(tenant.value) order by month"
        ).map { (try $0[0] as CivilDate).month }
    }

    /// Writes down that a month was exported and its file read back.
    package func upsert(_ archive: ReadingArchive, at now: Instant) throws {
        try connection.execute(
            """
            insert into reading_archive (tenant_id, month, file, rows, first_at, last_at, bytes,
                file_digest, content_digest, state, changed_at)
            values (\(tenant.value), \(archive.month.first), \(archive.file),
                \(Int64(archive.rows)), \(archive.firstAt), \(archive.lastAt),
                \(Int64(archive.bytes)), \(Bytes(archive.fileDigest)),
                \(Bytes(archive.contentDigest)), \(archive.state.rawValue), \(now))
            on conflict on constraint reading_archive_pkey do update set
                file = excluded.file, rows = excluded.rows, first_at = excluded.first_at,
                last_at = excluded.last_at, bytes = excluded.bytes,
                file_digest = excluded.file_digest, content_digest = excluded.content_digest,
                state = excluded.state, changed_at = excluded.changed_at
            where reading_archive.state <> 'archived'
            """
        )
        try announceChange()
    }

    /// A page of a month's readings in order of meter and time, each with its meter's serial; `after`
    /// is the last row of the page before.
    package func readingPage(
        of month: CivilMonth,
        after: (meter: Meter.ID, at: Instant)?,
        limit: Int
    ) throws -> [(serial: String, meter: Meter.ID, reading: AcceptedReading)] {
        let start = Instant(startOf: month)
        let end = Instant(startOf: month.adding(months: 1))
        let lastMeter = after?.meter.value ?? Int32.min
        let lastAt = after?.at ?? start
        return try connection.query(
            """
            select page.*, coalesce(m.serial, '') from (
                \(fragment: selectReading)
                where r.tenant_id = \(tenant.value) and r.at >= \(start) and r.at < \(end)
                    and (r.meter_id, r.at) > (\(lastMeter), \(lastAt))
                order by r.meter_id, r.at limit \(Int32(clamping: limit))) page
            left join meter m on m.tenant_id = \(tenant.value) and m.meter_id = page.meter_id
            order by page.meter_id, page.at
            """
        ).map { row in
            (try row[20], Meter.ID(try row[0]), try AcceptedReading(row: row))
        }
    }

    /// Puts readings of an archive into the table from which its month is attached; those that are
    /// there already stay.
    package func restore(_ rows: [ReadingInsertion]) throws {
        guard !rows.isEmpty else { return }
        var columns = ReadingColumns(capacity: rows.count)
        for row in rows { columns.append(row) }
        try connection.execute(
            columns.insertion(tenant: tenant.value, into: "reading_restore")
        )
    }
}

extension Instant {
    /// The first moment of a month in UTC, as partitions go.
    fileprivate init(startOf month: CivilMonth) {
        self.init(secondsSince1970: Int64(month.first.daysSince1970) * 86_400)
    }
}

extension ReadingArchive {
    fileprivate init(row: Row) throws {
        self.init(
            month: (try row[0] as CivilDate).month,
            file: try row[1],
            rows: Int(try row[2] as Int64),
            firstAt: try row[3],
            lastAt: try row[4],
            bytes: Int(try row[5] as Int64),
            fileDigest: (try row[6] as Bytes).bytes,
            contentDigest: (try row[7] as Bytes).bytes,
            state: try known(State.self, try row[8])
        )
    }
}
