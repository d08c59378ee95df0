/// What one message or request may hold at most.
package enum Limits {
    /// Readings of one meter in one message or request.
    package static let readings = 1_000
    /// Meters in one request of a gateway.
    package static let gatewayMeters = 1_000
    /// Readings of all meters in one request of a gateway.
    package static let gatewayReadings = 10_000
    /// Bytes of one meter's message or request.
    package static let bodyBytes = 1 << 20
    /// Bytes of one request of a gateway.
    package static let gatewayBodyBytes = 8 << 20
    /// Objects and arrays inside one another.
    static let nesting = 8
    /// Bytes of a key or text; longer ones are refused.
    static let textBytes = 64
    /// Highest register in watt-hours: the firmware core's own limit.
    static let register: Int64 = 1_000_000_000_000_000
    /// Oldest age that a meter without a clock may give: ten years.
    static let ageSeconds: Int64 = 315_576_000
    /// Bytes of an old meter's message, which has about 120.
    package static let oldMessageBytes = 4_096
    /// Faults named of one message of an old meter.
    static let oldMessageFaults = 12
}

extension Limits {
    /// Bytes of one record of a CSV file; a quote that is never closed is found by it.
    package static let csvRecordBytes = 64 << 10
    /// Columns of a CSV file.
    package static let csvColumns = 100
    /// Records of a CSV file; they are read one after the other, so this bounds time, not memory.
    package static let csvRecords = 100_000_000
    /// Faults of a file that are kept with their lines; the rest is counted.
    package static let csvFaults = 50
    /// Readings of a file before this year are a slip of the pen.
    static let csvOldestYear = 1990
}
