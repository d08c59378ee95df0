import Forecasting
import Gzip
import Metering
import Units
import Wire

/// Households by day from a CSV file: what a forecast is made from.
struct HouseholdDays {
    /// In the order of the file.
    private(set) var names: [String] = []
    private var days: [[(date: CivilDate, kilowattHours: Double)]] = []
    private var sums: [[(days: ClosedRange<CivilDate>, kilowattHours: Double)]] = []
    private var numbers: [String: Int] = [:]
    /// What was passed over, in words.
    private(set) var notes: [String] = []

    /// The household's number; a new one when it is not known yet.
    mutating func number(of name: String) -> Int {
        if let number = numbers[name] { return number }
        numbers[name] = names.count
        names.append(name)
        days.append([])
        sums.append([])
        return names.count - 1
    }

    /// The fleet as it was known on a day; a household without one has an empty series.
    func services(until last: CivilDate) -> [FleetService] {
        names.indices.map { number in
            FleetService(
                name: names[number],
                area: ForecastFiles.area(of: names[number]),
                series: DailySeries(
                    readings: days[number].filter { $0.date <= last },
                    sums: sums[number].filter { $0.days.upperBound <= last }
                ) ?? DailySeries(first: CivilDate(daysSince1970: 0), values: [])
            )
        }
    }

    /// Whether a household has days, and none of them is known on the evening of an origin.
    func beginsAfter(_ origin: CivilDate, _ number: Int) -> Bool {
        let all = days[number].map(\.date) + sums[number].map(\.days.upperBound)
        return !all.isEmpty && all.allSatisfy { $0 > origin }
    }

    /// Reads `household,date,kwh` and, where there is such a column, `days`: how many days up to the
    /// date the energy is of.
    ///
    /// An empty, negative or infinite value is a day without a reading, and of two rows for a day the
    /// later counts; both are noted. Anything else that cannot be read is a fault with its line.
    init(path: String) throws {
        var (empty, negative, odd, doubled) = (0, 0, 0, 0)
        var seen: Set<DayOfHousehold> = []
        let columns = ["household", "date", "kwh", "days"]
        try ForecastFiles.eachRow(of: path, columns: columns, optional: 1) { fields, line in
            let number = number(of: fields[0])
            guard !fields[0].isEmpty else {
                throw ImportFault(line: line, detail: "no household")
            }
            let date = try ForecastFiles.date(fields[1], line)
            var value = Double.nan
            if fields[2].isEmpty {
                empty += 1
            } else {
                guard let read = Double(fields[2]) else {
                    throw ImportFault(line: line, detail: "'\(fields[2])' is not a number of kWh")
                }
                value = read
                if !value.isFinite { odd += 1 } else if value < 0 { negative += 1 }
            }
            if !seen.insert(DayOfHousehold(household: number, date: date)).inserted { doubled += 1 }
            guard let count = Int(fields[3].isEmpty ? "1" : fields[3]),
                (1...Forecasting.Limits.horizonDays).contains(count)
            else {
                throw ImportFault(
                    line: line,
                    detail: "'\(fields[3])' is not a number of days, 1 to "
                        + "\(Forecasting.Limits.horizonDays)"
                )
            }
            if count > 1 {
                if value >= 0, value.isFinite {
                    sums[number].append((date.adding(days: 1 - count)...date, value))
                }
            } else {
                days[number].append((date, value))
            }
        }
        for (count, what) in [
            (empty, "days without a value"), (negative, "negative days are taken as missing"),
            (odd, "days that are not finite are taken as missing"),
            (doubled, "days stand twice; the later row counts"),
        ] where count > 0 { notes.append("\(path): \(count) \(what)") }
    }

    private struct DayOfHousehold: Hashable {
        let household: Int
        let date: CivilDate
    }
}

/// The files of `vidyut forecast series`.
enum ForecastFiles {
    /// What stands before the first dash of a name.
    static func area(of household: String) -> String {
        household.firstIndex(of: "-").map { String(household[..<$0]) } ?? ""
    }

