import CZlib

/// One zlib stream that decompresses gzip, member after member.
///
/// Owns the C stream, which zlib forbids to move: it stays where it was allocated until `deinit`.
struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    /// A member has begun and its check sum has not been seen.
    private(set) var isInMember = false
    private var members = 0
    /// Zero padding after a member; nothing else may follow it.
    private var isInPadding = false

    init() throws(GzipError) {
        stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        // 15 + 16: the largest window, gzip framing only.
        guard vidyut_inflate_init(stream, 31) == Z_OK else { throw .outOfMemory }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Decompresses all of `input`, handing over chunks of at most `Limits.chunkBytes`.
    mutating func feed(
        _ input: [UInt8],
        _ sink: ([UInt8]) throws(GzipError) -> Void
    ) throws(GzipError) {
        var offset = 0
        while offset < input.count {
            if !isInMember {
                if members > 0, isInPadding || input[offset] == 0 {
                    guard input[offset] == 0 else { throw .corrupt("bytes after the padding") }
                    isInPadding = true
                    offset += 1
                    continue
                }
                if members > 0 { inflateReset(stream) }
                isInMember = true
            }
            let step = try inflateOnce(input, from: offset)
            offset += step.consumed
            if !step.output.isEmpty { try sink(step.output) }
            if step.isEnd {
                isInMember = false
                members += 1
            } else if step.consumed == 0, step.output.isEmpty {
                throw .corrupt("no progress")
            }
        }
    }

    /// Throws when the input may not end here.
    borrowing func finish() throws(GzipError) {
        if isInMember || members == 0 { throw .truncated }
    }

    private struct Step {
        var consumed: Int
        var output: [UInt8]
        var isEnd: Bool
    }

    private func inflateOnce(_ input: [UInt8], from offset: Int) throws(GzipError) -> Step {
        var code: CInt = Z_OK
        var consumed = 0
        let output = input.withUnsafeBufferPointer { bytes in
            [UInt8](unsafeUninitializedCapacity: Limits.chunkBytes) { buffer, count in
                let given = min(bytes.count - offset, Int(UInt32.max))
                stream.pointee.next_in = bytes.baseAddress.map {
                    UnsafeMutablePointer(mutating: $0 + offset)
                }
                stream.pointee.avail_in = UInt32(given)
                stream.pointee.next_out = buffer.baseAddress
                stream.pointee.avail_out = UInt32(buffer.count)
                code = inflate(stream, Z_NO_FLUSH)
                consumed = given - Int(stream.pointee.avail_in)
                count = buffer.count - Int(stream.pointee.avail_out)
            }
        }
        switch code {
        case Z_OK, Z_BUF_ERROR: return Step(consumed: consumed, output: output, isEnd: false)
        case Z_STREAM_END: return Step(consumed: consumed, output: output, isEnd: true)
        case Z_MEM_ERROR: throw .outOfMemory
        default:
            throw .corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "error \(code)")
        }
    }
}
