package import Passwords
package import Registry
package import Store
import Units

/// Adds people who sign in, lists them and changes their passwords.
package struct AddUser: Sendable {
    /// Someone to add; `consumerNumber` for consumers only.
    package struct Input: Sendable {
        package var login: String
        package var name: String
        package var role: String
        package var password: String
        package var consumerNumber: String?

        package init(
            login: String,
            name: String,
            role: String,
            password: String,
            consumerNumber: String? = nil
        ) {
            self.login = login
            self.name = name
            self.role = role
            self.password = password
            self.consumerNumber = consumerNumber
        }
    }

    let store: Store
    let work: BlockingWork

    package init(store: Store, work: BlockingWork) {
        self.store = store
        self.work = work
    }

    /// Adds a user to the caller's office; managers add staff and consumers, only administrators
    /// add administrators.
    package func callAsFunction(_ input: Input, by caller: Caller) async throws -> UserAccount {
        try caller.require(.manager)
        var faults = FaultCollector()
        faults.checkPresent(input.login, "login", maximum: 100)
        faults.checkPresent(input.name, "name")
        let role = Role(rawValue: input.role)
        let signsIn = role != nil && role != .meter && role != .gateway
        faults.check(
            signsIn,
            "role",
            "unknown",
            "one of administrator, manager, clerk, engineer, consumer"
        )
        checkPassword(input.password, into: &faults)
        faults.check(
            (role == .consumer) == (input.consumerNumber != nil),
            "consumer",
            "invalid",
            "needed for the role consumer, and only for it"
        )
        try faults.finish()
        guard let role else { throw NotFound("role") }
        if role == .administrator { try caller.requireAdministrator() }
        let office = role == .administrator ? Office.ID(0) : caller.office
        let hash = try await work.run { try Password.hash(input.password) }
        return try await store.withTenant(office) { transaction in
            var consumer: Consumer.ID?
            if let number = input.consumerNumber {
                guard let found = try transaction.consumer(number: number) else {
                    throw InvalidInput("consumer", "unknown", "no consumer \(number)")
                }
                consumer = found.id
            }
            let login = input.login.lowercased()
            let id = try transaction.insertUser(
                login: login,
                name: input.name.trimmed,
                role: role,
                consumer: consumer,
                passwordHash: hash
            )
            return UserAccount(
                id: id,
                login: login,
                name: input.name.trimmed,
                role: role,
                consumer: consumer,
                disabled: false
            )
        }
    }

    /// Sets a password and ends the user's sessions; one's own, or as manager anyone's of the office.
    package func setPassword(login: String, to password: String, by caller: Caller) async throws {
        var faults = FaultCollector()
        checkPassword(password, into: &faults)
        try faults.finish()
        if caller.name != login { try caller.require(.manager) }
        let found = try await store.withoutTenant { try $0.user(login: login.lowercased()) }
        guard let found, found.office == caller.office || caller.role == .administrator else {
            throw NotFound("user '\(login)'")
        }
        let hash = try await work.run { try Password.hash(password) }
        try await store.withTenant(found.office) { try $0.setPassword(found.user, hash: hash) }
    }

    /// Users of the caller's office in order of login.
    package func list(_ page: PageRequest, by caller: Caller) async throws -> Page<UserAccount> {
        try caller.require(.manager)
        let users = try await store.withTenant(caller.office, readOnly: true) {
            try $0.users(after: page.after, limit: page.limit + 1)
        }
        return Page(cutting: users, limit: page.limit) { $0.login }
    }

    private func checkPassword(_ password: String, into faults: inout FaultCollector) {
        faults.check(
            password.count >= Limits.passwordCharactersMinimum,
            "password",
            "invalid",
            "at least \(Limits.passwordCharactersMinimum) characters"
        )
        faults.check(password.utf8.count <= 200, "password", "out_of_range", "at most 200 bytes")
    }
}
