import Metering
import Units

let india = OfficeZone.india

/// Midnight of 2026-10-01 in India.
let october = Instant(secondsSince1970: 20_727 * 86_400 - 19_800)

/// A house that can draw 10 kW on a register of 5 digits, read every quarter of an hour.
func houseRules(modulus: Int64 = 100_000_000, multiplier: Int64 = 1) -> RegisterRules {
    RegisterRules(
        modulusWattHours: modulus,
        multiplier: multiplier,
        largestPossibleWatts: 10_000
    )
}

func at(_ quarters: Int) -> Instant { october.adding(seconds: Int64(quarters) * 900) }

/// Readings every quarter of an hour after the opening, numbered from 1; nil leaves one out.
func quarterHours(_ registers: [Int64?], power: Int32? = nil) -> [RegisterSample] {
    registers.enumerated().compactMap { index, register in
        register.map {
            RegisterSample(
                at: at(index + 1),
                registerWattHours: $0,
                sequence: Int32(index + 1),
                powerMilliwatts: power
            )
        }
    }
}

func opening(_ register: Int64) -> RegisterState {
    RegisterState(
        opening: RegisterReading(at: october, register: Energy(wattHours: register))
    )
}

func run(
    _ open: Int64,
    _ registers: [Int64?],
    power: Int32? = nil,
    rules: RegisterRules = houseRules()
) -> RegisterRun {
    RegisterMachine.run(
        quarterHours(registers, power: power),
        from: opening(open),
        rules: rules
    )
}

func outcomes(_ run: RegisterRun) -> [RegisterOutcome] { run.transitions.map(\.outcome) }

func verdicts(_ run: RegisterRun) -> [RegisterOutcome] { run.verdicts.map(\.outcome) }
