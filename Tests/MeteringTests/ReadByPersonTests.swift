import Metering
import Testing
import Units

/// Registers that people read, among the reports of the meter and in its silences.
struct ReadByPersonTests {
    private func read(
        _ quarter: Int,
        _ register: Int64,
        seconds: Int64 = 400,
        _ flags: ReadingFlags = [.registerOnly, .readByAssessor]
    ) -> RegisterSample {
        RegisterSample(
            at: at(quarter).adding(seconds: seconds),
            registerWattHours: register,
            flags: flags
        )
    }

    private static let accepted: ReadingFlags = [
        .registerOnly, .readByAssessor, .acceptedForBilling,
    ]

    private func run(_ samples: [RegisterSample]) -> RegisterRun {
        RegisterMachine.run(samples, from: opening(100_000), rules: houseRules())
    }

    /// Reports of 100 Wh a quarter of an hour; those in the silence are missing.
    private func reports(_ silence: Range<Int> = 0..<0) -> [RegisterSample] {
        quarterHours((1...96).map { silence.contains($0) ? nil : 100_000 + Int64($0) * 100 })
    }

    @Test(arguments: [90_000, 103_000, 104_000, 115_000, 0] as [Int64])
    func `a register read among reports moves nothing`(register: Int64) {
        #expect(run(reports() + [read(36, register)]) == run(reports()))
        #expect(run(reports() + [read(36, register, seconds: 0)]) == run(reports()))
        #expect(
            run([read(36, register, [.readByConsumer, .registerOnly])] + reports())
                == run(reports())
        )
    }

    @Test func `one report missing on either side is near enough, a longer silence is not`() {
        // Reports at the quarters 35 and 38: 22 and 23 minutes away.
        #expect(run(reports(36..<38) + [read(36, 103_700)]) == run(reports(36..<38)))
        let silent = run(reports(34..<40) + [read(36, 103_700)])
        #expect(silent.transitions.contains { $0.to.register.wattHours == 103_700 })
        #expect(silent.energy.wattHours == 9_600)
    }

    @Test func `a register that is rounded up in a silence makes no error`() {
        let result = run(reports(34..<39) + [read(36, 104_000)])
        #expect(result.energy.wattHours == 9_600)
        #expect(outcomes(result).allSatisfy { $0 != .backwardRun })
        #expect(outcomes(result).contains(.belowHighest))
    }

    @Test func `an accepted register above the path is the truth, until the meter has passed it`() {
        let result = run(reports() + [read(36, 105_000, Self.accepted)])
        #expect(verdicts(result) == [.accepted])
        #expect(!outcomes(result).contains(.backwardRun) && !outcomes(result).contains(.spike))
        #expect(result.energy.wattHours == 9_600)
        let up = result.transitions.first { $0.outcome == .accepted }
        #expect(up?.energy.wattHours == 1_400)
        // Nothing is counted a second time up to there.
        let between = result.transitions.filter {
            $0.from.at >= read(36, 0).at && $0.to.register.wattHours <= 105_000
        }
        #expect(between.count == 14 && between.allSatisfy { $0.energy == .zero })
        #expect(Set(between.map(\.outcome)) == [.belowHighest])
    }

    @Test func `an accepted register far above what is possible counts, and the meter goes on`() {
        let result = run(reports() + [read(36, 115_000, Self.accepted)])
        #expect(result.energy.wattHours == 15_000)
        #expect(verdicts(result) == [.accepted])
    }

    @Test(arguments: [103_000, 95_000, 60_000] as [Int64])
    func `an accepted register below the path is billed no second time`(register: Int64) {
        let result = run(reports() + [read(36, register, Self.accepted)])
        #expect(verdicts(result).contains(.accepted))
        #expect(result.energy.wattHours <= 9_600)
        #expect(result.energy.wattHours >= 9_100)
    }

    @Test func `the day closes with an accepted register as long as it stands`() throws {
        let grid = try #require(BlockGrid(zone: india))
        let day = try #require(CivilDate("2026-10-01"))
        let result = run(reports() + [read(90, 112_000, Self.accepted)])
        let block = try #require(
            blockDays(day...day, of: result, rules: houseRules(), grid: grid).first
        )
        #expect(block.last?.register.wattHours == 112_000)
        #expect(block.energy.wattHours == 12_000)
    }

    @Test func `a rejected one stays out though it was accepted for billing`() {
        let sample = read(36, 105_000, Self.accepted)
        let result = RegisterMachine.run(
            reports() + [sample],
            from: opening(100_000),
            rules: houseRules(),
            decisions: ReadingDecisions(rejected: [sample.at])
        )
        #expect(result.transitions == run(reports()).transitions)
    }
}
