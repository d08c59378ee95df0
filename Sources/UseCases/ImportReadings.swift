package import Metering
import Registry
package import Store
import Units

/// Imports readings from a file's rows: all are checked before any is stored, and importing the
/// same file again stores nothing.
package struct ImportReadings: Sendable {
    /// How an import goes about meters it does not know.
    package struct Options: Sendable {
        /// Meters to take, as patterns with `*` and `?`; empty for all.
        package var only: [String]
        /// Registers unknown meters with a consumer and a service of this tariff family.
        package var createWithTariff: String?

        package init(only: [String] = [], createWithTariff: String? = nil) {
            self.only = only
            self.createWithTariff = createWithTariff
        }
    }

    /// What an import did.
    package struct Report: Sendable {
        package var rows = 0
        package var meters = 0
        package var created = 0
        package var stored = 0
        package var duplicates = 0
        package var conflicts = 0
        /// The first readings that differ from another of the same instant: what the file says.
        package var conflicting: [(meter: String, reading: RegisterReading)] = []
        /// By meter: days between its first and last without a row, as ranges.
        package var missingDays: [(meter: String, days: Int, ranges: String)] = []
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Imports rows; `progress` is told how many readings of how many are stored.
    package func callAsFunction(
        _ rows: [ReadingImportRow],
        options: Options,
        by caller: Caller,
        progress: @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Report {
        try caller.require(.manager, .engineer)
        let office = try await FindOffices(store: store)(caller.office)
        let wanted = rows.filter { row in
            options.only.isEmpty || options.only.contains { matches(row.meter, pattern: $0) }
        }
        guard !wanted.isEmpty else {
            throw InvalidInput("file", "missing", "no row for the meters asked for")
        }
        var byMeter: [String: [ReadingImportRow]] = [:]
        for row in wanted { byMeter[row.meter, default: []].append(row) }
        var report = Report()
        report.rows = wanted.count
        report.meters = byMeter.count
        let (plan, serials) = try await prepare(
            byMeter,
            office: office,
            options: options,
            report: &report
        )
        if let tooLarge = plan.first(where: {
            $0.reading.main.energyWattHours >= Limits.importedRegisterWattHours
        }) {
            throw InvalidInput(
                "register_wh",
                "out_of_range",
                "\(tooLarge.reading.main.energyWattHours) Wh at \(tooLarge.reading.at) is more than a "
                    + "register can show"
            )
        }
        try await ensurePartitions(plan, office: office)
        try await storeAll(
            plan,
            serials: serials,
            office: office,
            report: &report,
            progress: progress
        )
        try await RollUpDays(store: store, clock: clock)(office: office)
        return report
    }

    /// Checks everything, registers what is to be created, and lays the readings out.
    private func prepare(
        _ byMeter: [String: [ReadingImportRow]],
        office: Office,
        options: Options,
        report: inout Report
    ) async throws -> (plan: [ReadingInsertion], serials: [Meter.ID: String]) {
        let names = byMeter.keys.sorted()
        var meters = try await store.withTenant(office.id, readOnly: true) {
            try $0.metersBySerial()
        }
        var faults: [FieldFault] = []
        for name in names where meters[name] == nil && options.createWithTariff == nil {
            let line = byMeter[name]?.first?.line ?? 0
            faults.append(FieldFault("line \(line)", "unknown", "no meter '\(name)'"))
        }
        // A first pass with the registers as they are, so that a fault is found before anything
        // is created.
        for name in names {
            do throws(ImportFault) {
                let limit = Instant(clock.now(), plusSeconds: 300)
                try check(byMeter[name] ?? [], notAfter: limit, zone: office.zone)
            } catch {
                faults.append(FieldFault("line \(error.line)", "invalid", error.detail))
            }
        }
        if !faults.isEmpty { throw InvalidInput(Array(faults.prefix(Limits.faultsNamed))) }
        for name in names where meters[name] == nil {
            meters[name] = try await create(
                name,
                rows: byMeter[name] ?? [],
                tariff: options.createWithTariff ?? "",
                office: office
            )
            report.created += 1
        }
        var plan: [ReadingInsertion] = []
        var serials: [Meter.ID: String] = [:]
        for name in names {
            guard let meter = meters[name] else { continue }
            serials[meter.id] = name
            plan += try await insertions(
                byMeter[name] ?? [],
                meter: meter,
                office: office,
                report: &report
            )
        }
        return (plan, serials)
    }

    private func check(
        _ rows: [ReadingImportRow],
        notAfter limit: Instant,
        zone: OfficeZone
    ) throws(ImportFault) {
        let (daily, _) = try registers(ofDailyEnergies: rows, opening: .zero, zone: zone)
        if let last = daily.last, last.at > limit {
            throw ImportFault(
                line: rows.last?.line ?? 0,
                detail: "\(last.at) lies in the future"
            )
        }
        for row in rows {
            if case .register(let at, _, _) = row.value, at > limit {
                throw ImportFault(line: row.line, detail: "\(at) lies in the future")
            }
        }
    }

    private func insertions(
        _ rows: [ReadingImportRow],
        meter: Meter,
        office: Office,
        report: inout Report
    ) async throws -> [ReadingInsertion] {
        var plan: [ReadingInsertion] = []
        for row in rows {
            guard case .register(let at, let energy, let isEstimated) = row.value else { continue }
            plan.append(
                insertion(
                    meter,
                    RegisterReading(at: at, register: energy),
                    flags: isEstimated ? .estimated : []
                )
            )
        }
        let first = rows.compactMap { row -> CivilDate? in
            if case .day(let day, _) = row.value { day } else { nil }
        }.min()
        guard let first else { return plan }
        let start = office.zone.start(of: first)
        let opening = try await store.withTenant(office.id, readOnly: true) { transaction in
            try transaction.register(of: meter.id, atOrBefore: start)?.register
                ?? transaction.openingRegister(of: meter.id)
        }
        let (readings, missing) = try registers(
            ofDailyEnergies: rows,
            opening: opening,
            zone: office.zone
        )
        if !missing.isEmpty {
            report.missingDays.append((meter.serial, missing.count, dayRanges(missing)))
        }
        guard meter.multiplier == 1 else {
            throw InvalidInput(
                "meter",
                "invalid",
                "meter \(meter.serial) has the multiplier \(meter.multiplier): give its registers, "
                    + "not daily energies"
            )
        }
        return plan + readings.map { insertion(meter, $0, flags: .sumOfDays) }
    }

    private func insertion(
        _ meter: Meter,
        _ reading: RegisterReading,
        flags: ReadingFlags
    ) -> ReadingInsertion {
        ReadingInsertion(
            meter: meter.id,
            reading: AcceptedReading(
                at: reading.at,
                epoch: 0,
                sequence: nil,
                main: ChannelReading(energyWattHours: reading.register.wattHours),
                flags: flags.union([.imported, .registerOnly])
            )
        )
    }

    private func create(
        _ name: String,
        rows: [ReadingImportRow],
        tariff: String,
        office: Office
    ) async throws -> Meter {
        let instants = rows.map { row in
            switch row.value {
            case .day(let day, _): office.zone.start(of: day)
            case .register(let at, _, _): at
            }
        }
        let start = instants.min() ?? clock.now()
        let opening = rows.compactMap { row -> Energy? in
            if case .register(let at, let energy, _) = row.value, at == start {
                energy
            } else {
                nil
            }
        }.first
        let begins = office.zone.date(of: start)
        let firstDay =
            office.cycle.period(named: office.cycle.name(containing: begins))?.first ?? begins
        return try await store.withTenant(office.id) { transaction in
            let consumer = Consumer(id: Consumer.ID(0), number: name, name: "Household \(name)")
            let consumerID = try transaction.insert(consumer)
            let service = try transaction.insert(
                Service(
                    id: Service.ID(0),
                    number: name,
                    consumer: consumerID,
                    consumerNumber: name,
                    consumerName: consumer.name,
                    category: "domestic",
                    tariffFamily: tariff,
                    sanctionedLoadWatts: 5_000,
                    phases: 1,
                    feeder: nil,
                    transformer: nil,
                    address: "",
                    // Nobody said when it was connected: not in the middle of a cycle, so that the
                    // cycle in which its readings begin is not billed as a new connection's.
                    connectedOn: firstDay,
                    closedOn: nil
                )
            )
            var meter = Meter(
                id: Meter.ID(0),
                serial: name,
                registerDigits: 8,
                multiplier: 1,
                channels: 3
            )
            meter.id = try transaction.insert(meter, credentialDigest: nil, brokerHash: nil)
            try transaction.install(
                meter: meter.id,
                service: service,
                at: start,
                openingRegister: opening ?? .zero
            )
            return meter
        }
    }

    private func ensurePartitions(_ plan: [ReadingInsertion], office: Office) async throws {
        guard let oldest = plan.map(\.reading.at).min() else { return }
        let month = OfficeZone(name: "UTC", offsetSeconds: 0).date(of: oldest).month
        _ = try await MakePartitions(store: store, clock: clock)(from: month)
    }

    private func storeAll(
        _ plan: [ReadingInsertion],
        serials: [Meter.ID: String],
        office: Office,
        report: inout Report,
        progress: @Sendable (Int, Int) -> Void
    ) async throws {
        var start = 0
        while start < plan.count {
            let end = min(start + Limits.importRowsPerTransaction, plan.count)
            let batch = Array(plan[start..<end])
            let marks = Set(
                batch.map {
                    MeterDayKey(meter: $0.meter, day: office.zone.meteringDay(of: $0.reading.at))
                }
            )
            let outcomes = try await store.withTenant(office.id) { transaction in
                let outcomes = try transaction.insert(batch)
                try transaction.markDirty(marks)
                return outcomes
            }
            report.stored += outcomes.count { $0 == .stored }
            report.duplicates += outcomes.count { $0 == .duplicate }
            for (row, outcome) in zip(batch, outcomes) where outcome == .conflict {
                report.conflicts += 1
                guard report.conflicting.count < Limits.faultsNamed else { continue }
                report.conflicting.append(
                    (
                        serials[row.meter] ?? "",
                        RegisterReading(at: row.reading.at, register: row.reading.main.energy)
                    )
                )
            }
            start = end
            progress(start, plan.count)
        }
    }
}

extension Instant {
    fileprivate init(_ instant: Instant, plusSeconds seconds: Int64) {
        self = instant.adding(seconds: seconds)
    }
}

/// Whether a name matches a pattern with `*` for any run and `?` for one character.
package func matches(_ name: some StringProtocol, pattern: some StringProtocol) -> Bool {
    guard let first = pattern.first else { return name.isEmpty }
    if first == "*" {
        return name.indices.contains { matches(name[$0...], pattern: pattern.dropFirst()) }
            || matches("", pattern: pattern.dropFirst())
    }
    guard let head = name.first, first == "?" || first == head else { return false }
    return matches(name.dropFirst(), pattern: pattern.dropFirst())
}
