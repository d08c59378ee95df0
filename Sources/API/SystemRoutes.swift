import Hummingbird
import Registry
import UseCases
import Web

/// What is about the program itself, not about any office.
struct SystemRoutes: Sendable {
    let useCases: UseCaseSet
    let openAPI: String
    let metricsText: @Sendable () -> String
    let readiness: @Sendable () async -> [Readiness]

    private struct Health: Encodable {
        var status: String
        var parts: [String: String]?
    }

    func add(to router: Router<WebContext>) {
        router.get("healthz") { _, _ in try Response.json(Health(status: "ok")) }
        router.get("readyz") { _, _ in
            let parts = await readiness()
            let isReady = parts.allSatisfy(\.isReady)
            let health = Health(
                status: isReady ? "ready" : "not_ready",
                parts: Dictionary(
                    parts.map { ($0.name, $0.isReady ? "ok" : "away") },
                    uniquingKeysWith: { first, _ in first }
                )
            )
            return try Response.json(health, status: isReady ? .ok : .serviceUnavailable)
        }
        router.get("openapi.yaml") { _, _ in text(openAPI, "application/yaml") }
        router.get("metrics") { request, context in
            try await requireObserver(request, context)
            return text(metricsText(), "text/plain; version=0.0.4; charset=utf-8")
        }
        router.get("problems/{kind}") { _, context in
            let name = try context.pathParameter("kind")
            guard let kind = ProblemKind(rawValue: name) else {
                throw NotFound("kind of problem '\(name)'")
            }
            return text(
                "\(kind.status.code) \(kind.title)\n\n\(kind.advice)\n",
                "text/plain; charset=utf-8"
            )
        }
    }

    private func text(_ text: String, _ mediaType: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: mediaType],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text))
        )
    }

    /// Whoever sits at the machine itself, and administrators.
    private func requireObserver(_ request: Request, _ context: WebContext) async throws {
        if context.isFromLoopback, !request.isForwarded { return }
        guard let token = request.bearerToken else {
            throw NotSignedIn("metrics are for this machine itself or an administrator")
        }
        try await useCases.signIn.caller(token: token).requireAdministrator()
    }
}
