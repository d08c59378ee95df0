import Wire

/// Publishes the frames of one meter with quality of service 1, some at once, and waits for the
/// server's own acknowledgements: MQTT 3.1.1, as far as a meter needs it.
final class MQTTConversation: Conversation {
    private struct Frame {
        let numbers: ClosedRange<Int64>
        let sentAt: Double
    }

    private enum PacketType: UInt8 {
        case connectionAnswer = 0x20
        case publish = 0x30
        case publishAnswer = 0x40
        case subscriptionAnswer = 0x90
    }

    private let source: ReadingSource
    private let meter: BenchmarkMeter
    /// Its place among all meters.
    private let place: Int
    private let readingsPerFrame: Int
    private let window: Int
    private(set) var isReady = false
    private var frames: [Frame] = []
    /// Everything up to this number is acknowledged.
    private var acknowledged: Int64
    private var lastProgress = Stopwatch.seconds
    private var packetNumber: UInt16 = 1

    init(
        source: ReadingSource,
        meter: BenchmarkMeter,
        place: Int,
        acknowledged: Int64,
        readingsPerFrame: Int,
        window: Int
    ) {
        self.source = source
        self.meter = meter
        self.place = place
        self.acknowledged = acknowledged
        self.readingsPerFrame = readingsPerFrame
        self.window = window
    }

    var isIdle: Bool { frames.isEmpty }

    func begin(_ output: inout [UInt8]) {
        // Protocol 4, a clean session with name and password, no keep-alive.
        let fields: [[UInt8]] = [
            Self.field("MQTT"), [4, 0xC2, 0, 0], Self.field(meter.name), Self.field(meter.name),
            Self.field(meter.credential),
        ]
        Self.appendPacket(0x10, Array(fields.joined()), to: &output)
    }

    func send(_ output: inout [UInt8], _ tally: inout LoadTally) throws {
        if frames.isEmpty { lastProgress = Stopwatch.seconds }
        while frames.count < window {
            let numbers = try tally.take(readingsPerFrame, of: place, capacity: source.capacity)
            try publish(numbers, to: &output)
            frames.append(Frame(numbers: numbers, sentAt: Stopwatch.seconds))
        }
    }

    func repeatOverdue(_ output: inout [UInt8], _ tally: inout LoadTally) throws {
        guard isReady, !frames.isEmpty,
            Stopwatch.seconds - lastProgress > Limits.resendSeconds
        else { return }
        lastProgress = Stopwatch.seconds
        for frame in frames { try publish(frame.numbers, to: &output) }
        tally.repeated += frames.count
    }

    private func publish(_ numbers: ClosedRange<Int64>, to output: inout [UInt8]) throws {
        let frame = try source.frame(meter, numbers, oldest: acknowledged + 1)
        packetNumber = packetNumber == UInt16.max ? 1 : packetNumber + 1
        let head = Self.field("vidyut/\(meter.name)/readings") + Self.bigEndian(packetNumber)
        Self.appendPacket(0x32, head + frame, to: &output)
    }

    // MARK: Answers

    func receive(
        _ input: inout [UInt8],
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws {
        var start = 0
        while let (type, content) = try Self.packet(in: input, from: start) {
            try take(type, input[content], &output, &tally)
            start = content.upperBound
        }
        input.removeFirst(start)
    }

    private func take(
        _ type: UInt8,
        _ content: ArraySlice<UInt8>,
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws {
        switch PacketType(rawValue: type & 0xF0) {
        case .connectionAnswer:
            guard content.last == 0 else {
                throw BenchmarkError("the broker refuses \(meter.name)")
            }
            let subscription = Self.bigEndian(1) + Self.field("vidyut/\(meter.name)/ack") + [0]
            Self.appendPacket(0x82, subscription, to: &output)
        case .subscriptionAnswer:
            guard content.last == 0 else {
                throw BenchmarkError("the broker refuses the acknowledgements of \(meter.name)")
            }
            isReady = true
        case .publish: try takeAcknowledgement(content, &tally)
        case .publishAnswer: break  // The broker has it; only the server's answer counts.
        case nil: throw BenchmarkError("the broker sent a packet of type \(type)")
        }
    }

    private func takeAcknowledgement(
        _ content: ArraySlice<UInt8>,
        _ tally: inout LoadTally
    ) throws {
        let topicBytes = content.prefix(2).reduce(0) { $0 << 8 | Int($1) }
        let payload = Array(content.dropFirst(2 + topicBytes))
        let (_, sequence) = try AcknowledgementEncoder.decode(payload)
        guard sequence > acknowledged else { return }
        guard sequence < tally.nextNumbers[place] else {
            throw BenchmarkError("the server acknowledged \(sequence), which was never sent")
        }
        lastProgress = Stopwatch.seconds
        acknowledged = sequence
        while let first = frames.first, first.numbers.upperBound <= sequence {
            tally.settle(readings: Int64(first.numbers.count), sentAt: first.sentAt)
            frames.removeFirst()
        }
    }

    // MARK: Packets

    private static func appendPacket(_ type: UInt8, _ content: [UInt8], to output: inout [UInt8]) {
        output.append(type)
        var length = content.count
        repeat {
            output.append(UInt8(length % 128) | (length > 127 ? 128 : 0))
            length /= 128
        } while length > 0
        output += content
    }

    private static func field(_ text: String) -> [UInt8] {
        bigEndian(UInt16(clamping: text.utf8.count)) + text.utf8
    }

    private static func bigEndian(_ value: UInt16) -> [UInt8] {
        [UInt8(value >> 8), UInt8(value & 0xFF)]
    }

    /// The packet that begins at a place; nil while it is not whole.
    private static func packet(
        in bytes: [UInt8],
        from start: Int
    ) throws(BenchmarkError) -> (type: UInt8, content: Range<Int>)? {
        var length = 0
        var place = start + 1
        for shift in [0, 7, 14, 21] {
            guard place < bytes.count else { return nil }
            let byte = bytes[place]
            place += 1
            length |= Int(byte & 127) << shift
            guard byte < 128 else { continue }
            guard place + length <= bytes.count else { return nil }
            return (bytes[start], place..<place + length)
        }
        throw BenchmarkError("the broker sent a packet without a length")
    }
}
