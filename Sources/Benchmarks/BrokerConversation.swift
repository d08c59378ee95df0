/// The broker's own limit: frames that a meter publishes with quality of service 1, some at once,
/// and that nobody stores.
final class BrokerPublisher: Conversation {
    private let source: ReadingSource
    private let meter: BenchmarkMeter
    /// Its place among all meters.
    private let place: Int
    private let window: Int
    private(set) var isReady = false
    private var underWay = 0
    private var packetNumber: UInt16 = 1

    init(source: ReadingSource, meter: BenchmarkMeter, place: Int, window: Int) {
        self.source = source
        self.meter = meter
        self.place = place
        self.window = window
    }

    var isIdle: Bool { underWay == 0 }

    func begin(_ output: inout [UInt8]) {
        MQTTPacket.appendConnection(
            client: meter.name,
            user: meter.name,
            password: meter.credential,
            to: &output
        )
    }

    func repeatOverdue(_ output: inout [UInt8], _ tally: inout LoadTally) {}

    func send(_ output: inout [UInt8], _ tally: inout LoadTally) throws {
        guard isReady else { return }
        while underWay < window {
            let numbers = tally.nextNumbers[place]...tally.nextNumbers[place]
            let frame = try source.frame(meter, numbers, oldest: numbers.lowerBound)
            packetNumber = packetNumber == UInt16.max ? 1 : packetNumber + 1
            // A topic that a meter may write to and the server does not listen to.
            let head =
                MQTTPacket.field("vidyut/\(meter.name)/events") + MQTTPacket.bigEndian(packetNumber)
            MQTTPacket.append(0x32, head + frame, to: &output)
            underWay += 1
        }
    }

    func receive(
        _ input: inout [UInt8],
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws {
        var start = 0
        while let (type, content) = try MQTTPacket.packet(in: input, from: start) {
            switch MQTTPacket.Kind(rawValue: type & 0xF0) {
            case .connectionAnswer: isReady = input[content].last == 0
            case .publishAnswer: underWay -= 1
            default: break
            }
            start = content.upperBound
        }
        input.removeFirst(start)
    }
}

/// The one subscriber of the broker's own limit; what it receives counts.
final class BrokerSubscriber: Conversation {
    private let user: String
    private let password: String
    private(set) var isReady = false

    init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    var isIdle: Bool { true }

    func begin(_ output: inout [UInt8]) {
        MQTTPacket.appendConnection(
            client: "bench-subscriber",
            user: user,
            password: password,
            to: &output
        )
    }

    func repeatOverdue(_ output: inout [UInt8], _ tally: inout LoadTally) {}

    func send(_ output: inout [UInt8], _ tally: inout LoadTally) {}

    func receive(
        _ input: inout [UInt8],
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws {
        var start = 0
        while let (type, content) = try MQTTPacket.packet(in: input, from: start) {
            switch MQTTPacket.Kind(rawValue: type & 0xF0) {
            case .connectionAnswer:
                let wanted = MQTTPacket.bigEndian(1) + MQTTPacket.field("vidyut/+/events") + [1]
                MQTTPacket.append(0x82, wanted, to: &output)
            case .subscriptionAnswer:
                guard input[content].last == 1 else {
                    throw BenchmarkError("the broker refuses the subscriber")
                }
                isReady = true
            case .publish:
                let topicBytes =
                    Int(input[content.lowerBound]) << 8 | Int(input[content.lowerBound + 1])
                let number = content.lowerBound + 2 + topicBytes
                MQTTPacket.append(0x40, Array(input[number..<number + 2]), to: &output)
                tally.acknowledged += 1
            default: break
            }
            start = content.upperBound
        }
        input.removeFirst(start)
    }
}
