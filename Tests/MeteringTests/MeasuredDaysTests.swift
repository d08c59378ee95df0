import Metering
import Testing
import Units

/// Days of a service from machine-made days, registers by hand, exchanges and silences.
struct MeasuredDaysTests {
    private let first = CivilDate(daysSince1970: 20_700)
    private let zone = OfficeZone.india

    private func installation(
        from day: Int,
        to last: Int? = nil,
        opening: Int64 = 0,
        closing: Int64? = nil,
        digits: Int = 6,
        multiplier: Int = 1
    ) -> Installation {
        Installation(
            meter: Meter(
                id: Meter.ID(1),
                serial: "m",
                registerDigits: digits,
                multiplier: multiplier,
                channels: 1
            ),
            installedAt: zone.start(of: first.adding(days: day)),
            openingRegister: Energy(wattHours: opening),
            removedAt: last.map { zone.start(of: first.adding(days: $0 + 1)) },
            closingRegister: closing.map { Energy(wattHours: $0) }
        )
    }

    private func made(
        _ day: Int,
        _ energy: Int64?,
        _ register: Int64? = nil,
        blocks: Int = 0,
        missing: Int = 0,
        isSum: Bool = false
    ) -> DayFigures {
        DayFigures(
            day: first.adding(days: day),
            energyWattHours: energy,
            registerWattHours: register,
            estimatedBlocks: blocks,
            missingBlocks: missing,
            isSumOfDays: isSum
        )
    }

    private func measured(
        _ entries: [(Installation, [DayFigures])],
        last: Int
    ) -> MeasuredDays {
        var days = MeasuredDays(from: first, to: first.adding(days: last))
        for (installation, figures) in entries {
            days.add(installation, days: figures, zone: zone, blocksPerDay: 96)
        }
        return days
    }

    /// Days as text; a dash where nothing is known.
    private func texts(
        _ entries: [(Installation, [DayFigures])],
        last: Int = 9
    ) -> [String] {
        measured(entries, last: last).kilowattHours.map { $0.isNaN ? "-" : "\($0)" }
    }

    @Test
    func `a day that a silence cuts short is no whole day, and what was read of it is certain`() {
        let days = measured(
            [
                (
                    installation(from: 0),
                    [
                        made(0, 1_000), made(1, 400, missing: 50),
                        made(2, 700, missing: 5),
                    ]
                )
            ],
            last: 3
        )
        #expect(days.knowledge == [.whole, .part, .part, .nothing])
        #expect(days.kilowattHours.prefix(3) == [1, 0.4, 0.7])
        #expect(days.wholeDays[0] == 1 && days.wholeDays.dropFirst().allSatisfy(\.isNaN))
        // A reading of some minutes after midnight that has not come yet is no silence.
        let late = measured([(installation(from: 0), [made(0, 990, missing: 4)])], last: 0)
        #expect(late.knowledge == [.whole])
    }

    @Test
    func `the day a meter is hung is all there was, and no day to learn from; an exchange is`() {
        let hung = measured(
            [(installation(from: 0), [made(0, 300, missing: 50), made(1, 1_000)])],
            last: 1
        )
        #expect(hung.knowledge == [.edge, .whole] && hung.wholeDays[0].isNaN)
        let old = installation(from: -300, to: 1, closing: 8_000)
        let new = installation(from: 1, opening: 50_000)
        let exchanged = measured(
            [
                (old, [made(0, 1_000), made(1, 600, missing: 50)]),
                (new, [made(1, 500, missing: 50), made(2, 1_000)]),
            ],
            last: 2
        )
        #expect(exchanged.knowledge == [.whole, .whole, .whole])
        #expect(exchanged.kilowattHours == [1, 1.1, 1])
    }

    @Test func `a daily energy of a file is of its day alone, whatever days are missing before it`()
    {
        let rows = [
            made(0, nil, 4_000, isSum: true), made(4, nil, 12_000, isSum: true),
            made(5, nil, 17_000, isSum: true),
        ]
        let days = measured([(installation(from: 0), rows)], last: 6)
        #expect(days.knowledge == [.whole, .still, .still, .still, .whole, .whole, .nothing])
        #expect(days.wholeDays.map { $0.isNaN ? -1 : $0 } == [4, -1, -1, -1, 8, 5, -1])
        #expect(days.kilowattHours.prefix(6).reduce(0, +) == 17 && days.sums.isEmpty)
    }

