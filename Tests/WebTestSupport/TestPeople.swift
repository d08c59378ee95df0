package import Registry
package import TestSupport
package import Units
import UseCases

/// People of a test's office who can sign in.
package struct TestPeople: Sendable {
    package static let password = "a long enough password"

    private let office: TestOffice

    package init(_ office: TestOffice) { self.office = office }

    /// Adds someone of this role and signs them in; the session's token.
    ///
    /// `consumer` is the number of the consumer, for the role consumer.
    package func token(_ role: Role, consumer: String? = nil) async throws -> String {
        let login = try await add(role, consumer: consumer)
        return try await office.useCases.signIn(login: login, password: Self.password).token
    }

    /// Adds someone of this role; the login.
    package func add(_ role: Role, consumer: String? = nil) async throws -> String {
        let suffix = consumer.map { "-\($0.lowercased())" } ?? ""
        let login = "\(role.rawValue)\(suffix)@\(office.office.code)"
        let caller =
            role == .administrator
            ? Caller.operatorOfMachine(Office.ID(0)) : office.manager
        _ = try await office.useCases.addUser(
            AddUser.Input(
                login: login,
                name: "Test \(role.rawValue)",
                role: role.rawValue,
                password: Self.password,
                consumerNumber: consumer
            ),
            by: caller
        )
        return login
    }
}
