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
        let raw = try connection.query(
            """
            select at, main_energy_wh from reading
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at <= \(instant)
            order by at desc limit 1
            """
        ).first.map(RegisterReading.init(row:))
        let kept = try connection.query(
            """
            select first_at, first_register_wh, last_at, last_register_wh from consumption_day
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day <= (\(instant) at time zone 'UTC')::date + 1 and first_at <= \(instant)
            order by day desc limit 1
            """
        ).first.map { row in
            let first = RegisterReading(at: try row[0], register: Energy(wattHours: try row[1]))
            let last = RegisterReading(at: try row[2], register: Energy(wattHours: try row[3]))
            return last.at <= instant ? last : first
        }
        guard let kept else { return raw }
        return raw.map { $0.at >= kept.at ? $0 : kept } ?? kept
    }

    /// The first reading of a meter at or after an instant.
    package func register(of meter: Meter.ID, atOrAfter instant: Instant) throws
        -> RegisterReading?
    {
        let raw = try connection.query(
            """
            select at, main_energy_wh from reading
            where tenant_id = \(tenant.value) and meter_id = \(meter.value) and at >= \(instant)
            order by at limit 1
            """
        ).first.map(RegisterReading.init(row:))
        let kept = try connection.query(
            """
            select first_at, first_register_wh, last_at, last_register_wh from consumption_day
            where tenant_id = \(tenant.value) and meter_id = \(meter.value)
                and day >= (\(instant) at time zone 'UTC')::date - 1 and last_at >= \(instant)
            order by day limit 1
            """
        ).first.map { row in
            let first = RegisterReading(at: try row[0], register: Energy(wattHours: try row[1]))
            let last = RegisterReading(at: try row[2], register: Energy(wattHours: try row[3]))
            return first.at >= instant ? first : last
        }
        guard let kept else { return raw }
        return raw.map { $0.at <= kept.at ? $0 : kept } ?? kept
    }
}
