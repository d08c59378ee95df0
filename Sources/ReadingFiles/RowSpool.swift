import Glibc

/// One row on its way through a spool: four words.
package struct SpooledRow: Hashable, Comparable, Sendable {
    static let words = 4

    /// The number of the meter, counted by whoever fills the spool.
    package var meter: Int32
    /// Line in the file.
    package var line: Int32
    /// Energy of a whole day, else a register at an instant.
    package var isDay: Bool
    package var isEstimated: Bool
    /// Days since 1970, or microseconds since 1970.
    package var time: Int64
    package var wattHours: Int64

    package init(
        meter: Int32,
        line: Int32,
        isDay: Bool,
        isEstimated: Bool,
        time: Int64,
        wattHours: Int64
    ) {
        self.meter = meter
        self.line = line
        self.isDay = isDay
        self.isEstimated = isEstimated
        self.time = time
        self.wattHours = wattHours
    }

    init(_ words: some RandomAccessCollection<Int64>) {
        let start = words.startIndex
        func word(_ place: Int) -> Int64 { words[words.index(start, offsetBy: place)] }
        meter = Int32(truncatingIfNeeded: word(0) >> 32)
        line = Int32(truncatingIfNeeded: word(0))
        isDay = word(1) & 1 != 0
        isEstimated = word(1) & 2 != 0
        time = word(2)
        wattHours = word(3)
    }

    func append(to words: inout [Int64]) {
        words.append(Int64(meter) << 32 | Int64(line))
        words.append((isDay ? 1 : 0) | (isEstimated ? 2 : 0))
        words.append(time)
        words.append(wattHours)
    }

    /// By meter; days before registers; by time; by line.
    package static func < (left: Self, right: Self) -> Bool {
        if left.meter != right.meter { return left.meter < right.meter }
        if left.isDay != right.isDay { return left.isDay }
        if left.time != right.time { return left.time < right.time }
        return left.line < right.line
    }
}

/// Why a spool cannot be kept: the disk's words.
package struct SpoolError: Error, CustomStringConvertible, Sendable {
    package let description: String

    init(_ what: String, _ code: CInt) {
        description = "\(what): \(String(cString: strerror(code)))"
    }
}

/// Any number of rows, sorted by meter and time, in constant memory.
///
/// Rows are sorted by the hundred thousand and written, as runs, to one file that has no name any
/// more, so that it is gone with its process; the runs are merged when they are read, as often as
/// wished. What fits one run stays in memory. Calls block on the disk.
package final class RowSpool {
    struct Run {
        /// First row of the run within the file.
        let start: Int
        let rows: Int
    }

    private let folder: String
    private let rowsInMemory: Int
    private var descriptor: CInt = -1
    private var pending: [SpooledRow] = []
    private var runs: [Run] = []
    /// Rows in the spool.
    package private(set) var count = 0

    /// An empty spool that keeps its runs in a folder.
    package init(
        folder: String = Limits.spoolFolder,
        rowsInMemory: Int = Limits.spoolRows
    ) {
        self.folder = folder
        self.rowsInMemory = max(1, rowsInMemory)
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Adds a row.
    package func append(_ row: SpooledRow) throws(SpoolError) {
        if pending.count == rowsInMemory { try writeRun() }
        pending.append(row)
        count += 1
    }

    /// Ends the adding.
    package func finish() throws(SpoolError) {
        if runs.isEmpty {
            pending.sort()
        } else if !pending.isEmpty {
            try writeRun()
        }
    }

    /// A reading of all rows in order, from the first one; only after `finish`.
    package func cursor() -> SpoolCursor {
        SpoolCursor(descriptor: descriptor, runs: runs, memory: runs.isEmpty ? pending : [])
    }

    private func writeRun() throws(SpoolError) {
        if descriptor < 0 { try makeFile() }
        pending.sort()
        let start = runs.last.map { $0.start + $0.rows } ?? 0
        var words: [Int64] = []
        let chunk = Limits.spoolWriteBytes / MemoryLayout<Int64>.size
        words.reserveCapacity(chunk + SpooledRow.words)
        for row in pending {
            row.append(to: &words)
            if words.count >= chunk { try put(&words) }
        }
        try put(&words)
        runs.append(Run(start: start, rows: pending.count))
        pending.removeAll(keepingCapacity: true)
    }

    private func put(_ words: inout [Int64]) throws(SpoolError) {
        var offset = 0
        let bytes = words.count * MemoryLayout<Int64>.size
        while offset < bytes {
            let written = words.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, bytes - offset)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw SpoolError("writing to \(folder)", errno) }
            offset += written
        }
        words.removeAll(keepingCapacity: true)
    }

    private func makeFile() throws(SpoolError) {
        var template = Array("\(folder)/vidyut-spool-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer -> CInt in
            guard let name = buffer.baseAddress else { return -1 }
            let made = mkstemp(name)
            if made >= 0 { unlink(name) }
            return made
        }
        guard made >= 0 else { throw SpoolError("a file in \(folder)", errno) }
        descriptor = made
    }
}
