import Billing
import Fleet
import Metering
import Registry
import Tariffs
import Units
import UseCases

/// A believable small town for the demo: the same consumers, meters and oddities from one seed,
/// with a year of history behind them.
struct DemoTown: Sendable {
    /// What the demo needs to know of the town it built or found.
    struct Town: Sendable {
        let office: Office
        /// Name of the cycle that ended at the last midnight.
        let cycle: CivilMonth
        /// Serials of the meters that report.
        let reportingSerials: [String]
    }

    static let password = "demo-town-2026"
    static let seed: UInt64 = 20_261_123
    /// Days of history before the meters' own backlog begins.
    private static let historyDays = 400
    /// History is hourly for so many days and daily before.
    private static let hourlyDays = 35
    private static let backlogDays = 2
    private static let pastCycles = 5

    let useCases: UseCaseSet
    let tariffDocuments: [TariffDocument]

    /// Builds the town of this day, or finds it.
    func open(progress: @Sendable (String) -> Void) async throws -> Town {
        let zone = OfficeZone.india
        let today = zone.date(of: useCases.clock.now().adding(seconds: -300))
        let yesterday = today.adding(days: -1)
        let rule = CycleRule(
            months: 2,
            day: today.components.day,
            endsInEvenMonth: cycleMonth(endingOn: yesterday, today: today).month % 2 == 0
        )
        let day = "\(today.components.month.padded(2))\(today.components.day.padded(2))"
        let cycle = cycleMonth(endingOn: yesterday, today: today)
        let households = DemoHousehold.town
        let serials = households.compactMap(\.reportingSerial)
        var code = "ambur-\(day)"
        for attempt in 2... {
            guard let office = try? await useCases.findOffices(code: code) else { break }
            if try await isComplete(office) {
                return Town(office: office, cycle: cycle, reportingSerials: serials)
            }
            // A demo was stopped while it built this one: it stays as it is.
            code = "ambur-\(day)-\(attempt)"
        }
        progress("building the town: \(households.count) services with a year of history")
        let office = try await useCases.addOffice(
            AddOffice.Input(
                code: code,
                name: "Ambur Town Section Office",
                cycleMonths: rule.months,
                cycleDay: rule.day,
                cycleEndsInEvenMonth: rule.endsInEvenMonth,
                oldestReadingDays: 500
            )
        )
        let manager = Caller(office: office.id, name: "manager", role: .manager)
        _ = try await useCases.publishTariff(
            tariffDocuments.filter { ["tneb-lt1a", "tnpdcl-lt5"].contains($0.family) },
            by: manager
        )
        try await addStaff(office, by: manager)
        let backlogStart = zone.start(of: today.adding(days: -Self.backlogDays))
        for household in households {
            try await register(household, office: office, today: today, by: manager)
        }
        try await importHistory(
            households,
            zone: zone,
            until: backlogStart,
            by: manager,
            progress: progress
        )
        try await exchangeMeter(households, zone: zone, today: today, by: manager)
        try await addOddReadings(households, office: office)
        try await billPast(office, lastCycle: cycle, by: manager, progress: progress)
        return Town(office: office, cycle: cycle, reportingSerials: serials)
    }

    /// A cycle is named by the month of its last day; with day 1 that is yesterday's month too.
    private func cycleMonth(endingOn yesterday: CivilDate, today: CivilDate) -> CivilMonth {
        today.components.day == 1 ? yesterday.month : today.month
    }

    /// Whether every past cycle has been billed, which is the last step of building.
    private func isComplete(_ office: Office) async throws -> Bool {
        let manager = Caller(office: office.id, name: "manager", role: .manager)
        let runs = try await useCases.showBills.runs(try PageRequest(), by: manager)
        return Set(runs.items.filter { $0.finishedAt != nil }.map(\.cycle)).count >= Self.pastCycles
    }

    private func addStaff(_ office: Office, by manager: Caller) async throws {
        for (login, name, role) in [
            ("manager", "Meenakshi Sundaram", "manager"), ("clerk", "Joseph Raj", "clerk"),
            ("engineer", "Fathima Begum", "engineer"),
        ] {
            _ = try await useCases.addUser(
                AddUser.Input(
                    login: "\(login)@\(office.code)",
                    name: name,
                    role: role,
                    password: Self.password
                ),
                by: manager
            )
        }
    }

    private func register(
        _ household: DemoHousehold,
        office: Office,
        today: CivilDate,
        by manager: Caller
    ) async throws {
        _ = try await useCases.registerConsumer(
            RegisterConsumer.Input(
                number: household.consumerNumber,
                name: household.name,
                phone: household.phone,
                address: household.address,
                language: household.language
            ),
            by: manager
        )
        let connected = today.adding(days: -household.daysOfHistory(Self.historyDays))
        _ = try await useCases.registerService(
            RegisterService.Input(
                number: household.serviceNumber,
                consumerNumber: household.consumerNumber,
                category: household.category,
                tariffFamily: household.tariffFamily,
                sanctionedLoadWatts: household.sanctionedLoadWatts,
                phases: household.phases,
                feeder: household.feeder,
                transformer: household.transformer,
                address: household.address,
                connectedOn: connected.description
            ),
            by: manager
        )
        _ = try await useCases.registerMeter(
            RegisterMeter.Input(
                serial: household.serial,
                registerDigits: household.registerDigits,
                serviceNumber: household.serviceNumber,
                installedAt: office.zone.start(of: connected).description,
                openingRegisterWattHours: Int(household.openingRegister)
            ),
            by: manager
        )
        if household.oddity == .none || household.number <= 3 {
            _ = try await useCases.addUser(
                AddUser.Input(
                    login: "\(household.login)@\(office.code)",
                    name: household.name,
                    role: "consumer",
                    password: Self.password,
                    consumerNumber: household.consumerNumber
                ),
                by: manager
            )
        }
    }

