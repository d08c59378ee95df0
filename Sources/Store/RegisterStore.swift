package import Metering
import Postgres
import Registry
package import Units

// The register of a meter at an instant. Raw readings tell it as long as they are here; of months
// that are in the archive the first and last of each day remain.

extension TenantTransaction {
    /// The register of a meter at an instant: its last reading then or before.
    package func register(of meter: Meter.ID, atOrBefore instant: Instant) throws
        -> RegisterReading?
    {
        let kept = try connection.query(
            """
            select first_at, first_register_wh, last_at, last_register_wh from consumption_day
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day <= (\(instant) at time zone 'UTC')::date + 1 and first_at <= \(instant)
            order by day desc limit 1
            """
        ).first.map { row in
            let (first, last) = try ends(row)
            return last.at <= instant ? last : first
        }
        // The day says since when to look: only its own partition and those after it.
        let since = kept?.at ?? Instant(secondsSince1970: 0)
        let raw = try connection.query(
            """
            select at, main_energy_wh from reading
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at <= \(instant)
                and at >= \(since)
            order by at desc limit 1
            """
        ).first.map(RegisterReading.init(row:))
        return raw ?? kept
    }

    /// The last reading of a meter at or before an instant that has none of these flags, as long as raw
    /// readings are kept.
    package func register(
        of meter: Meter.ID,
        atOrBefore instant: Instant,
        without flags: ReadingFlags
    ) throws -> RegisterReading? {
        try connection.query(
            """
            select at, main_energy_wh from reading
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at <= \(instant)
                and flags & \(flags.rawValue) = 0
            order by at desc limit 1
            """
        ).first.map(RegisterReading.init(row:))
    }

    /// When each meter first reported by itself, as long as raw readings are kept; those that never did
    /// are missing.
    package func firstReports(of meters: [Meter.ID]) throws -> [Meter.ID: Instant] {
        try findByKeysOnly()
        var result: [Meter.ID: Instant] = [:]
        for row in try connection.query(
            """
            select w.meter, r.at from unnest(\(meters.map(\.value))) as w (meter)
            cross join lateral (
                select at from reading where tenant_id = \(tenant.value) and meter_id = w.meter
                    and flags & \(ReadingFlags.registerOnly.rawValue) = 0
                order by at limit 1) r
            """
        ) {
            result[Meter.ID(try row[0])] = try row[1]
        }
        return result
    }

    /// The first reading of a meter at or after an instant.
    package func register(of meter: Meter.ID, atOrAfter instant: Instant) throws
        -> RegisterReading?
    {
        let kept = try connection.query(
            """
            select first_at, first_register_wh, last_at, last_register_wh from consumption_day
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day >= (\(instant) at time zone 'UTC')::date - 1 and last_at >= \(instant)
            order by day limit 1
            """
        ).first.map { row in
            let (first, last) = try ends(row)
            return first.at >= instant ? first : last
        }
        let until = kept?.at ?? Instant(secondsSince1970: 32_503_680_000)
        let raw = try connection.query(
            """
            select at, main_energy_wh from reading
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at >= \(instant)
                and at <= \(until)
            order by at limit 1
            """
        ).first.map(RegisterReading.init(row:))
        return raw ?? kept
    }

    private func ends(_ row: Row) throws -> (first: RegisterReading, last: RegisterReading) {
        (
            RegisterReading(at: try row[0], register: Energy(wattHours: try row[1])),
            RegisterReading(at: try row[2], register: Energy(wattHours: try row[3]))
        )
    }
}
