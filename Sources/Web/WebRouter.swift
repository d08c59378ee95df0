import HTTPTypes
package import Hummingbird

/// A router with everything that every request passes: id, log and measurement, careful headers,
/// errors as answers.
///
/// `page` is what a browser sees of a problem (nil for the problem document); in `addRoutes` the doors
/// add theirs: it is called twice, with the same result. Answers of `busyRoutes` that went well are
/// not logged.
package func makeRouter(
    page: @escaping @Sendable (Problem, Request, WebContext) -> Response? = { _, _, _ in nil },
    busyRoutes: Set<String> = [],
    addRoutes: (Router<WebContext>) -> Void
) -> Router<WebContext> {
    // The routes' paths are wanted by a middleware that has to be there before them: they are added
    // to a first router only to be listed.
    let list = Router(context: WebContext.self)
    addRoutes(list)
    let templates = list.routes.map { RouteTemplate($0) }
    let router = Router(context: WebContext.self)
    router.add(middleware: RequestIDMiddleware())
    router.add(middleware: AccessLogMiddleware(busyRoutes: busyRoutes))
    router.add(middleware: SecurityHeadersMiddleware())
    router.add(
        middleware: ProblemMiddleware(page: page) { path in
            let parts = path.split(separator: "/")
            return Array(Set(templates.filter { $0.matches(parts) }.map(\.method)))
        }
    )
    addRoutes(router)
    return router
}

/// A route as its path's parts.
private struct RouteTemplate: Sendable {
    /// A part as it stands, or any part with this end (`{id}.vbill`; mostly an empty one).
    enum Part: Sendable {
        case name(String)
        case any(suffix: String)

        func matches(_ given: Substring) -> Bool {
            switch self {
            case .name(let name): name == given
            case .any(let suffix): given.hasSuffix(suffix)
            }
        }
    }

    let parts: [Part]
    let method: HTTPRequest.Method

    init(_ route: Router<WebContext>.RouteDescription) {
        method = route.method
        parts = "\(route.path)".split(separator: "/").map { part in
            guard part.hasPrefix("{") else { return .name(String(part)) }
            return .any(suffix: String(part.drop { $0 != "}" }.dropFirst()))
        }
    }

    func matches(_ path: [Substring]) -> Bool {
        path.count == parts.count
            && zip(parts, path).allSatisfy { $0.matches($1) }
    }
}
