import Hummingbird
import Registry
import UseCases
import Web

/// People who sign in.
///
/// An administrator who names no office means the administrators themselves.
struct UserRoutes: Sendable {
    let useCases: UseCaseSet

    func add(to group: RouterGroup<WebContext>) {
        group.get("users") { request, context in
            var query = QueryFields(request)
            let page = try query.page()
            try query.finish()
            let users = try await useCases.addUser.list(page, by: context.requireCaller())
            return try Response.json(ListResponse(users) { UserResponse($0) })
        }
        group.post("users") { request, context in
            var fields = try await BodyFields(request)
            let input = AddUser.Input(
                login: fields.text("login"),
                name: fields.text("name"),
                role: fields.text("role"),
                password: fields.text("password"),
                consumerNumber: fields.optionalText("consumer")
            )
            try fields.finish()
            let user = try await useCases.addUser(input, by: context.requireCaller())
            return try Response.json(UserResponse(user), status: .created)
        }
        group.put("users/{login}/password") { request, context in
            var fields = try await BodyFields(request)
            let password = fields.text("password")
            try fields.finish()
            try await useCases.addUser.setPassword(
                login: context.pathParameter("login"),
                to: password,
                by: context.requireCaller()
            )
            return Response(status: .noContent)
        }
    }
}

/// A user on the wire, without anything secret.
struct UserResponse: Encodable {
    var login: String
    var name: String
    var role: String
    var disabled: Bool

    init(_ user: UserAccount) {
        login = user.login
        name = user.name
        role = user.role.rawValue
        disabled = user.disabled
    }
}
