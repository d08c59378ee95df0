package import Units

/// What someone may do.
package enum Role: String, CaseIterable, Hashable, Sendable {
    case administrator, manager, clerk, engineer, consumer, meter, gateway

    /// Staff of an office.
    package var isStaff: Bool { self == .manager || self == .clerk || self == .engineer }
}

/// Someone who can sign in.
package struct UserAccount: Hashable, Sendable {
    package typealias ID = Identifier<UserAccount>

    package var id: ID
    package var login: String
    package var name: String
    package var role: Role
    /// Whose services a consumer sees; nil for everyone else.
    package var consumer: Consumer.ID?
    package var disabled: Bool

    package init(
        id: ID,
        login: String,
        name: String,
        role: Role,
        consumer: Consumer.ID?,
        disabled: Bool
    ) {
        self.id = id
        self.login = login
        self.name = name
        self.role = role
        self.consumer = consumer
        self.disabled = disabled
    }
}
