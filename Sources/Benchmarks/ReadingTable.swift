import Postgres
import Units

/// The table of readings and its twin, made alike before anything is measured.
struct ReadingTable: Sendable {
    let office: BenchmarkOffice

    /// From when on readings are sent, and how many of each meter, a second apart.
    struct Span: Sendable {
        let start: Instant
        let capacity: Int64
        /// Whether the readings are of today, as those of a fleet are; after midnight there is
        /// not enough of the day yet.
        let isToday: Bool
    }

    /// The newest day of the office that has enough instants in one month's partition, and a day of
    /// that month before it for the rows that are there beforehand.
    func span() async throws -> Span {
        let now: Instant = try await office.pool.withConnection { connection in
            try connection.query("select now()")[0][0]
        }
        let zone = OfficeZone.india
        let today = zone.date(of: now)
        for daysAgo in 0..<4 {
            let start = zone.start(of: today.adding(days: -daysAgo))
            let next = zone.start(of: today.adding(days: 1 - daysAgo))
            let month = Self.utcDay(of: start).month
            let monthStart = Self.utcStart(of: month.first)
            let monthEnd = Self.utcStart(of: month.adding(months: 1).first)
            let end = min(now, next, monthEnd)
            let seconds = end.secondsSince1970 - start.secondsSince1970 - 1
            guard seconds >= Limits.instantsPerMeter,
                start.secondsSince1970 - monthStart.secondsSince1970 >= 86_400
            else { continue }
            return Span(start: start, capacity: seconds, isToday: daysAgo == 0)
        }
        throw BenchmarkError("no day of the last four has enough instants in one month")
    }

    /// Fills the month before the span with rows in the order in which a fleet sends them, and
    /// copies them to the twin.
    func fill(_ span: Span, rows: Int) async throws {
        let month = Self.utcDay(of: span.start).month
        let monthStart = Self.utcStart(of: month.first)
        let meters = office.meters.map(\.id)
        let instants = Int64(rows / meters.count)
        let seconds = span.start.secondsSince1970 - monthStart.secondsSince1970
        let tenant = office.tenant
        try await office.pool.withConnection { connection in
            _ = try connection.query("select make_reading_partition(\(month.first))")
            try connection.execute(
                "create table reading_twin (like reading including constraints including indexes)"
            )
            try connection.execute(
                """
                insert into reading (at, main_energy_wh, dev1_energy_wh, dev2_energy_wh,
                    tenant_id, meter_id, main_power_mw, main_voltage_mv, main_current_ma,
                    dev1_power_mw, dev1_voltage_mv, dev1_current_ma, dev2_power_mw,
                    dev2_voltage_mv, dev2_current_ma, main_power_factor_permille,
                    dev1_power_factor_permille, dev2_power_factor_permille, epoch, flags)
                select \(monthStart) + n * (\(seconds)::float8 / \(instants)) * interval '1 second',
                    n, n, n, \(tenant), m, 100000, 230000, 435, 50000, 230000, 217, 40000,
                    230000, 174, 990, 980, 970, 0, 0
                from generate_series(0::int8, \(instants) - 1) as n, unnest(\(meters)) as m
                """
            )
            try connection.execute("insert into reading_twin select * from reading")
            try connection.execute("vacuum analyze reading")
            try connection.execute("vacuum analyze reading_twin")
            try connection.execute("checkpoint")
        }
    }

    /// Rows that were sent, and not there beforehand.
    func sentRows() async throws -> Int64 {
        try await office.pool.withConnection { connection in
            try connection.query("select count(*) from reading where sequence is not null")[0][0]
        }
    }

    /// Rows of both tables.
    func rows() async throws -> (program: Int64, twin: Int64) {
        try await office.pool.withConnection { connection in
            let row = try connection.query(
                "select (select count(*) from reading), (select count(*) from reading_twin)"
            )[0]
            return (try row[0], try row[1])
        }
    }

    /// A setting of the server, as it says itself.
    func setting(_ name: String) async throws -> String {
        try await office.pool.withConnection { connection in
            try connection.query("select current_setting(\(name))")[0][0]
        }
    }

    private static func utcDay(of instant: Instant) -> CivilDate {
        CivilDate(daysSince1970: Int32(clamping: instant.secondsSince1970 / 86_400))
    }

    private static func utcStart(of day: CivilDate) -> Instant {
        Instant(secondsSince1970: Int64(day.daysSince1970) * 86_400)
    }
}
