import HTTPTypes
package import Hummingbird

/// Headers that keep browsers careful; a route that has set one of them itself keeps its own.
package struct SecurityHeadersMiddleware: RouterMiddleware {
    private static let defaults: HTTPFields = [
        .xContentTypeOptions: "nosniff",
        .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        .frameOptions: "DENY",
        .referrerPolicy: "no-referrer",
        .cacheControl: "no-store",
    ]

    package init() {}

    /// Passes the request on and completes the headers of its answer.
    package func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        for field in Self.defaults where response.headers[field.name] == nil {
            response.headers[field.name] = field.value
        }
        return response
    }
}
