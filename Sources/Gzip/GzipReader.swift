import Glibc

/// A file read piece by piece, decompressed if it is gzip and as it is if not, in constant memory.
///
/// Calls block on the disk. Not for two threads at once.
package struct GzipReader: ~Copyable {
    /// Whether the file's first bytes are those of gzip.
    package let isCompressed: Bool
    private let path: String
    private let descriptor: CInt
    private var inflater: Inflater?
    private var beginning: [UInt8]
    /// Decompressed and not yet given on: what one piece of the file holds.
    private var waiting: [[UInt8]] = []
    private var isAtEnd = false

    /// Opens a file and looks at its first bytes.
    package init(path: String) throws(GzipError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw .unreadable(path: path, reason: GzipReader.systemError())
        }
        do throws(GzipError) {
            let beginning = try GzipReader.read(descriptor, path)
            let isCompressed = Gzip.isGzip(beginning)
            inflater = isCompressed ? try Inflater() : nil
            self.beginning = beginning
            self.isCompressed = isCompressed
        } catch {
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The next bytes, never an empty array; nil at the end of the file.
    package mutating func next() throws(GzipError) -> [UInt8]? {
        while true {
            if !waiting.isEmpty { return waiting.removeFirst() }
            if isAtEnd { return nil }
            var piece = beginning
            beginning = []
            if piece.isEmpty { piece = try GzipReader.read(descriptor, path) }
            if piece.isEmpty {
                isAtEnd = true
                try inflater?.finish()
                return nil
            }
            guard inflater != nil else { return piece }
            var chunks: [[UInt8]] = []
            try inflater?.feed(piece) { chunk throws(GzipError) in chunks.append(chunk) }
            waiting = chunks
        }
    }

    private static func read(_ descriptor: CInt, _ path: String) throws(GzipError) -> [UInt8] {
        while true {
            var failure: CInt = 0
            let bytes = [UInt8](unsafeUninitializedCapacity: Limits.chunkBytes) { buffer, count in
                let got = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                failure = got < 0 ? errno : 0
                count = max(0, got)
            }
            if failure == 0 { return bytes }
            if failure != EINTR {
                throw .unreadable(path: path, reason: String(cString: strerror(failure)))
            }
        }
    }

    private static func systemError() -> String {
        String(cString: strerror(errno))
    }
}
