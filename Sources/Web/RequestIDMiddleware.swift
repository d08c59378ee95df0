import HTTPTypes
package import Hummingbird
import Logging

/// Gives every request an id: the client's own if it is a decent one, else a new one.
package struct RequestIDMiddleware: RouterMiddleware {
    package init() {}

    /// Passes the request on under its id.
    package func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        if let given = request.headers[.requestID], Self.isDecent(given) {
            context.requestID = given
        }
        context.logger[metadataKey: "hb.request.id"] = nil
        context.logger[metadataKey: "request.id"] = "\(context.requestID)"
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        return response
    }

    /// Letters, digits and `-_.`, so that nothing can be smuggled into logs.
    private static func isDecent(_ text: String) -> Bool {
        guard (1...Limits.requestIDCharacters).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95: true
            default: false
            }
        }
    }
}
