import Glibc

/// One connection of the generator: what it says, and what it makes of the answers.
///
/// The generator shares the machine with what it measures, so it speaks just enough of its
/// protocols, on plain sockets and one thread, to cost little.
protocol Conversation: AnyObject {
    /// Whether readings may be sent.
    var isReady: Bool { get }
    /// Whether everything sent has been answered.
    var isIdle: Bool { get }
    /// What is said first.
    func begin(_ output: inout [UInt8])
    /// Sends as many readings as may be on their way at once.
    func send(_ output: inout [UInt8], _ tally: inout LoadTally) throws
    /// Takes what was received; bytes that are not used yet stay in the input.
    func receive(
        _ input: inout [UInt8],
        _ output: inout [UInt8],
        _ tally: inout LoadTally
    ) throws
    /// Sends again what is overdue, where the protocol wants that.
    func repeatOverdue(_ output: inout [UInt8], _ tally: inout LoadTally) throws
}

/// What one load has done until now.
struct LoadTally: Sendable {
    var acknowledged: Int64 = 0
    /// Readings that were given a number, to be sent.
    var taken: Int64 = 0
    var repeated = 0
    /// From sending to the answer after the commit, of messages answered while measured.
    var latenciesSeconds: [Float] = []
    var isMeasured = false
    /// The next number of each meter.
    var nextNumbers: [Int64]

    mutating func settle(readings: Int64, sentAt: Double) {
        acknowledged += readings
        if isMeasured { latenciesSeconds.append(Float(Stopwatch.seconds - sentAt)) }
    }

    /// Numbers for so many more readings of a meter.
    mutating func take(
        _ count: Int,
        of meter: Int,
        capacity: Int64
    ) throws(BenchmarkError) -> ClosedRange<Int64> {
        let first = nextNumbers[meter]
        let last = first + Int64(count) - 1
        guard last <= capacity else {
            throw BenchmarkError(
                "the day has no instants left: ask for fewer seconds or rounds, or more meters"
            )
        }
        nextNumbers[meter] = last + 1
        taken += Int64(count)
        return first...last
    }
}

/// Clocks that only say how much has passed.
enum Stopwatch {
    static var seconds: Double { now(CLOCK_MONOTONIC) }
    /// Processor time of this process.
    static var processorSeconds: Double { now(CLOCK_PROCESS_CPUTIME_ID) }

    private static func now(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1_000_000_000
    }
}
