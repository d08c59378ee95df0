import FoundationEssentials
package import HTTPTypes
package import Hummingbird

/// What went wrong, as both doors tell it: RFC 9457 for programs, a page for people.
package struct Problem: HTTPResponseError, Sendable {
    /// One thing wrong with one field of the request.
    package struct Fault: Sendable, Hashable {
        /// JSON pointer to the field; `/lines/7/number` for line 7 of a CSV file.
        package var pointer: String
        package var code: String
        package var detail: String

        package init(pointer: String, code: String, detail: String) {
            self.pointer = pointer
            self.code = code
            self.detail = detail
        }
    }

    package var kind: ProblemKind
    /// A stable name for programs: the kind's, or a narrower one.
    package var code: String
    /// A sentence for people.
    package var detail: String?
    package var faults: [Fault]
    package var headers: HTTPFields

    package init(
        _ kind: ProblemKind,
        code: String? = nil,
        detail: String? = nil,
        faults: [Fault] = [],
        headers: HTTPFields = [:]
    ) {
        self.kind = kind
        self.code = code ?? kind.rawValue
        self.detail = detail
        self.faults = faults
        self.headers = headers
    }

    package var status: HTTPResponse.Status { kind.status }

    /// A body longer than the limit.
    package static func tooLarge(limit: Int) -> Problem {
        Problem(.tooLarge, detail: "the body is longer than \(limit) bytes")
    }

    /// The problem as `application/problem+json`.
    package func response(requestID: String, instance: String) -> Response {
        let document = Document(
            type: "/problems/\(kind.rawValue)",
            title: kind.title,
            status: status.code,
            detail: detail,
            instance: instance,
            code: code,
            requestId: requestID,
            errors: faults.isEmpty
                ? nil
                : faults.prefix(Limits.faultsNamed).map {
                    Document.Fault(pointer: $0.pointer, code: $0.code, detail: $0.detail)
                }
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let body = (try? encoder.encode(document)) ?? Data()
        var fields = headers
        fields[.contentType] = "application/problem+json"
        return Response(
            status: status,
            headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: body))
        )
    }

    /// The same for whatever context: how the router itself answers what nobody caught.
    package func response(
        from request: Request,
        context: some RequestContext
    ) throws -> Response {
        let id = (context as? WebContext)?.requestID ?? "-"
        return response(requestID: id, instance: request.uri.path)
    }

    /// The wire shape.
    private struct Document: Encodable {
        struct Fault: Encodable {
            var pointer: String
            var code: String
            var detail: String
        }

        var type: String
        var title: String
        var status: Int
        var detail: String?
        var instance: String
        var code: String
        var requestId: String
        var errors: [Fault]?
    }
}
