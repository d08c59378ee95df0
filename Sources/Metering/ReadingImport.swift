package import Units

/// A row of a file of readings.
package struct ReadingImportRow: Sendable, Hashable {
    /// What the row tells.
    package enum Value: Sendable, Hashable {
        /// Energy of a whole local day; the register stands at the sum so far when it ends.
        case day(CivilDate, Energy)
        /// The register at an instant.
        case register(Instant, Energy, isEstimated: Bool)
    }

    /// Line in the file, the header being line 1.
    package var line: Int
    /// Serial of the meter, or the household's name in research data.
    package var meter: String
    package var value: Value

    package init(line: Int, meter: String, value: Value) {
        self.line = line
        self.meter = meter
        self.value = value
    }
}

/// A row that cannot be stored, found by its line.
package struct ImportFault: Error, Sendable, Hashable {
    package var line: Int
    package var detail: String

    package init(line: Int, detail: String) {
        self.line = line
        self.detail = detail
    }
}

/// Daily energies of one meter as registers at the midnights that end the days.
///
/// `opening`: where the register stands at the beginning of the first day.
///
/// Returns readings in order of time, and the days between the first and the last without a
/// row: named, not invented.
package func registers(
    ofDailyEnergies rows: [ReadingImportRow],
    opening: Energy,
    zone: OfficeZone
) throws(ImportFault) -> (readings: [RegisterReading], missing: [CivilDate]) {
    var days: [(line: Int, day: CivilDate, energy: Energy)] = []
    for row in rows {
        if case .day(let day, let energy) = row.value { days.append((row.line, day, energy)) }
    }
    days.sort { ($0.day, $0.line) < ($1.day, $1.line) }
    var readings: [RegisterReading] = []
    var missing: [CivilDate] = []
    var register = opening
    for (index, entry) in days.enumerated() {
        if index > 0 {
            let previous = days[index - 1]
            guard previous.day < entry.day else {
                throw ImportFault(
                    line: entry.line,
                    detail: "\(entry.day) stands on line \(previous.line) already"
                )
            }
            var gap = previous.day.adding(days: 1)
            while gap < entry.day {
                missing.append(gap)
                gap = gap.adding(days: 1)
            }
        }
        let (sum, overflow) = register.wattHours.addingReportingOverflow(entry.energy.wattHours)
        guard !overflow else {
            throw ImportFault(line: entry.line, detail: "the register would be too large")
        }
        register = Energy(wattHours: sum)
        readings.append(
            RegisterReading(at: zone.start(of: entry.day.adding(days: 1)), register: register)
        )
    }
    return (readings, missing)
}