    @Test func `registers and silences that end tell some days together`() {
        let read = [made(1, nil, 4_000), made(4, nil, 10_000), made(5, nil, 11_000)]
        let byHand = measured([(installation(from: 0), read)], last: 5)
        #expect(byHand.sums == [0..<2, 2..<5])
        #expect(byHand.knowledge == Array(repeating: .together, count: 5) + [.whole])
        let heard = [
            made(0, 1_000), made(1, 9_000, blocks: 60), made(2, 9_000, blocks: 96), made(3, 3_000),
        ]
        let silent = measured([(installation(from: 0), heard)], last: 3)
        #expect(silent.sums == [1..<3])
        #expect(silent.knowledge == [.whole, .together, .together, .whole])
    }

    @Test func `days of the register machine stand as they are`() {
        let days = [made(0, 1_000), made(1, 0), made(3, 2_500)]
        #expect(texts([(installation(from: 0), days)], last: 4) == ["1.0", "0.0", "-", "2.5", "-"])
    }

    @Test func `registers by hand are shared over the days between, from the opening on`() {
        let days = [made(1, nil, 4_000), made(4, nil, 10_000), made(5, nil, 11_000)]
        #expect(
            texts([(installation(from: 0), days)], last: 6)
                == ["2.0", "2.0", "2.0", "2.0", "2.0", "1.0", "-"]
        )
    }

    @Test func `a register before the first day is where sharing begins`() {
        let days = [made(-2, nil, 4_000), made(1, nil, 10_000)]
        #expect(texts([(installation(from: -300), days)], last: 1) == ["2.0", "2.0"])
        // Nobody knows when what an old register shows was used.
        #expect(texts([(installation(from: -300), [days[1]])], last: 1) == ["-", "-"])
    }

    @Test func `registers more than two months apart tell no days`() {
        let days = [made(0, nil, 1_000), made(63, nil, 64_000)]
        let shown = texts([(installation(from: 0), days)], last: 63)
        #expect(shown[0] == "1.0" && shown.dropFirst().allSatisfy { $0 == "-" })
    }

    @Test func `a rollover is one, a fall is a gap, and the multiplier counts`() {
        let rolled = [made(0, nil, 999_000), made(1, nil, 1_000)]
        let meter = installation(from: 0, opening: 998_000, digits: 3, multiplier: 10)
        #expect(texts([(meter, rolled)], last: 1) == ["10.0", "20.0"])
        let fallen = [made(0, nil, 5_000), made(1, nil, 1_000), made(2, nil, 2_000)]
        #expect(texts([(installation(from: 0), fallen)], last: 2) == ["5.0", "-", "1.0"])
    }

    @Test func `on the day of an exchange both meters count, the old one to its closing register`()
    {
        let old = installation(from: 0, to: 3, closing: 8_000)
        let new = installation(from: 3, opening: 50_000)
        #expect(
            texts([(old, [made(1, nil, 4_000)]), (new, [made(4, nil, 54_000)])], last: 4)
                == ["2.0", "2.0", "2.0", "4.0", "2.0"]
        )
    }

    @Test func `what a silence without an end was shared out over is left out at the end`() {
        let days = [
            made(0, 1_000), made(1, 9_000, blocks: 96), made(2, 2_000), made(3, 3_000, blocks: 60),
            made(4, 3_000, blocks: 96),
        ]
        let meter = installation(from: 0)
        #expect(texts([(meter, days)], last: 4) == ["1.0", "9.0", "2.0", "-", "-"])
        // With a day after it the silence has ended.
        #expect(
            texts([(meter, days + [made(5, 1_000)])], last: 5)
                == ["1.0", "9.0", "2.0", "3.0", "3.0", "1.0"]
        )
        // A few blocks at midnight are no silence.
        #expect(texts([(meter, [made(0, 1_000, blocks: 3)])], last: 0) == ["1.0"])
    }
}
