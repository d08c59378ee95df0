/// Numbers of the built-in types in `pg_type`, which never change, and their names for messages.
package enum TypeOID {
    package static let bool: UInt32 = 16
    package static let bytea: UInt32 = 17
    package static let int8: UInt32 = 20
    package static let int2: UInt32 = 21
    package static let int4: UInt32 = 23
    package static let text: UInt32 = 25
    package static let float4: UInt32 = 700
    package static let float8: UInt32 = 701
    package static let date: UInt32 = 1082
    package static let timestamptz: UInt32 = 1184
    package static let numeric: UInt32 = 1700
    package static let jsonb: UInt32 = 3802

    static let names: [UInt32: String] = [
        16: "bool", 17: "bytea", 18: "\"char\"", 19: "name", 20: "int8", 21: "int2", 23: "int4",
        25: "text", 26: "oid", 114: "json", 700: "float4", 701: "float8", 705: "unknown",
        1042: "char", 1043: "varchar", 1082: "date", 1083: "time", 1114: "timestamp",
        1184: "timestamptz", 1186: "interval", 1700: "numeric", 2278: "void", 2950: "uuid",
        3802: "jsonb", 1000: "bool[]", 1001: "bytea[]", 1005: "int2[]", 1007: "int4[]",
        1009: "text[]", 1016: "int8[]", 1021: "float4[]", 1022: "float8[]", 1182: "date[]",
        1185: "timestamptz[]", 1231: "numeric[]", 3807: "jsonb[]",
    ]

    /// The name people know, or the number where it is none of the common types.
    static func name(_ oid: UInt32) -> String { names[oid] ?? "type \(oid)" }
}

extension Bool: PostgresValue {
    package static var typeOID: UInt32 { TypeOID.bool }
    package static var arrayOID: UInt32 { 1000 }

    /// One byte.
    package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self = try binary.bigEndian(UInt8.self) != 0
    }
}

extension Int16: FixedWidthValue {
    var pattern: Int16 { self }

    package static var typeOID: UInt32 { TypeOID.int2 }
    package static var arrayOID: UInt32 { 1005 }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self = try binary.bigEndian()
    }
}

extension Int32: FixedWidthValue {
    var pattern: Int32 { self }

    package static var typeOID: UInt32 { TypeOID.int4 }
    package static var arrayOID: UInt32 { 1007 }

    /// `smallint` columns read too.
    package static func accepts(_ oid: UInt32) -> Bool {
        oid == TypeOID.int4 || oid == TypeOID.int2
    }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self = binary.count == 2 ? Int32(try binary.bigEndian(Int16.self)) : try binary.bigEndian()
    }
}

extension Int64: FixedWidthValue {
    var pattern: Int64 { self }

    package static var typeOID: UInt32 { TypeOID.int8 }
    package static var arrayOID: UInt32 { 1016 }

    /// Narrower integer columns read too.
    package static func accepts(_ oid: UInt32) -> Bool {
        oid == TypeOID.int8 || oid == TypeOID.int4 || oid == TypeOID.int2
    }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        switch binary.count {
        case 2: self = Int64(try binary.bigEndian(Int16.self))
        case 4: self = Int64(try binary.bigEndian(Int32.self))
        default: self = try binary.bigEndian()
        }
    }
}

extension Int: FixedWidthValue {
    var pattern: Int64 { Int64(self) }

    package static var typeOID: UInt32 { TypeOID.int8 }
    package static var arrayOID: UInt32 { 1016 }

    /// The rule of `Int64`.
    package static func accepts(_ oid: UInt32) -> Bool { Int64.accepts(oid) }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self = Int(try Int64(binary: binary))
    }
}

extension Float: FixedWidthValue {
    /// IEEE 754.
    var pattern: UInt32 { bitPattern }

    package static var typeOID: UInt32 { TypeOID.float4 }
    package static var arrayOID: UInt32 { 1021 }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self = Float(bitPattern: try binary.bigEndian())
    }
}

extension Double: FixedWidthValue {
    /// IEEE 754.
    var pattern: UInt64 { bitPattern }

    package static var typeOID: UInt32 { TypeOID.float8 }
    package static var arrayOID: UInt32 { 1022 }

    /// `real` columns read too.
    package static func accepts(_ oid: UInt32) -> Bool {
        oid == TypeOID.float8 || oid == TypeOID.float4
    }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        self =
            binary.count == 4
            ? Double(try Float(binary: binary)) : Double(bitPattern: try binary.bigEndian())
    }
}

extension String: PostgresValue {
    package static var typeOID: UInt32 { TypeOID.text }
    package static var arrayOID: UInt32 { 1009 }

    /// `varchar`, `char`, `name`, `json`, `"char"` and untyped literals read too.
    package static func accepts(_ oid: UInt32) -> Bool {
        switch oid {
        case TypeOID.text, 18, 19, 114, 705, 1042, 1043: true
        default: false
        }
    }

    /// UTF-8 without an end mark.
    package func encode(into bytes: inout [UInt8]) { bytes += utf8 }

    package init(binary: UnsafeRawBufferPointer) throws(PostgresError) {
        guard let text = String(validating: binary, as: UTF8.self) else {
            throw .decoding("text that is not UTF-8")
        }
        self = text
    }
}
