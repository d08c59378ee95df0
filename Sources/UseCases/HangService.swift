package import Registry
package import Store

/// Says from which transformer, on which feeder, a service hangs.
package struct HangService: Sendable {
    /// A service and its place.
    package struct Input: Sendable {
        package var serviceNumber: String
        /// Nil, with the feeder, for none.
        package var transformer: String?
        package var feeder: String?

        package init(serviceNumber: String, transformer: String?, feeder: String?) {
            self.serviceNumber = serviceNumber
            self.transformer = transformer
            self.feeder = feeder
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Hangs one service elsewhere; feeder and transformer are made when they are new.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Service {
        try caller.require(.manager, .clerk, .engineer)
        return try await store.withTenant(caller.office) { transaction in
            try Self.hang(input, in: transaction, by: caller)
        }
    }

    /// Hangs the services of a file with the columns service,transformer,feeder: all or none.
    package func importRows(_ rows: [ImportRow], by caller: Caller) async throws -> Int {
        try caller.require(.manager, .clerk, .engineer)
        let columns = ["service", "transformer", "feeder"]
        try ImportRow.checkColumns(of: rows, known: columns, required: columns)
        return try await ImportRow.storeAll(rows, store: store, office: caller.office) {
            transaction,
            row in
            let input = Input(
                serviceNumber: row["service"] ?? "",
                transformer: row["transformer"],
                feeder: row["feeder"]
            )
            _ = try Self.hang(input, in: transaction, by: caller)
        }
    }

    private static func hang(
        _ input: Input,
        in transaction: TenantTransaction,
        by caller: Caller
    ) throws -> Service {
        let service = try transaction.visibleService(input.serviceNumber.trimmed, caller)
        let transformer = input.transformer?.trimmed.nilWhenEmpty
        let feeder = input.feeder?.trimmed.nilWhenEmpty
        guard transformer != nil || feeder == nil else {
            throw InvalidInput("transformer", "missing", "a service hangs from a transformer")
        }
        try transaction.hang(service.id, from: transformer, feeder: feeder)
        guard let changed = try transaction.service(service.id) else { throw NotFound("service") }
        return changed
    }
}
