import Metering
import Testing
import Units

/// What holds for any readings, tried on many from seeds.
struct RegisterPropertyTests {
    /// A few days of quarter-hours, beside the boundaries, with faults of every kind strewn in.
    private struct Story {
        var samples: [RegisterSample] = []
        var truth: Int64 = 0
        var opening: Int64
        var clean: [RegisterSample] = []

        init(seed: UInt64, isHonest: Bool) {
            var random = SeededRandom(seed: seed)
            opening = Int64.random(in: 0..<100_000_000, using: &random)
            var register = opening
            let hidden = Int64.random(in: 0..<900, using: &random)
            for index in 0..<Int.random(in: 20...500, using: &random) {
                let used = Int64.random(in: 0...900, using: &random)
                truth += used
                register = (register + used) % 100_000_000
                if !isHonest, random.next() % 200 == 0, register < 90_000_000 {
                    register = used
                }
                samples.append(
                    RegisterSample(
                        at: at(index).adding(seconds: hidden + 1),
                        registerWattHours: register,
                        sequence: Int32(index),
                        powerMilliwatts: Int32(used) * 4_000
                    )
                )
            }
            clean = samples
            if isHonest {
                samples = samples.filter { _ in random.next() % 4 != 0 }
                if let last = clean.last, samples.last != last { samples.append(last) }
                return
            }
            for index in samples.indices where random.next() % 25 == 0 {
                switch random.next() % 6 {
                case 0: samples[index].registerWattHours = 0
                case 1:
                    samples[index].registerWattHours =
                        (samples[index].registerWattHours + 40_000_000) % 100_000_000
                case 2:
                    samples[index].registerWattHours = max(0, samples[index].registerWattHours - 1)
                case 3: samples[index].at = samples[index].at.adding(seconds: 86_400)
                case 4: samples[index].at = samples[index].at.adding(seconds: -86_400)
                default: samples[index].sequence = nil
                }
            }
            samples = samples.filter { _ in random.next() % 20 != 0 }
        }
    }

    private func run(_ samples: [RegisterSample], _ state: RegisterState) -> RegisterRun {
        RegisterMachine.run(samples, from: state, rules: houseRules())
    }

