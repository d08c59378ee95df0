/// One line of a file, without its end.
package struct NumberedLine: Hashable, Sendable {
    /// 1 for the first line.
    package var number: Int
    package var bytes: [UInt8]

    /// The line read as UTF-8, invalid bytes replaced.
    package var text: String { String(decoding: bytes, as: UTF8.self) }
}

/// The lines of a plain or gzip file, numbered, in constant memory.
///
/// Lines end with LF or CR LF; a byte-order mark at the beginning is left out; an empty piece after
/// the last LF is no line.
package struct LineReader: ~Copyable {
    private var reader: GzipReader
    private let limitBytes: Int
    private var chunk: [UInt8] = []
    private var position = 0
    private var number = 0

    /// Opens a file; `limitBytes` bounds a line without its end.
    package init(path: String, limitBytes: Int = Limits.lineBytes) throws(GzipError) {
        reader = try GzipReader(path: path)
        self.limitBytes = limitBytes
    }

    /// The next line; nil at the end of the file.
    package mutating func next() throws(GzipError) -> NumberedLine? {
        var line: [UInt8] = []
        var hasBegun = false
        while true {
            if position == chunk.count {
                guard let next = try reader.next() else {
                    return hasBegun ? try finished(line) : nil
                }
                chunk = next
                position = 0
            }
            hasBegun = true
            let end = chunk[position...].firstIndex(of: UInt8(ascii: "\n")) ?? chunk.count
            // One more than the limit may be a CR that is not part of the line.
            if line.count + end - position > limitBytes + 4 {
                throw .lineTooLong(number: number + 1, limitBytes: limitBytes)
            }
            line += chunk[position..<end]
            position = min(end + 1, chunk.count)
            if end < chunk.count { return try finished(line) }
        }
    }

    private mutating func finished(_ bytes: [UInt8]) throws(GzipError) -> NumberedLine {
        var bytes = bytes
        number += 1
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if number == 1, bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
        if bytes.count > limitBytes { throw .lineTooLong(number: number, limitBytes: limitBytes) }
        return NumberedLine(number: number, bytes: bytes)
    }
}