    /// Reads `household,origin,max_history`; the last column may be left out, 0 is all.
    static func windows(
        path: String,
        _ households: inout HouseholdDays
    ) throws -> [ForecastWindow] {
        var windows: [ForecastWindow] = []
        var seen: Set<[Int]> = []
        let columns = ["household", "origin", "max_history"]
        try eachRow(of: path, columns: columns, optional: 1) { fields, line in
            guard !fields[0].isEmpty else {
                throw ImportFault(line: line, detail: "no household")
            }
            let number = households.number(of: fields[0])
            let origin = try date(fields[1], line)
            let text = fields[2].isEmpty ? "0" : fields[2]
            guard let history = Int(text), history >= 0 else {
                throw ImportFault(line: line, detail: "'\(text)' is not a number of days")
            }
            guard seen.insert([number, Int(origin.daysSince1970)]).inserted else {
                throw ImportFault(
                    line: line,
                    detail: "\(fields[0]) from \(origin) is asked for twice"
                )
            }
            windows.append(
                ForecastWindow(
                    service: number,
                    origin: origin,
                    maxHistory: history == 0 ? nil : history
                )
            )
        }
        return windows
    }

    /// Reads `area,month,celsius`: twelve months of every area it names.
    static func climates(path: String) throws -> [String: ClimateNormals] {
        var months: [String: [Int: Double]] = [:]
        try eachRow(of: path, columns: ["area", "month", "celsius"]) { fields, line in
            guard let month = Int(fields[1]), (1...12).contains(month) else {
                throw ImportFault(line: line, detail: "'\(fields[1])' is not a month, 1 to 12")
            }
            guard let celsius = Double(fields[2]), celsius >= -60, celsius <= 60 else {
                throw ImportFault(
                    line: line,
                    detail: "'\(fields[2])' is not a temperature of -60 to 60 degrees Celsius"
                )
            }
            if months[fields[0], default: [:]].updateValue(celsius, forKey: month) != nil {
                throw ImportFault(
                    line: line,
                    detail: "month \(month) of \(fields[0]) stands twice"
                )
            }
        }
        return try Dictionary(
            uniqueKeysWithValues: months.map { area, values in
                let inOrder = (1...12).compactMap { values[$0] }
                guard let normals = ClimateNormals(monthlyCelsius: inOrder) else {
                    throw FileFault(
                        file: path,
                        detail: "\(area) has \(inOrder.count) months instead of 12"
                    )
                }
                return (area, normals)
            }
        )
    }

    /// A day as `2026-11-23`.
    static func date(_ text: String, _ line: Int) throws(ImportFault) -> CivilDate {
        guard let date = CivilDate(text) else {
            throw ImportFault(line: line, detail: "'\(text)' is not a date such as 2026-11-23")
        }
        return date
    }

    /// The wanted columns of every row, in the given order; the last `optional` may be missing.
    static func eachRow(
        of path: String,
        columns: [String],
        optional: Int = 0,
        _ body: (_ fields: [String], _ line: Int) throws -> Void
    ) throws {
        var reader = CSVReader()
        var header: CSVHeader?
        var places: [Int?] = []
        func take(_ record: CSVRecord) throws {
            guard let header else {
                let found = try CSVHeader(record)
                places = columns.map { found.columns.firstIndex(of: $0) }
                for (index, column) in columns.dropLast(optional).enumerated()
                where places[index] == nil {
                    throw ImportFault(
                        line: record.line,
                        detail: "there is no column '\(column)'; the columns are "
                            + columns.joined(separator: ",")
                    )
                }
                header = found
                return
            }
            guard record.fields.count == header.columns.count else {
                throw ImportFault(
                    line: record.line,
                    detail: "\(record.fields.count) fields instead of \(header.columns.count)"
                )
            }
            try body(places.map { $0.map { record.fields[$0] } ?? "" }, record.line)
        }
        do {
            try eachPiece(of: path) { piece in
                for record in try reader.feed(piece) { try take(record) }
            }
            for record in try reader.finish() { try take(record) }
        } catch let fault as ImportFault {
            throw FileFaults(file: path, faults: [fault], count: 1)
        }
        guard header != nil else { throw FileFault(file: path, detail: "the file is empty") }
    }
}
