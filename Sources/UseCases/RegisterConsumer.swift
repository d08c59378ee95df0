package import Registry
package import Store
import Units

/// Registers consumers one by one or many at once, and finds them.
package struct RegisterConsumer: Sendable {
    /// A consumer to register.
    package struct Input: Sendable {
        package var number: String
        package var name: String
        package var phone: String?
        package var email: String?
        package var address: String?
        package var language: String?

        package init(
            number: String,
            name: String,
            phone: String? = nil,
            email: String? = nil,
            address: String? = nil,
            language: String? = nil
        ) {
            self.number = number
            self.name = name
            self.phone = phone
            self.email = email
            self.address = address
            self.language = language
        }

        func validated() throws -> Consumer {
            var faults = FaultCollector()
            faults.checkPresent(number, "number", maximum: 40)
            faults.checkPresent(name, "name")
            faults.checkPrintable(address ?? "", "address")
            let language = Language(rawValue: self.language?.nilWhenEmpty ?? "en")
            faults.check(language != nil, "language", "unknown", "one of en, ta, hi")
            try faults.finish()
            return Consumer(
                id: Consumer.ID(0),
                number: number.trimmed,
                name: name.trimmed,
                phone: phone?.trimmed.nilWhenEmpty,
                email: email?.trimmed.nilWhenEmpty,
                address: address?.trimmed ?? "",
                language: language ?? .english
            )
        }
    }

    let store: Store

    package init(store: Store) { self.store = store }

    /// Registers one consumer.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> Consumer {
        try caller.require(.manager, .clerk)
        var consumer = try input.validated()
        consumer.id = try await store.withTenant(caller.office) { [consumer] in
            try $0.insert(consumer)
        }
        return consumer
    }

    /// Registers the rows of a file, all or none.
    package func importRows(_ rows: [ImportRow], by caller: Caller) async throws -> Int {
        try caller.require(.manager, .clerk)
        let columns = ["number", "name", "phone", "email", "address", "language"]
        try ImportRow.checkColumns(of: rows, known: columns, required: ["number", "name"])
        return try await ImportRow.storeAll(rows, store: store, office: caller.office) {
            transaction,
            row in
            let input = Input(
                number: row["number"] ?? "",
                name: row["name"] ?? "",
                phone: row["phone"],
                email: row["email"],
                address: row["address"],
                language: row["language"]
            )
            _ = try transaction.insert(try input.validated())
        }
    }

    /// Consumers of the office in order of number.
    package func list(_ page: PageRequest, by caller: Caller) async throws -> Page<Consumer> {
        try caller.requireStaff()
        let consumers = try await store.withTenant(caller.office, readOnly: true) {
            try $0.consumers(after: page.after, limit: page.limit + 1)
        }
        return Page(cutting: consumers, limit: page.limit) { $0.number }
    }

    /// A consumer by number, with their services; a consumer finds only themself.
    package func show(
        number: String,
        by caller: Caller
    ) async throws -> (consumer: Consumer, services: [Service]) {
        try await store.withTenant(caller.office, readOnly: true) { transaction in
            guard let consumer = try transaction.consumer(number: number) else {
                throw NotFound("consumer '\(number)'")
            }
            try caller.requireSight(of: consumer.id, "consumer '\(number)'")
            let services = try transaction.services(
                after: "",
                consumer: consumer.id,
                limit: Limits.pageMaximum
            )
            return (consumer, services)
        }
    }

    /// The consumer who asks.
    package func own(by caller: Caller) async throws -> Consumer {
        guard let id = caller.consumer else { throw NotFound("consumer") }
        return try await store.withTenant(caller.office, readOnly: true) { transaction in
            guard let consumer = try transaction.consumer(id) else { throw NotFound("consumer") }
            return consumer
        }
    }
}
