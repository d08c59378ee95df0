import Metering
import ReadingFiles
import Registry
import Units

/// The first pass of an import: every row is checked and laid into a spool; nothing is stored.
struct ImportSurvey {
    /// What the file says of one meter.
    struct FoundMeter: Sendable {
        let serial: String
        /// The earliest instant the file tells about.
        var start: Instant
        /// The register at that instant, where a row gives one.
        var opening: Energy?
    }

    let office: Office
    let options: ImportReadings.Options
    private let known: [String: Meter]
    private let archived: Set<CivilMonth>
    private let latest: Instant
    private let utc = OfficeZone(name: "UTC", offsetSeconds: 0)

    /// By name: the number of a meter that is taken, nil for one that is passed over.
    private var numbers: [String: Int32?] = [:]
    private var faults: [ImportFault] = []
    /// Lines that name a meter nobody has registered.
    private var strangerLines: Set<Int> = []
    private var faultCount = 0
    private var hasDays = false
    private var hasRegisters = false
    private var lastMonth: CivilMonth?

    /// The meters taken, in the order of their numbers.
    private(set) var meters: [FoundMeter] = []
    private(set) var rows = 0
    /// The months with a reading, in UTC as partitions go.
    private(set) var months: Set<CivilMonth> = []
    private(set) var missingDays: [(meter: String, days: Int, ranges: String)] = []
    let spool = RowSpool()

    init(
        office: Office,
        options: ImportReadings.Options,
        known: [String: Meter],
        archived: Set<CivilMonth>,
        latest: Instant
    ) {
        self.office = office
        self.options = options
        self.known = known
        self.archived = archived
        self.latest = latest
    }

    /// Checks a row and keeps it.
    mutating func take(_ row: ReadingImportRow) throws {
        guard let number = try number(of: row) else { return }
        rows += 1
        var spooled = SpooledRow(
            meter: number,
            line: Int32(clamping: row.line),
            isDay: false,
            isEstimated: false,
            time: 0,
            wattHours: 0
        )
        let instant: Instant
        switch row.value {
        case .day(let day, let energy):
            hasDays = true
            instant = office.zone.start(of: day.adding(days: 1))
            spooled.isDay = true
            spooled.time = Int64(day.daysSince1970)
            spooled.wattHours = energy.wattHours
            begin(number, at: office.zone.start(of: day), register: nil)
        case .register(let at, let energy, let isEstimated):
            hasRegisters = true
            instant = at
            spooled.isEstimated = isEstimated
            spooled.time = at.microsecondsSince1970
            spooled.wattHours = energy.wattHours
            if energy.wattHours >= Limits.importedRegisterWattHours {
                note(row.line, "\(energy.wattHours) Wh is more than a register can show")
            }
            begin(number, at: at, register: energy)
        }
        try check(instant, line: row.line)
        try spool.append(spooled)
    }

    /// Checks what only the whole file shows, and throws when anything in it is wrong.
    mutating func finish(_ ending: ReadingSource.Ending) throws {
        try spool.finish()
        if hasDays { try checkDays() }
        if hasRegisters { try checkRegisters() }
        faultCount += ending.faultCount
        guard faultCount > 0 else { return }
        let all = (faults + ending.faults).sorted { ($0.line, $0.detail) < ($1.line, $1.detail) }
        var named = all.prefix(Limits.faultsNamed).map {
            FieldFault(
                "line \($0.line)",
                strangerLines.contains($0.line) ? "unknown" : "invalid",
                $0.detail
            )
        }
        if faultCount > named.count {
            named.append(FieldFault("file", "more", "\(faultCount - named.count) more faults"))
        }
        throw InvalidInput(named)
    }

    /// The number of the row's meter; nil when it is not asked for.
    private mutating func number(of row: ReadingImportRow) throws -> Int32? {
        if let number = numbers[row.meter] {
            if number != nil, case .day = row.value { checkMultiplier(row) }
            return number
        }
        guard numbers.count < Limits.importMeters else {
            throw InvalidInput(
                "file",
                "too_many",
                "more than \(Limits.importMeters) meters in one file"
            )
        }
        let isWanted =
            options.only.isEmpty || options.only.contains { matches(row.meter, pattern: $0) }
        guard isWanted else {
            numbers[row.meter] = .some(nil)
            return nil
        }
        if known[row.meter] == nil, options.createWithTariff == nil {
            if faults.count < Limits.faultsNamed { strangerLines.insert(row.line) }
            note(row.line, "no meter '\(row.meter)'")
        }
        if case .day = row.value { checkMultiplier(row) }
        let number = Int32(clamping: meters.count)
        numbers[row.meter] = number
        meters.append(
            FoundMeter(serial: row.meter, start: Instant(microsecondsSince1970: .max))
        )
        return number
    }

