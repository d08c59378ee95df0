package import Metering
import Postgres
package import Registry
package import Units

// Registers that people read: what was entered, what was decided, and the photos.

/// Which registers that people read are asked for; nil means all.
package struct ManualReadingFilter: Sendable {
    package var service: Service.ID?
    package var state: ManualReadingState?
    package var source: ManualSource?
    /// Nothing before this instant.
    package var since: Instant?

    package init(
        service: Service.ID? = nil,
        state: ManualReadingState? = nil,
        source: ManualSource? = nil,
        since: Instant? = nil
    ) {
        self.service = service
        self.state = state
        self.source = source
        self.since = since
    }
}

let selectManualReading: SQL = """
    select r.manual_reading_id, r.service_id, s.number, c.name, r.meter_id, m.serial, r.source,
        r.cycle, r.at, r.outcome, r.register_wh, r.note, r.state, r.reason_codes,
        r.reason_details, r.is_comparison, r.entered_by, r.entered_at, r.decided_by, r.decided_at,
        r.decision, exists (select from manual_reading_photo p
            where p.tenant_id = r.tenant_id and p.manual_reading_id = r.manual_reading_id),
        r.photo_removed_at,
        case when r.state = 'accepted' and not r.is_comparison then (
            select n.manual_reading_id from manual_reading n
            where n.tenant_id = r.tenant_id and n.service_id = r.service_id and n.at = r.at
                and n.meter_id = r.meter_id and n.state = 'accepted' and not n.is_comparison
                and n.register_wh <> r.register_wh
                and (coalesce(n.decided_at, n.entered_at), n.manual_reading_id)
                    > (coalesce(r.decided_at, r.entered_at), r.manual_reading_id)
            order by coalesce(n.decided_at, n.entered_at) desc, n.manual_reading_id desc limit 1)
        end
    from manual_reading r
    join service s on s.tenant_id = r.tenant_id and s.service_id = r.service_id
    join consumer c on c.tenant_id = s.tenant_id and c.consumer_id = s.consumer_id
    join meter m on m.tenant_id = r.tenant_id and m.meter_id = r.meter_id
    """

extension TenantTransaction {
    /// Keeps what a person entered; its id is ignored.
    package func insert(_ reading: ManualReading, day: CivilDate) throws -> ManualReading.ID {
        let rows = try connection.query(
            """
            insert into manual_reading (tenant_id, service_id, meter_id, source, cycle, at, day,
                outcome, register_wh, note, state, reason_codes, reason_details, is_comparison,
                entered_by, entered_at)
            values (\(tenant.value), \(reading.service.value), \(reading.meter.value),
                \(reading.source.rawValue), \(reading.cycle?.description), \(reading.at), \(day),
                \(reading.outcome.rawValue), \(reading.register?.wattHours), \(reading.note),
                \(reading.state.rawValue), \(reading.findings.map(\.code.rawValue)),
                \(reading.findings.map(\.detail)), \(reading.isComparison), \(reading.enteredBy),
                \(reading.enteredAt))
            returning manual_reading_id
            """
        )
        return ManualReading.ID(try firstRow(rows, "manual reading")[0])
    }

    /// Keeps the photo of a reading.
    package func insert(
        _ photo: ReadingPhoto,
        digest: [UInt8],
        of reading: ManualReading.ID
    ) throws {
        try connection.execute(
            """
            insert into manual_reading_photo (tenant_id, manual_reading_id, media_type, digest,
                content)
            values (\(tenant.value), \(reading.value), \(photo.mediaType), \(Bytes(digest)),
                \(Bytes(photo.content)))
            """
        )
    }

    /// The photo of a reading; nil where there is none.
    package func photo(of reading: ManualReading.ID) throws -> ReadingPhoto? {
        try connection.query(
            """
            select media_type, content from manual_reading_photo
            where tenant_id = \(tenant.value) and manual_reading_id = \(reading.value)
            """
        ).first.map { row in
            ReadingPhoto(mediaType: try row[0], content: (try row[1] as Bytes).bytes)
        }
    }

    /// One entry; `locking` keeps others from deciding it at the same time.
    package func manualReading(
        _ id: ManualReading.ID,
        locking: Bool = false
    ) throws -> ManualReading? {
        try connection.query(
            """
            \(fragment: selectManualReading)
            where r.tenant_id = \(tenant.value) and r.manual_reading_id = \(id.value)
            \(fragment: locking ? "for no key update of r" : "")
            """
        ).first.map(ManualReading.init(row:))
    }

