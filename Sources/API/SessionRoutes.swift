import Hummingbird
import Registry
import Units
import UseCases
import Web

/// Signing in and out.
struct SessionRoutes: Sendable {
    let useCases: UseCaseSet

    /// What signing in gives; the token is shown once.
    private struct SessionResponse: Encodable {
        var token: String
        var expiresAt: String
        var user: UserResponse
        var office: String?
    }

    /// Who holds the token.
    private struct CurrentResponse: Encodable {
        var login: String
        var role: String
        var office: String?
    }

    func addSignIn(to group: RouterGroup<WebContext>) {
        group.post("sessions") { request, _ in
            var fields = try await BodyFields(request)
            let login = fields.text("login")
            let password = fields.text("password")
            try fields.finish()
            let session = try await useCases.signIn(login: login, password: password)
            let answer = SessionResponse(
                token: session.token,
                expiresAt: session.expiresAt.description,
                user: UserResponse(session.user),
                office: session.user.role == .administrator ? nil : session.office.code
            )
            return try Response.created(answer, at: "/v1/sessions/current")
        }
    }

    func add(to group: RouterGroup<WebContext>) {
        group.get("sessions/current") { _, context in
            let caller = try context.requireCaller()
            let office =
                caller.isWithoutOffice ? nil : try await useCases.findOffices(caller.office).code
            return try Response.json(
                CurrentResponse(login: caller.name, role: caller.role.rawValue, office: office)
            )
        }
        group.delete("sessions/current") { request, _ in
            if let token = request.bearerToken { try await useCases.signIn.signOut(token: token) }
            return Response(status: .noContent)
        }
    }
}
