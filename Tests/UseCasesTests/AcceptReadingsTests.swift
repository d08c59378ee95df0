import Metering
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// Intake down to the rows: once for ever, in any order, acknowledged after the commit.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct AcceptReadingsTests {
    private func report(
        _ sequences: ClosedRange<Int64>,
        from start: Instant,
        epoch: Int32 = 0,
        extra: Int64 = 0
    ) -> MeterReport {
        MeterReport(
            epoch: epoch,
            sequence: sequences.upperBound,
            oldestSequence: nil,
            items: sequences.map { number in
                .success(
                    ReportedReading(
                        at: start.adding(seconds: number * 60),
                        epoch: epoch,
                        sequence: number,
                        main: ChannelReading(
                            energyWattHours: 1_000 + number + extra,
                            powerMilliwatts: 60_000
                        )
                    )
                )
            }
        )
    }

    /// Runs a body while the batcher writes.
    private func storing<Value: Sendable>(
        _ office: TestOffice,
        _ body: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await office.useCases.acceptReadings.run() }
            let value: Value
            do {
                value = try await body()
            } catch {
                await office.useCases.acceptReadings.close()
                throw error
            }
            await office.useCases.acceptReadings.close()
            try await group.waitForAll()
            return value
        }
    }

    @Test func `a noisy meter is told to wait before it takes the others' places`() async throws {
        let office = try await TestOffice.make()
        let noisy = try await office.connect("noisy").meter.meter
        let quiet = try await office.connect("quiet").meter.meter
        let start = office.clock.now.adding(seconds: -400_000)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<5 as Range<Int64> {
                group.addTask {
                    do {
                        let own = report(number * 1_000 + 1...number * 1_000 + 1_000, from: start)
                        return try await office.useCases.acceptReadings(
                            own,
                            from: office.identity(of: noisy)
                        ).stored
                    } catch let overload as Overloaded {
                        #expect(overload.isOwnShare && overload.retryAfterSeconds > 0)
                        return -1
                    }
                }
            }
            // Nothing is written yet: two reports wait, three are told to come again.
            for _ in 0..<3 {
                let told = try await group.next()
                #expect(told == -1)
            }
            group.addTask {
                try await office.useCases.acceptReadings(
                    report(1...1_000, from: start),
                    from: office.identity(of: quiet)
                ).stored
            }
            group.addTask {
                await office.useCases.acceptReadings.run()
                return 0
            }
            for _ in 0..<3 {
                let stored = try await group.next()
                #expect(stored == 1_000)
            }
            await office.useCases.acceptReadings.close()
        }
    }

    private func stored(_ office: TestOffice, _ meter: Meter) async throws -> [AcceptedReading] {
        try await office.store.withTenant(office.office.id) { transaction in
            try transaction.readings(
                of: meter.id,
                from: Instant(secondsSince1970: 0),
                to: Instant(secondsSince1970: 4_000_000_000),
                limit: 100_000
            )
        }
    }

    @Test func `the same report twice is stored once and acknowledged both times`() async throws {
        let office = try await TestOffice.make()
        let (_, meter) = try await office.connect("twice")
        let identity = office.identity(of: meter.meter)
        let report = report(1...10, from: office.clock.now.adding(seconds: -3_600))

        let (first, second) = try await storing(office) {
            (
                try await office.useCases.acceptReadings(report, from: identity),
                try await office.useCases.acceptReadings(report, from: identity)
            )
        }

        #expect(first.stored == 10 && first.duplicates == 0)
        #expect(first.acknowledgedSequence == 10)
        #expect(second.stored == 0 && second.duplicates == 10)
        #expect(second.acknowledgedSequence == 10)
        #expect(try await stored(office, meter.meter).count == 10)
    }

    @Test
    func `a reading that is refused is named, kept in the list and does not hold the rest up`()
        async throws
    {
        let office = try await TestOffice.make()
        let (_, meter) = try await office.connect("refused")
        var bad = report(1...3, from: office.clock.now.adding(seconds: -3_600))
        bad.items[1] = .success(
            ReportedReading(
                at: office.clock.now.adding(seconds: 600),
                sequence: 2,
                main: ChannelReading(energyWattHours: 5)
            )
        )
        let report = bad

        let result = try await storing(office) {
            try await office.useCases.acceptReadings(
                report,
                from: office.identity(of: meter.meter)
            )
        }

        #expect(result.stored == 2)
        #expect(result.rejected.map(\.index) == [1])
        #expect(result.rejected.first?.fault.code == .futureTime)
        #expect(result.acknowledgedSequence == 3)
        let listed = try await office.useCases.showMeters.rejections(by: office.manager)
        #expect(listed.map(\.code) == ["future_time"])
    }

    @Test func `of two values for one instant the higher sequence counts, whichever came first`()
        async throws
    {
        for (name, order) in [("up", [0, 1]), ("down", [1, 0])] {
            let office = try await TestOffice.make()
            let start = office.clock.now.adding(seconds: -7_200)
            let (_, meter) = try await office.connect(name)
            let identity = office.identity(of: meter.meter)
            let low = report(1...5, from: start)
            var high = report(1...5, from: start, extra: 100)
            high.epoch = 1
            high.items = high.items.map { item in
                item.map { reading in
                    var reading = reading
                    reading.epoch = 1
                    return reading
                }
            }
            let reports = [low, high]
            let ordered = order.map { reports[$0] }
            try await storing(office) {
                for report in ordered {
                    _ = try await office.useCases.acceptReadings(report, from: identity)
                    _ = try await office.useCases.acceptReadings(report, from: identity)
                }
            }
            let rows = try await stored(office, meter.meter)
            #expect(rows.map(\.main.energyWattHours) == [1_101, 1_102, 1_103, 1_104, 1_105])
        }
    }

    @Test func `days rolled up are the same for any order of arrival with duplicates`()
        async throws
    {
        var seen: Set<[MeterDay]> = []
        for round in 0..<4 {
            let office = try await TestOffice.make()
            let start = office.clock.now.adding(seconds: -4 * 86_400)
            let (_, meter) = try await office.connect("order-\(round)")
            let identity = office.identity(of: meter.meter)
            var reports: [MeterReport] = []
            for first in stride(from: Int64(1), to: 400, by: 10) {
                reports.append(report(first...first + 9, from: start))
            }
            if round > 0 { reports = (reports + reports.prefix(20)).shuffled() }
            let shuffled = reports
            try await storing(office) {
                for report in shuffled {
                    _ = try await office.useCases.acceptReadings(report, from: identity)
                    if round == 3 {
                        _ = try await office.useCases.rollUpDays(office: office.office)
                    }
                }
            }
            _ = try await office.useCases.rollUpDays(office: office.office)
            let days = try await office.store.withTenant(office.office.id) { transaction in
                try transaction.days(
                    of: meter.meter.id,
                    from: office.office.zone.date(of: start),
                    to: office.office.zone.date(of: office.clock.now)
                )
            }
            #expect(!days.isEmpty)
            seen.insert(
                days.map { day in
                    var day = day
                    day.meter = Meter.ID(0)
                    return day
                }
            )
        }
        #expect(seen.count == 1)
    }

    @Test func `a reading for a month without a partition waits and is not lost`() async throws {
        let office = try await TestOffice.make(oldestReadingDays: 10_000)
        let (_, meter) = try await office.connect("old", on: "2012-01-01")
        let identity = office.identity(of: meter.meter)
        let old = try #require(Instant("2013-05-05T00:00:00Z"))
        let report = report(1...3, from: old)

        let result = try await storing(office) {
            try await office.useCases.acceptReadings(report, from: identity)
        }
        #expect(result.stored == 3)
        let month = try #require(CivilMonth("2013-05"))
        _ = try await office.useCases.makePartitions(of: [month])

        #expect(try await stored(office, meter.meter).count == 3)
    }

    @Test func `a reading without a clock keeps the instant it was given the first time`()
        async throws
    {
        let office = try await TestOffice.make()
        let (_, meter) = try await office.connect("clockless")
        let identity = office.identity(of: meter.meter)
        let report = MeterReport(
            epoch: 0,
            sequence: 4,
            oldestSequence: nil,
            items: [
                .success(
                    ReportedReading(
                        at: nil,
                        ageSeconds: 120,
                        sequence: 4,
                        main: ChannelReading(energyWattHours: 77)
                    )
                )
            ]
        )

        let results = try await storing(office) {
            let first = try await office.useCases.acceptReadings(report, from: identity)
            office.clock.now = office.clock.now.adding(seconds: 30)
            return [first, try await office.useCases.acceptReadings(report, from: identity)]
        }

        #expect(results.map(\.stored) == [1, 0])
        let rows = try await stored(office, meter.meter)
        #expect(rows.count == 1)
        #expect(rows.first?.flags.contains(.placedByAge) == true)
    }
}

@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct ReportNumberTests {
    @Test(arguments: [Int64(Int32.max) + 1, Int64.max, -1])
    func `a number beyond what is kept refuses the whole report and moves nothing`(sequence: Int64)
        async throws
    {
        let office = try await TestOffice.make()
        let (_, meter) = try await office.connect("far")
        let report = MeterReport(
            epoch: 0,
            sequence: sequence,
            oldestSequence: nil,
            items: [
                .success(
                    ReportedReading(
                        at: office.clock.now,
                        sequence: sequence,
                        main: ChannelReading(energyWattHours: 1)
                    )
                )
            ]
        )

        await #expect(throws: InvalidInput.self) {
            try await office.useCases.acceptReadings(
                report,
                from: office.identity(of: meter.meter)
            )
        }
    }
}
