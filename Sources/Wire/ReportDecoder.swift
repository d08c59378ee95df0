package import Metering

/// Bytes of one meter to its report: the core's frame, or JSON, told apart by the first byte.
package enum ReportDecoder {
    /// Throws when nothing of the message can be used; a fault of one reading stays with that item.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer,
        maximumReadings: Int = Limits.readings
    ) throws(WireError) -> MeterReport {
        let isFrame = try check(bytes)
        guard !isFrame else {
            return try FrameDecoder.report(bytes, maximumReadings: maximumReadings)
        }
        return try EscapedJSON.withPlain(bytes) { plain throws(WireError) in
            try report(plain, maximumReadings)
        }
    }

    private static func report(
        _ json: UnsafeBufferPointer<UInt8>,
        _ maximumReadings: Int
    ) throws(WireError) -> MeterReport {
        var parser = ReportParser(JSONScanner(json), maximumReadings: maximumReadings)
        let members: ReportParser.Members
        do throws(ScanFault) {
            members = try parser.members(named: false)
            try parser.readings.scanner.end()
        } catch {
            throw parser.readings.error(error)
        }
        return try MeterReport(members)
    }

    /// The same from an array.
    package static func decode(
        _ bytes: [UInt8],
        maximumReadings: Int = Limits.readings
    ) throws(WireError) -> MeterReport {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            try decode(UnsafeRawBufferPointer(buffer), maximumReadings: maximumReadings)
        }
    }

    /// A live value: a live frame, or one reading's JSON object; it has no number and is not stored.
    package static func decodeLive(
        _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> ReportedReading {
        let isFrame = try check(bytes)
        guard !isFrame else { return try FrameDecoder.live(bytes) }
        return try EscapedJSON.withPlain(bytes) { plain throws(WireError) in try live(plain) }
    }

    private static func live(
        _ json: UnsafeBufferPointer<UInt8>
    ) throws(WireError) -> ReportedReading {
        var parser = ReadingParser(JSONScanner(json))
        do throws(ScanFault) {
            let reading = try parser.reading()
            try parser.scanner.end()
            return reading
        } catch {
            throw parser.error(error)
        }
    }

    /// The same from an array.
    package static func decodeLive(_ bytes: [UInt8]) throws(WireError) -> ReportedReading {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            try decodeLive(UnsafeRawBufferPointer(buffer))
        }
    }

    private static func check(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> Bool {
        guard let first = bytes.first else { throw WireError(.empty, "the message is empty") }
        guard bytes.count <= Limits.bodyBytes else {
            throw WireError(.tooLarge, "more than \(Limits.bodyBytes) bytes")
        }
        return first == FrameDecoder.magic
    }
}
