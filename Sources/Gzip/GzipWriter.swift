import CZlib
import Glibc

/// A gzip file written piece by piece in constant memory.
///
/// Without name or time, so that the same bytes give the same file. Calls block on the disk. Not for
/// two threads at once. A writer that is let go without `finish` leaves a file that is cut short.
package struct GzipWriter: ~Copyable {
    private let path: String
    private let descriptor: CInt
    // zlib forbids the stream to move: it stays where it was allocated until `deinit`.
    private let stream: UnsafeMutablePointer<z_stream>

    /// Makes the file, or empties the one that is there; the level is 1 (fast) to 9 (small).
    package init(path: String, level: Int = 6) throws(GzipError) {
        precondition((1...9).contains(level), "The level of compression is 1 to 9.")
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard vidyut_deflate_init(stream, CInt(level), 31) == Z_OK else {
            stream.deallocate()
            close(descriptor)
            throw .outOfMemory
        }
        self.path = path
        self.descriptor = descriptor
        self.stream = stream
    }

    deinit {
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        close(descriptor)
    }

    /// Adds bytes.
    package mutating func write(_ bytes: [UInt8]) throws(GzipError) {
        guard !bytes.isEmpty else { return }
        try deflateAll(bytes, flush: Z_NO_FLUSH)
    }

    /// Ends the file and waits until the disk has it.
    package mutating func finish() throws(GzipError) {
        try deflateAll([], flush: Z_FINISH)
        guard fsync(descriptor) == 0 else { throw failure() }
    }

    private borrowing func deflateAll(_ bytes: [UInt8], flush: CInt) throws(GzipError) {
        var offset = 0
        while true {
            var code: CInt = Z_OK
            let chunk = bytes.withUnsafeBufferPointer { input in
                [UInt8](unsafeUninitializedCapacity: Limits.chunkBytes) { buffer, count in
                    // zlib counts in 32 bits: feed it by the gigabyte.
                    let given = min(bytes.count - offset, 1 << 30)
                    stream.pointee.next_in = input.baseAddress.map {
                        UnsafeMutablePointer(mutating: $0 + offset)
                    }
                    stream.pointee.avail_in = UInt32(given)
                    stream.pointee.next_out = buffer.baseAddress
                    stream.pointee.avail_out = UInt32(buffer.count)
                    code = deflate(stream, flush)
                    offset += given - Int(stream.pointee.avail_in)
                    count = buffer.count - Int(stream.pointee.avail_out)
                }
            }
            guard code == Z_OK || code == Z_BUF_ERROR || code == Z_STREAM_END else {
                throw .corrupt("error \(code)")
            }
            try put(chunk)
            let isDone =
                flush == Z_FINISH
                ? code == Z_STREAM_END : offset == bytes.count && chunk.count < Limits.chunkBytes
            if isDone { return }
        }
    }

    private borrowing func put(_ bytes: [UInt8]) throws(GzipError) {
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, bytes.count - offset)
            }
            if written < 0, errno == EINTR { continue }
            guard written > 0 else { throw failure() }
            offset += written
        }
    }

    private borrowing func failure() -> GzipError {
        .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
