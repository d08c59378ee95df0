/// Posts readings over one connection that is kept alive, one request after the other, for some
/// meters in turn.
final class HTTPConversation: Conversation {
    private struct Request {
        let numbers: ClosedRange<Int64>
        let sentAt: Double
    }

    private let source: ReadingSource
    private let meters: [BenchmarkMeter]
    /// Places in `meters`, taken in turn.
    private let turns: [Int]
    private let readingsPerRequest: Int
    /// False for a route that stores nothing: the same readings are sent again and again.
    private let isStored: Bool
    private var turn = 0
    private var request: Request?
    private var body: [UInt8] = []

    init(
        source: ReadingSource,
        meters: [BenchmarkMeter],
        turns: [Int],
        readingsPerRequest: Int,
        isStored: Bool = true
    ) {
        self.isStored = isStored
        self.source = source
        self.meters = meters
        self.turns = turns
        self.readingsPerRequest = readingsPerRequest
    }

    var isReady: Bool { true }
    var isIdle: Bool { request == nil }

    func begin(_ output: inout [UInt8]) {}

    func repeatOverdue(_ output: inout [UInt8], _ tally: inout LoadTally) {}

    func send(_ output: inout [UInt8], _ tally: inout LoadTally) throws {
        guard request == nil else { return }
        let place = turns[turn]
        turn = (turn + 1) % turns.count
        let meter = meters[place]
        let numbers =
            isStored
            ? try tally.take(readingsPerRequest, of: place, capacity: source.capacity)
            : tally.nextNumbers[place]...tally.nextNumbers[place]
        body.removeAll(keepingCapacity: true)
        source.appendJSON(meter, numbers, to: &body)
        output +=
            """
            POST /v1/readings HTTP/1.1\r
            Host: 127.0.0.1\r
            Authorization: Bearer \(meter.credential)\r
            Content-Type: application/json\r
            Content-Length: \(body.count)\r
            \r

            """.utf8
        output += body
        request = Request(numbers: numbers, sentAt: Stopwatch.seconds)
    }

    func receive(
        _ input: inout [UInt8],
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws {
        guard let answer = try HTTPAnswer(input) else { return }
        input.removeFirst(answer.byteCount)
        guard let request else { throw BenchmarkError("the server answered without being asked") }
        self.request = nil
        guard isStored else {
            tally.settle(readings: 1, sentAt: request.sentAt)
            return
        }
        guard answer.status == 200,
            answer.number(named: "stored") == Int64(request.numbers.count),
            answer.number(named: "acknowledgedSequence") == request.numbers.upperBound
        else {
            throw BenchmarkError(
                "the server answered \(request.numbers.count) new readings with status "
                    + "\(answer.status): \(answer.body.prefix(500))"
            )
        }
        tally.settle(readings: Int64(request.numbers.count), sentAt: request.sentAt)
    }
}

/// One whole answer at the beginning of some bytes.
struct HTTPAnswer {
    let status: Int
    let body: String
    let byteCount: Int

    /// Nil while there is more to come; only answers with a stated length are understood.
    init?(_ bytes: [UInt8]) throws(BenchmarkError) {
        guard let end = Self.endOfHead(bytes) else {
            guard bytes.count < Limits.answerBytes else {
                throw BenchmarkError("the server's answer has no end")
            }
            return nil
        }
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw BenchmarkError("the server does not answer in HTTP: \(head.prefix(200))")
        }
        let length = lines.dropFirst().lazy.compactMap { line -> Int? in
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, parts[0].lowercased() == "content-length" else { return nil }
            return Int(parts[1].drop { $0 == " " })
        }.first
        guard let length, (0...Limits.answerBytes).contains(length) else {
            throw BenchmarkError("the server's answer has no length: \(head.prefix(500))")
        }
        guard bytes.count >= end + length else { return nil }
        self.status = status
        byteCount = end + length
        body = String(decoding: bytes[end..<byteCount], as: UTF8.self)
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        let mark = Array("\r\n\r\n".utf8)
        guard bytes.count >= mark.count else { return nil }
        return (0...bytes.count - mark.count)
            .first { bytes[$0] == 13 && bytes[$0..<$0 + mark.count].elementsEqual(mark) }
            .map { $0 + mark.count }
    }

    /// The whole number of a JSON member.
    func number(named name: String) -> Int64? {
        guard let place = body.firstRange(of: "\"\(name)\":") else { return nil }
        let rest = body[place.upperBound...].drop { $0 == " " }
        return Int64(rest.prefix { $0.isNumber || $0 == "-" })
    }
}
