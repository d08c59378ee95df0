import Metering
import Passwords
import Registry
import Store
import TestSupport
import Testing
import Units
import UseCases

/// What people complained of about the meters of the student project, through the database: readings
/// accepted, days closed, usage and load curves looked at.
///
/// Each gives exactly the energy that was used: no spike, no negative figure, nothing lost.
@Suite(.enabled(if: TestCluster.isAvailable, "PostgreSQL is not installed"))
struct OldComplaintTests {
    /// A house whose meter reports every quarter of an hour, and what it really uses.
    private struct House: Sendable {
        static let opening: Int64 = 3_000_000

        let office: TestOffice
        let meter: Meter
        let service: String
        let days: Int
        let first: CivilDate

        static func open(_ name: String, days: Int) async throws -> House {
            let office = try await TestOffice.make()
            let first = office.office.zone.date(of: office.clock.now).adding(days: -days)
            let (service, meter) = try await office.connect(
                name,
                on: first.description,
                openingRegisterWattHours: Int(opening)
            )
            return House(
                office: office,
                meter: meter.meter,
                service: service.number,
                days: days,
                first: first
            )
        }

        /// What is used in a quarter of an hour, the first one being 1.
        func used(_ quarter: Int) -> Int64 { 40 + Int64(quarter * 37 % 90) }

        /// The register as a faultless meter shows it at the end of every quarter.
        var registers: [Int64] {
            var register = Self.opening
            return (1...days * 96).map { quarter in
                register += used(quarter)
                return register
            }
        }

        /// What each day really used.
        var truth: [Int64] {
            (0..<days).map { day in (1...96).reduce(0) { $0 + used(day * 96 + $1) } }
        }

        func reading(_ quarter: Int, _ register: Int64, epoch: Int32 = 0) -> ReportedReading {
            let power = quarter > 0 ? Int32(used(quarter)) * 4_000 : 0
            return ReportedReading(
                at: office.office.zone.start(of: first).adding(seconds: Int64(quarter) * 900),
                epoch: epoch,
                sequence: Int64(quarter),
                main: ChannelReading(
                    energyWattHours: register,
                    powerMilliwatts: power,
                    voltageMillivolts: 230_000
                )
            )
        }

        /// The faultless readings of some quarters.
        func readings(_ quarters: ClosedRange<Int>) -> [ReportedReading] {
            let registers = registers
            return quarters.map { reading($0, registers[$0 - 1]) }
        }

