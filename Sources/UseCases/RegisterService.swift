package import Registry
package import Store
import Units

/// Registers service connections and finds them.
package struct RegisterService: Sendable {
    /// A service to register.
    package struct Input: Sendable {
        package var number: String
        package var consumerNumber: String
        package var category: String
        package var tariffFamily: String
        package var sanctionedLoadWatts: Int
        package var phases: Int
        package var feeder: String?
        package var transformer: String?
        package var address: String?
        package var connectedOn: String
        /// A billing group; nil for the office's own cycle.
        package var group: String?
        /// Whether the consumer asked for a subsidy that must be asked for.
        package var optIn: Bool
        /// Ids of optional tariff lines that apply.
        package var optionalLines: [String]

        package init(
            number: String,
            consumerNumber: String,
            category: String,
            tariffFamily: String,
            sanctionedLoadWatts: Int,
            phases: Int? = nil,
            feeder: String? = nil,
            transformer: String? = nil,
            address: String? = nil,
            connectedOn: String,
            group: String? = nil,
            optIn: Bool = false,
            optionalLines: [String] = []
        ) {
            self.number = number
            self.consumerNumber = consumerNumber
            self.category = category
            self.tariffFamily = tariffFamily
            self.sanctionedLoadWatts = sanctionedLoadWatts
            self.phases = phases ?? 1
            self.feeder = feeder
            self.transformer = transformer
            self.address = address
            self.connectedOn = connectedOn
            self.group = group
            self.optIn = optIn
            self.optionalLines = optionalLines
        }

        /// The service, or everything that is wrong with it.
        ///
        /// `families`: of the tariffs that are published; an office may register services before it
        /// publishes any.
        func validated(consumer: Consumer?, families: [String]) throws -> Service {
            var faults = FaultCollector()
            faults.checkPresent(number, "number", maximum: 40)
            faults.checkPresent(category, "category", maximum: 100)
            faults.checkPresent(tariffFamily, "tariff", maximum: 60)
            let family = tariffFamily.trimmed
            faults.check(
                family.isEmpty || families.isEmpty || families.contains(family),
                "tariff",
                "unknown",
                "no tariff of family '\(family)' is published"
            )
            faults.check(
                consumer != nil,
                "consumer",
                "unknown",
                "no consumer '\(consumerNumber)'"
            )
            faults.check(
                (1...100_000_000).contains(sanctionedLoadWatts),
                "sanctionedLoadWatts",
                "out_of_range",
                "1 to 100000000"
            )
            faults.check([1, 3].contains(phases), "phases", "out_of_range", "1 or 3")
            faults.check(
                optionalLines.count <= Limits.optionalLinesMaximum
                    && optionalLines.allSatisfy(Self.isLineID),
                "optionalLines",
                "invalid",
                "at most \(Limits.optionalLinesMaximum) ids of a tariff's lines"
            )
            let date = CivilDate(connectedOn)
            faults.check(date != nil, "connectedOn", "invalid", "a date such as 2026-11-23")
            try faults.finish()
            guard let consumer, let date else { throw NotFound("consumer") }
            return Service(
                id: Service.ID(0),
                number: number.trimmed,
                consumer: consumer.id,
                consumerNumber: consumer.number,
                consumerName: consumer.name,
                category: category.trimmed,
                tariffFamily: family,
                sanctionedLoadWatts: sanctionedLoadWatts,
                phases: phases,
                feeder: feeder?.trimmed.nilWhenEmpty,
                transformer: transformer?.trimmed.nilWhenEmpty,
                address: address?.trimmed.nilWhenEmpty ?? consumer.address,
                connectedOn: date,
                closedOn: nil,
                group: group?.trimmed.nilWhenEmpty,
                optIn: optIn,
                optionalLines: optionalLines
            )
        }

        /// They are kept in one column, with commas between.
        private static func isLineID(_ text: String) -> Bool {
            (1...60).contains(text.count)
                && text.unicodeScalars.allSatisfy { $0.value > 32 && $0 != "," && $0.value != 127 }
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Registers one service.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Service {
        try caller.require(.manager, .clerk)
        return try await store.withTenant(caller.office) { transaction in
            try Self.insert(input, in: transaction)
        }
    }

    private static func insert(
        _ input: Input,
        in transaction: TenantTransaction
    ) throws -> Service {
        let consumer = try transaction.consumer(number: input.consumerNumber.trimmed)
        var service = try input.validated(
            consumer: consumer,
            families: transaction.tariffFamilies()
        )
        service.id = try transaction.insert(service)
        return service
    }

    /// Registers the rows of a file, all or none.
    package func importRows(_ rows: [ImportRow], by caller: Caller) async throws -> Int {
        try caller.require(.manager, .clerk)
        let required = [
            "number", "consumer", "category", "tariff", "sanctionedLoadWatts", "connectedOn",
        ]
        try ImportRow.checkColumns(
            of: rows,
            known: required + ["phases", "feeder", "transformer", "address", "group"],
            required: required
        )
        return try await ImportRow.storeAll(rows, store: store, office: caller.office) {
            transaction,
            row in
            var fields = RowFields(row)
            let input = Input(
                number: row["number"] ?? "",
                consumerNumber: row["consumer"] ?? "",
                category: row["category"] ?? "",
                tariffFamily: row["tariff"] ?? "",
                sanctionedLoadWatts: fields.integer("sanctionedLoadWatts") ?? 0,
                phases: fields.integer("phases"),
                feeder: row["feeder"],
                transformer: row["transformer"],
                address: row["address"],
                connectedOn: row["connectedOn"] ?? "",
                group: row["group"]
            )
            _ = try fields.then { try Self.insert(input, in: transaction) }
        }
    }

    /// Services in order of number: all of the office for staff, their own for consumers.
    package func list(_ page: PageRequest, by caller: Caller) async throws -> Page<Service> {
        let consumer = caller.role == .consumer ? caller.consumer : nil
        let services = try await store.withTenant(caller.office, readOnly: true) {
            try $0.services(after: page.after, consumer: consumer, limit: page.limit + 1)
        }
        return Page(cutting: services, limit: page.limit) { $0.number }
    }

    /// A service by number, if the caller may see it.
    package func show(number: String, by caller: Caller) async throws -> Service {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            try transaction.visibleService(number, caller)
        }
    }
}

extension TenantTransaction {
    /// A service that the caller may see; another's is not there.
    func visibleService(_ number: String, _ caller: Caller) throws -> Service {
        guard let service = try service(number: number) else {
            throw NotFound("service '\(number)'")
        }
        try caller.requireSight(of: service.consumer, "service '\(number)'")
        return service
    }
}
