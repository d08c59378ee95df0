import Metering
import Testing
import Units

private let grid = BlockGrid(zone: india)!
private let day = CivilDate("2026-10-01")!

private func days(_ run: RegisterRun, _ count: Int = 1) -> [BlockDay] {
    blockDays(day...day.adding(days: count - 1), of: run, rules: houseRules(), grid: grid)
}

private func found(_ run: RegisterRun, _ days: [BlockDay]) -> [ReadingException] {
    days.flatMap { blocks in
        exceptions(
            of: DayUnderValidation(
                meter: Meter.ID(7),
                blocks: blocks,
                run: run,
                sanctionedLoadWatts: 5_000
            ),
            rules: ValidationRules(),
            grid: grid
        )
    }
}

/// Registers that rise by so much a quarter of an hour, but for the quarters in which they show zero.
private func passingZeros(_ zeros: ClosedRange<Int>, of count: Int, by step: Int64) -> [Int64] {
    (1...count).map { zeros.contains($0) ? 0 : 3_737_000 + Int64($0) * step }
}

/// Zeros that recovered, and what is an outage.
struct CurveStepTests {
    @Test(arguments: [4, 5, 7, 30, 60])
    func `zeros that recover leave no hole and no tower`(zeros: Int) throws {
        let registers = passingZeros(11...10 + zeros, of: 96, by: 9)
        let result = run(3_737_000, registers)
        let block = try #require(days(result).first)
        #expect(block.energies == [Int32](repeating: 9, count: 96))
        #expect(
            block.qualities[10..<11 + zeros].allSatisfy { $0 == [.estimated(.flat), .suspect] }
        )
        #expect(block.qualities[..<10].allSatisfy { $0 == [] })
        #expect(block.qualities[(11 + zeros)...].allSatisfy { $0 == [] })
        #expect(block.energy == result.energy)
        let rules = found(result, [block]).map(\.rule)
        #expect(rules == [.resetRecovered])
    }

    @Test func `what does not divide is shared to the watt-hour`() throws {
        // 3.737, zeros, 3.746.
        let registers = [3_737] + [Int64](repeating: 0, count: 5) + [3_746, 3_750, 3_755, 3_760]
        let block = try #require(days(run(3_700, registers)).first)
        #expect(block.energies.prefix(10) == [37, 1, 2, 1, 2, 1, 2, 4, 5, 5])
        #expect(block.energy.wattHours == 60)
    }

    @Test func `zeros over midnight keep both days and the register between them`() throws {
        let registers = passingZeros(81...110, of: 192, by: 9)
        let result = run(3_737_000, registers)
        let two = days(result, 2)
        #expect(two.allSatisfy { $0.energies == [Int32](repeating: 9, count: 96) })
        func register(_ quarter: Int64) -> Int64? { 3_737_000 + quarter * 9 }
        #expect(two[0].last?.register.wattHours == register(80))
        #expect(two[0].closing?.register.wattHours == register(96))
        #expect(two[0].closing == two[1].opening)
        #expect(two[1].first?.register.wattHours == register(111))
        let named = found(result, two).map { "\($0.day) \($0.rule) \($0.severity.name)" }
        #expect(
            named == [
                "2026-10-01 resetRecovered information", "2026-10-02 resetRecovered warning",
            ]
        )
    }

    @Test func `a register that was away for longer than a day keeps its names`() throws {
        let registers = passingZeros(11...110, of: 192, by: 9)
        let result = run(3_737_000, registers)
        let two = days(result, 2)
        #expect(result.energy.wattHours == 192 * 9)
        #expect(two[0].energies[20] == 0)
        let rules = found(result, two).map(\.rule)
        #expect(rules.contains(.reset) && rules.contains(.resetRecovered))
    }

    @Test func `a register that counted before it came back is shared out nowhere`() throws {
        let counted = (1...8).map { Int64($0) * 5 }
        let back = (0...8).map { 3_000_200 + Int64($0) * 10 }
        let result = run(3_000_000, [3_000_100] + counted + back)
        let block = try #require(days(result).first)
        #expect(Array(block.energies[1...8]) == [5, 5, 5, 5, 5, 5, 5, 5])
        #expect(block.energy == result.energy)
        // What came back lost nothing, all the same.
        let kinds = found(result, [block]).map(\.rule)
        #expect(!kinds.contains(.reset))
    }

    @Test func `zeros that recovered are the same in any order`() {
        let samples = quarterHours(passingZeros(51...90, of: 192, by: 77))
        let whole = RegisterMachine.run(samples, from: opening(3_737_000), rules: houseRules())
        for seed in 0..<20 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            let other = RegisterMachine.run(
                samples.shuffled(using: &random),
                from: opening(3_737_000),
                rules: houseRules()
            )
            #expect(days(other, 2).map(\.canonicalBytes) == days(whole, 2).map(\.canonicalBytes))
        }
    }

    // MARK: Outages

    /// A house that uses 40 Wh in a quarter of an hour and is silent for ten hours; the number of the
    /// reading after it, and late ones within.
    private func silence(
        next: Int32,
        used: Int64 = 1_600,
        late: [(quarter: Int, sequence: Int32)] = []
    ) -> [RegisterSample] {
        var samples = (1...10).map { (index: Int) in
            RegisterSample(
                at: at(index),
                registerWattHours: 1_000 + Int64(index) * 40,
                sequence: Int32(index)
            )
        }
        samples += late.map { quarter, sequence in
            RegisterSample(
                at: at(quarter),
                registerWattHours: 1_400 + used * Int64(quarter - 10) / 40,
                sequence: sequence
            )
        }
        samples += (0..<10).map { (index: Int) in
            RegisterSample(
                at: at(50 + index),
                registerWattHours: 1_400 + used + Int64(index) * 40,
                sequence: next + Int32(index)
            )
        }
        return samples
    }

    private func outages(_ samples: [RegisterSample]) -> Set<Int> {
        let result = RegisterMachine.run(samples, from: opening(1_000), rules: houseRules())
        let block = days(result)[0]
        return Set(block.qualities.indices.filter { block.qualities[$0].contains(.powerOutage) })
    }

    @Test func `a silence is an outage where no number is missing and the register stood`() {
        #expect(outages(silence(next: 11, used: 0)) == Set(10..<50))
        #expect(outages(silence(next: 11, used: 60)) == Set(10..<50))
        // Ten hours at the pace before and after: the meter was there.
        #expect(outages(silence(next: 11)).isEmpty)
        #expect(outages(silence(next: 51, used: 0)).isEmpty)
    }

    @Test(arguments: [11, 30, 49, 50] as [Int32])
    func `a late reading inside a silence makes no outage of the rest`(sequence: Int32) {
        for quarter in [12, 20, 30, 40, 48] {
            #expect(
                outages(silence(next: 51, used: 0, late: [(quarter, sequence)])).isEmpty,
                "reading \(sequence) in quarter \(quarter)"
            )
        }
    }

    @Test func `the words of a gap say what stands within it`() throws {
        func words(_ samples: [RegisterSample]) throws -> String {
            let result = RegisterMachine.run(samples, from: opening(1_000), rules: houseRules())
            let gaps = found(result, days(result)).filter { $0.rule == .gap }
            return try #require(gaps.first { $0.slots?.lowerBound == 10 }).detail
        }
        #expect(try words(silence(next: 11, used: 0)).hasPrefix("no supply from"))
        #expect(try words(silence(next: 51)).hasPrefix("no readings from"))
        #expect(try words(silence(next: 51, late: [(30, 31)])).hasPrefix("only 1 reading(s) from"))
    }
}
