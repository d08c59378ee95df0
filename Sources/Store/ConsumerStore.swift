import Postgres
package import Registry
import Units

extension TenantTransaction {
    /// Adds a consumer; the id of the argument is ignored.
    package func insert(_ consumer: Consumer) throws -> Consumer.ID {
        let rows = try connection.query(
            """
            insert into consumer (tenant_id, number, name, phone, email, address, language)
            values (\(tenant.value), \(consumer.number), \(consumer.name), \(consumer.phone),
                \(consumer.email), \(consumer.address), \(consumer.language.rawValue))
            returning consumer_id
            """
        )
        return Consumer.ID(try firstRow(rows, "consumer")[0])
    }

    /// A consumer by key.
    package func consumer(_ id: Consumer.ID) throws -> Consumer? {
        try connection.query(
            """
            select consumer_id, number, name, phone, email, address, language from consumer
            where tenant_id = \(tenant.value) and consumer_id = \(id.value)
            """
        ).first.map(Consumer.init(row:))
    }

    /// A consumer by the number people know.
    package func consumer(number: String) throws -> Consumer? {
        try connection.query(
            """
            select consumer_id, number, name, phone, email, address, language from consumer
            where tenant_id = \(tenant.value) and number = \(number)
            """
        ).first.map(Consumer.init(row:))
    }

    /// Consumers in order of number, after the given one.
    package func consumers(after number: String, limit: Int) throws -> [Consumer] {
        try connection.query(
            """
            select consumer_id, number, name, phone, email, address, language from consumer
            where tenant_id = \(tenant.value) and number > \(number)
            order by number limit \(Int32(clamping: limit))
            """
        ).map(Consumer.init(row:))
    }
}

extension Consumer {
    init(row: Row) throws {
        self.init(
            id: ID(try row[0]),
            number: try row[1],
            name: try row[2],
            phone: try row[3],
            email: try row[4],
            address: try row[5],
            language: try known(Language.self, try row[6])
        )
    }
}
