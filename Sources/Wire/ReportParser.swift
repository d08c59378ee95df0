import Metering

/// Reads one meter's report: `{"sequence", "readings", "epoch"?, "oldestSequence"?}`.
struct ReportParser {
    /// What the report's object held; gateways also name the meter.
    struct Members {
        var sequence: Int64?
        var epoch: Int64 = 0
        var oldest: Int64?
        var meter: String?
        var items: [Result<ReportedReading, ReadingFault>]?
    }

    var readings: ReadingParser
    let maximumReadings: Int

    init(_ scanner: JSONScanner, meter: Int? = nil, maximumReadings: Int) {
        readings = ReadingParser(scanner, meter: meter)
        self.maximumReadings = maximumReadings
    }

    mutating func members(named: Bool) throws(ScanFault) -> Members {
        guard readings.scanner.take(0x7B) else {
            throw readings.scanner.wrongType("an object")
        }
        var members = Members()
        var seen: UInt16 = 0
        var more = readings.scanner.hasFirst(closing: 0x7D)
        while more {
            let key = try readings.scanner.key()
            let scanner = readings.scanner
            guard let field = ReportField.all.first(where: { scanner.equals(key, $0.name) }),
                named || field != .meter
            else { throw readings.unknown(key, .unknownKey, "unknown field") }
            readings.place.field = field.name
            try readings.once(&seen, field.rawValue)
            switch field {
            case .sequence: members.sequence = try readings.integer(in: 0...Int64.max)
            case .epoch: members.epoch = try readings.integer(in: 0...Int64(Int32.max))
            case .oldestSequence: members.oldest = try readings.integer(in: 0...Int64.max)
            case .meter: members.meter = try readings.scanner.meterName()
            case .readings: members.items = try items()
            }
            readings.place.field = nil
            more = try readings.scanner.hasNext(closing: 0x7D)
        }
        return members
    }

    private mutating func items() throws(ScanFault) -> [Result<ReportedReading, ReadingFault>] {
        guard readings.scanner.take(0x5B) else {
            throw readings.scanner.wrongType("an array of readings")
        }
        readings.place.field = nil
        var items: [Result<ReportedReading, ReadingFault>] = []
        var more = readings.scanner.hasFirst(closing: 0x5D)
        while more {
            guard items.count < maximumReadings else {
                readings.place.field = ReportField.readings.name
                throw ScanFault(.tooMany, "more than \(maximumReadings) readings")
            }
            items.append(try item(items.count))
            more = try readings.scanner.hasNext(closing: 0x5D)
        }
        return items
    }

    /// A fault stays with its reading as long as that is JSON at all; then the next one is found.
    private mutating func item(
        _ index: Int
    ) throws(ScanFault) -> Result<ReportedReading, ReadingFault> {
        let outside = readings.place
        readings.place.reading = index
        readings.scanner.skipSpace()
        let start = readings.scanner.index
        do throws(ScanFault) {
            let reading = try readings.reading()
            readings.place = outside
            return .success(reading)
        } catch {
            let fault = ReadingFault(readings.error(error))
            readings.place = outside
            readings.place.reading = index
            readings.scanner.index = start
            try readings.scanner.skipValue()
            readings.place = outside
            return .failure(fault)
        }
    }
}

extension JSONScanner {
    /// A meter as gateways name it.
    mutating func meterName() throws(ScanFault) -> String {
        let text = try text()
        let allowed = bytes[text].allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        guard allowed, !text.isEmpty else {
            throw ScanFault(.malformed, "a meter is named by letters, digits, '-', '_' and '.'")
        }
        return string(text)
    }
}

extension MeterReport {
    /// Holds the members together: numbers present, and high enough for the readings sent.
    init(_ members: ReportParser.Members, meter: Int? = nil) throws(WireError) {
        let base = Place(meter: meter).pointer
        guard let sequence = members.sequence else {
            throw WireError(.missingField, at: base + "/sequence", "sequence is missing")
        }
        guard var items = members.items else {
            throw WireError(.missingField, at: base + "/readings", "readings is missing")
        }
        guard !items.isEmpty else {
            throw WireError(.empty, at: base + "/readings", "readings is empty")
        }
        let first = sequence - Int64(items.count) + 1
        guard first >= 0 else {
            throw WireError(
                .outOfRange,
                at: base + "/sequence",
                "is that of the last reading: at least \(items.count - 1) for \(items.count)"
            )
        }
        if let oldest = members.oldest, oldest > first {
            throw WireError(
                .outOfRange,
                at: base + "/oldestSequence",
                "is above the first reading's number \(first)"
            )
        }
        let epoch = Int32(members.epoch)
        for index in items.indices {
            guard case .success(var reading) = items[index] else { continue }
            reading.epoch = epoch
            reading.sequence = first + Int64(index)
            items[index] = .success(reading)
        }
        self.init(
            epoch: epoch,
            sequence: sequence,
            oldestSequence: members.oldest,
            items: items
        )
    }
}
