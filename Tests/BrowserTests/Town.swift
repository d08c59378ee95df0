import Metering
import Registry
import TestSupport
import Units
import UseCases

/// An office with thirteen months of history: one household to look at closely and some neighbours,
/// one of whose meters has fallen silent.
struct Town: Sendable {
    static let consumerNumber = "C-0023"
    static let serviceNumber = "04-117/23"
    private static let serial = "m-2301"
    private static let firstDay = CivilDate("2025-10-01")
    private static let neighbours = 8
    /// 23 November 2026, 3:45 pm in Kolkata.
    private static let now = Instant(secondsSince1970: 1_795_428_900)

    let office: TestOffice
    /// What the household's meter signs in with.
    let meterToken: String
    var useCases: UseCaseSet { office.useCases }

    static func make() async throws -> Town {
        let office = try await TestOffice.make(at: now)
        try await office.publish(family: "tneb-lt1a")
        let town = Town(office: office, meterToken: try await register(in: office))
        try await town.importHistory()
        try await town.billHistory()
        try await town.forecastHistory()
        return town
    }

    /// Registers everyone; the credential of the household's meter.
    private static func register(in office: TestOffice) async throws -> String {
        let useCases = office.useCases
        let day = (Self.firstDay ?? CivilDate(daysSince1970: 0)).description
        _ = try await useCases.registerConsumer(
            RegisterConsumer.Input(
                number: Self.consumerNumber,
                name: "லட்சுமி நாராயணன் (Lakshmi Narayanan)",
                phone: "+914225550123",
                address: "14 காந்தி சாலை, Gandhi Road, Coimbatore 641018",
                language: "ta"
            ),
            by: office.manager
        )
        _ = try await useCases.registerService(
            RegisterService.Input(
                number: Self.serviceNumber,
                consumerNumber: Self.consumerNumber,
                category: "LT I-A",
                tariffFamily: "tneb-lt1a",
                sanctionedLoadWatts: 5_000,
                connectedOn: day
            ),
            by: office.manager
        )
        let registered = try await useCases.registerMeter(
            RegisterMeter.Input(
                serial: Self.serial,
                serviceNumber: Self.serviceNumber,
                installedAt: office.office.zone.start(of: CivilDate(day) ?? .init(daysSince1970: 0))
                    .description
            ),
            by: office.manager
        )
        for neighbour in 1...Self.neighbours {
            _ = try await office.connect("n\(neighbour)", on: day)
        }
        return registered.credential
    }

    /// A day's use: more when it is hot, a little different every day, nothing on the gap days.
    private func wattHours(_ day: CivilDate, household: Int) -> Int64? {
        let text = day.description
        let gaps = ["2026-11-12", "2026-11-13", "2026-09-20", "2026-05-04"]
        if household == 0, gaps.contains(text) { return nil }
        // The last neighbour's meter fell silent at the end of September.
        if household == Self.neighbours, text > "2026-09-30" { return nil }
        let season: [Int64] = [5, 6, 8, 11, 12, 10, 8, 8, 7, 7, 6, 5]
        let base = season[day.components.month - 1] * 1_000
        let mixed = UInt64(
            bitPattern: Int64(day.daysSince1970) &* 2_654_435_761 &+ Int64(household)
        )
        return base + Int64(mixed % 3_001) - 1_500 + Int64(household) * 250
    }

