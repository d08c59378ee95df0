import Metering
import Testing
import Units

private let zone = OfficeZone.india
private let meter = Meter(
    id: Meter.ID(1),
    serial: "m1",
    registerDigits: 5,
    multiplier: 1,
    channels: 1
)

private func date(_ text: String) throws -> CivilDate { try #require(CivilDate(text)) }

private func day(_ text: String, _ register: Int64) throws -> DayRegisters {
    let date = try date(text)
    let reading = RegisterReading(
        at: zone.start(of: date.adding(days: 1)),
        register: Energy(wattHours: register)
    )
    return DayRegisters(day: date, first: reading, last: reading)
}

private func period(_ first: String, _ last: String) throws -> BillingPeriod {
    try #require(BillingPeriod(first: try date(first), last: try date(last)))
}

private func installed(
    _ on: String,
    opening: Int64 = 0,
    days: [DayRegisters],
    isClosed: Bool = true,
    meter: Meter = meter
) throws -> MeteredInstallation {
    MeteredInstallation(
        installation: Installation(
            meter: meter,
            installedAt: zone.start(of: try date(on)),
            openingRegister: Energy(wattHours: opening)
        ),
        before: nil,
        days: days,
        after: isClosed
            ? RegisterReading(
                at: zone.start(of: try date("2030-01-01")),
                register: days.last?.last.register ?? Energy(wattHours: opening)
            ) : nil
    )
}

struct ConsumptionTests {
    @Test func `energy is what the register moved, and missing days are named`() throws {
        let days = [try day("2026-10-01", 5_000), try day("2026-10-04", 9_000)]
        let used = try consumption(
            of: try period("2026-10-01", "2026-10-04"),
            zone: zone,
            installations: [try installed("2026-10-01", days: days)],
            sanctionedLoadWatts: 5_000
        )

        #expect(used.energy.wattHours == 9_000)
        #expect(dayRanges(used.missingDays) == "2026-10-02 to 2026-10-03")
    }

    @Test func `a period before the installation is refused`() throws {
        #expect(throws: ConsumptionFault.self) {
            try consumption(
                of: try period("2026-09-30", "2026-10-04"),
                zone: zone,
                installations: [try installed("2026-10-01", days: [])],
                sanctionedLoadWatts: 5_000
            )
        }
    }

    @Test func `a period without a closing reading is refused`() throws {
        let open = try installed(
            "2026-10-01",
            days: [try day("2026-10-01", 5_000)],
            isClosed: false
        )
        #expect(throws: ConsumptionFault.self) {
            try consumption(
                of: try period("2026-10-01", "2026-10-04"),
                zone: zone,
                installations: [open],
                sanctionedLoadWatts: 5_000
            )
        }
    }

    @Test func `a rollover near the modulus that the load could make counts on`() throws {
        let days = [try day("2026-10-01", 99_999_000), try day("2026-10-02", 4_000)]
        let used = try consumption(
            of: try period("2026-10-01", "2026-10-02"),
            zone: zone,
            installations: [try installed("2026-10-01", opening: 99_990_000, days: days)],
            sanctionedLoadWatts: 5_000
        )

        #expect(used.energy.wattHours == 14_000)
    }

    @Test(arguments: [50_000_000, 99_999_000])
    func `a fall that is no possible rollover is refused`(high: Int64) throws {
        let days = [try day("2026-10-01", high), try day("2026-10-02", 40_000_000)]
        #expect(throws: ConsumptionFault.self) {
            try consumption(
                of: try period("2026-10-01", "2026-10-02"),
                zone: zone,
                installations: [try installed("2026-10-01", opening: high - 1, days: days)],
                sanctionedLoadWatts: 5_000
            )
        }
    }

    @Test func `an exchange makes two segments, each with its own multiplier`() throws {
        var second = meter
        second.serial = "m2"
        second.id = Meter.ID(2)
        second.multiplier = 20
        let exchange = try #require(Instant("2026-10-03T06:00:00Z"))
        var old = try installed("2026-10-01", days: [try day("2026-10-01", 5_000)])
        old.installation.removedAt = exchange
        old.installation.closingRegister = Energy(wattHours: 8_000)
        var new = try installed(
            "2026-10-03",
            days: [try day("2026-10-04", 150)],
            meter: second
        )
        new.installation.installedAt = exchange
        new.installation.openingRegister = Energy(wattHours: 100)

        let used = try consumption(
            of: try period("2026-10-01", "2026-10-04"),
            zone: zone,
            installations: [old, new],
            sanctionedLoadWatts: 5_000
        )

        #expect(used.segments.map(\.energy.wattHours) == [8_000, 1_000])
    }

    @Test func `cutting a period anywhere loses and doubles nothing`() throws {
        var generator = SystemRandomNumberGenerator()
        var register: Int64 = 0
        var days: [DayRegisters] = []
        let start = try date("2026-01-01")
        for offset in 0..<90 {
            register += Int64.random(in: 0...9_000, using: &generator)
            if Bool.random(using: &generator) || offset == 89 {
                days.append(try day(start.adding(days: offset).description, register))
            }
        }
        for cut in 1..<90 {
            let parts = try [(0, cut - 1), (cut, 89)].map { first, last in
                try #require(
                    BillingPeriod(
                        first: start.adding(days: first),
                        last: start.adding(days: last)
                    )
                )
            }
            let used = try consumption(
                ofEach: parts,
                zone: zone,
                installations: [try installed("2026-01-01", days: days)],
                sanctionedLoadWatts: 5_000
            )
            #expect(used.reduce(0) { $0 + $1.energy.wattHours } == register, "cut at \(cut)")
            #expect(used.allSatisfy { $0.energy >= .zero }, "cut at \(cut)")
        }
    }

    @Test func `a period without any reading in it waits for the one after, and is late`() throws {
        let late = try date("2026-11-15")
        var metered = try installed("2026-09-01", days: [])
        metered.after = RegisterReading(
            at: zone.start(of: late),
            register: Energy(wattHours: 600_000)
        )
        #expect(throws: ConsumptionFault.self) {
            try consumption(
                of: try period("2026-09-01", "2026-10-31"),
                zone: zone,
                installations: [metered],
                sanctionedLoadWatts: 5_000
            )
        }
        metered.after?.at = zone.start(of: try date("2026-11-01")).adding(seconds: 36_000)
        let used = try consumption(
            of: try period("2026-09-01", "2026-10-31"),
            zone: zone,
            installations: [metered],
            sanctionedLoadWatts: 5_000
        )
        #expect(used.energy.wattHours == 600_000)
    }

    @Test func `an exchange and a cut on one day keep each meter's energy apart`() throws {
        var second = meter
        second.serial = "m2"
        second.id = Meter.ID(2)
        let exchange = try #require(Instant("2026-10-03T06:00:00Z"))
        var old = try installed("2026-10-01", days: [try day("2026-10-01", 5_000)])
        old.installation.removedAt = exchange
        old.installation.closingRegister = Energy(wattHours: 8_000)
        var new = try installed("2026-10-03", days: [try day("2026-10-06", 900)], meter: second)
        new.installation.installedAt = exchange
        let parts = try [period("2026-10-01", "2026-10-02"), period("2026-10-03", "2026-10-06")]

        let used = try consumption(
            ofEach: parts,
            zone: zone,
            installations: [old, new],
            sanctionedLoadWatts: 5_000
        )

        #expect(used.reduce(0) { $0 + $1.energy.wattHours } == 8_900)
        #expect(used[0].segments.map(\.meter.serial) == ["m1"])
        #expect(used[1].segments.map(\.meter.serial) == ["m1", "m2"])
    }
}

