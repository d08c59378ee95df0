import Crypto
import Gzip
package import Metering
import Units
import Wire

/// Rows of readings that can be read once, from memory or from a CSV file, packed or not.
package struct ReadingSource: Sendable {
    /// What was found out about a source when it had been read to its end.
    package struct Ending: Sendable {
        /// The first rows that could not be understood.
        package var faults: [ImportFault] = []
        /// All of them, those not listed included.
        package var faultCount = 0
        /// SHA-256 of the file's content, unpacked; nil for rows in memory.
        package var digest: [UInt8]?
    }

    private enum Place: Sendable {
        case memory([ReadingImportRow])
        case file(String)
    }

    private let place: Place
    /// What people call it.
    package let name: String

    /// Rows that are in memory already.
    package init(_ rows: [ReadingImportRow]) {
        place = .memory(rows)
        name = "rows"
    }

    /// The CSV file of a path, or the input for `-`; nothing is opened yet.
    package init(path: String) {
        place = .file(path == "-" ? "/dev/stdin" : path)
        name = path == "-" ? "the input" : String(path.split(separator: "/").last ?? "")
    }

    /// Hands over row after row in the order of the source, in constant memory; blocks on the disk.
    ///
    /// Rows at fault are passed over and told at the end. Throws `GzipError` for a file that cannot be
    /// read, `CancellationError`, and what the closure throws.
    package func read(_ take: (ReadingImportRow) throws -> Void) throws -> Ending {
        switch place {
        case .memory(let rows):
            for row in rows { try take(row) }
            return Ending()
        case .file(let path):
            var csv = ReadingCSV()
            var hash = SHA256()
            var reader = try GzipReader(path: path)
            while let piece = try reader.next() {
                try Task.checkCancellation()
                hash.update(data: piece)
                csv.feed(piece)
                for row in csv.takeRows() { try take(row) }
            }
            csv.finish()
            for row in csv.takeRows() { try take(row) }
            return Ending(
                faults: csv.faults,
                faultCount: csv.faultCount,
                digest: Array(hash.finalize())
            )
        }
    }
}
