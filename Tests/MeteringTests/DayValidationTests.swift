import Metering
import Testing
import Units

private let grid = BlockGrid(zone: india)!
private let day = CivilDate("2026-10-01")!
private let meter = Meter.ID(7)

private func under(
    _ run: RegisterRun,
    load: Int64 = 5_000
) -> DayUnderValidation {
    let blocks = blockDays(day...day, of: run, rules: houseRules(), grid: grid)[0]
    return DayUnderValidation(meter: meter, blocks: blocks, run: run, sanctionedLoadWatts: load)
}

private func under(_ open: Int64, _ registers: [Int64?]) -> DayUnderValidation {
    under(run(open, registers))
}

private func found(
    _ day: DayUnderValidation,
    _ rules: ValidationRules = ValidationRules()
) -> [ReadingException] {
    exceptions(of: day, rules: rules, grid: grid)
}

private func steady(_ open: Int64 = 0, by step: Int64 = 10, from: Int = 1) -> [Int64?] {
    (from...96).map { open + Int64($0) * step }
}

/// A whole day of a load, some days before.
private func rollup(_ back: Int, _ perBlock: Int32) -> DayRollup {
    var blocks = BlockDay(day: day.adding(days: -back), grid: grid, rules: houseRules())
    for slot in 0..<96 {
        blocks.energies[slot] = perBlock
        blocks.qualities[slot] = []
    }
    return DayRollup(blocks)
}

struct DayValidationTests {
    @Test func `an ordinary day has no exception`() {
        #expect(found(under(0, steady())).isEmpty)
    }

    @Test(
        arguments: [
            ([5_000_010, 30, 40, 50, 60], ReadingRule.reset, ExceptionSeverity.error),
            ([5_000_010, 0, 5_000_030], .resetRecovered, .warning),
            ([5_000_010, 4_999_500, 4_999_510, 4_999_520, 4_999_530], .negative, .error),
            ([5_000_010, 90_000_000, 90_000_010, 90_000_020, 90_000_030], .jump, .error),
            ([5_000_010, 2_000_000, 2_000_010, 2_000_020, 2_000_030], .unexplainedFall, .error),
            ([5_000_010, 90_000_000, 5_000_030], .spike, .warning),
            ([5_000_010, 5_000_009, 5_000_030], .roundingDip, .information),
        ] as [([Int64?], ReadingRule, ExceptionSeverity)]
    )
    func `what happens to a register is named`(
        registers: [Int64?],
        rule: ReadingRule,
        severity: ExceptionSeverity
    ) throws {
        var day = under(5_000_000, registers)
        day.until = at(registers.count)
        let only = try #require(found(day).first { $0.rule != .gap })
        #expect(only.rule == rule)
        #expect(only.severity == severity)
        #expect(found(day).count { $0.rule != .gap } == 1)
        #expect(only.detail.contains("kWh"))
        #expect(only.key.hasPrefix("\(rule.rawValue)/7/2026-10-01/"))
    }

    @Test func `a rollover is for the record`() throws {
        var day = under(99_999_990, [99_999_995, 5, 15, 25, 35])
        day.until = at(5)
        let only = try #require(found(day).first)
        #expect(only.rule == .rollover)
        #expect(only.severity == .information)
    }

    @Test func `a register that stands under power is named once`() {
        let still = under(run(0, [Int64?](repeating: 0, count: 96), power: 700_000))
        #expect(found(still).map(\.rule) == [.stuck])
        #expect(found(still)[0].detail.contains("700 W"))
    }

    @Test func `gaps are told by their blocks, their length and their energy`() {
        let short = under(0, [10, nil, nil, nil, 50] + steady(from: 6))
        #expect(found(short).map(\.severity) == [.warning])
        #expect(found(short)[0].slots == 1...4)
        #expect(found(short)[0].detail.contains("0.04 kWh"))
        let open = under(0, [10, 20])
        #expect(found(open)[0].detail.contains("no register ends it"))
        var running = open
        running.until = at(2)
        #expect(found(running).isEmpty)
        let empty = under(run(0, []))
        #expect(found(empty).map(\.severity) == [.error])
    }

