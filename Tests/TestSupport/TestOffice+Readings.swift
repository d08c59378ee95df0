package import Metering
import Registry
import Store
package import Units
package import UseCases

/// A reading as a test has a meter send it.
package struct SentReading: Hashable, Sendable {
    package var at: Instant
    package var sequence: Int64
    package var wattHours: Int64
    package var milliwatts: Int32

    package init(at: Instant, sequence: Int64, wattHours: Int64, milliwatts: Int32 = 400_000) {
        self.at = at
        self.sequence = sequence
        self.wattHours = wattHours
        self.milliwatts = milliwatts
    }
}

extension SentReading {
    /// Six days of quarter hours of 100 Wh with what meters do: zeros that recover, a spike, a night
    /// of silence, and a register one too low after a rounding.
    package static func faultyWeek(endingAt now: Instant, zone: OfficeZone) -> [SentReading] {
        let start = zone.start(of: zone.date(of: now).adding(days: -6))
        var sent: [SentReading] = []
        for quarter in 1...(6 * 96) {
            var reading = SentReading(
                at: start.adding(seconds: Int64(quarter) * 900),
                sequence: Int64(quarter),
                wattHours: 1_000_000 + Int64(quarter) * 100
            )
            switch quarter {
            case 130, 131: reading.wattHours = 0
            case 250: reading.wattHours = 90_000_000
            case 300: reading.wattHours -= 101
            case 370..<400: continue
            default: break
            }
            sent.append(reading)
        }
        return sent
    }
}

extension TestOffice {
    /// Has a meter send readings, each in a report of its own, in this order.
    package func send(_ readings: [SentReading], of meter: Meter) async throws {
        for reading in readings { try await report([reading], of: meter) }
    }

    /// Has a meter send readings of consecutive numbers in one report.
    package func report(_ readings: [SentReading], of meter: Meter) async throws {
        guard let last = readings.last else { return }
        _ = try await useCases.acceptReadings(
            MeterReport(
                epoch: 0,
                sequence: last.sequence,
                oldestSequence: nil,
                items: readings.map { reading in
                    .success(
                        ReportedReading(
                            at: reading.at,
                            sequence: reading.sequence,
                            main: ChannelReading(
                                energyWattHours: reading.wattHours,
                                powerMilliwatts: reading.milliwatts,
                                voltageMillivolts: 230_000
                            )
                        )
                    )
                }
            ),
            from: identity(of: meter)
        )
    }

    /// Puts readings in place at once, with the marks of their days.
    package func put(_ readings: [SentReading], of meter: Meter) async throws {
        let zone = office.zone
        try await store.withTenant(office.id) { transaction in
            _ = try transaction.insert(
                readings.map { reading in
                    ReadingInsertion(
                        meter: meter.id,
                        reading: AcceptedReading(
                            at: reading.at,
                            epoch: 0,
                            sequence: Int32(clamping: reading.sequence),
                            main: ChannelReading(
                                energyWattHours: reading.wattHours,
                                powerMilliwatts: reading.milliwatts,
                                voltageMillivolts: 230_000
                            )
                        )
                    )
                }
            )
            try transaction.markDirty(
                Set(
                    readings.map { MeterDayKey(meter: meter.id, day: zone.meteringDay(of: $0.at)) }
                )
            )
        }
    }

    /// Everything kept of a meter's days, without its key.
    package func keptDays(of meter: Meter, from: CivilDate, to: CivilDate) async throws -> [String]
    {
        try await store.withTenant(office.id) { transaction in
            var rows: [String] = []
            for day in try transaction.days(of: meter.id, from: from, to: to) {
                var own = day
                own.meter = Meter.ID(0)
                rows.append("\(own)")
            }
            rows += try transaction.blocks(of: meter.id, from: from, to: to).map { "\($0)" }
            var filter = ExceptionFilter()
            filter.meter = meter.id
            let found = try transaction.exceptions(filter, after: nil, limit: 1_000)
            rows += found.map {
                "\($0.exception.rule) \($0.exception.day) \($0.exception.instants) "
                    + $0.exception.detail
            }.sorted()
            return rows
        }
    }

    /// Runs the writer of readings as long as the body.
    package func storing(_ body: @escaping @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await useCases.acceptReadings.run() }
            do {
                try await body()
            } catch {
                await useCases.acceptReadings.close()
                throw error
            }
            await useCases.acceptReadings.close()
            try await group.waitForAll()
        }
    }
}
