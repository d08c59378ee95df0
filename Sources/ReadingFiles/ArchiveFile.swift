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

    /// Begins to write the file under a name of its own, so that nothing half has the right one.
    ///
    /// What an earlier kill left is overwritten: whoever writes holds the `ArchiveLock`.
    package func writer() throws(ArchiveError) -> ArchiveWriter {
        do {
            try FileManager.default.createDirectory(
                atPath: "\(folder)/\(office)",
                withIntermediateDirectories: true
            )
        } catch {
            throw ArchiveError("\(folder)/\(office) cannot be made: \(error)")
        }
        return try ArchiveWriter(path: "\(path).new")
    }

    /// Gives a file that was ended its name, and lays the note beside it; both are on the disk
    /// afterwards.
    package func publish(
        _ writer: ArchiveWriter,
        _ facts: ArchiveFacts
    ) throws(ArchiveError) {
        let note = manifestPath + ".new"
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
    }

    /// Removes what was written under a name of its own.
    package func discard(_ writer: ArchiveWriter) { unlink(writer.path) }

    /// Opens the file to read its rows.
    package func reader() throws(ArchiveError) -> ArchiveReader { try ArchiveReader(path: path) }

    /// Length and SHA-256 of the file as it is on the disk.
    package func measure() throws(ArchiveError) -> (bytes: Int, digest: [UInt8]) {
        try Self.measure(path)
    }

    static func measure(
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
            guard got >= 0 else {
                throw ArchiveError("\(path): \(String(cString: strerror(errno)))")
            }
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

/// A folder of archives that nobody else writes to while this exists.
package final class ArchiveLock {
    private let descriptor: CInt

    /// Makes the folder if it is not there; refuses when another program works in it.
    package init(folder: String) throws(ArchiveError) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true
            )
        } catch {
            throw ArchiveError("\(folder) cannot be made: \(error)")
        }
        descriptor = open("\(folder)/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw ArchiveError("\(folder)/lock: \(String(cString: strerror(errno)))")
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ArchiveError("another program is archiving readings in \(folder)")
        }
    }

    deinit { close(descriptor) }
}
