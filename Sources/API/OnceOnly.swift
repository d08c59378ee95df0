import HTTPTypes
import Hummingbird
import Registry
import UseCases
import Web

/// Whether a request must bring an idempotency key, or may.
enum KeyRule {
    case required
    case optional
}

extension AnswerOnce {
    /// The answer that the request's key got before, or the one that is made now and kept under it.
    ///
    /// The caller's role is asked before, so that a kept answer is given only to who might have asked
    /// for it. `make` reads the body, does what it asks for and gives what is told about it, under
    /// `status`.
    func callAsFunction(
        _ request: Request,
        key rule: KeyRule,
        status: HTTPResponse.Status,
        by caller: Caller,
        make: ([UInt8]) async throws -> some Encodable
    ) async throws -> Response {
        let key = request.headers[.idempotencyKey]
        guard key != nil || rule == .optional else {
            throw InvalidInput(
                "Idempotency-Key",
                "missing",
                "a key of your own, new for every time you mean something new"
            )
        }
        guard request.mediaType == nil || request.mediaType == "application/json" else {
            throw Problem(.unsupportedMediaType, detail: "send application/json")
        }
        let body = try await request.bytes()
        guard let key else { return try Response.json(await make(body), status: status) }
        // The key stands for this path and this body.
        let identity = Array("\(request.method.rawValue) \(request.uri.path)\n".utf8) + body
        if let known = try await replay(key: key, request: identity, by: caller) {
            return Response.json(
                bytes: Array(known.body.utf8),
                status: HTTPResponse.Status(code: known.status)
            )
        }
        let answer = try jsonBytes(await make(body))
        try await record(
            key: key,
            request: identity,
            status: status.code,
            body: String(decoding: answer, as: UTF8.self),
            by: caller
        )
        return Response.json(bytes: answer, status: status)
    }
}
