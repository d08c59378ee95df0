package import Metering

/// What a gateway sent for one meter.
package struct GatewaySubmission: Sendable {
    /// The meter as the gateway names it.
    package var meter: String
    /// A fault of this meter's part leaves the others usable.
    package var report: Result<MeterReport, WireError>
}

/// `{"meters": [{"meter": "serial", "sequence": n, "readings": […]}]}` to reports by meter.
package enum GatewayDecoder {
    /// Throws when the body cannot be read or an entry does not say which meter it is for.
    package static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(WireError) -> [GatewaySubmission] {
        guard !bytes.isEmpty else { throw WireError(.empty, "the body is empty") }
        guard bytes.count <= Limits.gatewayBodyBytes else {
            throw WireError(.tooLarge, "more than \(Limits.gatewayBodyBytes) bytes")
        }
        return try EscapedJSON.withPlain(bytes) { plain throws(WireError) in
            var parser = GatewayParser(JSONScanner(plain))
            return try parser.body()
        }
    }

    /// The same from an array.
    package static func decode(_ bytes: [UInt8]) throws(WireError) -> [GatewaySubmission] {
        try bytes.withUnsafeBufferPointer { buffer throws(WireError) in
            try decode(UnsafeRawBufferPointer(buffer))
        }
    }
}

private struct GatewayParser {
    var scanner: JSONScanner
    var readings = 0

    init(_ scanner: JSONScanner) { self.scanner = scanner }

    mutating func body() throws(WireError) -> [GatewaySubmission] {
        do throws(ScanFault) {
            guard scanner.take(0x7B) else { throw scanner.wrongType("an object") }
            guard scanner.hasFirst(closing: 0x7D) else {
                throw ScanFault(.missingField, "meters is missing")
            }
            let key = try scanner.key()
            guard scanner.equals(key, "meters") else {
                throw ScanFault(.unknownKey, "the one field of this body is meters")
            }
            guard scanner.take(0x5B) else {
                throw scanner.wrongType("an object with an array meters")
            }
        } catch {
            throw WireError(error.code, error.detail)
        }
        let submissions = try entries()
        do throws(ScanFault) {
            try scanner.expect(0x7D, "'}'")
            try scanner.end()
        } catch {
            throw WireError(error.code, error.detail)
        }
        return submissions
    }

    private mutating func entries() throws(WireError) -> [GatewaySubmission] {
        var submissions: [GatewaySubmission] = []
        var more = scanner.hasFirst(closing: 0x5D)
        while more {
            guard submissions.count < Limits.gatewayMeters else {
                throw WireError(.tooMany, at: "/meters", "more than \(Limits.gatewayMeters) meters")
            }
            submissions.append(try entry(submissions.count))
            do throws(ScanFault) {
                more = try scanner.hasNext(closing: 0x5D)
            } catch {
                throw WireError(error.code, at: "/meters", error.detail)
            }
        }
        guard !submissions.isEmpty else {
            throw WireError(.empty, at: "/meters", "meters is empty")
        }
        return submissions
    }

    private mutating func entry(_ index: Int) throws(WireError) -> GatewaySubmission {
        scanner.skipSpace()
        let start = scanner.index
        var parser = ReportParser(scanner, meter: index, maximumReadings: Limits.readings)
        do throws(ScanFault) {
            let members = try parser.members(named: true)
            scanner.index = parser.readings.scanner.index
            guard let meter = members.meter else {
                throw ScanFault(.missingField, "meter is missing")
            }
            readings += members.items?.count ?? 0
            guard readings <= Limits.gatewayReadings else {
                throw ScanFault(.tooMany, "more than \(Limits.gatewayReadings) readings in all")
            }
            return GatewaySubmission(
                meter: meter,
                report: Result { () throws(WireError) in try MeterReport(members, meter: index) }
            )
        } catch {
            let fault = parser.readings.error(error)
            scanner.index = start
            guard readings <= Limits.gatewayReadings, let meter = name() else { throw fault }
            return GatewaySubmission(meter: meter, report: .failure(fault))
        }
    }

    /// Finds whose entry a faulty one is, and goes to its end; nil when that cannot be told.
    private mutating func name() -> String? {
        var name: String?
        do throws(ScanFault) {
            let start = scanner.index
            try scanner.skipValue()
            let end = scanner.index
            scanner.index = start
            guard scanner.take(0x7B) else { return nil }
            var more = scanner.hasFirst(closing: 0x7D)
            while more, name == nil {
                let key = try scanner.key()
                if scanner.equals(key, "meter") {
                    name = try scanner.meterName()
                } else {
                    try scanner.skipValue()
                }
                more = try scanner.hasNext(closing: 0x7D)
            }
            scanner.index = end
        } catch {
            return nil
        }
        return name
    }
}