    /// Entries, newest first, before the given key.
    package func manualReadings(
        _ filter: ManualReadingFilter,
        before id: Int32?,
        limit: Int
    ) throws -> [ManualReading] {
        try connection.query(
            """
            \(fragment: selectManualReading)
            where r.tenant_id = \(tenant.value)
                and (\(filter.service?.value)::int4 is null
                    or r.service_id = \(filter.service?.value))
                and (\(filter.state?.rawValue)::text is null or r.state = \(filter.state?.rawValue))
                and (\(filter.source?.rawValue)::text is null
                    or r.source = \(filter.source?.rawValue))
                and (\(filter.since)::timestamptz is null or r.at >= \(filter.since))
                and (\(id)::int4 is null or r.manual_reading_id < \(id))
            order by r.manual_reading_id desc limit \(Int32(clamping: limit))
            """
        ).map(ManualReading.init(row:))
    }

    /// What the same source entered for a service on a day, or at an instant.
    package func manualReadings(
        of service: Service.ID,
        by source: ManualSource,
        on day: CivilDate,
        at instant: Instant
    ) throws -> [ManualReading] {
        try connection.query(
            """
            \(fragment: selectManualReading)
            where r.tenant_id = \(tenant.value) and r.service_id = \(service.value)
                and r.source = \(source.rawValue) and (r.day = \(day) or r.at = \(instant))
            order by r.manual_reading_id
            """
        ).map(ManualReading.init(row:))
    }

    /// When registers of services were read that were held and that a person then accepted, after one
    /// instant and up to another.
    package func vouchedReadings(
        of services: [Service.ID],
        after start: Instant,
        upTo end: Instant
    ) throws -> [Service.ID: Set<Instant>] {
        var result: [Service.ID: Set<Instant>] = [:]
        for row in try connection.query(
            """
            select service_id, at from manual_reading
            where tenant_id = \(tenant.value) and service_id = any(\(services.map(\.value)))
                and at > \(start) and at <= \(end) and state <> 'rejected'
                and state = 'accepted' and decided_by is not null and not is_comparison
            """
        ) {
            result[Service.ID(try row[0]), default: []].insert(try row[1])
        }
        return result
    }

    /// How many entries of a source wait for a person, and how many came since an instant.
    package func manualReadingCounts(
        of service: Service.ID,
        by source: ManualSource,
        since: Instant
    ) throws -> (held: Int, recent: Int) {
        let rows = try connection.query(
            """
            select count(*) filter (where state = 'held'),
                count(*) filter (where entered_at >= \(since))
            from manual_reading
            where tenant_id = \(tenant.value) and service_id = \(service.value)
                and source = \(source.rawValue)
            """
        )
        let row = try firstRow(rows, "manual readings")
        return (Int(try row[0] as Int64), Int(try row[1] as Int64))
    }

    /// Writes down what is found about an entry now, and what has become of it.
    package func revise(_ reading: ManualReading) throws {
        try connection.execute(
            """
            update manual_reading set state = \(reading.state.rawValue),
                reason_codes = \(reading.findings.map(\.code.rawValue)),
                reason_details = \(reading.findings.map(\.detail))
            where tenant_id = \(tenant.value) and manual_reading_id = \(reading.id.value)
            """
        )
    }

    /// Takes photos away whose readings were decided about before an instant, the oldest entries first.
    ///
    /// The readings say that they had one.
    /// - Returns: how many photos there were.
    package func removePhotos(decidedBefore: Instant, at: Instant, limit: Int) throws -> Int {
        try connection.query(
            """
            with due as (
                select p.manual_reading_id from manual_reading_photo p
                join manual_reading r on r.tenant_id = p.tenant_id
                    and r.manual_reading_id = p.manual_reading_id
                where p.tenant_id = \(tenant.value) and r.state <> 'held'
                    and coalesce(r.decided_at, r.entered_at) < \(decidedBefore)
                order by p.manual_reading_id limit \(Int32(clamping: limit))
                for no key update of r skip locked),
            gone as (
                delete from manual_reading_photo p using due
                where p.tenant_id = \(tenant.value)
                    and p.manual_reading_id = due.manual_reading_id
                returning p.manual_reading_id)
            update manual_reading r set photo_removed_at = \(at) from gone
            where r.tenant_id = \(tenant.value) and r.manual_reading_id = gone.manual_reading_id
            returning r.manual_reading_id
            """
        ).count
    }

