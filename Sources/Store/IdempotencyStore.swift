import Postgres
import Registry
import Units

/// The answer a request got the first time.
package struct RecordedAnswer: Sendable {
    package let requestDigest: [UInt8]
    package let status: Int
    package let response: String
}

extension TenantTransaction {
    /// The answer already given under a key; nil when the key is new.
    package func answer(idempotencyKey key: String) throws -> RecordedAnswer? {
        try connection.query(
            """
            select request_digest, status, response from idempotency_key
            where tenant_id = \(tenant.value) and key = \(key)
            """
        ).first.map { row in
            let digest: Bytes = try row[0]
            return RecordedAnswer(
                requestDigest: digest.bytes,
                status: Int(try row[1] as Int32),
                response: try row[2]
            )
        }
    }

    /// Keeps an answer under its key; the first one wins.
    package func recordAnswer(
        idempotencyKey key: String,
        requestDigest: [UInt8],
        status: Int,
        response: String
    ) throws {
        try connection.execute(
            """
            insert into idempotency_key (tenant_id, key, request_digest, status, response)
            values (\(tenant.value), \(key), \(Bytes(requestDigest)), \(Int32(clamping: status)),
                \(response))
            on conflict do nothing
            """
        )
    }
}
