package import Metering

/// A record of a CSV file: the texts of its fields, and the line it begins on.
package struct CSVRecord: Hashable, Sendable {
    /// Counted from 1, the header's line.
    package let line: Int
    package let fields: [String]
}

/// Reads CSV as RFC 4180 has it, piece by piece in constant memory: fields in double quotes may hold
/// commas, line ends and doubled quotes; lines end with CR LF or LF.
///
/// Refused with its line: a quote in the middle of a field, text after a closing quote, a quote never
/// closed, bytes that are not UTF-8, a record that is too long. A byte-order mark and empty lines are
/// passed over. After a fault nothing more can be read.
package struct CSVReader {
    private enum Place { case fieldStart, plain, quoted, afterQuote }

    private var place = Place.fieldStart
    private var line = 1
    private var recordLine = 1
    private var field: [UInt8] = []
    private var fields: [String] = []
    private var recordBytes = 0
    private var sawReturn = false
    private var start: [UInt8] = []
    private var isPastMark = false

    package init() {}

    /// Takes the next bytes of the file and gives every record that ends in them.
    package mutating func feed(
        _ bytes: some Sequence<UInt8>
    ) throws(ImportFault) -> [CSVRecord] {
        var records: [CSVRecord] = []
        for byte in bytes {
            if !isPastMark {
                if try !passesMark(byte, &records) { continue }
            }
            try take(byte, &records)
        }
        return records
    }

    /// The last record, where the file does not end with a line end.
    package mutating func finish() throws(ImportFault) -> [CSVRecord] {
        var records: [CSVRecord] = []
        if !isPastMark {
            isPastMark = true
            for byte in start { try take(byte, &records) }
        }
        guard place != .quoted else {
            throw ImportFault(line: recordLine, detail: "a quote is opened and never closed")
        }
        if sawReturn { throw loneReturn }
        if !fields.isEmpty || !field.isEmpty || place == .afterQuote {
            try endRecord(&records)
        }
        return records
    }

    /// Holds the first three bytes back until it is known whether they are a byte-order mark.
    private mutating func passesMark(
        _ byte: UInt8,
        _ records: inout [CSVRecord]
    ) throws(ImportFault) -> Bool {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if byte == mark[start.count] {
            start.append(byte)
            isPastMark = start.count == 3
            return false
        }
        isPastMark = true
        for held in start { try take(held, &records) }
        return true
    }

    private var loneReturn: ImportFault {
        ImportFault(line: line, detail: "a carriage return without a line feed")
    }

    private mutating func take(
        _ byte: UInt8,
        _ records: inout [CSVRecord]
    ) throws(ImportFault) {
        recordBytes += 1
        guard recordBytes <= Limits.csvRecordBytes else {
            throw ImportFault(
                line: recordLine,
                detail: "the record is longer than \(Limits.csvRecordBytes) bytes; "
                    + "is a quote left open?"
            )
        }
        if place == .quoted {
            if byte == UInt8(ascii: "\"") {
                place = .afterQuote
            } else {
                if byte == UInt8(ascii: "\n") { line += 1 }
                field.append(byte)
            }
            return
        }
        if sawReturn, byte != UInt8(ascii: "\n") { throw loneReturn }
        switch byte {
        case UInt8(ascii: ","): try endField()
        case UInt8(ascii: "\r"): sawReturn = true
        case UInt8(ascii: "\n"):
            try endRecord(&records)
            line += 1
            recordLine = line
        case UInt8(ascii: "\""):
            switch place {
            case .fieldStart: place = .quoted
            case .afterQuote:
                field.append(byte)
                place = .quoted
            case .plain, .quoted:
                throw ImportFault(
                    line: line,
                    detail: "a quote in the middle of a field; put the whole field in quotes"
                )
            }
        default:
            guard place != .afterQuote else {
                throw ImportFault(line: line, detail: "text after a closing quote")
            }
            place = .plain
            field.append(byte)
        }
    }

    private mutating func endField() throws(ImportFault) {
        guard let text = String(validating: field, as: UTF8.self) else {
            throw ImportFault(line: line, detail: "the text is not UTF-8")
        }
        guard fields.count < Limits.csvColumns else {
            throw ImportFault(line: line, detail: "more than \(Limits.csvColumns) columns")
        }
        fields.append(text)
        field.removeAll(keepingCapacity: true)
        place = .fieldStart
    }

    private mutating func endRecord(_ records: inout [CSVRecord]) throws(ImportFault) {
        sawReturn = false
        recordBytes = 0
        if fields.isEmpty, field.isEmpty, place == .fieldStart { return }
        try endField()
        records.append(CSVRecord(line: recordLine, fields: fields))
        fields.removeAll(keepingCapacity: true)
    }
}

