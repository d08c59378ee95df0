/// A `bytea`.
package struct Bytes: PostgresValue, Hashable {
    package static var typeOID: UInt32 { TypeOID.bytea }
    package static var arrayOID: UInt32 { 1001 }

    package var bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The bytes as they are.
    package func encode(into output: inout [UInt8]) { output += bytes }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        bytes = Array(binary)
    }
}

/// A `timestamptz`: microseconds since 1970 in UTC, so that any instant type of the house fits.
package struct PostgresTimestamp: FixedWidthValue, Hashable, Comparable {
    package static var typeOID: UInt32 { TypeOID.timestamptz }
    package static var arrayOID: UInt32 { 1185 }
    /// PostgreSQL counts from 2000-01-01.
    static let epochShiftMicroseconds: Int64 = 946_684_800_000_000

    package var microsecondsSince1970: Int64

    package init(microsecondsSince1970: Int64) {
        self.microsecondsSince1970 = microsecondsSince1970
    }

    package static func < (left: Self, right: Self) -> Bool {
        left.microsecondsSince1970 < right.microsecondsSince1970
    }

    /// Microseconds since 2000; what PostgreSQL cannot hold becomes its minus infinity.
    var pattern: Int64 {
        let (shifted, overflow) = microsecondsSince1970.subtractingReportingOverflow(
            Self.epochShiftMicroseconds
        )
        return overflow ? .min : shifted
    }

    /// Refuses `infinity` and `-infinity`, which are no instants.
    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        let since2000: Int64 = try binary.bigEndian()
        let (shifted, overflow) = since2000.addingReportingOverflow(Self.epochShiftMicroseconds)
        guard !overflow, since2000 != .min else { throw .decoding("an infinite timestamp") }
        microsecondsSince1970 = shifted
    }
}

/// A `date`: days since 1970-01-01.
package struct PostgresDate: FixedWidthValue, Hashable, Comparable {
    package static var typeOID: UInt32 { TypeOID.date }
    package static var arrayOID: UInt32 { 1182 }
    private static let epochShiftDays: Int32 = 10_957

    package var daysSince1970: Int32

    package init(daysSince1970: Int32) { self.daysSince1970 = daysSince1970 }

    package static func < (left: Self, right: Self) -> Bool {
        left.daysSince1970 < right.daysSince1970
    }

    /// Days since 2000; what PostgreSQL cannot hold becomes its minus infinity.
    var pattern: Int32 {
        let (shifted, overflow) = daysSince1970.subtractingReportingOverflow(Self.epochShiftDays)
        return overflow ? .min : shifted
    }

    /// Refuses `infinity` and `-infinity`, which are no days.
    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        let since2000: Int32 = try binary.bigEndian()
        let (shifted, overflow) = since2000.addingReportingOverflow(Self.epochShiftDays)
        guard !overflow, since2000 != .min else { throw .decoding("an infinite date") }
        daysSince1970 = shifted
    }
}

/// A `jsonb`, as its text; the server checks it.
package struct JSONB: PostgresValue, Hashable {
    package static var typeOID: UInt32 { TypeOID.jsonb }
    package static var arrayOID: UInt32 { 3807 }
    private static let version: UInt8 = 1

    package var text: String

    package init(text: String) { self.text = text }

    /// `json` columns read too.
    package static func accepts(_ oid: UInt32) -> Bool { oid == TypeOID.jsonb || oid == 114 }

    /// A version byte and the text.
    package func encode(into bytes: inout [UInt8]) {
        bytes.append(Self.version)
        bytes += text.utf8
    }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        let hasVersion = binary.first == Self.version
        text = try String(
            binary: hasVersion ? UnsafeRawBufferPointer(rebasing: binary.dropFirst()) : binary
        )
    }
}

extension Array: PostgresField where Element: PostgresField {}

extension Array: PostgresValue where Element: PostgresField {
    package static var typeOID: UInt32 { Element.fieldArrayOID }
    package static var arrayOID: UInt32 { Element.fieldArrayOID }

    /// The array type itself, or an array of anything that the element type can read.
    package static func accepts(_ oid: UInt32) -> Bool {
        if oid == Element.fieldArrayOID { return true }
        guard let element = elementOIDs[oid] else { return false }
        return Element.acceptsField(element)
    }

    /// One dimension, counted from one; nulls where the element type has them.
    package func encode(into bytes: inout [UInt8]) {
        bytes.append(bigEndian: Int32(isEmpty ? 0 : 1))
        bytes.append(bigEndian: Int32(Element.isNullable ? 1 : 0))
        bytes.append(bigEndian: Element.fieldTypeOID)
        guard !isEmpty else { return }
        bytes.append(bigEndian: Int32(count))
        bytes.append(bigEndian: Int32(1))
        Element.encodeElements(self, into: &bytes)
    }

    /// Reads one dimension; a matrix is refused.
    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        var offset = 0
        let dimensions: Int32 = try binary.next(&offset)
        offset += 4
        let elementOID: UInt32 = try binary.next(&offset)
        guard dimensions > 0 else {
            self = []
            return
        }
        guard dimensions == 1 else { throw .decoding("an array of \(dimensions) dimensions") }
        guard Element.acceptsField(elementOID) else {
            throw .decoding("an array of \(TypeOID.name(elementOID)), not of \(Element.self)")
        }
        let count: Int32 = try binary.next(&offset)
        offset += 4
        guard count >= 0, Int(count) <= (binary.count - offset) / 4 else {
            throw .decoding("an array cut short")
        }
        self = []
        reserveCapacity(Int(count))
        for _ in 0..<count {
            let length = Int(try binary.next(&offset, Int32.self))
            guard length >= 0 else {
                append(try Element(field: nil))
                continue
            }
            guard length <= binary.count - offset else { throw .decoding("an array cut short") }
            let slice = UnsafeRawBufferPointer(rebasing: binary[offset..<offset + length])
            append(try Element(field: slice))
            offset += length
        }
    }
}

/// Array types by number, and what their elements are.
private let elementOIDs: [UInt32: UInt32] = [
    1000: 16, 1001: 17, 1002: 18, 1003: 19, 1005: 21, 1007: 23, 1009: 25, 1014: 1042, 1015: 1043,
    1016: 20, 1021: 700, 1022: 701, 1182: 1082, 1185: 1184, 1231: 1700, 3807: 3802, 199: 114,
]
