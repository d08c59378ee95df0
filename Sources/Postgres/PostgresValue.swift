/// One Swift type as one PostgreSQL type, in PostgreSQL's binary format (big endian).
package protocol PostgresValue: PostgresField {
    /// The type's number in `pg_type`.
    static var typeOID: UInt32 { get }
    /// The number of the type "array of this".
    static var arrayOID: UInt32 { get }
    /// Whether a column of that type can be read as this one.
    static func accepts(_ oid: UInt32) -> Bool
    /// Appends the value without its length.
    func encode(into bytes: inout [UInt8])
    /// Appends each element with its length, or with the length -1 for null.
    static func encodeOptionals(_ elements: [Self?], into bytes: inout [UInt8])
    /// Reads the value; the buffer is valid only during the call.
    init(binary: UnsafeRawBufferPointer) throws(PostgresError)
}

extension PostgresValue {
    /// A type reads its own columns; some read narrower ones too.
    package static func accepts(_ oid: UInt32) -> Bool { oid == typeOID }
}

/// What one parameter, one column of a row or one element of an array holds: a value, or `nil` for null.
///
/// Only `PostgresValue` types and optionals of them conform.
package protocol PostgresField: Sendable {
    static var fieldTypeOID: UInt32 { get }
    static var fieldArrayOID: UInt32 { get }
    /// Whether a column of that type can be read into this field.
    static func acceptsField(_ oid: UInt32) -> Bool
    /// Appends the value without its length; false, and nothing appended, for null.
    func encodeField(into bytes: inout [UInt8]) -> Bool
    /// Appends each element with its length, as arrays and COPY have it.
    static func encodeElements(_ elements: [Self], into bytes: inout [UInt8])
    /// Reads a value, or null where the buffer is `nil`.
    init(field: UnsafeRawBufferPointer?) throws(PostgresError)
    /// Whether a null may stand here.
    static var isNullable: Bool { get }
}

extension PostgresField {
    /// Appends the length and the value, or the length -1 for null.
    package func encodeElement(into bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(bigEndian: Int32(-1))
        guard encodeField(into: &bytes) else { return }
        bytes.replace(at: start, bigEndian: Int32(truncatingIfNeeded: bytes.count - start - 4))
    }

    /// One element after the other.
    package static func encodeElements(_ elements: [Self], into bytes: inout [UInt8]) {
        for element in elements { element.encodeElement(into: &bytes) }
    }
}

extension PostgresValue {
    package static var fieldTypeOID: UInt32 { typeOID }
    package static var fieldArrayOID: UInt32 { arrayOID }
    package static var isNullable: Bool { false }

    /// The same rule as for a column that is never null.
    package static func acceptsField(_ oid: UInt32) -> Bool { accepts(oid) }

    /// One element after the other.
    package static func encodeOptionals(_ elements: [Self?], into bytes: inout [UInt8]) {
        for element in elements { element.encodeElement(into: &bytes) }
    }

    /// Always a value.
    package func encodeField(into bytes: inout [UInt8]) -> Bool {
        encode(into: &bytes)
        return true
    }

    /// Refuses null, naming the type that cannot be null.
    package init(field: UnsafeRawBufferPointer?) throws(PostgresError) {
        guard let field else { throw .decoding("null where \(Self.self) was expected") }
        self = try Self(binary: field)
    }
}

extension Optional: PostgresField where Wrapped: PostgresValue {
    package static var fieldTypeOID: UInt32 { Wrapped.typeOID }
    package static var fieldArrayOID: UInt32 { Wrapped.arrayOID }
    package static var isNullable: Bool { true }

    /// The rule of the type that may be missing.
    package static func acceptsField(_ oid: UInt32) -> Bool { Wrapped.accepts(oid) }

    /// As the type that may be missing does it.
    package static func encodeElements(_ elements: [Self], into bytes: inout [UInt8]) {
        Wrapped.encodeOptionals(elements, into: &bytes)
    }

    /// Nothing for null.
    package func encodeField(into bytes: inout [UInt8]) -> Bool {
        guard let value = self else { return false }
        value.encode(into: &bytes)
        return true
    }

    /// `nil` for null.
    package init(field: UnsafeRawBufferPointer?) throws(PostgresError) {
        if let field { self = try Wrapped(binary: field) } else { self = nil }
    }
}

extension [UInt8] {
    /// Appends an integer with its most significant byte first.
    package mutating func append(bigEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { self += $0 }
    }

    /// Overwrites four bytes, as for a length known only afterwards.
    package mutating func replace(at index: Int, bigEndian value: Int32) {
        let pattern = UInt32(bitPattern: value)
        self[index] = UInt8(truncatingIfNeeded: pattern >> 24)
        self[index + 1] = UInt8(truncatingIfNeeded: pattern >> 16)
        self[index + 2] = UInt8(truncatingIfNeeded: pattern >> 8)
        self[index + 3] = UInt8(truncatingIfNeeded: pattern)
    }
}

extension UnsafeRawBufferPointer {
    /// Reads an integer of exactly this many bytes.
    func bigEndian<Value: FixedWidthInteger>(
        _ type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        guard count == MemoryLayout<Value>.size else {
            throw .decoding("\(count) bytes where \(Value.self) has \(MemoryLayout<Value>.size)")
        }
        return Value(bigEndian: loadUnaligned(as: Value.self))
    }

    /// Reads an integer at an offset, and moves the offset on.
    func next<Value: FixedWidthInteger>(
        _ offset: inout Int,
        _ type: Value.Type = Value.self
    ) throws(PostgresError) -> Value {
        let size = MemoryLayout<Value>.size
        guard offset >= 0, count - offset >= size else { throw .decoding("value is cut short") }
        defer { offset += size }
        return Value(bigEndian: loadUnaligned(fromByteOffset: offset, as: Value.self))
    }
}
