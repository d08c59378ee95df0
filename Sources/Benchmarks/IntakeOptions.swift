/// What was asked for on the command line.
struct IntakeOptions: Sendable {
    var seconds = 5
    var rounds = 3
    var meters = 1_000
    /// Rows in the month's partition before the first measurement.
    var rows = 2_000_000
    /// HTTP connections, kept alive.
    var connections = 64
    /// Frames of one meter on their way at once.
    var window = 4
    /// The program that is measured; the one beside this program unless given.
    var server: String?
    var isJSON = false

    static let help = """
        usage: bench [intake] [OPTIONS]

        intake: how many readings the server stores and acknowledges a second, over HTTP and over
        MQTT, and what one costs in processor time; beside them, in the same run, their limits:
        the plain insert into a twin of the same table, a bare route of the web library, and the
        broker alone. Compare the ratios: absolute figures do not travel between machines.

          --seconds N       of each measurement (5)
          --rounds N        of all of them; the median counts (3)
          --meters N        that send (1000)
          --rows N          in the month's partition beforehand (2000000)
          --connections N   over HTTP, kept alive (64)
          --window N        frames of one meter on their way at once, over MQTT (4)
          --server PATH     the vidyut to measure (the one beside this program)
          --json            figures as JSON on standard output
        """

    /// Nil when help was asked for.
    init?(_ arguments: [String]) throws(BenchmarkError) {
        var rest = arguments[...]
        if let first = rest.first, !first.hasPrefix("-") {
            guard first == "intake" else {
                throw BenchmarkError("there is no benchmark '\(first)'")
            }
            rest.removeFirst()
        }
        while let option = rest.popFirst() {
            switch option {
            case "--help", "-h": return nil
            case "--json": isJSON = true
            case "--server":
                guard let path = rest.popFirst() else {
                    throw BenchmarkError("--server needs a path")
                }
                server = path
            case "--seconds": seconds = try Self.number(option, &rest, Limits.seconds)
            case "--rounds": rounds = try Self.number(option, &rest, Limits.rounds)
            case "--meters": meters = try Self.number(option, &rest, Limits.meters)
            case "--rows": rows = try Self.number(option, &rest, Limits.rows)
            case "--connections": connections = try Self.number(option, &rest, Limits.connections)
            case "--window": window = try Self.number(option, &rest, Limits.window)
            default: throw BenchmarkError("there is no option '\(option)'")
            }
        }
        guard connections <= meters else {
            throw BenchmarkError("there are more connections than meters")
        }
    }

    private static func number(
        _ option: String,
        _ rest: inout ArraySlice<String>,
        _ range: ClosedRange<Int>
    ) throws(BenchmarkError) -> Int {
        guard let text = rest.popFirst(), let value = Int(text), range.contains(value) else {
            throw BenchmarkError("\(option) is \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