        /// Sends readings, consecutive ones in reports of at most so many, to a server that has just
        /// been started and remembers nothing.
        func send(_ readings: [ReportedReading], at once: Int = 96) async throws {
            let server = UseCaseSet(
                store: office.store,
                work: BlockingWork(),
                clock: office.clock.wall
            )
            let identity = office.identity(of: meter)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.acceptReadings.run() }
                var rest = readings[...]
                while let newest = rest.prefix(once).last {
                    var report = rest.prefix(once)
                    while let start = report.first, let end = report.last,
                        (end.sequence ?? 0) - (start.sequence ?? 0) != Int64(report.count - 1)
                    {
                        report.removeLast()
                    }
                    let last = report.last ?? newest
                    let result = try await server.acceptReadings(
                        MeterReport(
                            epoch: last.epoch,
                            sequence: last.sequence ?? 0,
                            oldestSequence: nil,
                            items: report.map { .success($0) }
                        ),
                        from: identity
                    )
                    #expect(result.rejected == [])
                    rest = rest.dropFirst(report.count)
                }
                await server.acceptReadings.close()
            }
        }

        func closeDays() async throws {
            _ = try await office.useCases.rollUpDays(office: office.office)
        }

        /// What the house's page shows of its closed days, and the sums of its load curves.
        func shown() async throws -> (days: [Int64?], curves: [[Int32]]) {
            let last = first.adding(days: days - 1)
            let values = try await office.useCases.showUsage(
                serviceNumber: service,
                by: .day,
                from: first,
                to: last,
                caller: office.manager
            )
            let curves = try await office.useCases.showMeters.blocks(
                serial: meter.serial,
                from: first,
                to: last,
                by: office.manager
            )
            return (values.map { $0.energy?.wattHours }, curves.map(\.energies))
        }

        /// Days and load curves are the truth.
        func expectTruth(location: SourceLocation = #_sourceLocation) async throws {
            let (days, curves) = try await shown()
            #expect(days == truth, sourceLocation: location)
            let sums = curves.map { $0.reduce(Int64(0)) { $0 + Int64($1) } }
            #expect(sums == truth, sourceLocation: location)
            #expect(curves.joined().allSatisfy { (0...260).contains($0) }, sourceLocation: location)
        }
    }

    @Test func `3.737, then 0, then 3.746 is nine watt-hours`() async throws {
        let house = try await House.open("zero", days: 3)
        var readings = house.readings(1...288)
        // 3,737 kWh, a zero, and the register again, as of old.
        readings[149].main.energyWattHours = 0
        try await house.send(readings)
        try await house.closeDays()
        try await house.expectTruth()

        // The very figures, as a register of watt-hours begun at nothing.
        let small = try await OldComplaintTests.small([3_700, 3_737, 0, 3_746, 3_750])
        #expect(small == 50)
    }

    @Test func `zeros over a midnight leave no hole, no tower and no open error`() async throws {
        let house = try await House.open("zeros", days: 3)
        var readings = house.readings(1...288)
        // From 21:15 to 02:30 the register shows zero.
        for index in 181...201 { readings[index].main.energyWattHours = 0 }
        let shuffled = stride(from: 0, to: 288, by: 48).map { Array(readings[$0..<$0 + 48]) }
        // The first night knows of nothing but zeros; the second sees the register back.
        for piece in shuffled[..<4] { try await house.send(piece) }
        try await house.closeDays()
        for piece in shuffled[4...] { try await house.send(piece) }
        try await house.closeDays()

        let (days, curves) = try await house.shown()
        #expect(days.compactMap(\.self).reduce(0, +) == house.truth.reduce(0, +))
        #expect(days[0] == house.truth[0])
        let blocks = curves.flatMap(\.self)
        // Each of these has its share of the whole, a watt-hour more or less by rounding.
        let away = (182...203).reduce(Int64(0)) { $0 + house.used($1) }
        let share = away / 22
        #expect(blocks[181...202].reduce(0) { $0 + Int64($1) } == away)
        #expect(blocks[181...202].allSatisfy { (share - 1...share + 1).contains(Int64($0)) })
        let found = try await house.office.useCases.reviewExceptions.list(
            ReviewExceptions.Query(),
            page: try PageRequest(limit: 100),
            by: house.office.manager
        ).items.map(\.exception)
        #expect(found.allSatisfy { $0.severity != .error }, "\(found)")
        #expect(found.contains { $0.rule == .resetRecovered })
        let closed = try await house.office.store.withTenant(house.office.office.id) {
            try $0.days(of: house.meter.id, from: house.first, to: house.first.adding(days: 2))
        }
        #expect(
            closed.map { $0.last?.register.wattHours ?? 0 } == [
                house.registers[95], house.registers[180], house.registers[287],
            ]
        )
        let report = try await house.office.useCases.rebuildDays(
            from: house.first,
            onlyCompares: true,
            by: house.office.manager
        )
        #expect(report.differing.isEmpty, "\(report)")
    }

    /// The energy of a day in which a meter that begins at 3,700 Wh showed these registers.
    private static func small(_ registers: [Int64]) async throws -> Int64? {
        let office = try await TestOffice.make()
        let zone = office.office.zone
        let day = zone.date(of: office.clock.now).adding(days: -1)
        let (_, meter) = try await office.connect(
            "small",
            on: day.description,
            openingRegisterWattHours: 3_700
        )
        let house = House(
            office: office,
            meter: meter.meter,
            service: "S-small",
            days: 1,
            first: day
        )
        try await house.send(registers.enumerated().map { house.reading($0 * 20 + 5, $1) }, at: 1)
        // The day's end is told by what follows it.
        let last = registers.last ?? 0
        try await house.send([house.reading(96, last), house.reading(100, last)], at: 1)
        try await house.closeDays()
        return try await house.shown().days.first ?? nil
    }

    @Test func `a month away is shared out over its days, to the watt-hour`() async throws {
        let house = try await House.open("month", days: 40)
        let (left, back) = (4 * 96, 35 * 96)
        try await house.send(house.readings(1...left))
        try await house.closeDays()
        try await house.send(house.readings(back...40 * 96))
        try await house.closeDays()

        let (days, curves) = try await house.shown()
        let known = days.compactMap(\.self)
        #expect(known.count == 40, "\(days)")
        #expect(known.reduce(0, +) == house.truth.reduce(0, +))
        // The days with readings are exact; the others are alike, none of them a spike.
        #expect(Array(known.prefix(4)) == Array(house.truth.prefix(4)))
        #expect(Array(known.suffix(5)) == Array(house.truth.suffix(5)))
        let away = known[4..<35]
        let mean = away.reduce(0, +) / Int64(away.count)
        #expect(away.allSatisfy { (mean * 9 / 10...mean * 11 / 10).contains($0) }, "\(away)")
        #expect(curves.joined().allSatisfy { $0 >= 0 })
    }

    @Test func `a night without current uses nothing, and nothing comes in the morning`()
        async throws
    {
        let house = try await House.open("night", days: 3)
        // From nine in the evening to six the meter was dark: its register stands.
        let (dark, light) = (96 + 84, 96 + 120)
        let lost = (dark + 1...light).reduce(Int64(0)) { $0 + house.used($1) }
        let readings = house.readings(1...288).filter { reading in
            !(Int64(dark + 1)..<Int64(light)).contains(reading.sequence ?? 0)
        }.enumerated().map { place, reading in
            var reading = reading
            if (reading.sequence ?? 0) >= Int64(light) {
                reading.main.energyWattHours -= lost
                // The meter counts the readings it makes: the night has none.
                reading.sequence = Int64(place + 1)
            }
            return reading
        }
        try await house.send(readings)
        try await house.closeDays()

        let (days, curves) = try await house.shown()
        var truth = house.truth
        truth[1] -= (dark + 1...192).reduce(0) { $0 + house.used($1) }
        truth[2] -= (193...light).reduce(0) { $0 + house.used($1) }
        #expect(days == truth)
        let blocks = curves.flatMap(\.self)
        try #require(blocks.count == 288)
        #expect(blocks[dark..<light].allSatisfy { $0 == 0 })
        #expect(blocks[light...].allSatisfy { (0...260).contains($0) })
    }

    @Test func `a restart of the server loses and doubles nothing`() async throws {
        let house = try await House.open("server", days: 3)
        try await house.send(house.readings(1...150))
        // The meter did not hear the last answer of the server that has gone.
        try await house.send(house.readings(121...288))
        try await house.closeDays()
        try await house.expectTruth()
    }

    @Test func `a restart of the meter counts on, with its register or from zero`() async throws {
        let kept = try await House.open("kept", days: 3)
        let counted = kept.registers
        let again = (141...288).map { quarter in
            var reading = kept.reading(quarter, counted[quarter - 1], epoch: 1)
            reading.sequence = Int64(quarter - 141)
            return reading
        }
        try await kept.send(kept.readings(1...140))
        try await kept.send(again)
        try await kept.closeDays()
        try await kept.expectTruth()

        let lost = try await House.open("lost", days: 3)
        let registers = lost.registers
        let fromZero = (141...288).map { quarter in
            var reading = lost.reading(
                quarter,
                registers[quarter - 1] - registers[139],
                epoch: 1
            )
            reading.sequence = Int64(quarter - 141)
            return reading
        }
        try await lost.send(lost.readings(1...140))
        try await lost.send(fromZero)
        try await lost.closeDays()
        try await lost.expectTruth()
    }

    @Test func `a register one too low after a rounding is no spike and no fall`() async throws {
        let house = try await House.open("rounding", days: 3)
        var readings = house.readings(1...288)
        readings[150].main.energyWattHours = readings[149].main.energyWattHours - 1
        try await house.send(readings)
        try await house.closeDays()
        try await house.expectTruth()
    }

    @Test func `96 readings at once after a day offline fill the day they belong to`()
        async throws
    {
        let house = try await House.open("offline", days: 4)
        try await house.send(house.readings(1...96))
        try await house.closeDays()
        // What was newest comes first, the day that was missing in one message after it.
        try await house.send(house.readings(193...384), at: 1)
        try await house.closeDays()
        try await house.send(house.readings(97...192), at: 96)
        try await house.send(house.readings(97...192), at: 96)
        try await house.closeDays()
        try await house.expectTruth()
    }
}
