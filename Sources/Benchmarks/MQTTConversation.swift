import Wire

/// Publishes the frames of one meter with quality of service 1, some at once, and waits for the
/// server's own acknowledgements: MQTT 3.1.1, as far as a meter needs it.
final class MQTTConversation: Conversation {
    private struct Frame {
        let numbers: ClosedRange<Int64>
        let sentAt: Double
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
        MQTTPacket.appendConnection(
            client: meter.name,
            user: meter.name,
            password: meter.credential,
            to: &output
        )
    }

    func send(_ output: inout [UInt8], _ tally: inout LoadTally) throws {
        if frames.isEmpty { lastProgress = Stopwatch.seconds }
        while frames.count < window {
            let numbers = try tally.take(readingsPerFrame, of: place, capacity: source.capacity)
            try publish(numbers, to: &output)
            frames.append(Frame(numbers: numbers, sentAt: Stopwatch.seconds))
        }
    }

    /// Sends one frame now, whatever is not answered yet, as a meter does at its time; with too many
    /// under way it waits for its answers first.
    func report(_ output: inout [UInt8], _ tally: inout LoadTally) throws {
        guard frames.count < window else { return }
        if frames.isEmpty { lastProgress = Stopwatch.seconds }
        let numbers = try tally.take(readingsPerFrame, of: place, capacity: source.capacity)
        try publish(numbers, to: &output)
        frames.append(Frame(numbers: numbers, sentAt: Stopwatch.seconds))
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
        let head =
            MQTTPacket.field("vidyut/\(meter.name)/readings") + MQTTPacket.bigEndian(packetNumber)
        MQTTPacket.append(0x32, head + frame, to: &output)
    }

    // MARK: Answers

    func receive(
        _ input: inout [UInt8],
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws {
        var start = 0
        while let (type, content) = try MQTTPacket.packet(in: input, from: start) {
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
        switch MQTTPacket.Kind(rawValue: type & 0xF0) {
        case .connectionAnswer:
            guard content.last == 0 else {
                throw BenchmarkError("the broker refuses \(meter.name)")
            }
            let subscription =
                MQTTPacket.bigEndian(1) + MQTTPacket.field("vidyut/\(meter.name)/ack") + [0]
            MQTTPacket.append(0x82, subscription, to: &output)
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
}
