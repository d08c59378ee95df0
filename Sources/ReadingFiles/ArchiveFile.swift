import Crypto
import FoundationEssentials
import Glibc
import Gzip
import Metering
package import Units

/// Why an archive cannot be written or is not what it should be.
package struct ArchiveError: Error, CustomStringConvertible, Sendable {
    package let description: String

    init(_ description: String) { self.description = description }

    init(_ path: String, _ error: GzipError) {
        let reason =
            switch error {
            case .notGzip: "not gzip"
            case .truncated: "cut short"
            case .corrupt(let detail): "damaged: \(detail)"
            case .unreadable(_, let reason), .unwritable(_, let reason): reason
            case .tooLarge, .lineTooLong: "a line that is too long"
            case .outOfMemory: "not enough memory"
            }
        self.init("\(path): \(reason)")
    }
}

/// What is in an archive.
package struct ArchiveFacts: Sendable, Hashable {
    package var rows = 0
    package var firstAt: Instant?
    package var lastAt: Instant?
    /// Of the file, packed.
    package var bytes = 0
    package var fileDigest: [UInt8] = []
    /// Of the lines before they were packed.
    package var contentDigest: [UInt8] = []

    mutating func count(_ at: Instant) {
        rows += 1
        firstAt = min(firstAt ?? at, at)
        lastAt = max(lastAt ?? at, at)
    }
}

/// One month of an office's readings as a packed CSV file, with a note (JSON) of what is in it beside.
package struct ArchiveFile: Sendable {
    package let folder: String
    package let office: String
    package let month: CivilMonth

    package init(folder: String, office: String, month: CivilMonth) {
        self.folder = folder
        self.office = office
        self.month = month
    }

    /// The name within the folder of archives.
    package var name: String { "\(office)/readings-\(month).csv.gz" }
    package var path: String { "\(folder)/\(name)" }
    package var manifestPath: String { "\(folder)/\(office)/readings-\(month).json" }

    /// Begins to write the file under a name of its own, so that a kill leaves nothing half under the
    /// right one.
    package func writer() throws(ArchiveError) -> ArchiveWriter {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(office)",
                withIntermediateDirectories: true
            )
        } catch {
            throw ArchiveError("\(folder)/\(office) cannot be made: \(error)")
        }
        return try ArchiveWriter(path: "\(path).\(getpid()).new")
    }

    /// Ends a file, gives it its name and lays the note beside it; both are on the disk afterwards.
    package func publish(_ writer: ArchiveWriter) throws(ArchiveError) -> ArchiveFacts {
        var facts = try writer.finish()
        (facts.bytes, facts.fileDigest) = try Self.measure(writer.path)
        let note = manifestPath + ".\(getpid()).new"
        do {
            try Data(manifest(facts).utf8).write(to: URL(filePath: note))
        } catch {
            throw ArchiveError("\(note) cannot be written: \(error)")
        }
        for (new, final) in [(writer.path, path), (note, manifestPath)] {
            guard rename(new, final) == 0 else {
                throw ArchiveError("\(final): \(String(cString: strerror(errno)))")
            }
        }
        let descriptor = open("\(folder)/\(office)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArchiveError("\(folder): \(String(cString: strerror(errno)))")
        }
        fsync(descriptor)
        close(descriptor)
        return facts
    }

    /// Removes what was written under a name of its own.
    package func discard(_ writer: ArchiveWriter) { unlink(writer.path) }

    /// Opens the file to read its rows.
    package func reader() throws(ArchiveError) -> ArchiveReader { try ArchiveReader(path: path) }

    /// Length and SHA-256 of the file as it is on the disk.
    package func measure() throws(ArchiveError) -> (bytes: Int, digest: [UInt8]) {
        try Self.measure(path)
    }

    private static func measure(
        _ path: String
    ) throws(ArchiveError) -> (bytes: Int, digest: [UInt8]) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw ArchiveError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        var hash = SHA256()
        var bytes = 0
        var buffer = [UInt8](repeating: 0, count: Limits.archiveChunkBytes)
        while true {
            let got = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw ArchiveError("\(path): \(String(cString: strerror(errno)))") }
            guard got > 0 else { return (bytes, Array(hash.finalize())) }
            hash.update(data: buffer[..<got])
            bytes += got
        }
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return String(bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
    }

    private func manifest(_ facts: ArchiveFacts) -> String {
        let instants = [facts.firstAt, facts.lastAt].map { $0.map { "\"\($0)\"" } ?? "null" }
        return """
            {
              "office": "\(office)",
              "month": "\(month)",
              "file": "readings-\(month).csv.gz",
              "rows": \(facts.rows),
              "firstAt": \(instants[0]),
              "lastAt": \(instants[1]),
              "bytes": \(facts.bytes),
              "sha256": "\(Self.hexadecimal(facts.fileDigest))",
              "contentSHA256": "\(Self.hexadecimal(facts.contentDigest))"
            }

            """
    }
}

/// Writes the rows of an archive in constant memory; blocks on the disk.
package final class ArchiveWriter {
    let path: String
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
    func finish() throws(ArchiveError) -> ArchiveFacts {
        try flush()
        do throws(GzipError) { try gzip.finish() } catch { throw ArchiveError(path, error) }
        facts.contentDigest = Array(hash.finalize())
        return facts
    }

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
