import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// How far meters' clocks are off, from what they send down to what staff see.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct MeterClockTests {
    private func report(_ number: Int64, at: Instant?, ageSeconds: Int64? = nil) -> MeterReport {
        MeterReport(
            epoch: 0,
            sequence: number,
            oldestSequence: nil,
            items: [
                .success(
                    ReportedReading(
                        at: at,
                        ageSeconds: ageSeconds,
                        epoch: 0,
                        sequence: number,
                        main: ChannelReading(energyWattHours: 1_000 + number)
                    )
                )
            ]
        )
    }

    @Test func `a clock that loses a minute a day is shown so, whatever comes late`() async throws {
        let office = try await TestOffice.make()
        let slow = try await office.connect("slow").meter.meter
        let late = try await office.connect("late").meter.meter
        let blind = try await office.connect("blind").meter.meter
        let start = office.clock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await office.useCases.acceptReadings.run() }
            for hour in 0..<72 as Range<Int64> {
                let now = start.adding(seconds: hour * 3_600)
                office.clock.now = now
                // Every third reading waits for a network; the others come at once.
                let wait: Int64 = hour % 3 == 1 ? 1_700 : 0
                let own = now.adding(seconds: -200 - hour * 60 / 24 - wait)
                _ = try await office.useCases.acceptReadings(
                    report(hour, at: own),
                    from: office.identity(of: slow)
                )
                _ = try await office.useCases.acceptReadings(
                    report(hour, at: nil, ageSeconds: 5_000),
                    from: office.identity(of: blind)
                )
                if hour == 70 {
                    for number in 0..<50 as Range<Int64> {
                        _ = try await office.useCases.acceptReadings(
                            report(number, at: now.adding(seconds: (number - 60) * 3_600)),
                            from: office.identity(of: late)
                        )
                    }
                }
                try await office.useCases.live.flush()
            }
            await office.useCases.acceptReadings.close()
            try await group.waitForAll()
        }
        let show = office.useCases.showMeters
        let drift = try #require(try await show.clock(serial: slow.serial, by: office.manager))
        #expect((270...310).contains(drift.seconds), "\(drift)")
        #expect((50...70).contains(drift.secondsADay), "\(drift)")
        _ = try await office.useCases.rollUpDays(office: office.office)
        let found = try await office.useCases.reviewExceptions.list(
            ReviewExceptions.Query(rule: "drift"),
            page: PageRequest(limit: 50),
            by: office.manager
        ).items
        #expect(!found.isEmpty && found.allSatisfy { $0.meterSerial == slow.serial })
        // What comes at once after two days without network tells nothing of the clock.
        #expect(try await show.clock(serial: late.serial, by: office.manager) == nil)
        #expect(try await show.clock(serial: blind.serial, by: office.manager) == nil)
    }
}