    @Test func `the order of the readings and repeats change nothing`() {
        for seed in 0..<60 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: false)
            var random = SeededRandom(seed: seed + 1_000)
            let whole = run(story.samples, opening(story.opening))
            for _ in 0..<3 {
                let repeats = story.samples.filter { _ in random.next() % 3 == 0 }
                let mixed = (story.samples + repeats).shuffled(using: &random)
                #expect(run(mixed, opening(story.opening)) == whole, "seed \(seed)")
            }
        }
    }

    @Test func `an honest register loses and invents nothing, however few its readings`() {
        let grid = BlockGrid(zone: india)!
        var settled = 0
        for seed in 0..<100 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: true)
            let result = run(story.samples, opening(story.opening))
            // A rollover among the last readings still waits.
            guard !result.isPending else { continue }
            settled += 1
            #expect(result.energy.wattHours == story.truth, "seed \(seed)")
            let first = CivilDate("2026-10-01")!
            let days = blockDays(
                first...first.adding(days: 6),
                of: result,
                rules: houseRules(),
                grid: grid
            )
            #expect(days.reduce(Energy.zero) { $0 + $1.energy } == result.energy, "seed \(seed)")
            for pair in zip(days, days.dropFirst()) {
                #expect(pair.0.closing == pair.1.opening, "seed \(seed)")
            }
        }
        #expect(settled > 90)
    }

    @Test func `cutting the readings anywhere and carrying the state on changes nothing`() {
        var tried = 0
        for seed in 0..<60 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: false)
            let whole = run(story.samples, opening(story.opening))
            var random = SeededRandom(seed: seed + 2_000)
            for _ in 0..<8 {
                let cut = at(Int.random(in: 0...500, using: &random))
                let early = story.samples.filter { $0.at <= cut }
                let late = story.samples.filter { $0.at > cut }
                let highest = early.compactMap(\.ordinal).max() ?? -1
                // A displaced clock that crosses the cut is another test's.
                guard late.allSatisfy({ $0.ordinal ?? .max > highest }) else { continue }
                tried += 1
                let first = run(early, opening(story.opening))
                let carried = RegisterState(text: first.state.text)!
                let second = run(late, carried)
                let place = "seed \(seed), cut at \(cut)"
                #expect(first.transitions + second.transitions == whole.transitions, "\(place)")
                #expect(second.state == whole.state, "\(place)")
                #expect(
                    Set(first.verdicts + second.verdicts) == Set(whole.verdicts),
                    "\(place)"
                )
            }
        }
        #expect(tried > 100)
    }

    @Test func `a checkpoint leads to the same end as the whole`() {
        for seed in 0..<60 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: false)
            let whole = run(story.samples, opening(story.opening))
            let middle = RegisterMachine.run(
                story.samples,
                from: opening(story.opening),
                rules: houseRules(),
                checkpoint: at(100)
            )
            #expect(middle.transitions == whole.transitions)
            guard let checkpoint = middle.checkpoint else { continue }
            #expect(checkpoint.isSettled)
            #expect(checkpoint.last.at <= at(100))
            let displaced = whole.verdicts.contains { $0.outcome == .clock }
            let second = run(story.samples, checkpoint)
            guard !displaced else { continue }
            #expect(second.state == whole.state, "seed \(seed)")
        }
    }

    @Test func `no fault makes energy negative or more than the truth`() {
        for seed in 0..<300 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: false)
            let result = run(story.samples, opening(story.opening))
            #expect(result.transitions.allSatisfy { $0.energy >= .zero }, "seed \(seed)")
            #expect(result.energy.wattHours <= story.truth, "seed \(seed)")
        }
    }

    @Test func `a displaced clock that crosses the cut still counts each watt-hour once`() {
        for seed in 0..<40 as Range<UInt64> {
            var random = SeededRandom(seed: seed)
            var samples = quarterHours((1...300).map { 50_000_000 + Int64($0) * 100 })
            let place = Int.random(in: 100..<190, using: &random)
            let seconds: Int64 = seed % 2 == 0 ? 86_400 : -86_400
            for index in place..<place + 5 {
                samples[index].at = samples[index].at.adding(seconds: seconds + 11)
            }
            var state = opening(50_000_000)
            var energy: Int64 = 0
            for start in stride(from: 0, to: 500, by: 96) {
                let part = run(
                    samples.filter { $0.at > at(start) && $0.at <= at(start + 96) },
                    state
                )
                state = part.state
                energy += part.energy.wattHours
            }
            #expect(energy == 30_000, "seed \(seed)")
        }
    }

    // MARK: Zeros that recover, late readings, people

    /// An honest register far from zero and from its modulus, with stretches of zeros on its way.
    private struct ZeroStory {
        var samples: [RegisterSample] = []
        var truth: Int64 = 0
        var highest: Int64 = 0
        let opening: Int64

        init(seed: UInt64) {
            var random = SeededRandom(seed: seed + 90_000)
            opening = Int64.random(in: 5_000_000..<80_000_000, using: &random)
            var register = opening
            var zeros = 0
            var good = 0
            let isOnBoundaries = seed % 2 == 0
            for index in 1...480 {
                let used = Int64.random(in: 0...900, using: &random)
                truth += used
                highest = max(highest, used)
                register += used
                // Before a next fall the register is seen to be back.
                if zeros == 0, good > 8, (20..<380).contains(index), random.next() % 60 == 0 {
                    zeros = Int.random(in: 1...90, using: &random)
                } else if zeros > 0 {
                    zeros -= 1
                }
                good = zeros > 0 ? 0 : good + 1
                samples.append(
                    RegisterSample(
                        at: october.adding(
                            seconds: Int64(index) * 900 - (isOnBoundaries ? 0 : 450)
                        ),
                        registerWattHours: zeros > 0 ? 0 : register,
                        sequence: Int32(index),
                        powerMilliwatts: Int32(used) * 4_000
                    )
                )
            }
        }

        var days: ClosedRange<CivilDate> {
            let first = CivilDate("2026-10-01")!
            return first...first.adding(days: 5)
        }
    }

    private func curves(_ run: RegisterRun, _ days: ClosedRange<CivilDate>) -> [BlockDay] {
        blockDays(days, of: run, rules: houseRules(), grid: BlockGrid(zone: india)!)
    }

    @Test func `zeros that recover lose and invent nothing, and no block is a tower`() {
        var shared = 0
        for seed in 0..<80 as Range<UInt64> {
            let story = ZeroStory(seed: seed)
            let result = run(story.samples, opening(story.opening))
            #expect(result.energy.wattHours == story.truth, "seed \(seed)")
            let days = curves(result, story.days)
            #expect(days.reduce(Energy.zero) { $0 + $1.energy } == result.energy, "seed \(seed)")
            // The first reading may come half a quarter after the opening.
            let most = days.flatMap(\.energies).dropFirst().max() ?? 0
            #expect(Int64(most) <= story.highest + 1, "seed \(seed)")
            for pair in zip(days, days.dropFirst()) {
                #expect(pair.0.closing == pair.1.opening, "seed \(seed)")
            }
            for day in days {
                #expect(day.last?.register.wattHours != 0, "seed \(seed)")
                #expect(day.first?.register.wattHours != 0, "seed \(seed)")
            }
            shared += result.zeroStretches.count { $0.isShared }
            var random = SeededRandom(seed: seed)
            let mixed = run(story.samples.shuffled(using: &random), opening(story.opening))
            #expect(mixed == result, "seed \(seed)")
        }
        #expect(shared > 80, "\(shared)")
    }

    @Test func `late readings in a gap lose and invent nothing and make no outage`() {
        for seed in 0..<60 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: true)
            var random = SeededRandom(seed: seed + 3_000)
            guard story.clean.count > 100 else { continue }
            let start = Int.random(in: 10..<50, using: &random)
            let gap = start..<start + Int.random(in: 8..<45, using: &random)
            let kept = story.clean.indices.filter { !gap.contains($0) }.map { story.clean[$0] }
            var late = story.clean[gap].filter { _ in random.next() % 8 == 0 }
            // Whatever a late one is numbered, as long as it fits between.
            for index in late.indices where random.next() % 2 == 0 {
                late[index].powerMilliwatts = nil
            }
            let result = run(kept + late, opening(story.opening))
            guard !result.isPending else { continue }
            #expect(result.energy.wattHours == story.truth, "seed \(seed)")
            let first = CivilDate("2026-10-01")!
            let days = curves(result, first...first.adding(days: 6))
            #expect(days.reduce(Energy.zero) { $0 + $1.energy } == result.energy, "seed \(seed)")
            #expect(days.allSatisfy { $0.count(.powerOutage) == 0 }, "seed \(seed)")
        }
    }

    @Test func `what people read among reports changes no byte`() {
        for seed in 0..<60 as Range<UInt64> {
            let story = ZeroStory(seed: seed)
            let whole = run(story.samples, opening(story.opening))
            var random = SeededRandom(seed: seed + 4_000)
            let read = story.samples.dropFirst().dropLast().filter { _ in random.next() % 50 == 0 }
                .map { sample in
                    let off = Int64.random(in: -20_000...20_000, using: &random)
                    return RegisterSample(
                        at: sample.at.adding(seconds: Int64.random(in: -850...850, using: &random)),
                        registerWattHours: max(0, sample.registerWattHours + off) / 1_000 * 1_000,
                        flags: [.registerOnly, .readByConsumer]
                    )
                }
            let mixed = (story.samples + read).shuffled(using: &random)
            #expect(run(mixed, opening(story.opening)) == whole, "seed \(seed)")
        }
    }

    @Test func `what people read in silences and had billed never makes more than the truth`() {
        for seed in 0..<100 as Range<UInt64> {
            let story = Story(seed: seed, isHonest: true)
            var random = SeededRandom(seed: seed + 5_000)
            guard story.opening < 90_000_000 else { continue }
            // Rounded down, as a register of whole units shows it.
            let read = story.clean.filter { _ in random.next() % 30 == 0 }.map { sample in
                RegisterSample(
                    at: sample.at.adding(seconds: 7),
                    registerWattHours: sample.registerWattHours / 1_000 * 1_000,
                    flags: random.next() % 2 == 0
                        ? [.registerOnly, .readByAssessor]
                        : [.registerOnly, .readByAssessor, .acceptedForBilling]
                )
            }
            let result = run(story.samples + read, opening(story.opening))
            #expect(result.transitions.allSatisfy { $0.energy >= .zero }, "seed \(seed)")
            #expect(result.energy.wattHours <= story.truth, "seed \(seed)")
            guard !result.isPending, story.samples.last == story.clean.last else { continue }
            #expect(result.energy.wattHours == story.truth, "seed \(seed)")
        }
    }
}
