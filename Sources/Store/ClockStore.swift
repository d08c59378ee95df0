package import Metering
import Postgres
package import Units

extension TenantTransaction {
    /// Notes the quickest readings of meters; of several of one window the least stands.
    package func note(_ windows: [(meter: Meter.ID, window: ClockWindow)]) throws {
        // One order for every writer, so that two of them never wait for each other in a circle.
        let rows = windows.sorted { $0.meter < $1.meter }
        guard !rows.isEmpty else { return }
        func delays(_ quarter: Int64) -> [Int32?] {
            rows.map {
                $0.window.number % 4 == quarter ? Int32(clamping: $0.window.delaySeconds) : nil
            }
        }
        try connection.execute(
            """
            insert into meter_clock as c (tenant_id, meter_id, received_on, delay_0_s, delay_6_s,
                delay_12_s, delay_18_s)
            select \(tenant.value), w.* from unnest(\(rows.map(\.meter.value)),
                \(rows.map { CivilDate(daysSince1970: Int32(clamping: $0.window.number / 4)) }),
                \(delays(0)), \(delays(1)), \(delays(2)), \(delays(3))) as w
            on conflict on constraint meter_clock_pkey do update set
                delay_0_s = least(c.delay_0_s, excluded.delay_0_s),
                delay_6_s = least(c.delay_6_s, excluded.delay_6_s),
                delay_12_s = least(c.delay_12_s, excluded.delay_12_s),
                delay_18_s = least(c.delay_18_s, excluded.delay_18_s)
            """
        )
    }

    /// How the clocks of meters stood on days of receipt (UTC); those that sent nothing are missing.
    package func clocks(
        of meters: [Meter.ID],
        receivedOn days: ClosedRange<CivilDate>
    ) throws -> [Meter.ID: [ClockWindow]] {
        var result: [Meter.ID: [ClockWindow]] = [:]
        for row in try connection.query(
            """
            select meter_id, received_on, delay_0_s, delay_6_s, delay_12_s, delay_18_s
            from meter_clock
            where tenant_id = \(tenant.value) and meter_id = any(\(meters.map(\.value)))
                and received_on between \(days.lowerBound) and \(days.upperBound)
            """
        ) {
            let meter = Meter.ID(try row[0])
            let day: CivilDate = try row[1]
            for quarter in 0..<4 {
                guard let delay: Int32 = try row[2 + quarter] else { continue }
                result[meter, default: []].append(
                    ClockWindow(
                        number: Int64(day.daysSince1970) * 4 + Int64(quarter),
                        delaySeconds: Int64(delay)
                    )
                )
            }
        }
        return result
    }
}
