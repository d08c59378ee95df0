import Crypto
import Gzip
import Metering
import Units

/// Writes the rows of an archive in constant memory; blocks on the disk.
package final class ArchiveWriter {
    /// Where it is written, under a name of its own.
    package let path: String
    private var gzip: GzipWriter
    private var hash = SHA256()
    private var chunk: [UInt8] = []
    private var facts = ArchiveFacts()

    init(path: String) throws(ArchiveError) {
        self.path = path
        do throws(GzipError) {
            gzip = try GzipWriter(path: path)
        } catch {
            throw ArchiveError(path, error)
        }
        add(ArchivedReading.header)
    }

    /// Adds a row.
    package func append(_ row: ArchivedReading) throws(ArchiveError) {
        add(row.line)
        facts.count(row.reading.at)
        if chunk.count >= Limits.archiveChunkBytes { try flush() }
    }

    /// Ends the file; what is in it, as it was meant to be.
    package func finish() throws(ArchiveError) -> ArchiveFacts {
        try flush()
        do throws(GzipError) { try gzip.finish() } catch { throw ArchiveError(path, error) }
        facts.contentDigest = Array(hash.finalize())
        (facts.bytes, facts.fileDigest) = try ArchiveFile.measure(path)
        return facts
    }

    /// Opens what was written, to read it back before it gets its name.
    package func reader() throws(ArchiveError) -> ArchiveReader { try ArchiveReader(path: path) }

    private func add(_ line: String) {
        chunk += line.utf8
        chunk.append(UInt8(ascii: "\n"))
    }

    private func flush() throws(ArchiveError) {
        hash.update(data: chunk)
        do throws(GzipError) { try gzip.write(chunk) } catch { throw ArchiveError(path, error) }
        chunk.removeAll(keepingCapacity: true)
    }
}

/// Reads the rows of an archive in constant memory; blocks on the disk.
package final class ArchiveReader {
    private let path: String
    private var lines: LineReader
    private var hash = SHA256()
    /// What was read until now; whole after the last row.
    package private(set) var facts = ArchiveFacts()

    init(path: String) throws(ArchiveError) {
        self.path = path
        do throws(GzipError) {
            lines = try LineReader(path: path, limitBytes: Limits.archiveLineBytes)
        } catch {
            throw ArchiveError(path, error)
        }
        guard try line() == ArchivedReading.header else {
            throw ArchiveError("\(path): the first line is not that of an archive")
        }
    }

    /// The next rows; none after the last.
    package func next(_ count: Int) throws(ArchiveError) -> [ArchivedReading] {
        var rows: [ArchivedReading] = []
        while rows.count < count {
            guard let line = try line() else {
                facts.contentDigest = Array(hash.finalize())
                break
            }
            guard let row = ArchivedReading(line: line) else {
                throw ArchiveError("\(path): line \(facts.rows + 2) is not a reading")
            }
            facts.count(row.reading.at)
            rows.append(row)
        }
        return rows
    }

    private func line() throws(ArchiveError) -> String? {
        do throws(GzipError) {
            guard let line = try lines.next() else { return nil }
            hash.update(data: line.bytes)
            hash.update(data: [UInt8(ascii: "\n")])
            return line.text
        } catch {
            throw ArchiveError(path, error)
        }
    }
}

/// SHA-256 over the lines that an archive of these rows would have.
package struct ArchiveDigest {
    private var hash = SHA256()

    package init() { add(ArchivedReading.header) }

    /// Adds a row.
    package mutating func add(_ row: ArchivedReading) { add(row.line) }

    /// The digest of what was added.
    package var value: [UInt8] { Array(hash.finalize()) }

    private mutating func add(_ line: String) {
        hash.update(data: Array(line.utf8))
        hash.update(data: [UInt8(ascii: "\n")])
    }
}