    @Test func `what lies before the meter hung there, or after it was taken off, is no gap`() {
        var half = under(
            RegisterMachine.run(
                quarterHours([Int64?](repeating: nil, count: 40) + steady(400, from: 41)),
                from: RegisterState(
                    opening: RegisterReading(at: at(40), register: Energy(wattHours: 800))
                ),
                rules: houseRules()
            )
        )
        #expect(found(half).map(\.rule) == [.gap])
        half.installedAt = at(40)
        #expect(found(half).isEmpty)
        var removed = under(0, (1...30).map { Int64($0) * 10 })
        removed.removedAt = at(30)
        #expect(found(removed).isEmpty)
    }

    @Test
    func `a silence in which the register moved on is no outage, though no number is missing`() {
        func silence(moved: Int64) -> [ReadingException] {
            var samples = quarterHours(
                [100] + [Int64?](repeating: nil, count: 30)
                    + (0..<65).map { 100 + moved + $0 * 100 },
                power: 400_000
            )
            for index in samples.indices { samples[index].sequence = Int32(index + 1) }
            return found(
                under(RegisterMachine.run(samples, from: opening(0), rules: houseRules()))
            )
        }
        #expect(silence(moved: 0)[0].detail.hasSuffix("no number, and its register stood"))
        #expect(silence(moved: 150)[0].detail.contains("moved by no more than 0.15 kWh"))
        #expect(silence(moved: 150)[0].severity == .information)
        #expect(silence(moved: 3_100)[0].detail.contains("no readings from"))
        #expect(silence(moved: 3_100)[0].severity == .warning)
    }

    @Test func `days without consumption are named when there was some before`() {
        var zero = under(0, [Int64?](repeating: 0, count: 96))
        zero.history = [rollup(1, 0), rollup(2, 0), rollup(3, 9)]
        #expect(found(zero).map(\.rule) == [.zero])
        zero.history = [rollup(1, 0), rollup(2, 1), rollup(3, 9)]
        #expect(found(zero).isEmpty)
        zero.history = [rollup(1, 0), rollup(2, 0)]
        #expect(found(zero).isEmpty)
    }

    @Test func `sub-circuits above the main are named with both figures`() throws {
        var day = under(0, steady())
        day.subCircuits = [under(0, steady()).blocks, under(0, steady()).blocks]
        let only = try #require(found(day).first)
        #expect(only.rule == .subCircuits)
        #expect(only.detail.contains("1.92 kWh, the main 0.96 kWh"))
        day.subCircuits = [under(0, steady()).blocks]
        #expect(found(day).isEmpty)
    }

    @Test func `a day far from the usual is high or low, and the season counts`() {
        let history = [1, 2, 3, 6, 7, 8].map { rollup($0, 50) }
        var high = under(0, steady(by: 200))
        high.history = history
        #expect(found(high).map(\.rule) == [.high])
        high.history += [357, 364, 365, 366].map { rollup($0, 190) }
        #expect(found(high).isEmpty)
        var low = under(0, steady(by: 1))
        low.history = history
        #expect(found(low).map(\.rule) == [.low])
        low.history = Array(history.prefix(2))
        #expect(found(low).isEmpty)
    }

    @Test func `a displaced clock and a drifting one are named`() {
        var samples = quarterHours(steady())
        samples[40].at = samples[40].at.adding(seconds: -7_000)
        let moved = under(RegisterMachine.run(samples, from: opening(0), rules: houseRules()))
        #expect(found(moved).map(\.rule) == [.clock])
        var slow = under(0, steady())
        slow.receipts = (0..<90).map {
            ClockWindow(at: at($0), receivedAt: at($0).adding(seconds: 400))
        }
        #expect(found(slow).map(\.rule) == [.drift])
        #expect(found(slow)[0].detail.contains("400 s slow"))
    }

