package import Billing
import Registry
package import Store
package import Tariffs
import Units

/// Publishes dated tariff documents in an office, and lists them.
package struct PublishTariff: Sendable {
    let store: Store

    package init(store: Store) { self.store = store }

    /// Publishes every document of a file, all or none, or names everything that is wrong with them; one
    /// already published is no news.
    /// - Returns: each document with whether it was new.
    package func callAsFunction(
        _ documents: [TariffDocument],
        by caller: Caller
    ) async throws -> [(id: String, isNew: Bool)] {
        try caller.require(.manager)
        var tariffs: [PublishedTariff] = []
        var faults: [FieldFault] = []
        for document in documents {
            guard let from = document.effectiveFrom else {
                faults.append(
                    FieldFault(
                        "effective.from",
                        "missing",
                        "\(document.id): a published tariff says from when it is in force"
                    )
                )
                continue
            }
            let body = document.canonicalJSON
            tariffs.append(
                PublishedTariff(
                    id: document.id,
                    family: document.family,
                    effectiveFrom: from,
                    effectiveTo: document.effectiveTo,
                    digest: sha256(body),
                    body: String(decoding: body, as: UTF8.self)
                )
            )
        }
        guard !tariffs.isEmpty || !faults.isEmpty else {
            throw InvalidInput("file", "missing", "the file has no tariff document")
        }
        return try await store.withTenant(caller.office) { [tariffs, faults] transaction in
            var faults = faults
            var conflicts: [StateConflict] = []
            var published: [(id: String, isNew: Bool)] = []
            for tariff in tariffs {
                do {
                    let isNew = try transaction.savepoint { try transaction.publish(tariff) }
                    published.append((tariff.id, isNew))
                } catch {
                    guard let conflict = Store.meaning(of: error) as? StateConflict else {
                        throw error
                    }
                    conflicts.append(conflict)
                    faults.append(
                        FieldFault(tariff.id, conflict.code, conflict.detail)
                    )
                }
            }
            if faults.count == 1, let conflict = conflicts.first { throw conflict }
            guard faults.isEmpty else { throw InvalidInput(naming: faults) }
            return published
        }
    }

    /// The published versions, by family and date.
    package func list(by caller: Caller) async throws -> [PublishedTariff] {
        try await store.withTenant(caller.office, readOnly: true) { try $0.tariffs() }
    }

    /// The families of which a version is published, in alphabetical order.
    package func families(by caller: Caller) async throws -> [String] {
        try await store.withTenant(caller.office, readOnly: true) { try $0.tariffFamilies() }
    }

    /// A published version.
    package func show(id: String, by caller: Caller) async throws -> PublishedTariff {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            guard let tariff = try transaction.tariff(id) else { throw NotFound("tariff '\(id)'") }
            return tariff
        }
    }
}