    private func importHistory() async throws {
        var rows: [ReadingImportRow] = []
        let today = office.office.zone.date(of: Self.now)
        for household in 0...Self.neighbours {
            let serial = household == 0 ? Self.serial : "m-n\(household)"
            var day = Self.firstDay ?? today
            while day < today {
                if let used = wattHours(day, household: household) {
                    rows.append(
                        ReadingImportRow(
                            line: rows.count + 2,
                            meter: serial,
                            value: .day(day, Energy(wattHours: used))
                        )
                    )
                }
                day = day.adding(days: 1)
            }
        }
        _ = try await useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: office.manager
        )
    }

    /// Bills each cycle a few days after its end.
    private func billHistory() async throws {
        for cycle in ["2025-12", "2026-02", "2026-04", "2026-06", "2026-08", "2026-10"] {
            guard let month = CivilMonth(cycle) else { continue }
            office.clock.now = office.office.zone.start(of: month.last.adding(days: 5))
                .adding(seconds: 11 * 3_600)
            _ = try await useCases.runBilling(cycle: cycle, issue: true, by: office.manager)
        }
        office.clock.now = Self.now
    }

    /// The evenings before some months and a cycle, a night on which they are scored, and last night.
    private func forecastHistory() async throws {
        let places = (1...Self.neighbours).map { number in
            ImportRow(
                line: number + 1,
                fields: [
                    "service": "S-n\(number)", "transformer": "T-\(1 + number % 3)",
                    "feeder": number % 3 == 2 ? "F-South" : "F-North",
                ]
            )
        }
        _ = try await useCases.hangService.importRows(places, by: office.manager)
        let evenings = ["2026-06-30", "2026-07-31", "2026-08-31", "2026-09-30", "2026-10-31"]
        for night in evenings + ["2026-11-05", "2026-11-22"] {
            guard let origin = CivilDate(night) else { continue }
            _ = try await useCases.runForecasts(origin: origin, by: office.manager)
        }
    }

    // MARK: Today

    /// The readings of the last hours, and one that has to be refused; what the register shows then.
    func reportToday() async throws -> Int64 {
        let identity = try await identity()
        var register = historyWattHours
        for step in 0..<36 {
            let at = Self.now.adding(seconds: Int64(step - 36) * 600)
            // Two hours without a word in the middle.
            if (12..<20).contains(step) { continue }
            register += 90
            try await report(identity, at: at, register: register, milliwatts: power(step))
        }
        let ahead = Self.now.adding(seconds: 86_400)
        try await report(identity, at: ahead, register: register, milliwatts: 500_000)
        // Housekeeping does this every few seconds.
        try await useCases.live.flush()
        return register
    }

    private func power(_ step: Int) -> Int32 {
        let shape: [Int32] = [310, 325, 300, 480, 1_420, 1_460, 620, 590, 540, 900, 870, 430]
        return shape[step % shape.count] * 1_000
    }

    private func identity() async throws -> MeterIdentity {
        let (meter, _) = try await useCases.showMeters.show(
            serial: Self.serial,
            by: office.manager
        )
        return office.identity(of: meter)
    }

    /// What the register showed at the end of the history.
    private var historyWattHours: Int64 {
        var sum: Int64 = 0
        var day = Self.firstDay ?? CivilDate(daysSince1970: 0)
        while day < office.office.zone.date(of: Self.now) {
            sum += wattHours(day, household: 0) ?? 0
            day = day.adding(days: 1)
        }
        return sum
    }

    private func report(
        _ identity: MeterIdentity,
        at: Instant,
        register: Int64,
        milliwatts: Int32
    ) async throws {
        let reading = ReportedReading(
            at: at,
            sequence: at.secondsSince1970 % 1_000_000,
            main: ChannelReading(
                energyWattHours: register,
                powerMilliwatts: milliwatts,
                voltageMillivolts: 229_000 + milliwatts % 4_000,
                currentMilliamps: milliwatts / 225,
                powerFactorPermille: 977
            ),
            dev1: ChannelReading(energyWattHours: register / 4, powerMilliwatts: 60_000),
            dev2: ChannelReading(energyWattHours: register / 8, powerMilliwatts: 0)
        )
        _ = try await useCases.acceptReadings(
            MeterReport(
                epoch: 0,
                sequence: at.secondsSince1970 % 1_000_000,
                oldestSequence: nil,
                items: [.success(reading)]
            ),
            from: identity
        )
    }
}
