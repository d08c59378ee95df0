import Metering
import Registry
import Store
package import Units

// The round as a table: printed or opened in a spreadsheet, filled in, and taken again.

extension ReadingRound {
    /// The columns of a sheet; the last four are filled in on the way.
    package static let columns = [
        "service", "consumer", "address", "meter", "last_register_kwh", "last_read_at",
        "expected_low_kwh", "expected_high_kwh", "register_kwh", "read_at", "outcome", "note",
    ]

    /// The services of a round as fields in the order of `columns`, what is read already included.
    package func sheet(
        cycle: String?,
        group: String,
        by caller: Caller
    ) async throws -> (cycle: CivilMonth, rows: [[String]]) {
        let state = try await state(cycle: cycle, group: group, by: caller)
        let office = try await FindOffices(store: store)(caller.office)
        guard state.services <= Limits.roundRowsMaximum else {
            throw InvalidInput(
                "group",
                "too_many",
                "\(state.services) services; a sheet holds \(Limits.roundRowsMaximum): divide them "
                    + "into billing groups"
            )
        }
        var rows: [[String]] = []
        var after: String?
        repeat {
            let page = try await stops(
                cycle: state.cycle.description,
                group: group,
                page: PageRequest(after: after, limit: Limits.pageMaximum),
                by: caller
            )
            rows += page.items.map { Self.fields($0, zone: office.zone) }
            after = page.next
        } while after != nil
        return (state.cycle, rows)
    }

    /// Times are the office's, with the offset.
    private static func fields(_ stop: RoundStop, zone: OfficeZone) -> [String] {
        let visit = stop.visit
        return [
            stop.service.number, stop.service.consumerName, stop.service.address,
            stop.installation.meter.serial, stop.last.register.kilowattHoursText,
            zone.text(of: stop.last.at),
            stop.expected?.lowerBound.kilowattHoursText ?? "",
            stop.expected?.upperBound.kilowattHoursText ?? "",
            visit?.register?.kilowattHoursText ?? "", visit.map { zone.text(of: $0.at) } ?? "",
            visit?.outcome.rawValue ?? "", visit?.note ?? "",
        ].map(\.forSpreadsheet)
    }

    /// Takes a filled sheet: every row is checked, and with a fault in any of them nothing is kept.
    ///
    /// Rows without register and outcome are passed over; what is entered already counts as a
    /// duplicate; what is doubtful is held.
    package func take(
        _ rows: [ImportRow],
        cycle: String?,
        group: String,
        by caller: Caller
    ) async throws -> SheetReport {
        try caller.require(.manager, .clerk, .engineer)
        try ImportRow.checkColumns(
            of: rows,
            known: Self.columns,
            required: ["service", "register_kwh"]
        )
        guard rows.count <= Limits.roundRowsMaximum else {
            throw InvalidInput("file", "too_many", "at most \(Limits.roundRowsMaximum) rows")
        }
        let now = clock.now()
        return try await store.withTenant(caller.office) { transaction in
            let desk = try ReadingDesk(transaction, now: now, caller: caller)
            let (cycle, period) = try desk.round(cycle, group: group)
            var sheet = SheetTaking(desk: desk, cycle: cycle)
            let due = try transaction.roundNumbers(period: period, group: group)
            // In order of number, as every other who locks services does.
            for row in rows.sorted(by: { ($0["service"] ?? "") < ($1["service"] ?? "") }) {
                try sheet.take(row, due: due)
            }
            return try sheet.finish()
        }
    }
}

/// A sheet being taken: faults are gathered by line.
private struct SheetTaking {
    let desk: ReadingDesk
    let cycle: CivilMonth
    private var report = ReadingRound.SheetReport()
    private var faults: [(line: Int, fault: FieldFault)] = []
    private var lines: [String: Int] = [:]

    init(desk: ReadingDesk, cycle: CivilMonth) {
        self.desk = desk
        self.cycle = cycle
    }

    mutating func take(_ row: ImportRow, due: Set<String>) throws {
        report.rows += 1
        let number = row["service"]?.trimmed ?? ""
        if isBlank(row) {
            report.blank += 1
            return
        }
        if let line = lines.updateValue(row.line, forKey: number) {
            note(row, FieldFault("service", "taken", "\(number) stands on line \(line) already"))
            return
        }
        guard due.contains(number) else {
            note(row, FieldFault("service", "unknown", "no service '\(number)' in this round"))
            return
        }
        do {
            let (visit, serial) = try visit(row, number)
            count(try desk.enter(visit, cycle: cycle, meterSerial: serial), row.line)
        } catch let invalid as InvalidInput {
            for fault in invalid.faults { note(row, fault) }
        } catch let conflict as StateConflict {
            note(row, FieldFault("service", conflict.code, conflict.detail))
        }
    }

