import HTTPTypes
package import Hummingbird
import Units
package import Web

extension PortalRoutes {
    /// What a browser sees of a problem; nil for programs, which get the problem document.
    package func page(
        for problem: Problem,
        request: Request,
        context: WebContext
    ) -> Response? {
        guard request.wantsPage, !request.uri.path.hasPrefix("/v1/") else { return nil }
        if problem.kind == .notSignedIn {
            let next = request.method == .get ? request.uri.string : "/"
            return .redirect(to: "/sign-in?next=" + pathPiece(safeNext(next)))
        }
        let page = words(for: problem, requestID: context.requestID)
        return openPage(
            .message,
            page.heading,
            page,
            status: problem.status,
            headers: problem.headers
        )
    }

    private func words(for problem: Problem, requestID: String) -> MessagePage {
        switch problem.kind {
        case .notFound:
            MessagePage(
                "Not found",
                "There is nothing at this address, or it is not yours to see. "
                    + "Please check the number."
            )
        case .notAllowed: MessagePage("Not allowed", sentence(problem.detail))
        case .tooMuch, .overloaded, .unavailable:
            MessagePage(
                "Please try again in a moment",
                "A part of the office is busy or away. Nothing was lost.",
                requestID: requestID
            )
        case .internalError:
            MessagePage(
                "Something went wrong",
                "It is our fault, not yours, and it has been noted. Please try again.",
                requestID: requestID
            )
        case .unreadable, .methodNotAllowed, .conflict, .tooLarge, .unsupportedMediaType,
            .invalid, .notSignedIn:
            MessagePage(
                problem.kind.title,
                problem.faults.isEmpty ? sentence(problem.detail) : "",
                faults: problem.faults.map { "\($0.pointer.dropFirst()): \($0.detail)" }
            )
        }
    }

    private func sentence(_ detail: String?) -> String {
        guard let detail, let first = detail.first else { return "" }
        let end = detail.hasSuffix(".") ? "" : "."
        return first.uppercased() + detail.dropFirst() + end
    }
}