    /// Writes down what a person decided.
    package func decide(
        _ id: ManualReading.ID,
        state: ManualReadingState,
        isComparison: Bool,
        decision: ManualReading.Decision
    ) throws {
        try connection.execute(
            """
            update manual_reading set state = \(state.rawValue), is_comparison = \(isComparison),
                decided_by = \(decision.by), decided_at = \(decision.at),
                decision = \(decision.reason)
            where tenant_id = \(tenant.value) and manual_reading_id = \(id.value)
            """
        )
    }

    /// Marks the stored register of an instant as accepted for billing by a person.
    package func acceptForBilling(_ meter: Meter.ID, at instant: Instant) throws {
        try connection.execute(
            """
            update reading set flags = flags | \(ReadingFlags.acceptedForBilling.rawValue)
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at = \(instant)
            """
        )
    }

    /// Whether the stored register of an instant was accepted for billing by a person.
    package func isAcceptedForBilling(_ meter: Meter.ID, at instant: Instant) throws -> Bool {
        try !connection.query(
            """
            select from reading where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and at = \(instant) and flags & \(ReadingFlags.acceptedForBilling.rawValue) <> 0
            """
        ).isEmpty
    }

    /// The last report of each meter itself at or before an instant, and the first at or after it, both
    /// within a time; registers that people or files gave are passed over.
    ///
    /// One statement for all of them, in their order.
    package func reports(
        around places: [(meter: Meter.ID, at: Instant)],
        within seconds: Int64
    ) throws -> [(before: RegisterReading?, after: RegisterReading?)] {
        guard let first = places.map(\.at).min(), let last = places.map(\.at).max() else {
            return []
        }
        let mark = ReadingFlags.registerOnly.rawValue
        // Bounds that are known before the statement runs keep other months out of it.
        let (from, to) = (first.adding(seconds: -seconds), last.adding(seconds: seconds))
        var found = [(before: RegisterReading?, after: RegisterReading?)](
            repeating: (nil, nil),
            count: places.count
        )
        for row in try connection.query(
            """
            select w.place, b.at, b.main_energy_wh, a.at, a.main_energy_wh
            from unnest(\(places.indices.map { Int32(clamping: $0) }),
                \(places.map(\.meter.value)), \(places.map(\.at)),
                \(places.map { $0.at.adding(seconds: -seconds) }),
                \(places.map { $0.at.adding(seconds: seconds) }))
                as w (place, meter, at, earliest, latest)
            left join lateral (
                select at, main_energy_wh from reading
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and at <= w.at and at >= w.earliest and at >= \(from) and at <= \(last)
                    and flags & \(mark) = 0
                order by at desc limit 1) b on true
            left join lateral (
                select at, main_energy_wh from reading
                where tenant_id = \(tenant.value) and meter_id = w.meter
                    and at >= w.at and at <= w.latest and at >= \(first) and at <= \(to)
                    and flags & \(mark) = 0
                order by at limit 1) a on true
            """
        ) {
            func register(_ column: Int) throws -> RegisterReading? {
                let (at, wattHours): (Instant?, Int64?) = (try row[column], try row[column + 1])
                guard let at, let wattHours else { return nil }
                return RegisterReading(at: at, register: Energy(wattHours: wattHours))
            }
            found[Int(try row[0] as Int32)] = (try register(1), try register(3))
        }
        return found
    }
}

extension ManualReading {
    init(row: Row) throws {
        let codes: [String] = try row[13]
        let details: [String] = try row[14]
        let decidedBy: String? = try row[18]
        let register: Int64? = try row[10]
        self.init(
            id: ID(try row[0]),
            service: Service.ID(try row[1]),
            serviceNumber: try row[2],
            consumerName: try row[3],
            meter: Meter.ID(try row[4]),
            meterSerial: try row[5],
            source: try known(ManualSource.self, try row[6]),
            cycle: (try row[7] as String?).flatMap { CivilMonth($0) },
            at: try row[8],
            outcome: try known(VisitOutcome.self, try row[9]),
            register: register.map { Energy(wattHours: $0) },
            note: try row[11],
            state: try known(ManualReadingState.self, try row[12]),
            findings: try zip(codes, details).map { code, detail in
                ManualReadingFinding(try known(ManualReadingFinding.Code.self, code), detail)
            },
            isComparison: try row[15],
            enteredBy: try row[16],
            enteredAt: try row[17],
            decision: try decidedBy.map { by in
                Decision(by: by, at: try row[19], reason: try row[20])
            },
            hasPhoto: try row[21],
            photoRemovedAt: try row[22],
            supersededBy: (try row[23] as Int32?).map { ID($0) }
        )
    }
}
