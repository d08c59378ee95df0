import Metering
import Testing
import Units

/// A year of a hundred meters, with everything that happens to registers on their way.
struct FaultInjectionTests {
    static let meters = 100
    static let batches = 20

    @Test(arguments: 0..<batches)
    func `every fault is named, and every month is the truth to the watt-hour`(
        batch: Int
    ) throws {
        for meter in stride(from: batch, to: Self.meters, by: Self.batches) {
            let seed = UInt64(4_000 + meter)
            let year = SimulatedYear(seed: seed)
            let runs = registerRuns(of: year.installed).map(\.run)
            checkMonths(runs, year, seed)
            for fault in year.faults { checkNamed(fault, runs, seed) }
            let used = year.used.reduce(0, +)
            #expect(runs.reduce(0) { $0 + $1.energy.wattHours } <= used, "seed \(seed)")
            #expect(
                runs.allSatisfy { $0.transitions.allSatisfy { $0.energy >= .zero } },
                "seed \(seed)"
            )
        }
    }

    private func checkMonths(_ runs: [RegisterRun], _ year: SimulatedYear, _ seed: UInt64) {
        let grid = BlockGrid(zone: india, blockMinutes: 60)!
        let last = SimulatedYear.firstDay.adding(days: SimulatedYear.hours / 24 - 1)
        var months: [CivilMonth: Int64] = [:]
        for run in runs {
            let days = blockDays(
                SimulatedYear.firstDay...last,
                of: run,
                rules: SimulatedYear.rules,
                grid: grid
            )
            for day in days { months[day.day.month, default: 0] += day.energy.wattHours }
        }
        var told: [CivilMonth: Int64] = [:]
        for day in 0..<SimulatedYear.hours / 24 {
            let month = SimulatedYear.firstDay.adding(days: day).month
            told[month, default: 0] += year.told[day * 24..<day * 24 + 24].reduce(0, +)
        }
        for (month, energy) in told {
            #expect(months[month] == energy, "seed \(seed), \(month)")
        }
    }

    private func checkNamed(
        _ fault: SimulatedYear.Fault,
        _ runs: [RegisterRun],
        _ seed: UInt64
    ) {
        let from = SimulatedYear.instant(fault.hours.lowerBound)
        let to = SimulatedYear.instant(fault.hours.upperBound + 1)
        let message = "seed \(seed): \(fault.name.rawValue) in hours \(fault.hours)"
        if let readings = fault.readings {
            let found = runs.reduce(0) { sum, run in
                sum
                    + run.verdicts.count {
                        $0.outcome == fault.name && $0.at >= from && $0.at <= to
                    }
            }
            #expect(found == readings, "\(message)")
        } else {
            let found = runs.contains { run in
                run.transitions.contains {
                    $0.outcome == fault.name && $0.from.at <= to && $0.to.at >= from
                }
            }
            #expect(found, "\(message)")
        }
    }
}
