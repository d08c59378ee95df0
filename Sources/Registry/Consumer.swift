package import Units

/// A person or body that has services with the office.
package struct Consumer: Hashable, Sendable {
    package typealias ID = Identifier<Consumer>

    package var id: ID
    package var number: String
    package var name: String
    package var phone: String?
    package var email: String?
    package var address: String
    package var language: Language

    package init(
        id: ID,
        number: String,
        name: String,
        phone: String? = nil,
        email: String? = nil,
        address: String = "",
        language: Language = .english
    ) {
        self.id = id
        self.number = number
        self.name = name
        self.phone = phone
        self.email = email
        self.address = address
        self.language = language
    }
}

/// A service connection: what is metered and billed under one number.
package struct Service: Hashable, Sendable {
    package typealias ID = Identifier<Service>

    package var id: ID
    package var number: String
    package var consumer: Consumer.ID
    package var consumerNumber: String
    package var consumerName: String
    package var category: String
    /// The family of dated tariff documents that prices it.
    package var tariffFamily: String
    package var sanctionedLoadWatts: Int
    /// 1 or 3.
    package var phases: Int
    package var feeder: String?
    package var transformer: String?
    package var address: String
    package var connectedOn: CivilDate
    package var closedOn: CivilDate?
    /// The billing group; nil for the office's own cycle.
    package var group: String?
    /// Whether the consumer asked for a subsidy that must be asked for.
    package var optIn: Bool
    /// Ids of optional tariff lines that apply.
    package var optionalLines: [String]

    package init(
        id: ID,
        number: String,
        consumer: Consumer.ID,
        consumerNumber: String,
        consumerName: String,
        category: String,
        tariffFamily: String,
        sanctionedLoadWatts: Int,
        phases: Int,
        feeder: String?,
        transformer: String?,
        address: String,
        connectedOn: CivilDate,
        closedOn: CivilDate?,
        group: String? = nil,
        optIn: Bool = false,
        optionalLines: [String] = []
    ) {
        self.id = id
        self.number = number
        self.consumer = consumer
        self.consumerNumber = consumerNumber
        self.consumerName = consumerName
        self.category = category
        self.tariffFamily = tariffFamily
        self.sanctionedLoadWatts = sanctionedLoadWatts
        self.phases = phases
        self.feeder = feeder
        self.transformer = transformer
        self.address = address
        self.connectedOn = connectedOn
        self.closedOn = closedOn
        self.group = group
        self.optIn = optIn
        self.optionalLines = optionalLines
    }
}

/// Who answers for a service, from which day to which, both included.
package struct Occupancy: Hashable, Sendable {
    package var consumer: Consumer.ID
    package var consumerNumber: String
    package var consumerName: String
    package var from: CivilDate
    /// Nil while the consumer is there.
    package var to: CivilDate?

    package init(
        consumer: Consumer.ID,
        consumerNumber: String,
        consumerName: String,
        from: CivilDate,
        to: CivilDate? = nil
    ) {
        self.consumer = consumer
        self.consumerNumber = consumerNumber
        self.consumerName = consumerName
        self.from = from
        self.to = to
    }
}
