import Metering
import Units
import Wire

/// Who sends: a registered meter and what it needs to be believed.
struct BenchmarkMeter: Sendable {
    /// In the database.
    let id: Int32
    /// `office.serial`, its user name at the broker.
    let name: String
    let credential: String
}

/// The readings of every meter, one a second from a first instant; number 1 is the first.
///
/// A reading is a function of meter and number, so that one sent again is the same one.
struct ReadingSource: Sendable {
    let start: Instant
    /// The highest number whose instant the office accepts.
    let capacity: Int64
    /// RFC 3339 texts of all instants, 20 bytes each: they are asked for again and again.
    private let instants: [UInt8]

    init(start: Instant, capacity: Int64) {
        self.start = start
        self.capacity = capacity
        var instants: [UInt8] = []
        instants.reserveCapacity(Int(capacity) * Self.instantBytes)
        for number in 1...capacity { instants += start.adding(seconds: number).description.utf8 }
        self.instants = instants
    }

    private static let instantBytes = 20

    func at(_ number: Int64) -> Instant { start.adding(seconds: number) }

    func main(_ meter: Int32, _ number: Int64) -> ChannelReading {
        channel(meter, number, registerStart: 1_000_000)
    }

    func dev1(_ meter: Int32, _ number: Int64) -> ChannelReading {
        channel(meter, number + 1, registerStart: 400_000)
    }

    func dev2(_ meter: Int32, _ number: Int64) -> ChannelReading {
        channel(meter, number + 2, registerStart: 300_000)
    }

    private func channel(
        _ meter: Int32,
        _ number: Int64,
        registerStart: Int64
    ) -> ChannelReading {
        let noise = UInt32(truncatingIfNeeded: Int64(meter) &* 2_654_435_761 &+ number &* 40_503)
        let voltage = Int32(225_000 + noise % 10_000)
        let current = Int32(500 + (noise >> 8) % 9_500)
        return ChannelReading(
            energyWattHours: registerStart + number,
            powerMilliwatts: Int32(Int64(voltage) * Int64(current) / 1_000),
            voltageMillivolts: voltage,
            currentMilliamps: current,
            powerFactorPermille: Int16(900 + (noise >> 20) % 100)
        )
    }

    // MARK: On the wire

    /// The firmware core's frame of consecutive readings.
    func frame(
        _ meter: BenchmarkMeter,
        _ numbers: ClosedRange<Int64>,
        oldest: Int64
    ) throws(WireError) -> [UInt8] {
        try ReportEncoder.frame(
            numbers.map { number in
                ReportedReading(
                    at: at(number),
                    sequence: number,
                    main: main(meter.id, number),
                    dev1: dev1(meter.id, number),
                    dev2: dev2(meter.id, number)
                )
            },
            epoch: 0,
            sequence: numbers.upperBound,
            oldestSequence: oldest
        )
    }

    /// The JSON of consecutive readings, put together from bytes: the sender must cost little.
    func appendJSON(
        _ meter: BenchmarkMeter,
        _ numbers: ClosedRange<Int64>,
        to bytes: inout [UInt8]
    ) {
        bytes += Text.sequence
        bytes.append(decimal: numbers.upperBound)
        bytes += Text.readings
        for number in numbers {
            bytes += number == numbers.lowerBound ? Text.firstAt : Text.nextAt
            let place = Int(number - 1) * Self.instantBytes
            bytes += instants[place..<place + Self.instantBytes]
            bytes += Text.main
            append(main(meter.id, number), to: &bytes)
            bytes += Text.dev1
            append(dev1(meter.id, number), to: &bytes)
            bytes += Text.dev2
            append(dev2(meter.id, number), to: &bytes)
            bytes += Text.endOfReading
        }
        bytes += Text.end
    }

    private func append(_ channel: ChannelReading, to bytes: inout [UInt8]) {
        bytes += Text.voltage
        bytes.append(decimal: Int64(channel.voltageMillivolts))
        bytes += Text.current
        bytes.append(decimal: Int64(channel.currentMilliamps))
        bytes += Text.power
        bytes.append(decimal: Int64(channel.powerMilliwatts))
        bytes += Text.factor
        bytes.append(decimal: Int64(channel.powerFactorPermille))
        bytes += Text.energy
        bytes.append(decimal: channel.energyWattHours)
    }

    private enum Text {
        static let sequence = Array("{\"sequence\":".utf8)
        static let readings = Array(",\"readings\":[".utf8)
        static let firstAt = Array("{\"at\":\"".utf8)
        static let nextAt = Array(",{\"at\":\"".utf8)
        static let main = Array("\",\"channels\":{\"main\":{".utf8)
        static let dev1 = Array("},\"dev1\":{".utf8)
        static let dev2 = Array("},\"dev2\":{".utf8)
        static let voltage = Array("\"voltageMillivolts\":".utf8)
        static let current = Array(",\"currentMilliamps\":".utf8)
        static let power = Array(",\"powerMilliwatts\":".utf8)
        static let factor = Array(",\"powerFactorPermille\":".utf8)
        static let energy = Array(",\"energyWattHours\":".utf8)
        static let endOfReading = Array("}}}".utf8)
        static let end = Array("]}".utf8)
    }
}

extension [UInt8] {
    /// The digits of a number that is not negative.
    mutating func append(decimal value: Int64) {
        let start = count
        var rest = value
        repeat {
            append(UInt8(48 + rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}
