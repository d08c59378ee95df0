import CZlib

/// Gzip in memory, over zlib.
package enum Gzip {
    /// Whether bytes begin as a gzip file does (RFC 1952: 1f 8b, method 8).
    package static func isGzip(_ bytes: some Sequence<UInt8>) -> Bool {
        Array(bytes.prefix(3)) == [0x1f, 0x8b, 0x08]
    }

    /// Everything that was compressed, all members together; throws before it exceeds the limit.
    package static func decompress(
        _ bytes: [UInt8],
        limitBytes: Int = Limits.decompressedBytes
    ) throws(GzipError) -> [UInt8] {
        guard bytes.count >= 3 else { throw bytes.isEmpty ? .notGzip : .truncated }
        guard isGzip(bytes) else { throw .notGzip }
        var inflater = try Inflater()
        var output: [UInt8] = []
        try inflater.feed(bytes) { chunk throws(GzipError) in
            if output.count + chunk.count > limitBytes { throw .tooLarge(limitBytes: limitBytes) }
            output += chunk
        }
        try inflater.finish()
        return output
    }

    /// One gzip member without name or time, so that the same bytes give the same file.
    ///
    /// The level is 1 (fast) to 9 (small).
    package static func compress(_ bytes: [UInt8], level: Int = 6) throws(GzipError) -> [UInt8] {
        precondition((1...9).contains(level), "The level of compression is 1 to 9.")
        var stream = z_stream()
        guard vidyut_deflate_init(&stream, CInt(level), 31) == Z_OK else { throw .outOfMemory }
        defer { deflateEnd(&stream) }
        var output: [UInt8] = []
        var offset = 0
        while true {
            // zlib counts in 32 bits: feed it by the gigabyte.
            let given = min(bytes.count - offset, 1 << 30)
            let flush = offset + given == bytes.count ? Z_FINISH : Z_NO_FLUSH
            var code: CInt = Z_OK
            let chunk = bytes.withUnsafeBufferPointer { input in
                [UInt8](unsafeUninitializedCapacity: Limits.chunkBytes) { buffer, count in
                    stream.next_in = input.baseAddress.map {
                        UnsafeMutablePointer(mutating: $0 + offset)
                    }
                    stream.avail_in = UInt32(given)
                    stream.next_out = buffer.baseAddress
                    stream.avail_out = UInt32(buffer.count)
                    code = deflate(&stream, flush)
                    count = buffer.count - Int(stream.avail_out)
                }
            }
            offset += given - Int(stream.avail_in)
            output += chunk
            if code == Z_STREAM_END { return output }
            guard code == Z_OK || code == Z_BUF_ERROR else { throw .corrupt("error \(code)") }
        }
    }
}
