package import Metering
import Units

/// Reads a CSV file of readings piece by piece; its header decides what the rows are.
///
/// `meter,date,kwh` (or `household` for `meter`): energy of whole local days, at most three decimals.
/// `meter,at,register_wh` with an optional `quality` of `measured` or `estimated`: the register at
/// an instant. Columns may stand in any order. Rows at fault are collected with their lines, so that
/// a file can be mended in one go.
package struct ReadingCSV {
    private enum Layout {
        case days(meter: Int, date: Int, energy: Int)
        case registers(meter: Int, at: Int, register: Int, quality: Int?)
    }

    private var reader = CSVReader()
    private var header: CSVHeader?
    private var layout: Layout?
    private var isBroken = false

    /// Rows without a fault that were not taken away yet, in the order of the file.
    package private(set) var rows: [ReadingImportRow] = []
    /// All rows without a fault, those that were taken away included.
    package private(set) var rowCount = 0
    /// The first faults, in the order of the file.
    package private(set) var faults: [ImportFault] = []
    /// All faults, those that are not kept included.
    package private(set) var faultCount = 0

    package init() {}

    /// Gives the rows read since the last time, so that a long file needs no more memory than a piece.
    package mutating func takeRows() -> [ReadingImportRow] {
        defer { rows.removeAll(keepingCapacity: true) }
        return rows
    }

    /// Takes the next bytes of the file; after a fault that leaves no sense in the rest, does nothing.
    package mutating func feed(_ bytes: some Sequence<UInt8>) {
        guard !isBroken else { return }
        do throws(ImportFault) {
            for record in try reader.feed(bytes) { take(record) }
        } catch {
            stop(error)
        }
    }

    /// Takes what is left when the file ends; a file without a header or rows is at fault too.
    package mutating func finish() {
        guard !isBroken else { return }
        do throws(ImportFault) {
            for record in try reader.finish() { take(record) }
            guard !isBroken else { return }
            guard layout != nil else {
                throw ImportFault(line: 1, detail: "the file is empty; " + Self.columnsExpected)
            }
            guard rowCount > 0 || faultCount > 0 else {
                throw ImportFault(line: 2, detail: "the file has a header and no row")
            }
        } catch {
            stop(error)
        }
    }

    private static let columnsExpected =
        "the columns are meter,date,kwh or meter,at,register_wh[,quality]"

    private static let oldestDay =
        CivilDate(year: Limits.csvOldestYear, month: 1, day: 1) ?? CivilDate(daysSince1970: 0)

    private mutating func take(_ record: CSVRecord) {
        guard !isBroken else { return }
        do throws(ImportFault) {
            guard let header, let layout else {
                let header = try CSVHeader(record)
                layout = try Self.layout(header, line: record.line)
                self.header = header
                return
            }
            try header.check(record)
            let row = try Self.row(record, layout)
            guard rowCount < Limits.csvRecords else {
                isBroken = true
                throw ImportFault(
                    line: record.line,
                    detail: "more than \(Limits.csvRecords) rows in one file"
                )
            }
            rows.append(row)
            rowCount += 1
        } catch {
            note(error)
            // Without a header nothing that follows can be understood.
            if layout == nil { isBroken = true }
        }
    }

    private mutating func stop(_ fault: ImportFault) {
        note(fault)
        isBroken = true
    }

    private mutating func note(_ fault: ImportFault) {
        faultCount += 1
        if faults.count < Limits.csvFaults { faults.append(fault) }
    }

    private static func layout(_ header: CSVHeader, line: Int) throws(ImportFault) -> Layout {
        let columns = header.columns
        let known: Set<String> = [
            "meter", "household", "date", "kwh", "at", "register_wh", "quality",
        ]
        if let unknown = columns.first(where: { !known.contains($0) }) {
            throw ImportFault(
                line: line,
                detail: "column '\(unknown)' is unknown; \(columnsExpected)"
            )
        }
        guard let meter = columns.firstIndex(where: { $0 == "meter" || $0 == "household" }),
            !(columns.contains("meter") && columns.contains("household"))
        else {
            throw ImportFault(
                line: line,
                detail: "one column 'meter' is needed; \(columnsExpected)"
            )
        }
        func place(_ name: String) -> Int? { columns.firstIndex(of: name) }
        if let date = place("date"), let energy = place("kwh"), columns.count == 3 {
            return .days(meter: meter, date: date, energy: energy)
        }
        let quality = place("quality")
        if let at = place("at"), let register = place("register_wh"),
            columns.count == (quality == nil ? 3 : 4)
        {
            return .registers(meter: meter, at: at, register: register, quality: quality)
        }
        throw ImportFault(line: line, detail: columnsExpected)
    }

    private static func row(
        _ record: CSVRecord,
        _ layout: Layout
    ) throws(ImportFault) -> ReadingImportRow {
        func fault(_ detail: String) -> ImportFault {
            ImportFault(line: record.line, detail: detail)
        }
        func meterName(_ index: Int) throws(ImportFault) -> String {
            let name = trimmed(record.fields[index])
            guard !name.isEmpty, name.utf8.count <= Limits.textBytes else {
                throw fault("the meter needs 1 to \(Limits.textBytes) bytes")
            }
            return name
        }
        switch layout {
        case .days(let meter, let date, let energy):
            let name = try meterName(meter)
            let dateText = trimmed(record.fields[date])
            guard let day = CivilDate(dateText), day >= oldestDay else {
                throw fault("'\(dateText)' is no date such as 2026-11-23")
            }
            let energyText = trimmed(record.fields[energy])
            guard let value = Energy(kilowattHours: energyText),
                value.wattHours <= Limits.register
            else {
                throw fault(
                    "'\(energyText)' is no energy in kWh such as 14.611 (at most three decimals)"
                )
            }
            return ReadingImportRow(line: record.line, meter: name, value: .day(day, value))
        case .registers(let meter, let at, let register, let quality):
            let name = try meterName(meter)
            let atText = trimmed(record.fields[at])
            guard let instant = Instant(atText), instant >= OfficeZone.india.start(of: oldestDay)
            else {
                throw fault("'\(atText)' is no instant such as 2026-11-23T10:15:00Z")
            }
            let registerText = trimmed(record.fields[register])
            guard let value = parseDecimal(registerText, places: 0), value <= Limits.register
            else {
                throw fault("'\(registerText)' is no register in whole watt-hours")
            }
            let word = quality.map { trimmed(record.fields[$0]) } ?? ""
            guard ["", "measured", "estimated"].contains(word) else {
                throw fault("quality is 'measured' or 'estimated', not '\(word)'")
            }
            return ReadingImportRow(
                line: record.line,
                meter: name,
                value: .register(
                    instant,
                    Energy(wattHours: value),
                    isEstimated: word == "estimated"
                )
            )
        }
    }
}