    @Test func `voltages outside the office's bounds are named with the worst`() {
        var samples = quarterHours(steady())
        for index in samples.indices { samples[index].voltageMillivolts = 231_000 }
        samples[3].voltageMillivolts = 260_100
        samples[4].voltageMillivolts = 180_000
        samples[5].voltageMillivolts = 0
        let result = RegisterMachine.run(samples, from: opening(0), rules: houseRules())
        let both = found(under(result)).filter { $0.rule == .voltage }
        #expect(both.map(\.severity) == [.warning, .error])
        #expect(both[0].detail.contains("260.1 V"))
        #expect(both[1].detail.contains("as far as 180 V"))
    }

    @Test func `power above the sanctioned load for some blocks is named`() throws {
        var registers = steady(by: 100)
        for index in 10..<96 { registers[index] = registers[index].map { $0 + 3_000 } }
        registers[9] = registers[9].map { $0 + 1_500 }
        let only = try #require(found(under(run(0, registers))).first)
        #expect(only.rule == .load)
        #expect(only.slots == 9...10)
        #expect(only.detail.contains("6400 W"))
        #expect(found(under(run(0, registers), load: 8_000)).isEmpty)
    }

    @Test func `the findings do not depend on any order`() {
        var random = SeededRandom(seed: 5)
        for seed in 0..<20 as Range<UInt64> {
            random = SeededRandom(seed: seed)
            var samples = quarterHours(
                steady(5_000_000).map { random.next() % 12 == 0 ? nil : $0 }
            )
            for index in samples.indices where random.next() % 15 == 0 {
                samples[index].registerWattHours = Int64(random.next() % 90_000_000)
            }
            let first = under(
                RegisterMachine.run(samples, from: opening(5_000_000), rules: houseRules())
            )
            let second = under(
                RegisterMachine.run(
                    samples.shuffled(using: &random),
                    from: opening(5_000_000),
                    rules: houseRules()
                )
            )
            let keys = found(first).map(\.key)
            #expect(found(first) == found(second), "seed \(seed)")
            #expect(Set(keys).count == keys.count, "seed \(seed)")
        }
    }
}

struct ValidationRulesTests {
    @Test func `an office's own thresholds replace the defaults, and faults are all named`() {
        let good = ValidationRules.reading(["zero_days": "5", "load_percent": "120"])
        #expect(good.faults.isEmpty)
        #expect(good.rules.zeroDays == 5)
        #expect(good.rules.loadPercent == 120)
        let bad = ValidationRules.reading(["zero_days": "0", "x": "1", "load_blocks": "two"])
        #expect(bad.faults.map(\.key) == ["load_blocks", "x", "zero_days"])
        #expect(bad.rules == ValidationRules())
    }

    @Test func `every default lies within its bounds and survives its own text`() throws {
        let all = ValidationRules().keyValues
        for (key, value) in all {
            #expect(try #require(ValidationRules.bounds[key]).contains(value), "\(key)")
        }
        let text = Dictionary(uniqueKeysWithValues: all.map { ($0.key, String($0.value)) })
        #expect(ValidationRules.reading(text).rules == ValidationRules())
        #expect(ValidationRules.reading(text).faults.isEmpty)
    }

    @Test func `the register machine goes by the office's thresholds`() {
        var rules = ValidationRules()
        rules.quarantineReadings = 5
        rules.possiblePercent = 150
        let register = rules.registerRules(
            meter: Meter(id: meter, serial: "m", registerDigits: 6, multiplier: 40, channels: 1),
            sanctionedLoadWatts: 4_000,
            intervalSeconds: 300
        )
        #expect(register.largestPossibleWatts == 6_000)
        #expect(register.quarantineReadings == 5)
        #expect(register.modulusWattHours == 1_000_000_000)
        #expect(register.multiplier == 40)
        #expect(register.gapSeconds == 600)
    }
}
