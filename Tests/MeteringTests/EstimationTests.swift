import Metering
import Testing
import Units

private let grid = BlockGrid(zone: india)!
private let day = CivilDate("2026-10-01")!

private func cut(_ registers: [Int64?], _ count: Int = 1) -> [BlockDay] {
    blockDays(
        day...day.adding(days: count - 1),
        of: run(0, registers),
        rules: houseRules(),
        grid: grid
    )
}

/// A day whose evening is ten times its night.
private func like(_ date: CivilDate, scale: Int32 = 1) -> BlockDay {
    var blocks = BlockDay(day: date, grid: grid, rules: houseRules())
    for slot in 0..<96 {
        blocks.energies[slot] = (slot < 72 ? 10 : 100) * scale
        blocks.qualities[slot] = []
    }
    return blocks
}

struct EstimationTests {
    @Test func `a short gap is drawn from the blocks around it`() throws {
        let registers: [Int64?] = [100, 200] + [nil, nil, nil, nil] + [1_500, 2_000]
        let days = cut(registers)
        let filled = estimating(days, from: EstimationSources())
        #expect(filled[0].energy == days[0].energy)
        #expect(filled[0].qualities[3].method == .neighbours)
        #expect(filled[0].energies[2] < filled[0].energies[6])
        #expect(filled[0].energies[2...6].reduce(0, +) == 1_300)
    }

    @Test func `a long gap has the shape of like days and the energy of the registers`() throws {
        let registers: [Int64?] =
            [10] + [Int64?](repeating: nil, count: 150) + [4_010] + (1...40).map { 4_010 + $0 * 10 }
        let days = cut(registers, 2)
        let history = (1...20).map { like(day.adding(days: -$0)) }
        let filled = estimating(days, from: EstimationSources(history: history))
        #expect(filled.reduce(Energy.zero) { $0 + $1.energy }.wattHours == 4_410)
        #expect(filled[0].qualities[50].method == .likeDays)
        #expect(filled[0].energies[90] > filled[0].energies[50] * 9)
        #expect(filled[1].energies[2] < filled[0].energies[90])
    }

    @Test func `methods follow each other in their order`() throws {
        let registers: [Int64?] = [10] + [Int64?](repeating: nil, count: 40) + [4_010, 4_020]
        let days = cut(registers)
        var sources = EstimationSources()
        #expect(estimating(days, from: sources) == days)
        #expect(days[0].qualities[9].method == .flat)
        sources.peers = [day.month: [Int64](repeating: 9, count: 4)]
        #expect(estimating(days, from: sources) == days)
        sources.peers = [day.month: [Int64](repeating: 5, count: 96)]
        #expect(estimating(days, from: sources)[0].qualities[9].method == .peers)
        sources.history = [like(day.adding(days: -364))]
        #expect(estimating(days, from: sources)[0].qualities[9].method == .lastYear)
        sources.history.append(like(day.adding(days: -7)))
        #expect(estimating(days, from: sources)[0].qualities[9].method == .likeDays)
    }

    @Test func `days that are doubtful themselves, or unlike, make no profile`() {
        let registers: [Int64?] =
            [10] + [Int64?](repeating: nil, count: 40) + (0..<55).map { 4_010 + $0 * 10 }
        let days = cut(registers)
        var doubtful = like(day.adding(days: -7))
        doubtful.qualities[20] = .suspect
        let saturday = like(day.adding(days: -5))
        let sources = EstimationSources(history: [doubtful, saturday])
        #expect(estimating(days, from: sources) == days)
    }

    @Test func `without a register at its end an estimate is never register energy`() {
        let days = cut([10, 20])
        let sources = EstimationSources(history: [like(day.adding(days: -7), scale: 2)])
        let filled = estimating(days, from: sources)
        #expect(filled[0].energy.wattHours == 20)
        #expect(filled[0].energies[80] == 200)
        #expect(filled[0].energyWithoutRegister.wattHours == 70 * 20 + 24 * 200)
        #expect(filled[0].qualities[80].contains([.missing, .estimated, .withoutRegister]))
        #expect(!filled[0].isComplete)
    }

    @Test func `peers are scaled to the service's own level`() {
        let days = cut([10, 20])
        let sources = EstimationSources(
            peers: [day.month: [Int64](repeating: 100, count: 96)],
            ownDays: [
                DayRollup(
                    day: day.adding(days: -3),
                    energy: Energy(wattHours: 960),
                    quality: [],
                    isPending: false
                )
            ]
        )
        let filled = estimating(days, from: sources)
        #expect(filled[0].energies[80] == 10)
        #expect(filled[0].qualities[80].method == .peers)
    }

    @Test func `an outage and what people edited stay as they are`() throws {
        var samples = quarterHours([100] + [Int64?](repeating: nil, count: 30) + [110, 120])
        for index in samples.indices { samples[index].sequence = Int32(index + 1) }
        let result = RegisterMachine.run(samples, from: opening(0), rules: houseRules())
        var days = blockDays(day...day, of: result, rules: houseRules(), grid: grid)
        for slot in 33..<96 { days[0].qualities[slot] = .edited }
        let history = [like(day.adding(days: -7))]
        #expect(estimating(days, from: EstimationSources(history: history)) == days)
    }

    @Test func `any shape sums to the registers, and estimating again changes nothing`() {
        for seed in 0..<200 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var register: Int64 = 0
            let registers: [Int64?] = (0..<288).map { index in
                register += Int64.random(in: 0...900, using: &random)
                return index % 97 == 0 || random.next() % 6 == 0 ? register : nil
            }
            let days = cut(registers, 3)
            let history = (1...6).map { back in
                var past = like(day.adding(days: -back))
                for slot in 0..<96 { past.energies[slot] = Int32(random.next() % 500) }
                return past
            }
            let sources = EstimationSources(history: history)
            let filled = estimating(days, from: sources)
            let before = days.reduce(Energy.zero) { $0 + $1.energy }
            #expect(filled.reduce(Energy.zero) { $0 + $1.energy } == before, "seed \(seed)")
            #expect(filled.allSatisfy { $0.energies.allSatisfy { $0 >= 0 } }, "seed \(seed)")
            #expect(
                estimating(days, from: EstimationSources(history: history.reversed())) == filled,
                "seed \(seed)"
            )
        }
    }
}

struct ClockDriftTests {
    private func receipts(delay: (Int) -> Int64) -> [ClockWindow] {
        (0..<400).map { ClockWindow(at: at($0), receivedAt: at($0).adding(seconds: delay($0))) }
    }

    @Test func `a clock that is right has no drift, whatever comes late`() {
        let drift = ClockDrift(receipts { $0 % 7 == 0 ? 1 : Int64($0 % 50) * 60 })
        #expect(drift?.seconds == 1)
        #expect(drift?.secondsADay == 0)
    }

    @Test func `a slow clock is told from a slow network`() {
        let slow = ClockDrift(receipts { 300 + Int64($0 % 5) * 20 })
        #expect(slow?.seconds == 300)
        let fast = ClockDrift(receipts { -200 + Int64($0 % 5) * 20 })
        #expect(fast?.seconds == -200)
    }

    @Test func `a clock that gets slower says by how much a day`() throws {
        let drift = try #require(ClockDrift(receipts { Int64($0) / 4 }))
        #expect((20...28).contains(drift.secondsADay))
    }

    @Test func `the order of the readings does not matter, and none say nothing`() {
        let some = receipts { Int64($0 % 13) * 7 }
        #expect(ClockDrift(some) == ClockDrift(some.reversed()))
        #expect(ClockDrift([]) == nil)
    }
}
