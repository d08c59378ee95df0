package import Metering
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

extension TestOffice {
    /// Has a meter send readings, each in a report of its own, in this order.
    package func send(_ readings: [SentReading], of meter: Meter) async throws {
        let identity = identity(of: meter)
        for reading in readings {
            _ = try await useCases.acceptReadings(
                MeterReport(
                    epoch: 0,
                    sequence: reading.sequence,
                    oldestSequence: nil,
                    items: [
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
                    ]
                ),
                from: identity
            )
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