    // MARK: History

    private func importHistory(
        _ households: [DemoHousehold],
        zone: OfficeZone,
        until end: Instant,
        by manager: Caller,
        progress: @Sendable (String) -> Void
    ) async throws {
        let batches = await withTaskGroup(of: [ReadingImportRow].self) { group in
            for household in households {
                let last =
                    household.isReadByHand
                    ? end.adding(seconds: Int64(Self.backlogDays) * 86_400) : end
                group.addTask { history(of: household, zone: zone, until: last) }
            }
            var all: [[ReadingImportRow]] = []
            for await rows in group { all.append(rows) }
            return all
        }
        let rows = batches.flatMap(\.self)
        progress("storing \(rows.count) readings of the past year")
        _ = try await useCases.importReadings(
            rows,
            options: ImportReadings.Options(),
            by: manager
        )
    }

    /// The registers of a household: daily for most of the year, hourly for the last weeks.
    private func history(
        of household: DemoHousehold,
        zone: OfficeZone,
        until end: Instant
    ) -> [ReadingImportRow] {
        let load = HouseholdLoad(seed: Self.seed, serial: household.serial)
        let lastDay = zone.date(of: end)
        let firstDay = lastDay.adding(
            days: (household.isReadByHand ? 0 : Self.backlogDays)
                - household.daysOfHistory(Self.historyDays)
        )
        var at = zone.start(of: firstDay)
        let hourlyFrom = end.adding(seconds: -Int64(Self.hourlyDays) * 86_400)
        var milliwattHours = 0.0
        var fallenAt: Int64?
        var rows: [ReadingImportRow] = []
        while at < end {
            let supply = load.supply(at: at.adding(seconds: 450))
            let watts = supply.rest.watts + supply.dev1.watts + supply.dev2.watts
            milliwattHours += watts * household.scale * 250
            at = at.adding(seconds: 900)
            let isMidnight = zone.start(of: zone.date(of: at)) == at
            guard isMidnight || (at >= hourlyFrom && at.secondsSince1970 % 3_600 == 1_800),
                household.isHeard(zone.meteringDay(of: at), before: lastDay)
            else { continue }
            let wattHours = Int64(milliwattHours / 1_000)
            var register = household.register(after: wattHours)
            if household.isAfterReset(zone.meteringDay(of: at), before: lastDay) {
                fallenAt = fallenAt ?? wattHours
                register = wattHours - (fallenAt ?? 0)
            }
            rows.append(
                ReadingImportRow(
                    line: rows.count + 2,
                    meter: household.serial,
                    value: .register(at, Energy(wattHours: register), isEstimated: false)
                )
            )
        }
        return rows
    }

    private func exchangeMeter(
        _ households: [DemoHousehold],
        zone: OfficeZone,
        today: CivilDate,
        by manager: Caller
    ) async throws {
        guard let household = households.first(where: { $0.oddity == .exchanged }) else { return }
        let at = zone.start(of: today.adding(days: -DemoHousehold.exchangeDaysAgo))
        let last = try await useCases.showMeters.readings(
            serial: household.serial,
            from: at.adding(seconds: -7_200),
            to: at.adding(seconds: 1),
            limit: 10,
            by: manager
        ).last
        _ = try await useCases.registerMeter(
            RegisterMeter.Input(serial: household.newSerial),
            by: manager
        )
        try await useCases.replaceMeter(
            ReplaceMeter.Input(
                serviceNumber: household.serviceNumber,
                newSerial: household.newSerial,
                at: at,
                closingRegister: last?.main.energy ?? .zero,
                openingRegister: .zero
            ),
            by: manager
        )
    }

    /// A reading from the future and two values for one instant, so that the lists show them.
    private func addOddReadings(
        _ households: [DemoHousehold],
        office: Office
    ) async throws {
        guard let household = households.first(where: { $0.oddity == .wrongClock }),
            let identity = try await useCases.directory.meter(
                named: "\(office.code).\(household.serial)"
            )
        else { return }
        let now = useCases.clock.now()
        let readings = [now.adding(seconds: 86_400), now.adding(seconds: 3_600)].map { at in
            ReportedReading(
                at: at,
                sequence: 0,
                main: ChannelReading(energyWattHours: 1_000)
            )
        }
        for (index, reading) in readings.enumerated() {
            _ = try await useCases.acceptReadings(
                MeterReport(
                    epoch: 0,
                    sequence: Int64(index),
                    oldestSequence: nil,
                    items: [.success(reading)]
                ),
                from: identity
            )
        }
    }

    private func billPast(
        _ office: Office,
        lastCycle: CivilMonth,
        by manager: Caller,
        progress: @Sendable (String) -> Void
    ) async throws {
        for back in stride(from: Self.pastCycles * 2, through: 2, by: -2) {
            let cycle = lastCycle.adding(months: -back)
            progress("billing the cycle \(cycle)")
            _ = try await useCases.runBilling(cycle: cycle.description, issue: true, by: manager)
        }
    }
}