struct AcknowledgementFrontierTests {
    @Test func `a report that begins at the oldest held reading is acknowledged`() {
        var frontier = AcknowledgementFrontier()
        #expect(frontier.settle(epoch: 0, first: 1042, last: 1051, oldest: nil) == 1051)
    }

    @Test func `a later frame is not acknowledged while an earlier one is missing`() {
        var frontier = AcknowledgementFrontier()
        #expect(frontier.settle(epoch: 0, first: 11, last: 20, oldest: 1) == nil)
        #expect(frontier.settle(epoch: 0, first: 1, last: 10, oldest: 1) == 20)
    }

    @Test func `frames that settle in any order are all acknowledged in the end`() {
        for _ in 0..<200 {
            var frontier = AcknowledgementFrontier()
            let starts = stride(from: Int64(1), to: 200, by: 10).shuffled()
            var highest: Int64 = -1
            for start in starts {
                let value = frontier.settle(
                    epoch: 3,
                    first: start,
                    last: start + 9,
                    oldest: 1
                )
                highest = max(highest, value ?? -1)
            }
            #expect(highest == 200)
        }
    }

    @Test func `what the ring has dropped does not hold the meter up`() {
        var frontier = AcknowledgementFrontier()
        #expect(frontier.settle(epoch: 0, first: 1, last: 10, oldest: 1) == 10)
        #expect(frontier.settle(epoch: 0, first: 51, last: 60, oldest: 51) == 60)
    }

    @Test func `a new epoch begins anew`() {
        var frontier = AcknowledgementFrontier()
        #expect(frontier.settle(epoch: 0, first: 90, last: 99, oldest: 90) == 99)
        #expect(frontier.settle(epoch: 1, first: 0, last: 4, oldest: 0) == 4)
        #expect(frontier.settle(epoch: 1, first: 10, last: 14, oldest: 5) == nil)
    }
}
