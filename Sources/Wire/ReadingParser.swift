import Metering
import Units

/// Reads the readings of the contract's JSON; a fault leaves `place` naming the field.
struct ReadingParser {
    var scanner: JSONScanner
    var place: Place

    init(_ scanner: JSONScanner, meter: Int? = nil) {
        self.scanner = scanner
        place = Place(meter: meter)
    }

    /// The fault with the name of the field where the parser stands.
    func error(_ fault: ScanFault) -> WireError {
        WireError(fault.code, at: place.pointer, fault.detail)
    }

    /// Marks a field as seen; the second time is a fault.
    func once(_ seen: inout UInt16, _ field: Int) throws(ScanFault) {
        let bit = UInt16(1) << UInt16(field)
        guard seen & bit == 0 else { throw ScanFault(.duplicateKey, "given twice") }
        seen |= bit
    }

    mutating func unknown(
        _ key: Range<Int>,
        _ code: WireError.Code,
        _ detail: String
    ) -> ScanFault {
        place.unknown = scanner.string(key)
        return ScanFault(code, detail)
    }

    /// One element of `readings`; epoch and sequence are filled in by the report.
    mutating func reading() throws(ScanFault) -> ReportedReading {
        guard scanner.take(0x7B) else { throw scanner.wrongType("an object") }
        var seen: UInt16 = 0
        var at: Instant?
        var age: Int64?
        var channels = Channels()
        var more = scanner.hasFirst(closing: 0x7D)
        while more {
            let key = try scanner.key()
            guard let field = ReadingField.all.first(where: { scanner.equals(key, $0.name) })
            else { throw unknown(key, .unknownKey, "unknown field") }
            place.field = field.name
            try once(&seen, field.rawValue)
            switch field {
            case .at: at = try instant()
            case .ageSeconds: age = try integer(in: 0...Limits.ageSeconds)
            case .channels:
                place.field = nil
                place.inChannels = true
                channels = try self.channels()
                place.inChannels = false
            }
            place.field = nil
            more = try scanner.hasNext(closing: 0x7D)
        }
        guard seen & 4 != 0 else { throw ScanFault(.missingField, "channels is missing") }
        guard let main = channels.main else {
            place.inChannels = true
            throw ScanFault(.missingField, "main is missing")
        }
        guard at != nil || age != nil else {
            throw ScanFault(.noTime, "either at or ageSeconds is needed")
        }
        guard at == nil || age == nil else {
            throw ScanFault(.malformed, "at and ageSeconds exclude each other")
        }
        return ReportedReading(
            at: at,
            ageSeconds: age,
            sequence: nil,
            main: main,
            dev1: channels.dev1,
            dev2: channels.dev2,
            extras: channels.extras
        )
    }

    private mutating func instant() throws(ScanFault) -> Instant {
        let text = try scanner.text()
        guard let instant = scanner.utc(text) ?? Instant(rfc3339: scanner.bytes[text]) else {
            throw ScanFault(
                .malformed,
                "must be an RFC 3339 instant such as 2026-11-22T10:15:00Z"
            )
        }
        return instant
    }

    mutating func integer(in range: ClosedRange<Int64>) throws(ScanFault) -> Int64 {
        let value = try scanner.integer()
        guard range.contains(value) else {
            throw ScanFault(
                .outOfRange,
                "must be from \(range.lowerBound) to \(range.upperBound)"
            )
        }
        return value
    }
}

extension ReadingParser {
    private struct Channels {
        var main: ChannelReading?
        var dev1: ChannelReading?
        var dev2: ChannelReading?
        var extras: [Channel: ExtraQuantities] = [:]
    }

    private mutating func channels() throws(ScanFault) -> Channels {
        guard scanner.take(0x7B) else { throw scanner.wrongType("an object") }
        var channels = Channels()
        var seen: UInt16 = 0
        var more = scanner.hasFirst(closing: 0x7D)
        while more {
            let key = try scanner.key()
            let channel: Channel
            if scanner.equals(key, "main") {
                channel = .main
                place.channel = "main"
            } else if scanner.equals(key, "dev1") {
                channel = .dev1
                place.channel = "dev1"
            } else if scanner.equals(key, "dev2") {
                channel = .dev2
                place.channel = "dev2"
            } else {
                throw unknown(key, .unknownChannel, "channels are main, dev1 and dev2")
            }
            try once(&seen, channel.rawValue)
            let (reading, extra) = try channelReading()
            switch channel {
            case .main: channels.main = reading
            case .dev1: channels.dev1 = reading
            case .dev2: channels.dev2 = reading
            }
            if let extra { channels.extras[channel] = extra }
            place.channel = nil
            more = try scanner.hasNext(closing: 0x7D)
        }
        return channels
    }

    private mutating func channelReading() throws(ScanFault) -> (ChannelReading, ExtraQuantities?) {
        guard scanner.take(0x7B) else { throw scanner.wrongType("an object") }
        var reading = ChannelReading(energyWattHours: 0)
        var extra = ExtraQuantities()
        var seen: UInt16 = 0
        var more = scanner.hasFirst(closing: 0x7D)
        while more {
            let key = try scanner.key()
            guard let field = ChannelField(key, scanner) else {
                throw unknown(key, .unknownKey, "unknown quantity")
            }
            place.field = field.name
            try once(&seen, field.rawValue)
            let value = try scanner.integer()
            if let fault = field.fault(value) { throw fault }
            switch field {
            case .voltageMillivolts: reading.voltageMillivolts = Int32(value)
            case .currentMilliamps: reading.currentMilliamps = Int32(value)
            case .powerMilliwatts: reading.powerMilliwatts = Int32(value)
            case .powerFactorPermille: reading.powerFactorPermille = Int16(value)
            case .energyWattHours: reading.energyWattHours = value
            case .exportWattHours: extra.exportWattHours = value
            case .reactiveVarHours: extra.reactiveVarHours = value
            case .apparentVoltAmpereHours: extra.apparentVoltAmpereHours = value
            case .maximumDemandWatts: extra.maximumDemandWatts = value
            }
            place.field = nil
            more = try scanner.hasNext(closing: 0x7D)
        }
        let energy = UInt16(1) << UInt16(ChannelField.energyWattHours.rawValue)
        guard seen & energy != 0 else {
            place.field = ChannelField.energyWattHours.name
            throw ScanFault(.missingField, "the register is missing")
        }
        return (reading, extra.isEmpty ? nil : extra)
    }
}

extension JSONScanner {
    /// The form that meters send, `2026-11-22T10:15:00Z`, without the generic parser of all forms;
    /// nil for every other one.
    fileprivate func utc(_ text: Range<Int>) -> Instant? {
        let start = text.lowerBound
        guard text.count == 20, bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D,
            bytes[start + 10] == 0x54, bytes[start + 13] == 0x3A, bytes[start + 16] == 0x3A,
            bytes[start + 19] == 0x5A,
            let century = pair(start), let year = pair(start + 2), let month = pair(start + 5),
            let day = pair(start + 8), let hour = pair(start + 11), hour < 24,
            let minute = pair(start + 14), minute < 60, let second = pair(start + 17), second < 60,
            let date = CivilDate(year: century * 100 + year, month: month, day: day)
        else { return nil }
        return Instant(
            secondsSince1970: Int64(date.daysSince1970) * 86_400
                + Int64(hour * 3_600 + minute * 60 + second)
        )
    }

    /// Two decimal digits.
    private func pair(_ index: Int) -> Int? {
        let tens = bytes[index] &- 0x30
        let ones = bytes[index + 1] &- 0x30
        return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
    }
}
