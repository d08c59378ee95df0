import HTTPTypes
package import Hummingbird
import Logging

/// One log line and one measurement for each request, by its route's template: no numbers, names
/// or tokens of anybody.
package struct AccessLogMiddleware: RouterMiddleware {
    private let stopwatch: any Clock<Duration>
    private let metrics: RequestMetrics
    /// Routes that machines call thousands of times a second.
    ///
    /// A line for each that went well would cost as much as the rest of the answer, so it is for
    /// debugging only; the metrics count all.
    private let busyRoutes: Set<String>

    package init(
        stopwatch: any Clock<Duration> = ContinuousClock(),
        busyRoutes: Set<String> = []
    ) {
        self.stopwatch = stopwatch
        self.busyRoutes = busyRoutes
        metrics = RequestMetrics()
    }

    /// Passes the request on, then measures and logs how it was answered.
    package func handle(
        _ request: Request,
        context: WebContext,
        next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var answer: Response?
        let duration = try await stopwatch.measure { answer = try await next(request, context) }
        guard let response = answer else { return Response(status: .internalServerError) }
        let route = context.endpointPath ?? "NotFound"
        metrics.record(
            RequestMetrics.Key(
                route: route,
                method: Self.known(request.method),
                status: response.status.code
            ),
            duration: duration
        )
        context.logger.log(
            level: level(of: response, route: route),
            "request answered",
            metadata: [
                "http.method": "\(Self.known(request.method))", "http.route": "\(route)",
                "http.status": "\(response.status.code)",
                "duration_us": "\(duration.microseconds)",
            ]
        )
        return response
    }

    private func level(of response: Response, route: String) -> Logger.Level {
        switch response.status.kind {
        case .serverError: .warning
        case .successful where busyRoutes.contains(route): .debug
        default: .info
        }
    }

    /// Methods are the client's text: only those that exist become a label.
    private static func known(_ method: HTTPRequest.Method) -> String {
        let methods: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        return methods.contains(method) ? method.rawValue : "other"
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
