import Metering
import Registry
import Units
import UseCases

/// A meter on the wire.
struct MeterResponse: Encodable {
    var serial: String
    var registerDigits: Int
    var multiplier: Int
    var channels: Int
    /// Number of the service it hangs at.
    var service: String?
    var clock: ClockResponse?

    init(_ meter: Meter, service: String?, clock: ClockDrift?) {
        self.clock = clock.map { ClockResponse($0) }
        serial = meter.serial
        registerDigits = meter.registerDigits
        multiplier = meter.multiplier
        channels = meter.channels
        self.service = service
    }
}

/// How far a meter's clock is off.
struct ClockResponse: Encodable {
    var secondsSlow: Int64
    var secondsSlowerADay: Int64

    init(_ drift: ClockDrift) {
        secondsSlow = drift.seconds
        secondsSlowerADay = drift.secondsADay
    }
}

/// A meter of the list with its last report.
struct MeterSummaryResponse: Encodable {
    var serial: String
    var channels: Int
    var service: String?
    var consumerName: String?
    var latest: LatestResponse?

    init(_ summary: MeterSummary) {
        serial = summary.meter.serial
        channels = summary.meter.channels
        service = summary.serviceNumber
        consumerName = summary.consumerName
        latest = summary.latest.map { LatestResponse($0) }
    }
}

/// A registered meter with its credential, shown this once.
struct RegisteredMeterResponse: Encodable {
    var serial: String
    /// Its user name at the broker.
    var name: String
    /// Its password at the broker and its bearer token over HTTP.
    var credential: String
    /// Of its own listener; old meters only.
    var gatewayPort: Int?

    init(_ registered: RegisterMeter.Registered) {
        serial = registered.meter.serial
        name = registered.name
        credential = registered.credential
        gatewayPort = registered.gatewayPort
    }
}

/// What a table of meters gave.
struct RegisteredMetersResponse: Encodable {
    var registered: Int
    var meters: [RegisteredMeterResponse]
}

/// What the channels of a meter showed.
struct ChannelsResponse: Encodable {
    /// One channel.
    struct Values: Encodable {
        var voltageMillivolts: Int32
        var currentMilliamps: Int32
        var powerMilliwatts: Int32
        var powerFactorPermille: Int16
        var energyWattHours: Int64

        init(_ reading: ChannelReading) {
            voltageMillivolts = reading.voltageMillivolts
            currentMilliamps = reading.currentMilliamps
            powerMilliwatts = reading.powerMilliwatts
            powerFactorPermille = reading.powerFactorPermille
            energyWattHours = reading.energyWattHours
        }
    }

    var main: Values
    var dev1: Values?
    var dev2: Values?

    init(main: ChannelReading, dev1: ChannelReading?, dev2: ChannelReading?) {
        self.main = Values(main)
        self.dev1 = dev1.map { Values($0) }
        self.dev2 = dev2.map { Values($0) }
    }
}

/// The newest values of a meter.
struct LatestResponse: Encodable {
    var at: String
    var receivedAt: String
    var channels: ChannelsResponse

    init(_ latest: LatestReading) {
        at = latest.at.description
        receivedAt = latest.receivedAt.description
        channels = ChannelsResponse(main: latest.main, dev1: latest.dev1, dev2: latest.dev2)
    }
}

/// The newest values of a meter by its serial; null before the first.
struct LiveResponse: Encodable {
    var meter: String
    var reading: LatestResponse?

    private enum CodingKeys: CodingKey { case meter, reading }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(meter, forKey: .meter)
        try container.encode(reading, forKey: .reading)
    }
}

/// What stood where a register was corrected.
struct CorrectionResponse: Encodable {
    var replacedRegisterWattHours: Int64
}

/// A stored reading.
struct ReadingResponse: Encodable {
    var at: String
    var epoch: Int16
    var sequence: Int32?
    var channels: ChannelsResponse
    /// Why it is not quite an ordinary one.
    var flags: [String]

    init(_ reading: AcceptedReading) {
        at = reading.at.description
        epoch = reading.epoch
        sequence = reading.sequence
        channels = ChannelsResponse(main: reading.main, dev1: reading.dev1, dev2: reading.dev2)
        flags = ReadingFlags.names.filter { reading.flags.contains($0.flag) }.map(\.name)
    }
}

extension ReadingFlags {
    fileprivate static let names: [(flag: ReadingFlags, name: String)] = [
        (.placedByAge, "placedByAge"), (.registerOnly, "registerOnly"), (.imported, "imported"),
        (.estimated, "estimated"), (.derived, "derived"), (.corrected, "corrected"),
    ]
}
