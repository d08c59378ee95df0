import Billing
package import Metering
package import ReadingFiles
import Registry
package import Store
import Units

/// Imports readings from the rows of a file of any length, in constant memory: all are checked before
/// any is stored, an import that was killed goes on when it is run again, and importing the same file
/// again stores nothing.
///
/// The rows are sorted by meter and time on the disk first (`RowSpool`), whatever their order: days
/// can be summed, neighbours in the table are written together, and each day is marked once.
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
        /// Readings that an earlier, interrupted import of the same file had settled; they are counted
        /// above as well.
        package var resumedAfter = 0
        /// The first readings that differ from another of the same instant: what the file says.
        package var conflicting: [(meter: String, reading: RegisterReading)] = []
        /// By meter: days between its first and last without a row, as ranges.
        package var missingDays: [(meter: String, days: Int, ranges: String)] = []
        /// Meters whose days could not be made, and why.
        package var unmade: [UnmadeDays] = []
    }

    /// What a long import is doing.
    package enum Stage: Sendable {
        /// Rows are read and checked; how many there are is not known yet.
        case checking
        case storing
        /// Days are made from the readings.
        case makingDays
    }

    let store: Store
    let clock: WallClock

    package init(store: Store, clock: WallClock) {
        self.store = store
        self.clock = clock
    }

    /// Imports rows that are in memory.
    package func callAsFunction(
        _ rows: [ReadingImportRow],
        options: Options,
        by caller: Caller
    ) async throws -> Report {
        try await self(ReadingSource(rows), options: options, by: caller)
    }

    /// Imports a source of rows; `progress` is told how many of how many are done in each stage.
    package func callAsFunction(
        _ source: ReadingSource,
        options: Options,
        by caller: Caller,
        progress: @Sendable (Stage, Int, Int) -> Void = { _, _, _ in }
    ) async throws -> Report {
        try caller.require(.manager, .engineer)
        let office = try await FindOffices(store: store)(caller.office)
        let (known, archived) = try await store.withTenant(office.id, readOnly: true) {
            (try $0.metersBySerial(), try $0.archivedMonths())
        }
        var survey = ImportSurvey(
            office: office,
            options: options,
            known: known,
            archived: Set(archived),
            latest: clock.now().adding(seconds: Limits.importFutureSeconds)
        )
        let ending = try source.read { row in
            try survey.take(row)
            if survey.rows % Limits.importRowsPerTransaction == 0 {
                progress(.checking, survey.rows, 0)
            }
        }
        try survey.finish(ending)
        guard survey.rows > 0 else {
            throw InvalidInput("file", "missing", "no row for the meters asked for")
        }
        var report = Report()
        report.rows = survey.rows
        report.meters = survey.meters.count
        report.missingDays = survey.missingDays
        let meters = try await meters(of: survey, known: known, office: office, report: &report)
        _ = try await MakePartitions(store: store, clock: clock)(of: survey.months)
        let digest = ending.digest.map { name(of: $0, options) }
        let writer = ImportWriter(
            store: store,
            clock: clock,
            office: office,
            meters: meters,
            digest: digest,
            file: source.name
        )
        try await writer.write(survey.spool, into: &report) { progress(.storing, $0, $1) }
        report.unmade = try await RollUpDays(store: store, clock: clock)(office: office) {
            progress(.makingDays, $0, $1)
        }.unmade
        return report
    }

    /// The files that were imported, or begun, last.
    package func imports(by caller: Caller) async throws -> [ReadingImport] {
        try caller.require(.manager, .engineer, .clerk)
        return try await store.withTenant(caller.office, readOnly: true) {
            try $0.readingImports(limit: Limits.importsListed)
        }
    }

    /// What an import is recognised by: the content of the file, and what is taken from it.
    private func name(of digest: [UInt8], _ options: Options) -> [UInt8] {
        options.only.isEmpty
            ? digest : sha256(digest + Array(options.only.joined(separator: "\n").utf8))
    }

    /// The meters of the file in the order of its numbers; unknown ones are registered.
    private func meters(
        of survey: ImportSurvey,
        known: [String: Meter],
        office: Office,
        report: inout Report
    ) async throws -> [Meter] {
        var meters: [Meter] = []
        meters.reserveCapacity(survey.meters.count)
        for found in survey.meters {
            if let meter = known[found.serial] {
                meters.append(meter)
                continue
            }
            let new = ImportedMeter(found, tariff: survey.options.createWithTariff ?? "")
            let meter = try await store.withTenant(office.id) { try new.register(office, in: $0) }
            meters.append(meter)
            report.created += 1
        }
        return meters
    }
}

/// A meter that an import registers, with a consumer and a service of its name.
private struct ImportedMeter: Sendable {
    let name: String
    let start: Instant
    let opening: Energy?
    let tariff: String

    init(_ found: ImportSurvey.FoundMeter, tariff: String) {
        name = found.serial
        start = found.start
        opening = found.opening
        self.tariff = tariff
    }

    func register(_ office: Office, in transaction: TenantTransaction) throws -> Meter {
        let begins = office.zone.date(of: start)
        let firstDay =
            office.cycle.period(named: office.cycle.name(containing: begins))?.first ?? begins
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