/// The first record of a CSV file: which column is where.
package struct CSVHeader: Hashable, Sendable {
    package let columns: [String]

    /// Refuses an empty or doubled column name.
    package init(_ record: CSVRecord) throws(ImportFault) {
        columns = record.fields.map(trimmed)
        for (index, column) in columns.enumerated() {
            guard !column.isEmpty else {
                throw ImportFault(line: record.line, detail: "column \(index + 1) has no name")
            }
            guard !columns[..<index].contains(column) else {
                throw ImportFault(line: record.line, detail: "column '\(column)' stands twice")
            }
        }
    }

    /// The fields of a record by column; a record with more or fewer fields is refused.
    package func fields(of record: CSVRecord) throws(ImportFault) -> [String: String] {
        try check(record)
        return Dictionary(uniqueKeysWithValues: zip(columns, record.fields))
    }

    /// Refuses a record that has not as many fields as there are columns.
    func check(_ record: CSVRecord) throws(ImportFault) {
        guard record.fields.count == columns.count else {
            throw ImportFault(
                line: record.line,
                detail: "\(record.fields.count) fields instead of \(columns.count)"
            )
        }
    }
}

/// A whole CSV file with a header, as rows by column.
///
/// - Returns: the header and each row with its line.
/// - Throws: `ImportFault` with the line of the first fault.
package func csvRows(
    _ bytes: [UInt8]
) throws(ImportFault) -> (header: CSVHeader, rows: [(line: Int, fields: [String: String])]) {
    let table = try csvTable(bytes)
    if let first = table.ragged.first { throw first }
    return (table.header, table.rows)
}

/// The same, but goes on after a row with more or fewer fields than there are columns.
///
/// - Returns: the header, each row that fits it with its line, and a fault for each that does not.
/// - Throws: `ImportFault` where nothing more can be read.
package func csvTable(
    _ bytes: [UInt8]
) throws(ImportFault) -> (
    header: CSVHeader, rows: [(line: Int, fields: [String: String])], ragged: [ImportFault]
) {
    var reader = CSVReader()
    var records = try reader.feed(bytes)
    records += try reader.finish()
    guard let first = records.first else {
        throw ImportFault(line: 1, detail: "the file is empty; its first line names the columns")
    }
    let header = try CSVHeader(first)
    var rows: [(line: Int, fields: [String: String])] = []
    rows.reserveCapacity(records.count - 1)
    var ragged: [ImportFault] = []
    for record in records.dropFirst() {
        do throws(ImportFault) {
            rows.append((record.line, try header.fields(of: record)))
        } catch {
            ragged.append(error)
        }
    }
    return (header, rows, ragged)
}

/// A record as RFC 4180 writes it, with its line end: quoted where a field needs it.
package func csvLine(_ fields: [String]) -> String {
    fields.map { field in
        let needsQuotes = field.utf8.contains { [34, 44, 10, 13].contains($0) }
        return needsQuotes ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
    }.joined(separator: ",") + "\r\n"
}

/// Without blanks at both ends.
func trimmed(_ text: String) -> String {
    let start = text.drop { $0 == " " || $0 == "\t" }
    guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
    return String(start[...end])
}
