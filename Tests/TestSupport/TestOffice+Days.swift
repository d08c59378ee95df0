import Metering
import Postgres
import Registry
package import Units

extension TestOffice {
    /// Puts days in place as the register machine would leave them, in watt-hours; nil for no row.
    package func fillDays(
        ofMeter serial: String,
        from first: CivilDate,
        to last: CivilDate,
        estimatedBlocks: Int16 = 0,
        missingBlocks: Int16 = 0,
        _ wattHours: (CivilDate) -> Int64?
    ) async throws {
        let days = (0...max(0, last.days(since: first))).map { first.adding(days: $0) }
            .filter { wattHours($0) != nil }
        let energies = days.map { wattHours($0) ?? 0 }
        let tenant = office.id.value
        try await SharedDatabase.shared.open().pool.transaction { connection in
            _ = try connection.query(
                "select set_config('vidyut.tenant', \(String(tenant)), true)"
            )
            try connection.execute(
                """
                insert into consumption_day (tenant_id, meter_id, day, readings, energy_wh,
                    estimated_blocks, missing_blocks, quality)
                select \(tenant), m.meter_id, d.day, 96, d.energy, \(estimatedBlocks),
                    \(missingBlocks), \(missingBlocks > 0 ? SlotQuality.missing.rawValue : 0)
                from unnest(\(days), \(energies)) as d (day, energy), meter m
                where m.tenant_id = \(tenant) and m.serial = \(serial)
                on conflict on constraint consumption_day_pkey do update
                    set energy_wh = excluded.energy_wh, quality = excluded.quality,
                        estimated_blocks = excluded.estimated_blocks,
                        missing_blocks = excluded.missing_blocks
                """
            )
        }
    }
}
