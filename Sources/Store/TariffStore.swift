package import Billing
import Postgres
import Registry
import Units

extension TenantTransaction {
    /// Publishes a version; the same document again is no news, another of the same id is refused.
    /// - Returns: true when it was new.
    package func publish(_ tariff: PublishedTariff) throws -> Bool {
        if let standing = try self.tariff(tariff.id) {
            guard standing.digest == tariff.digest else {
                throw StateConflict(
                    "tariff_differs",
                    "tariff \(tariff.id) is published with other content; versions never change"
                )
            }
            return false
        }
        try connection.execute(
            """
            insert into tariff_document (tenant_id, document_id, family, effective_from,
                effective_to, digest, body)
            values (\(tenant.value), \(tariff.id), \(tariff.family), \(tariff.effectiveFrom),
                \(tariff.effectiveTo), \(Bytes(tariff.digest)), \(tariff.body))
            """
        )
        return true
    }

    /// A published version.
    package func tariff(_ id: String) throws -> PublishedTariff? {
        try connection.query(
            """
            select document_id, family, effective_from, effective_to, digest, body
            from tariff_document where tenant_id = \(tenant.value) and document_id = \(id)
            """
        ).first.map(PublishedTariff.init(row:))
    }

    /// All published versions, by family and date.
    package func tariffs() throws -> [PublishedTariff] {
        try connection.query(
            """
            select document_id, family, effective_from, effective_to, digest, body
            from tariff_document where tenant_id = \(tenant.value)
            order by family, effective_from
            """
        ).map(PublishedTariff.init(row:))
    }
}

extension PublishedTariff {
    init(row: Row) throws {
        let digest: Bytes = try row[4]
        self.init(
            id: try row[0],
            family: try row[1],
            effectiveFrom: try row[2],
            effectiveTo: try row[3],
            digest: digest.bytes,
            body: try row[5]
        )
    }
}
