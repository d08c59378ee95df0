/// The quantities of a channel: their names in JSON and the figures they may take.
enum ChannelField: Int {
    case voltageMillivolts, currentMilliamps, powerMilliwatts, powerFactorPermille
    case energyWattHours, exportWattHours, reactiveVarHours, apparentVoltAmpereHours
    case maximumDemandWatts

    var name: StaticString {
        switch self {
        case .voltageMillivolts: "voltageMillivolts"
        case .currentMilliamps: "currentMilliamps"
        case .powerMilliwatts: "powerMilliwatts"
        case .powerFactorPermille: "powerFactorPermille"
        case .energyWattHours: "energyWattHours"
        case .exportWattHours: "exportWattHours"
        case .reactiveVarHours: "reactiveVarHours"
        case .apparentVoltAmpereHours: "apparentVoltAmpereHours"
        case .maximumDemandWatts: "maximumDemandWatts"
        }
    }

    /// Negative power is export; every register is a total and cannot be negative.
    var range: ClosedRange<Int64> {
        switch self {
        case .voltageMillivolts, .currentMilliamps: 0...Int64(Int32.max)
        case .powerMilliwatts: Int64(Int32.min)...Int64(Int32.max)
        case .powerFactorPermille: -1_000...1_000
        case .energyWattHours, .exportWattHours, .reactiveVarHours, .apparentVoltAmpereHours,
            .maximumDemandWatts:
            0...Limits.register
        }
    }

    /// The field that a key names; length and second letter first, as this runs for every figure.
    init?(_ key: Range<Int>, _ scanner: JSONScanner) {
        guard key.count > 1 else { return nil }
        let field: ChannelField
        switch (key.count, scanner.bytes[key.lowerBound + 1]) {
        case (15, 0x6E): field = .energyWattHours
        case (15, 0x6F): field = .powerMilliwatts
        case (15, 0x78): field = .exportWattHours
        case (16, 0x75): field = .currentMilliamps
        case (16, 0x65): field = .reactiveVarHours
        case (17, 0x6F): field = .voltageMillivolts
        case (18, 0x61): field = .maximumDemandWatts
        case (19, 0x6F): field = .powerFactorPermille
        case (23, 0x70): field = .apparentVoltAmpereHours
        default: return nil
        }
        guard scanner.equals(key, field.name) else { return nil }
        self = field
    }

    /// The fault of a figure outside the range; nil when it is inside.
    func fault(_ value: Int64) -> ScanFault? {
        guard !range.contains(value) else { return nil }
        if self == .energyWattHours, value < 0 {
            return ScanFault(.negativeRegister, "a register cannot be negative")
        }
        return ScanFault(
            .outOfRange,
            "must be from \(range.lowerBound) to \(range.upperBound)"
        )
    }
}

/// The members of one reading.
enum ReadingField: Int {
    case at, ageSeconds, channels

    static let all: [ReadingField] = [.at, .ageSeconds, .channels]

    var name: StaticString {
        switch self {
        case .at: "at"
        case .ageSeconds: "ageSeconds"
        case .channels: "channels"
        }
    }
}

/// The members of one meter's report.
enum ReportField: Int {
    case sequence, readings, epoch, oldestSequence, meter

    static let all: [ReportField] = [.sequence, .readings, .epoch, .oldestSequence, .meter]

    var name: StaticString {
        switch self {
        case .sequence: "sequence"
        case .readings: "readings"
        case .epoch: "epoch"
        case .oldestSequence: "oldestSequence"
        case .meter: "meter"
        }
    }
}

/// Where the parser stands, kept as cheap values and spelled out only when something is wrong.
struct Place {
    var meter: Int?
    var reading: Int?
    var inChannels = false
    var channel: StaticString?
    var field: StaticString?
    /// A name that is not known, as it was sent.
    var unknown: String?

    init(meter: Int? = nil) { self.meter = meter }

    /// A JSON pointer (RFC 6901).
    var pointer: String {
        var text = ""
        if let meter { text += "/meters/\(meter)" }
        if let reading { text += "/readings/\(reading)" }
        if inChannels { text += "/channels" }
        if let channel { text += "/\(channel)" }
        if let field { text += "/\(field)" }
        guard let unknown else { return text }
        text += "/"
        for character in unknown {
            switch character {
            case "~": text += "~0"
            case "/": text += "~1"
            default: text.append(character)
            }
        }
        return text
    }
}