    func finish() throws -> ReadingRound.SheetReport {
        guard !faults.isEmpty else {
            var report = report
            report.holds.sort { $0.line < $1.line }
            report.hints.sort { $0.line < $1.line }
            return report
        }
        var named = faults.sorted { $0.line < $1.line }.prefix(Limits.faultsNamed).map {
            FieldFault("line \($0.line), \($0.fault.field)", $0.fault.code, $0.fault.detail)
        }
        if faults.count > named.count {
            named.append(FieldFault("file", "more", "\(faults.count - named.count) more faults"))
        }
        throw InvalidInput(named)
    }

    private func isBlank(_ row: ImportRow) -> Bool {
        ["register_kwh", "outcome"].allSatisfy { row[$0]?.trimmed.isEmpty ?? true }
    }

    private mutating func note(_ row: ImportRow, _ fault: FieldFault) {
        var fault = fault
        let columns = ["registerWattHours": "register_kwh", "at": "read_at"]
        fault.field = columns[fault.field] ?? fault.field
        faults.append((row.line, fault))
    }

    private mutating func count(_ entered: EnterReading.Entered, _ line: Int) {
        guard entered.isNew else {
            report.duplicates += 1
            return
        }
        if let hint = entered.reading.hint { report.hints.append((line, hint)) }
        switch entered.reading.state {
        case .accepted: report.accepted += 1
        case .held:
            report.held += 1
            report.holds.append((line, entered.reading))
        case .noted: report.noted += 1
        case .rejected: break
        }
    }

    private func visit(
        _ row: ImportRow,
        _ number: String
    ) throws -> (EnterReading.Visit, String?) {
        var faults = FaultCollector()
        let register = row["register_kwh"]?.trimmed.nilWhenEmpty
        let energy = register.flatMap { Energy(kilowattHours: $0) }
        faults.check(
            register == nil || energy != nil,
            "register_kwh",
            "invalid",
            "'\(register ?? "")' is no register in kWh such as 1234 or 1234.5"
        )
        let word = row["outcome"]?.trimmed.nilWhenEmpty
        let outcome = word.map { VisitOutcome(rawValue: $0) } ?? .read
        faults.check(
            outcome != nil,
            "outcome",
            "unknown",
            "one of \(VisitOutcome.allCases.map(\.rawValue).joined(separator: ", "))"
        )
        let time = row["read_at"]?.trimmed.nilWhenEmpty
        let at = time.flatMap { readingInstant($0, zone: desk.office.zone, now: desk.now) }
        faults.check(
            time == nil || at != nil,
            "read_at",
            "invalid",
            "a day such as 2026-11-23, with the time as in 2026-11-23 10:15, or an instant"
        )
        try faults.finish()
        return (
            EnterReading.Visit(
                serviceNumber: number,
                at: at,
                outcome: outcome ?? .read,
                register: energy,
                note: row["note"] ?? ""
            ),
            row["meter"]?.trimmed.nilWhenEmpty
        )
    }
}

/// The instant that people write: RFC 3339, or a day and time in the office's zone.
///
/// A day alone is its end, as daily registers go; today it is now. Nil for anything else.
package func readingInstant(_ text: String, zone: OfficeZone, now: Instant) -> Instant? {
    if let instant = Instant(text) { return instant }
    guard let date = CivilDate(text.prefix(10)) else { return nil }
    let rest = text.dropFirst(10)
    if rest.isEmpty {
        let end = zone.start(of: date.adding(days: 1))
        return zone.date(of: now) == date ? min(now, end) : end
    }
    guard let first = rest.first, first == " " || first == "T" else { return nil }
    let parts = rest.dropFirst().split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, parts.allSatisfy({ $0.utf8.count == 2 }) else {
        return nil
    }
    let numbers = parts.compactMap { decimalDigits($0.utf8) }
    guard numbers.count == parts.count, numbers[0] < 24, numbers[1] < 60,
        numbers.count < 3 || numbers[2] < 60
    else { return nil }
    let seconds = numbers[0] * 3_600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)
    return zone.start(of: date).adding(seconds: Int64(seconds))
}
