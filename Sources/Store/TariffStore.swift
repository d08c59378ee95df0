package import Billing
import Postgres
import Registry
package import Units

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

    /// Published versions of these families, or of these ids, without their texts.
    package func tariffVersions(
        named names: [String]
    ) throws -> [(id: String, digest: [UInt8])] {
        try connection.query(
            """
            select document_id, digest from tariff_document
            where tenant_id = \(tenant.value)
                and (family = any(\(names)) or document_id = any(\(names)))
            order by family, effective_from
            """
        ).map { row in
            let digest: Bytes = try row[1]
            return (try row[0], digest.bytes)
        }
    }

    /// Published versions by their ids.
    package func tariffs(ids: [String]) throws -> [PublishedTariff] {
        try connection.query(
            """
            select document_id, family, effective_from, effective_to, digest, body
            from tariff_document
            where tenant_id = \(tenant.value) and document_id = any(\(ids))
            """
        ).map(PublishedTariff.init(row:))
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

extension TenantTransaction {
    /// The families of which a version is published.
    package func tariffFamilies() throws -> [String] {
        try connection.query(
            """
            select distinct family from tariff_document where tenant_id = \(tenant.value)
            order by family
            """
        ).map { try $0[0] }
    }

    /// Publishes windows of monthly parameters; those published already with the same value are
    /// passed over.
    /// - Returns: how many were new.
    package func publish(_ windows: [ParameterWindowRow], by name: String) throws -> Int {
        try connection.execute(
            """
            insert into tariff_parameter (tenant_id, utility, family, parameter, from_date,
                to_date, value, published_by)
            select \(tenant.value), w.*, \(name) from unnest(
                \(windows.map(\.utility)), \(windows.map(\.family)),
                \(windows.map(\.parameter)), \(windows.map(\.from)), \(windows.map(\.to)),
                \(windows.map(\.value)))
                as w (utility, family, parameter, from_date, to_date, value)
            where not exists (select from tariff_parameter p where p.tenant_id = \(tenant.value)
                and p.utility = w.utility and p.family = w.family and p.parameter = w.parameter
                and p.from_date = w.from_date and p.to_date = w.to_date and p.value = w.value)
            """
        )
    }

    /// The published windows, by utility, family, parameter and date.
    package func parameterWindows() throws -> [ParameterWindowRow] {
        try connection.query(
            """
            select utility, family, parameter, from_date, to_date, value from tariff_parameter
            where tenant_id = \(tenant.value)
            order by utility, family, parameter, from_date
            """
        ).map(ParameterWindowRow.init(row:))
    }

    /// The windows that hold for documents of these utilities and families, in the same order.
    package func parameterWindows(
        utilities: [String],
        families: [String]
    ) throws -> [ParameterWindowRow] {
        try connection.query(
            """
            select utility, family, parameter, from_date, to_date, value from tariff_parameter
            where tenant_id = \(tenant.value) and utility = any(\(utilities))
                and family = any(\(families + [""]))
            order by utility, family, parameter, from_date
            """
        ).map(ParameterWindowRow.init(row:))
    }
}

extension ParameterWindowRow {
    init(row: Row) throws {
        self.init(
            utility: try row[0],
            family: try row[1],
            parameter: try row[2],
            from: try row[3],
            to: try row[4],
            value: try row[5]
        )
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