    private mutating func checkMultiplier(_ row: ReadingImportRow) {
        guard let meter = known[row.meter], meter.multiplier != 1 else { return }
        note(
            row.line,
            "meter \(meter.serial) has the multiplier \(meter.multiplier): give its registers, "
                + "not daily energies"
        )
    }

    private mutating func begin(_ number: Int32, at instant: Instant, register: Energy?) {
        guard instant < meters[Int(number)].start else { return }
        meters[Int(number)].start = instant
        meters[Int(number)].opening = register
    }

    private mutating func check(_ instant: Instant, line: Int) throws {
        if instant > latest { note(line, "\(instant) lies in the future") }
        let month = utc.date(of: instant).month
        if !archived.isEmpty {
            // The whole local day must be here, or it could not be made anew.
            let day = office.zone.meteringDay(of: instant)
            let first = utc.date(of: office.zone.start(of: day)).month
            if let kept = [first, month].first(where: { archived.contains($0) }) {
                note(line, "\(instant): the readings of \(kept) are in the archive, for good")
            }
        }
        guard month != lastMonth else { return }
        lastMonth = month
        guard months.insert(month).inserted, months.count > Limits.importMonths else { return }
        throw InvalidInput(
            "line \(line)",
            "too_many",
            "readings of more than \(Limits.importMonths) months in one file; is a clock wrong?"
        )
    }

    private mutating func note(_ line: Int, _ detail: String) {
        faultCount += 1
        if faults.count < Limits.faultsNamed {
            faults.append(ImportFault(line: line, detail: detail))
        }
    }

    /// One row a day and meter; days without a row are remembered by meter.
    private mutating func checkDays() throws {
        var cursor = spool.cursor()
        var previous: SpooledRow?
        var sum: Int64 = 0
        var missing: [CivilDate] = []
        while let row = try cursor.next() {
            if row.meter != previous?.meter {
                if let previous { name(&missing, of: previous.meter) }
                previous = nil
                sum = 0
            }
            guard row.isDay else { continue }
            let day = CivilDate(daysSince1970: Int32(clamping: row.time))
            if let previous {
                if previous.time == row.time {
                    note(Int(row.line), "\(day) stands on line \(previous.line) already")
                }
                for gap in stride(from: previous.time + 1, to: row.time, by: 1) {
                    missing.append(CivilDate(daysSince1970: Int32(clamping: gap)))
                }
            }
            let wasPossible = sum < Limits.importedRegisterWattHours
            sum = sum.addingReportingOverflow(row.wattHours).partialValue
            if wasPossible, sum >= Limits.importedRegisterWattHours || sum < 0 {
                note(Int(row.line), "the register would be too large")
                sum = Limits.importedRegisterWattHours
            }
            previous = row
        }
        if let previous { name(&missing, of: previous.meter) }
        missingDays.sort { $0.meter < $1.meter }
    }

    /// One register an instant and meter; the same row twice is harmless.
    private mutating func checkRegisters() throws {
        var cursor = spool.cursor()
        var first: SpooledRow?
        while let row = try cursor.next() {
            guard !row.isDay else { continue }
            guard let earlier = first, earlier.meter == row.meter, earlier.time == row.time else {
                first = row
                continue
            }
            guard earlier.wattHours != row.wattHours else { continue }
            let stands = Energy(wattHours: earlier.wattHours).kilowattHoursText
            note(
                Int(row.line),
                "\(Instant(microsecondsSince1970: row.time)) stands on line \(earlier.line) already, "
                    + "with another register (\(stands) kWh)"
            )
        }
    }

    private mutating func name(_ missing: inout [CivilDate], of meter: Int32) {
        guard !missing.isEmpty else { return }
        missingDays.append((meters[Int(meter)].serial, missing.count, dayRanges(missing)))
        missing.removeAll(keepingCapacity: true)
    }
}
