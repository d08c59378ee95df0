import Metering
import Units

/// A year of one service with a known truth and faults of every kind, from a seed.
///
/// Readings are hourly and lie on the hour, so a calendar month's truth is told to the watt-hour.
struct SimulatedYear {
    /// What was done to the readings, and by what name it must be found.
    struct Fault {
        let name: RegisterOutcome
        let hours: ClosedRange<Int>
        /// How many readings bear the name; nil when a transition does.
        let readings: Int?
    }

    static let hours = 365 * 24
    static let modulus: Int64 = 100_000_000
    static let firstDay = CivilDate("2026-01-01")!

    var installed: [InstalledReadings] = []
    /// Energy of each hour that the registers can tell; what a fault hides is not in it.
    var told: [Int64]
    /// Energy of each hour that was really used.
    var used: [Int64]
    var faults: [Fault] = []

    private var random: SeededRandom
    private var registers: [Int64] = []
    private var samples: [RegisterSample] = []
    private var exchange: Int?
    private var secondOpening: Int64 = 0
    private var lastRegister: Int64 = 0

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        var hourly: [Int64] = []
        hourly.reserveCapacity(Self.hours)
        let base = Int64.random(in: 100...400, using: &random)
        for hour in 0..<Self.hours {
            let evening = (18...22).contains(hour % 24) ? base * 3 : base
            hourly.append(evening + Int64(random.next() % UInt64(base)))
        }
        used = hourly
        told = hourly
        let opening = Int64.random(in: 96_500_000..<99_900_000, using: &random)
        let plan = makePlan()
        walk(from: opening, plan)
        spoil(plan)
        finish(opening: opening)
    }

    static func instant(_ hour: Int) -> Instant {
        india.start(of: firstDay).adding(seconds: Int64(hour) * 3_600)
    }

    static var rules: RegisterRules {
        var rules = RegisterRules(
            modulusWattHours: modulus,
            multiplier: 1,
            largestPossibleWatts: 10_000
        )
        rules.intervalSeconds = 3_600
        return rules
    }

    /// What happens in which hour: at most one thing in five days, never across a month's end.
    private enum Kind: CaseIterable {
        case reset, zeros, longZeros, exchange, gap, spike, stuck, clock, backward, jump, dip
    }

    private mutating func makePlan() -> [(hour: Int, kind: Kind)] {
        var plan: [(hour: Int, kind: Kind)] = []
        var month = Self.firstDay.month
        for _ in 0..<12 {
            for day in [3, 8, 13, 18] where Bool.random(using: &random) {
                let date = month.day(day)
                let hour =
                    date.days(since: Self.firstDay) * 24 + Int.random(in: 1..<20, using: &random)
                plan.append((hour, Kind.allCases.randomElement(using: &random)!))
            }
            month = month.adding(months: 1)
        }
        return plan
    }

    /// The registers as the meter showed them, with what really happened to the meter itself.
    private mutating func walk(from opening: Int64, _ plan: [(hour: Int, kind: Kind)]) {
        var register = opening
        var events: [Int: Kind] = [:]
        for (hour, kind) in plan { events[hour] = kind }
        registers.reserveCapacity(Self.hours)
        for hour in 0..<Self.hours {
            let before = register
            register += used[hour]
            switch events[hour] {
            case .reset where before > 100_000 && before < Self.modulus - 100_000:
                register = used[hour]
                faults.append(Fault(name: .resetToZero, hours: hour...hour, readings: nil))
            case .jump:
                register = (before + 25_000_000) % Self.modulus
                told[hour] = 0
                let name = register > before ? RegisterOutcome.jump : .unexplainedFall
                faults.append(Fault(name: name, hours: hour...hour, readings: nil))
            case .backward where before > 100_000 && before < Self.modulus - 100_000:
                let fall = Int64.random(in: 10...5_000, using: &random)
                register = before - fall
                hide(fall + used[hour], from: hour)
                faults.append(Fault(name: .backwardRun, hours: hour...hour, readings: nil))
            case .exchange where exchange == nil:
                exchange = hour
                lastRegister = register % Self.modulus
                secondOpening = Int64.random(in: 0..<50_000_000, using: &random)
                register = secondOpening
            default: break
            }
            if register >= Self.modulus {
                register -= Self.modulus
                faults.append(Fault(name: .rollover, hours: hour...hour, readings: nil))
            }
            registers.append(register)
        }
    }

    /// What turned back is not told by the register while it climbs the same way again.
    private mutating func hide(_ energy: Int64, from start: Int) {
        var rest = energy
        var hour = start
        while rest > 0, hour < Self.hours {
            let part = min(rest, told[hour])
            told[hour] -= part
            rest -= part
            hour += 1
        }
    }

    /// Changes readings on their way, which changes nothing of the truth.
    private mutating func spoil(_ plan: [(hour: Int, kind: Kind)]) {
        samples = registers.enumerated().map { hour, register in
            RegisterSample(
                at: Self.instant(hour + 1),
                registerWattHours: register,
                sequence: Int32(hour + 1),
                powerMilliwatts: Int32(used[hour] * 1_000)
            )
        }
        var dropped: Set<Int> = []
        for (hour, kind) in plan {
            switch kind {
            case .zeros:
                let count = Int.random(in: 1...3, using: &random)
                for place in hour..<hour + count { samples[place].registerWattHours = 0 }
                note(.resetRecovered, hour, count, readings: count)
            case .longZeros:
                let count = Int.random(in: 5...60, using: &random)
                for place in hour..<hour + count { samples[place].registerWattHours = 0 }
                note(.resetRecovered, hour, count + 4, readings: nil)
                // The register came back late: its energy shows when it did.
                let hidden = told[hour..<hour + count].reduce(0, +)
                for place in hour..<hour + count { told[place] = 0 }
                told[hour + count] += hidden
            case .gap:
                let count = Int.random(in: 3...100, using: &random)
                dropped.formUnion(hour..<hour + count)
                note(.gap, hour, count, readings: nil)
            case .spike:
                let count = Int.random(in: 1...2, using: &random)
                for place in hour..<hour + count {
                    let far = Int64.random(in: 33_000_000..<34_000_000, using: &random)
                    let register = (registers[place] + far) % Self.modulus
                    samples[place].registerWattHours = max(register, 2_000_000)
                }
                note(.spike, hour, count, readings: count)
            case .stuck:
                let count = Int.random(in: 10...48, using: &random)
                for place in hour..<hour + count {
                    samples[place].registerWattHours = registers[hour - 1]
                }
                note(.stuck, hour, count, readings: nil)
                note(.stuckReleased, hour, count, readings: nil)
            case .clock:
                let count = Int.random(in: 1...6, using: &random)
                let seconds: Int64 = Bool.random(using: &random) ? 86_400 : -86_400
                for place in hour..<hour + count {
                    samples[place].at = samples[place].at.adding(seconds: seconds)
                }
                note(.clock, hour - 24, count + 48, readings: count)
            case .dip:
                guard registers[hour - 1] > 0 else { continue }
                samples[hour].registerWattHours = registers[hour - 1] - 1
                note(.roundingDip, hour, 1, readings: 1)
            case .reset, .exchange, .jump, .backward: continue
            }
        }
        samples = samples.indices.filter { !dropped.contains($0) }.map { samples[$0] }
    }

    private mutating func note(
        _ name: RegisterOutcome,
        _ hour: Int,
        _ count: Int,
        readings: Int?
    ) {
        faults.append(
            Fault(name: name, hours: max(0, hour)...hour + count, readings: readings)
        )
    }

    /// Sends a tenth of the readings twice, and everything in disorder.
    private mutating func finish(opening: Int64) {
        let repeats = samples.filter { _ in random.next() % 10 == 0 }
        var first: [RegisterSample] = []
        var second: [RegisterSample] = []
        for sample in samples + repeats {
            let isFirst = exchange.map { sample.sequence! <= Int32($0) } ?? true
            if isFirst { first.append(sample) } else { second.append(sample) }
        }
        first.shuffle(using: &random)
        second.shuffle(using: &random)
        let meters = (1...2).map {
            Meter(
                id: Meter.ID(Int32($0)),
                serial: "m\($0)",
                registerDigits: 5,
                multiplier: 1,
                channels: 1
            )
        }
        let end = exchange.map { Self.instant($0 + 1) }
        installed = [
            InstalledReadings(
                installation: Installation(
                    meter: meters[0],
                    installedAt: Self.instant(0),
                    openingRegister: Energy(wattHours: opening),
                    removedAt: end,
                    closingRegister: exchange.map { _ in Energy(wattHours: lastRegister) }
                ),
                rules: Self.rules,
                samples: first
            )
        ]
        guard let end else { return }
        installed.append(
            InstalledReadings(
                installation: Installation(
                    meter: meters[1],
                    installedAt: end,
                    openingRegister: Energy(wattHours: secondOpening)
                ),
                rules: Self.rules,
                samples: second
            )
        )
    }
}
