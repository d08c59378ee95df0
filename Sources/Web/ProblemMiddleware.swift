import HTTPTypes
package import Hummingbird
import Logging

/// Turns every error into an answer, and logs the ones that are the office's own fault: once, here.
package struct ProblemMiddleware: RouterMiddleware {
    private let page: @Sendable (Problem, Request, WebContext) -> Response?
    private let allowedMethods: @Sendable (String) -> [HTTPRequest.Method]

    /// - Parameters:
    ///   - page: what a browser sees instead; nil for the problem document.
    ///   - allowedMethods: the methods of a path, so that a wrong one is told from a wrong path.
    package init(
        page: @escaping @Sendable (Problem, Request, WebContext) -> Response? = { _, _, _ in nil },
        allowedMethods: @escaping @Sendable (String) -> [HTTPRequest.Method] = { _ in [] }
    ) {
        self.page = page
        self.allowedMethods = allowedMethods
    }

    /// Passes the request on and answers what was thrown.
    package func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as CancellationError {
            throw error
        } catch {
            let problem = explained(error, request, context)
            if problem.kind == .internalError {
                context.logger.error("request failed", metadata: ["reason": "\(error)"])
            } else if problem.kind == .unavailable {
                context.logger.warning("request refused", metadata: ["reason": "\(error)"])
            }
            if let page = page(problem, request, context) { return page }
            return problem.response(requestID: context.requestID, instance: request.uri.path)
        }
    }

    private func explained(
        _ error: any Error,
        _ request: Request,
        _ context: WebContext
    ) -> Problem {
        let problem = Problem(error)
        guard problem.kind == .notFound, error is HTTPError else { return problem }
        let methods = allowedMethods(request.uri.path).filter { $0 != request.method }
        guard !methods.isEmpty else {
            return Problem(.notFound, detail: "nothing lives at this path")
        }
        let names = methods.map(\.rawValue).sorted().joined(separator: ", ")
        return Problem(.methodNotAllowed, detail: "allowed: \(names)", headers: [.allow: names])
    }
}
