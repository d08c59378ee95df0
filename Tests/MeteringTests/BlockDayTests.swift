import Metering
import Testing
import Units

private let grid = BlockGrid(zone: india)!
private let day = CivilDate("2026-10-01")!

private func days(
    _ run: RegisterRun,
    _ count: Int = 1,
    rules: RegisterRules = houseRules()
) -> [BlockDay] {
    blockDays(day...day.adding(days: count - 1), of: run, rules: rules, grid: grid)
}

struct BlockDayTests {
    @Test func `readings at the boundaries give actual blocks`() throws {
        let result = run(1_000, (1...96).map { 1_000 + Int64($0) * 7 })
        let block = try #require(days(result).first)
        #expect(block.energies == [Int32](repeating: 7, count: 96))
        #expect(block.qualities.allSatisfy { $0 == [] })
        #expect(block.energy.wattHours == 672)
        #expect(block.opening?.register.wattHours == 1_000)
        #expect(block.closing?.register.wattHours == 1_672)
        #expect(block.expected == 96)
        #expect(block.received == 96)
        #expect(block.isComplete)
        #expect(block.counts == [Int16](repeating: 1, count: 96))
    }

    @Test func `readings beside the boundaries give interpolated blocks that sum exactly`() throws {
        let samples = (0...97).map {
            RegisterSample(
                at: at($0).adding(seconds: 421),
                registerWattHours: 1_000 + Int64($0) * Int64($0)
            )
        }
        let result = RegisterMachine.run(samples, from: opening(1_000), rules: houseRules())
        let two = days(result, 2)
        #expect(two[0].qualities.allSatisfy { $0 == .interpolated })
        #expect(two[0].energy + two[1].energy == result.energy)
        #expect(two[0].closing?.isEstimated == true)
        #expect(
            two[0].closing?.register.wattHours == 1_000 + two[0].energy.wattHours
        )
    }

    @Test func `across a gap the energy lies flat and is flagged`() throws {
        let result = run(0, [100] + [Int64?](repeating: nil, count: 9) + [1_100, 1_200])
        let block = try #require(days(result).first)
        let expected = [Int32](repeating: 100, count: 12) + [0]
        #expect(Array(block.energies.prefix(13)) == expected)
        #expect(block.qualities[1...10].allSatisfy { $0 == .estimated(.flat) })
        #expect(block.qualities[11] == [])
        #expect(block.estimated == 10)
    }

    @Test func `a day without any reading around has missing blocks, not zeros`() throws {
        let result = run(0, [100])
        let two = days(result, 2)
        #expect(two[1].qualities.allSatisfy { $0 == .missing })
        #expect(two[1].opening == nil)
        #expect(two[0].missing == 95)
        #expect(!two[0].isComplete)
    }

    @Test func `a day that runs has a partial block at its end`() throws {
        let samples = [
            RegisterSample(at: at(1), registerWattHours: 10),
            RegisterSample(at: at(1).adding(seconds: 300), registerWattHours: 15),
        ]
        let result = RegisterMachine.run(samples, from: opening(0), rules: houseRules())
        let block = try #require(days(result).first)
        #expect(block.qualities.prefix(3) == [[], .partial, .missing])
        #expect(block.energies.prefix(3) == [10, 5, 0])
    }

    @Test func `a night without current is an outage when no number is missing`() throws {
        var samples = quarterHours([100] + [Int64?](repeating: nil, count: 30) + [110, 120])
        for index in samples.indices { samples[index].sequence = Int32(index + 1) }
        let result = RegisterMachine.run(samples, from: opening(0), rules: houseRules())
        let block = try #require(days(result).first)
        #expect(block.qualities[10].contains([.powerOutage, .estimated]))
        #expect(block.energy.wattHours == 120)
    }

    @Test func `readings that come all at once after a day offline give the same day`() throws {
        let samples = quarterHours((1...100).map { Int64($0) * 7 })
        let late = RegisterMachine.run(samples, from: opening(0), rules: houseRules())
        var state = opening(0)
        var pieces: [RegisterTransition] = []
        for sample in samples {
            let piece = RegisterMachine.run([sample], from: state, rules: houseRules())
            state = piece.state
            pieces += piece.transitions
        }
        #expect(late.transitions == pieces)
        #expect(late.state == state)
        #expect(days(late)[0].qualities.allSatisfy { $0 == [] })
    }

    @Test func `flags of readings show in their blocks`() throws {
        var samples = quarterHours([10, 20, 30, 40])
        samples[0].flags = .derived
        samples[1].flags = .switchedOff
        samples[2].flags = .tripped
        samples[3].voltageMillivolts = 0
        let result = RegisterMachine.run(samples, from: opening(0), rules: houseRules())
        let block = try #require(days(result).first)
        #expect(
            block.qualities.prefix(4) == [.derived, .switchedOff, .powerOutage, .powerOutage]
        )
    }

    @Test func `blocks near readings that were left out or are held are suspect`() throws {
        let spike = run(1_000, [1_100, 70_000_000, 1_300])
        #expect(days(spike)[0].qualities[1].contains(.suspect))
        #expect(!days(spike)[0].isPending)
        let held = run(5_000_000, [5_000_400, 0, 0])
        #expect(days(held)[0].isPending)
        #expect(days(held)[0].qualities[2].contains([.suspect, .missing]))
    }

    @Test(arguments: [5, 6, 10, 12, 15, 20, 30, 60])
    func `any length that divides the day sums to the same energy`(minutes: Int) throws {
        let grid = try #require(BlockGrid(zone: india, blockMinutes: minutes))
        let result = run(1_000, (1...96).map { 1_000 + Int64($0) * 77 })
        let block = try #require(
            blockDays(day...day, of: result, rules: houseRules(), grid: grid).first
        )
        #expect(block.energies.count == 1_440 / minutes)
        #expect(block.energy == result.energy)
    }

    @Test func `other lengths are refused`() {
        #expect(BlockGrid(zone: india, blockMinutes: 7) == nil)
        #expect(BlockGrid(zone: india, blockMinutes: 120) == nil)
        #expect(BlockGrid(zone: india, blockMinutes: 4) == nil)
    }

    @Test func `the same readings give the same bytes`() throws {
        let samples = quarterHours((1...150).map { 1_000 + Int64($0) * 13 })
        let first = RegisterMachine.run(samples, from: opening(1_000), rules: houseRules())
        let second = RegisterMachine.run(
            samples.reversed() + samples,
            from: opening(1_000),
            rules: houseRules()
        )
        #expect(days(first)[0].canonicalBytes == days(second)[0].canonicalBytes)
        var other = days(first)[0]
        other.energies[5] += 1
        #expect(other.canonicalBytes != days(first)[0].canonicalBytes)
    }
}
