import HTTPTypes
import Hummingbird
import Registry
import Units
import UseCases
import Web

extension PortalRoutes {
    func addSignIn(to router: Router<WebContext>) {
        router.get("/") { request, _ in
            let visitor = try await reception.visitor(request)
            let isAdministratorAtWork =
                visitor.caller.role == .administrator && visitor.office != nil
            return Response.redirect(
                to: isAdministratorAtWork ? "/office" : startAddress(for: visitor.caller.role)
            )
        }
        router.get("/sign-in") { request, _ in
            let next = request.uri.queryParameters.get("next") ?? ""
            return openPage(
                .signIn,
                "Sign in",
                SignInPage(next: safeNext(next)),
                formToken: FormToken(request)
            )
        }
        router.post("/sign-in") { request, _ in try await signIn(request) }
        router.post("/sign-out") { request, _ in try await signOut(request) }
        router.get("/admin/offices") { request, _ in
            let visitor = try await reception.visitor(request)
            try visitor.caller.requireAdministrator()
            let offices = try await useCases.findOffices.all().filter { $0.id.value != 0 }
            let content = OfficesPage(offices, current: visitor.office?.id)
            return page(.offices, "Offices", content, for: visitor, at: request)
        }
        router.post("/admin/offices") { request, _ in
            let visitor = try await reception.visitor(request)
            try visitor.caller.requireAdministrator()
            let fields = try await fields(of: request)
            try visitor.formToken.check(fields["formToken"], request)
            let office = try await useCases.findOffices(code: fields["code"] ?? "")
            var response = Response.redirect(to: "/office")
            response.setCookie(reception.cookie(Cookies.office, office.code))
            return response
        }
    }

    private func signIn(_ request: Request) async throws -> Response {
        let formToken = FormToken(request)
        let fields = try await fields(of: request)
        let login = fields["login"] ?? ""
        let next = safeNext(fields["next"] ?? "")
        func refusal(_ message: String, _ status: HTTPResponse.Status) -> Response {
            openPage(
                .signIn,
                "Sign in",
                SignInPage(message: message, login: login, next: next),
                formToken: formToken,
                status: status
            )
        }
        do {
            try formToken.check(fields["formToken"], request)
        } catch {
            return refusal("The page was open for too long. Please sign in again.", .forbidden)
        }
        do {
            let session = try await useCases.signIn(
                login: login,
                password: fields["password"] ?? ""
            )
            let seconds =
                session.expiresAt.secondsSince1970 - useCases.clock.now().secondsSince1970
            var response = Response.redirect(to: next)
            response.setCookie(
                reception.cookie(Cookies.session, session.token, seconds: Int(seconds))
            )
            return response
        } catch is NotSignedIn {
            return refusal(
                "Login name or password is wrong. Please try again.",
                .unprocessableContent
            )
        }
    }

    private func signOut(_ request: Request) async throws -> Response {
        let fields = try await fields(of: request)
        try FormToken(request).check(fields["formToken"], request)
        if let token = request.cookies[Cookies.session]?.value {
            try await useCases.signIn.signOut(token: token)
        }
        var response = Response.redirect(to: "/sign-in")
        response.setCookie(reception.cookie(Cookies.session, ""))
        response.setCookie(reception.cookie(Cookies.office, ""))
        return response
    }
}
