package import Metering
import Postgres
package import Registry
import Units

extension LookupTransaction {
    /// Whose meter has this name, `office.serial`.
    package func meter(
        officeCode: String,
        serial: String
    ) throws -> (office: Office.ID, meter: Meter.ID)? {
        try connection.query(
            "select tenant_id, meter_id from meter_by_name(\(officeCode), \(serial))"
        ).first.map { (Office.ID(try $0[0]), Meter.ID(try $0[1])) }
    }

    /// Whose credential has this SHA-256.
    package func meter(
        credentialDigest: [UInt8]
    ) throws -> (office: Office.ID, meter: Meter.ID)? {
        try connection.query(
            "select tenant_id, meter_id from meter_by_credential(\(Bytes(credentialDigest)))"
        ).first.map { (Office.ID(try $0[0]), Meter.ID(try $0[1])) }
    }
}

extension TenantTransaction {
    /// Adds a meter; the id of the argument is ignored.
    package func insert(
        _ meter: Meter,
        credentialDigest: [UInt8]?,
        brokerHash: String?
    ) throws -> Meter.ID {
        let rows = try connection.query(
            """
            insert into meter (tenant_id, serial, register_digits, multiplier, channels,
                credential_digest, broker_hash)
            values (\(tenant.value), \(meter.serial), \(Int16(clamping: meter.registerDigits)),
                \(Int32(clamping: meter.multiplier)), \(Int16(clamping: meter.channels)),
                \(credentialDigest.map { Bytes($0) }), \(brokerHash))
            returning meter_id
            """
        )
        try announceChange()
        return Meter.ID(try firstRow(rows, "meter")[0])
    }

    /// Replaces a meter's credential; the old one stops at once.
    package func setCredential(
        _ id: Meter.ID,
        digest: [UInt8],
        brokerHash: String
    ) throws {
        try connection.execute(
            """
            update meter set credential_digest = \(Bytes(digest)), broker_hash = \(brokerHash)
            where tenant_id = \(tenant.value) and meter_id = \(id.value)
            """
        )
        try announceChange()
    }

    /// A meter by key.
    package func meter(_ id: Meter.ID) throws -> Meter? {
        try connection.query(
            """
            select meter_id, serial, register_digits, multiplier, channels from meter
            where tenant_id = \(tenant.value) and meter_id = \(id.value)
            """
        ).first.map { try Meter(row: $0) }
    }

    /// A meter by serial.
    package func meter(serial: String) throws -> Meter? {
        try connection.query(
            """
            select meter_id, serial, register_digits, multiplier, channels from meter
            where tenant_id = \(tenant.value) and serial = \(serial)
            """
        ).first.map { try Meter(row: $0) }
    }

    /// Every meter of the office by serial, for imports.
    package func metersBySerial() throws -> [String: Meter] {
        var meters: [String: Meter] = [:]
        for row in try connection.query(
            """
            select meter_id, serial, register_digits, multiplier, channels from meter
            where tenant_id = \(tenant.value)
            """
        ) {
            let meter = try Meter(row: row)
            meters[meter.serial] = meter
        }
        return meters
    }

    /// What the broker's password file needs of this office's meters: serial and hash.
    package func brokerCredentials() throws -> [(serial: String, hash: String)] {
        try connection.query(
            """
            select serial, broker_hash from meter
            where tenant_id = \(tenant.value) and broker_hash is not null order by serial
            """
        ).map { (try $0[0], try $0[1]) }
    }
}

extension Meter {
    init(row: Row, from column: Int = 0) throws {
        self.init(
            id: ID(try row[column]),
            serial: try row[column + 1],
            registerDigits: Int(try row[column + 2] as Int16),
            multiplier: Int(try row[column + 3] as Int32),
            channels: Int(try row[column + 4] as Int16)
        )
    }
}
